"""Danger is heard in a resident's words: an alarm stands until a person says that he has taken notice."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused

from ..models import Alarm, Case
from .events import happened
from .telling import NEWS, tell_danger

UNSEEN = "В сообщении есть слова об опасности: сначала прочтите его и нажмите «Принял»."


def raise_alarm(*, case: Case, heard: Sequence[str], said_at: datetime, at: datetime | None = None) -> None:
    """The case is dangerous from now on, whatever it was before; the same danger said again after «Принял» is a new alarm.

    Words older than NEWS mark the case and ring no bell: they came with an import of the past.
    """
    if not heard:
        return
    Case.objects.filter(pk=case.pk).update(danger=True, urgent=True)
    case.danger = case.urgent = True
    if said_at < timezone.now() - NEWS:
        return
    open_one = Alarm.objects.select_for_update().filter(case=case, seen_at=None).first()
    if open_one:
        open_one.heard = list(dict.fromkeys([*open_one.heard, *heard]))
        open_one.save(update_fields=["heard"])
        return
    alarm = Alarm.objects.create(case=case, heard=list(heard), raised_at=at or timezone.now())
    happened(case=case, event="danger", heard=list(heard))
    tell_danger(case, alarm=alarm.pk)


def carry_alarms(*, case: Case, into: Case) -> None:
    """A dangerous case goes into another one: that one is dangerous too, and what nobody has taken notice of stands there."""
    if not case.danger:
        return
    Case.objects.filter(pk=into.pk).update(danger=True, urgent=True)
    into.danger = into.urgent = True
    for alarm in Alarm.objects.filter(case=case, seen_at=None):
        raise_alarm(case=into, heard=alarm.heard, said_at=alarm.raised_at, at=alarm.raised_at)


@transaction.atomic
def acknowledge(*, case: Case, by: Person) -> Alarm:
    """«Принял»: a person has read it and sees to it."""
    alarm = Alarm.objects.select_for_update().filter(case=case, seen_at=None).first()
    if alarm is None:
        raise Refused("Это уже принял другой сотрудник. Обновите страницу.")
    alarm.seen_by, alarm.seen_at = by, timezone.now()
    alarm.save(update_fields=["seen_by", "seen_at"])
    happened(case=case, event="danger_seen", by=by, minutes=alarm.minutes)
    journal.write(by, "danger_acknowledged", case, minutes=alarm.minutes)
    return alarm


def must_be_seen(case: Case) -> None:
    """Nobody puts a case away whose danger nobody has read."""
    if Alarm.objects.filter(case=case, seen_at=None).exists():
        raise Refused(UNSEEN)
