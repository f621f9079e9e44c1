"""Many cases at once, all or none; and the way back, for those that nobody has touched since."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.alerts.actions import revive
from gospult.lib.errors import Refused

from ..models import Alarm, Answer, BulkAction, Case, CaseEvent, Review
from .control import close
from .events import happened, recount
from .merging import merge, unmerge
from .sorting import set_kind

ACCEPTED = timedelta(seconds=60)  # the screen offers ten; a slow network gets a minute
KEPT = timedelta(days=30)
MOMENTS = ("closed_at", "answered_at")
Do = BulkAction.Do
Row = dict[str, Any]


@dataclass(frozen=True)
class Undone:
    """How many cases are as they were, and why the others are not, a sentence each."""

    restored: int
    left: list[str]


@transaction.atomic
def bulk(*, cases: Sequence[Case], do: str, closed_as: str = "", by: Person) -> BulkAction:
    """The same for every chosen case, or nothing at all; merging keeps the first. What they were before is kept."""
    if do == Do.MERGE and len(cases) < 2:
        raise Refused("Чтобы объединить, выберите два обращения или больше.")
    if do == Do.CLOSE and not closed_as:
        raise Refused("Выберите, чем закончилось: без этого обращения не закрыть.")
    at = timezone.now()
    list(Case.objects.select_for_update().filter(pk__in=[case.pk for case in cases]).order_by("pk"))
    chosen = cases[1:] if do == Do.MERGE else cases
    rows, into = [_before(case) for case in chosen], _before_main(cases[0]) if do == Do.MERGE else None
    for case in chosen:
        if do == Do.MERGE:
            merge(case=case, into=cases[0], by=by)
        elif do == Do.CLOSE:
            close(case=case, closed_as=closed_as, by=by)
        else:
            set_kind(case=case, kind=do, by=by)
    for row in [*rows, *([into] if into else [])]:
        row["last"] = _last(row["case"])
    action = BulkAction.objects.create(do=do, by=by, at=at, rows=rows, into=into)
    journal.write(by, "bulk_done", action, do=do, cases=[case.pk for case in cases])
    return action


def _before(case: Case) -> Row:
    """What a case is, in values that JSON can hold; `first` is its last event so far."""
    now = Case.objects.get(pk=case.pk)
    values = {"kind": now.kind, "state": now.state, "body": now.body_id, "closed_as": now.closed_as}
    values |= {name: _iso(getattr(now, name)) for name in (*MOMENTS, "paused_until")}
    answers = {str(answer.pk): answer.state for answer in now.answers.exclude(state=Answer.State.WITHDRAWN)}
    return {"case": now.pk, "values": values, "answers": answers, "first": _last(now.pk)}


def _before_main(case: Case) -> Row:
    """What a merge changes in the case that stays: a danger may come into it."""
    now = Case.objects.get(pk=case.pk)
    alarm = Alarm.objects.filter(case=now, seen_at=None).first()
    return {"case": now.pk, "danger": now.danger, "urgent": now.urgent, "alarm": alarm and {"pk": alarm.pk, "heard": alarm.heard}}


def _iso(value: Any) -> str | None:
    return value.isoformat() if value else None


def _last(case: int) -> int:
    return CaseEvent.objects.filter(case=case).order_by("-pk").values_list("pk", flat=True).first() or 0


@transaction.atomic
def undo_bulk(*, action: BulkAction, by: Person) -> Undone:
    """Every case that nobody has changed since is as it was before the press; the others stay as they are now."""
    if timezone.now() - action.at > ACCEPTED:
        raise Refused("Минута, за которую действие отменяют, прошла: верните обращения в работу по одному.")
    if not BulkAction.objects.filter(pk=action.pk, undone_at=None).update(undone_at=timezone.now(), restored=0):
        raise Refused("Это действие уже отменено: второй раз его не отменить.")
    pks = [row["case"] for row in action.rows] + ([action.into["case"]] if action.into else [])
    cases = {case.pk: case for case in Case.objects.select_for_update().filter(pk__in=pks).order_by("pk")}
    main_untouched = action.into is not None and _last(action.into["case"]) == action.into["last"]
    left = [why for row in reversed(action.rows) if (why := _restored(cases[row["case"]], row, action, by))]
    if action.into and main_untouched:
        _calm(cases[action.into["case"]], action.into)
    restored = len(action.rows) - len(left)
    BulkAction.objects.filter(pk=action.pk).update(restored=restored)
    journal.write(by, "bulk_undone", action, do=action.do, restored=restored, left=len(left))
    return Undone(restored, left[::-1])


def _restored(case: Case, row: Row, action: BulkAction, by: Person) -> str:
    """Why the case could not be given back, "" when it was."""
    later = case.events.filter(pk__gt=row["last"]).select_related("by").order_by("pk").first()
    if later:
        return f"{case.number} {'изменил(а) ' + str(later.by) if later.by else 'уже другое: пришло новое'}"
    try:
        with transaction.atomic():
            _give_back(case, row, action, by)
    except Refused as no:
        return str(no)
    return ""


def _give_back(case: Case, row: Row, action: BulkAction, by: Person) -> None:
    if action.do == Do.MERGE:
        unmerge(case=case, by=by)
        case.refresh_from_db()
    else:
        taken_back = case.events.filter(pk__gt=row["first"], pk__lte=row["last"])
        taken_back.update(undone=True)  # what was never meant moves no clock
        Review.objects.filter(case=case, by=action.by, at__gte=action.at).delete()
    _put_values(case, row["values"])
    _put_answers(case, row["answers"])
    happened(case=case, event="bulk_undone", by=by)
    recount(case=case)
    revive(case=case.pk, since=action.at)
    journal.write(by, "case_restored", case, action=action.pk)


def _put_values(case: Case, values: Row) -> None:
    moments: dict[str, datetime | None] = {name: values[name] and parse_datetime(values[name]) for name in MOMENTS}
    paused = values["paused_until"] and parse_date(values["paused_until"])
    Case.objects.filter(pk=case.pk).update(kind=values["kind"], paused_until=paused)
    case.kind, case.paused_until = values["kind"], paused
    if case.state != values["state"]:
        case.move_to(values["state"], body_id=values["body"], closed_as=values["closed_as"], **moments)


def _put_answers(case: Case, answers: dict[str, str]) -> None:
    """Drafts that the press had withdrawn are drafts again; Refused when somebody has begun another one."""
    for answer in case.answers.filter(pk__in=[int(pk) for pk in answers], state=Answer.State.WITHDRAWN):
        if case.answers.exclude(state__in=[Answer.State.PUBLISHED, Answer.State.NATIVE, Answer.State.WITHDRAWN]).exists():
            raise Refused(f"{case.number} уже с новым ответом")
        answer.move_to(answers[str(answer.pk)])


def _calm(case: Case, into: Row) -> None:
    """A danger that came with a merged case goes with it, when nobody has taken notice of it here."""
    Case.objects.filter(pk=case.pk).update(danger=into["danger"], urgent=into["urgent"])
    alarms = Alarm.objects.filter(case=case, seen_at=None)
    if into["alarm"]:
        alarms.filter(pk=into["alarm"]["pk"]).update(heard=into["alarm"]["heard"])
    else:
        alarms.delete()


def forget_bulks() -> int:
    """Presses that nobody can take back any more are put away; the journal keeps who pressed what."""
    return BulkAction.objects.filter(at__lt=timezone.now() - KEPT).delete()[0]
