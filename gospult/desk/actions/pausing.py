"""A clock that waits: paused by a person with a reason until a day, going on by itself."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.calendar import Calendar
from gospult.lib.errors import Refused

from ..deadlines import Duration
from ..history import gather
from ..models import OPEN, WITHOUT_CLOCK, Case
from ..queries import clock_events, clocks_of, deadlines_for
from .events import happened, recount

LONGEST = Duration(30, "days")  # where the deadlines name no longest pause: as long as an appeal by 59-ФЗ may take


@transaction.atomic
def pause(*, case: Case, reason: str, until: date, by: Person) -> None:
    """The clocks of a case stand still until the end of a day, because the answer waits for somebody outside."""
    if not reason.strip():
        raise Refused("Напишите, чего ждём: причина останется в истории срока.")
    if until < timezone.localdate():
        raise Refused("День, до которого пауза, уже прошёл: выберите другой.")
    known = Case.objects.select_for_update().get(pk=case.pk)
    _may_be_paused(known)
    now, (rule, calendar) = timezone.now(), deadlines_for(known)
    longest = rule.term("pause", known.urgent) or LONGEST
    if _paused_so_far(known, calendar) + calendar.worked(now, calendar.end_of(until)) > calendar.worked(now, longest.due(now, calendar)):
        raise Refused(f"Все паузы вместе не дольше, чем {longest}: выберите день раньше или дайте промежуточный ответ с датой.")
    if not Case.objects.filter(pk=case.pk, paused_until=None).update(paused_until=until):
        raise Refused(f"Обращение {case.number} уже на паузе. Обновите страницу.")
    happened(case=case, event="paused", by=by, reason=reason.strip(), until=until.isoformat())
    recount(case=case)
    journal.write(by, "case_paused", case, until=until.isoformat())


def _may_be_paused(case: Case) -> None:
    if case.state not in OPEN or case.kind in WITHOUT_CLOCK:
        raise Refused(f"У обращения {case.number} срок не идёт: ставить на паузу нечего.")
    if case.state == Case.State.PROMISED:
        raise Refused("Жителю обещана дата, пауза её не двигает: дайте ещё один промежуточный ответ.")
    if case.paused_until:
        raise Refused(f"Обращение {case.number} уже на паузе. Обновите страницу.")
    if clocks_of(case).overdue(timezone.now()):
        raise Refused("Срок уже прошёл, пауза его не вернёт: ответьте или дайте промежуточный ответ.")


def _paused_so_far(case: Case, calendar: Calendar) -> timedelta:
    pauses = gather(clock_events(case)).pauses
    return sum((calendar.worked(begun, end) for begun, end in pauses if end), timedelta())


@transaction.atomic
def resume(*, case: Case, by: Person) -> None:
    """A person lets the clocks of a case run on before the day."""
    if not Case.objects.filter(pk=case.pk, state__in=OPEN).exclude(paused_until=None).update(paused_until=None):
        raise Refused(f"Обращение {case.number} уже не на паузе. Обновите страницу.")
    happened(case=case, event="resumed", by=by)
    recount(case=case)
    journal.write(by, "case_resumed", case)


def resume_due(*, limit: int = 200) -> int:
    """Pauses whose day is over end with the working end of that day; those of cases that are no longer in work are put away."""
    done = 0
    over = Q(paused_until__lt=timezone.localdate()) | ~Q(state__in=OPEN)
    for pk in list(Case.objects.filter(over, paused_until__isnull=False).order_by("pk").values_list("pk", flat=True)[:limit]):
        done += _resume(pk)
    return done


@transaction.atomic
def _resume(pk: int) -> int:
    case = Case.objects.select_for_update(skip_locked=True).filter(pk=pk, paused_until__isnull=False).first()
    if case is None or case.paused_until is None:
        return 0
    until, case.paused_until = case.paused_until, None
    Case.objects.filter(pk=pk).update(paused_until=None)
    if case.state in OPEN:
        begun = case.events.filter(kind="paused").aggregate(at=Max("at"))["at"]
        ends = min(deadlines_for(case)[1].end_of(until), timezone.now())
        happened(case=case, event="resumed", at=max(begun, ends) if begun else ends, until=until.isoformat())  # it may have begun in the evening
        recount(case=case)
        journal.write(None, "case_resumed", case)
    return 1
