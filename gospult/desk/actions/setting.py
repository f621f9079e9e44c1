"""By when an answer is owed is decided here: versions of the deadlines, calendars, whose calendar a body works by."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.calendar import Calendar
from gospult.lib.errors import Refused
from gospult.registry.models import Body, Sphere, Territory

from ..models import BodyCalendar, DaySet, DeadlineVersion, Recount, Topic, WorkCalendar
from ..queries.deadlines import rule_of
from ..queries.thinking import forget
from .recounting import start_recount


@transaction.atomic
def set_deadlines(
    *, title: str, terms: dict[str, Any], valid_from: date, valid_to: date | None = None, group_code: str = "", territory: Territory | None = None,
    sphere: Sphere | None = None, calendar: WorkCalendar | None = None, closed_since: date | None = None, by: Person,
) -> tuple[DeadlineVersion, Recount | None]:  # fmt: skip
    """A version of the deadlines: a future one is in force at once, one that touches known cases is tried first (the recount)."""
    if not title.strip():
        raise Refused("Назовите сроки: под этим именем их увидят в объяснении.")
    if valid_to and valid_to < valid_from:
        raise Refused(f"Сроки кончаются {valid_to:%d.%m.%Y}, раньше чем начинаются: поменяйте даты местами.")
    if group_code and not Topic.objects.filter(group_code=group_code).exists():
        raise Refused("Такой группы тем нет: выберите её из списка.")
    version = DeadlineVersion(
        title=title.strip(), data=terms, valid_from=valid_from, valid_to=valid_to, group_code=group_code, territory=territory, sphere=sphere,
        calendar=calendar, by=by,
    )  # fmt: skip
    _must_be_whole(version)
    in_force = DeadlineVersion.objects.filter(state=DeadlineVersion.State.IN_FORCE, group_code=group_code, territory=territory, sphere=sphere)
    if same := in_force.filter(valid_from=valid_from).first():
        raise Refused(f"С {valid_from:%d.%m.%Y} для этих обращений уже действует «{same}»: выберите другой день.")
    future = valid_from > timezone.localdate()
    version.state = DeadlineVersion.State.IN_FORCE if future else DeadlineVersion.State.PROPOSED
    version.save()
    journal.write(by, "deadlines_set", version, valid_from=valid_from.isoformat(), state=version.state)
    forget()
    return version, None if future else start_recount(version=version, closed_since=closed_since, by=by)


def _must_be_whole(version: DeadlineVersion) -> None:
    try:
        rule_of(version)
    except ValueError as wrong:
        raise Refused(str(wrong)) from wrong


@transaction.atomic
def drop_deadlines(*, version: DeadlineVersion, by: Person) -> None:
    """A version that has not begun yet is taken back; one that counts cases is replaced by a newer one instead."""
    if version.valid_from <= timezone.localdate():
        raise Refused("По этим срокам уже считают обращения: введите вместо них новые с нужного дня.")
    known = DeadlineVersion.objects.filter(pk=version.pk, state=DeadlineVersion.State.IN_FORCE)
    if not known.update(state=DeadlineVersion.State.DROPPED):
        raise Refused("Эти сроки уже отменил другой сотрудник. Обновите страницу.")
    journal.write(by, "deadlines_dropped", version)
    forget()


def whole_calendar(data: dict[str, Any]) -> Calendar:
    """The calendar that the data make; Refused with one sentence when they make none."""
    try:
        return Calendar.from_json({"zone": "UTC", **data})
    except ValueError as wrong:
        raise Refused(str(wrong)) from wrong


@transaction.atomic
def add_calendar(*, code: str, title: str, data: dict[str, Any], by: Person) -> WorkCalendar:
    """A further calendar; nobody works by it until a body or a version names it."""
    if not code or not title.strip():
        raise Refused("Назовите календарь.")
    if WorkCalendar.objects.filter(code=code).exists():
        raise Refused("Календарь с таким именем уже есть: назовите иначе.")
    whole_calendar(data)
    row = WorkCalendar.objects.create(code=code, title=title.strip(), data=data)
    journal.write(by, "calendar_added", row, code=code)
    forget()
    return row


@transaction.atomic
def change_calendar(*, calendar: WorkCalendar, data: dict[str, Any], closed_since: date | None = None, by: Person) -> Recount:
    """The calendar would be this one: it is tried on the cases first, and counts when the recount is applied."""
    whole_calendar(data)
    if data == calendar.data:
        raise Refused("В календаре ничего не изменилось.")
    return start_recount(calendar=calendar, data=data, closed_since=closed_since, by=by)


@transaction.atomic
def give_calendar(*, body: Body, calendar: WorkCalendar | None, by: Person) -> Recount:
    """A body and those under it work by a calendar of their own (None: as everybody); clocks that run are listed and wait for «Применить»."""
    if calendar:
        BodyCalendar.objects.update_or_create(body=body, defaults={"calendar": calendar})
    else:
        BodyCalendar.objects.filter(body=body).delete()
    journal.write(by, "calendar_given", body, calendar=calendar.code if calendar else "")
    forget()
    return start_recount(by=by)


@transaction.atomic
def set_days(*, code: str, title: str, spans: list[dict[str, str]], by: Person) -> DaySet:
    """A named set of days, as school holidays, is written down anew."""
    for span in spans:
        if date.fromisoformat(span["to"]) < date.fromisoformat(span["from"]):
            raise Refused(f"«{span.get('note', title)}» кончается раньше, чем начинается: поменяйте даты местами.")
    row, _ = DaySet.objects.update_or_create(code=code, defaults={"title": title, "data": {"spans": spans}})
    journal.write(by, "days_set", row, code=code, spans=len(spans))
    return row
