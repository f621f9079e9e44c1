"""By which version of the deadlines, which calendar and whose clock on the wall a case is counted.

The calendar is the body's own, else that of the nearest body above it, else the version's, else the region's. The zone
is that of the body's territory, else of the nearest territory above it, else (for a case without a body) of the
case's own place, else the calendar's. All of it is remembered: a question about a case costs no statement.
"""

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, cast

from django.conf import settings
from django.db.models import Count
from django.utils import timezone

from gospult.lib import regions
from gospult.lib.calendar import Calendar
from gospult.registry.models import Body, BodySphere, Territory

from ..deadlines import DeadlineRule as Deadlines
from ..models import BodyCalendar, Case, DaySet, DeadlineRule, DeadlineVersion, Topic, WorkCalendar
from ..rulebook import Asked, Version, choose
from .thinking import Remembered

REGION_CALENDAR = "region"


@dataclass(frozen=True, slots=True)
class Basis:
    """What a case is counted by; `version` is None where the default preset counts."""

    rule: Deadlines
    calendar: Calendar
    version: int | None
    calendar_title: str


@dataclass(frozen=True, slots=True)
class _Organ:
    calendar: str
    territory: int | None
    spheres: tuple[str, ...]
    read_at: float


@dataclass
class Book:
    """All versions and calendars of one moment; `calendars` is code → (title, data)."""

    default: Deadlines
    versions: list[Version]
    calendars: dict[str, tuple[str, dict[str, Any]]]
    region_calendar: str
    own: dict[int, str]  # body → code of its calendar
    places: dict[int, tuple[tuple[int, ...], str]]  # territory → (itself and those above it, its zone or that above it)
    topics: dict[int, str]  # topic → its group
    _organs: dict[int, _Organ] = field(default_factory=dict, repr=False)
    _built: dict[tuple[str, str], Calendar] = field(default_factory=dict, repr=False)
    _chosen: dict[Any, Version | None] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._by_group, self._by_place, self._by_sphere = (any(getattr(v, n) for v in self.versions) for n in ("group", "territory", "sphere"))

    def basis(self, day: date, topic: int | None, territory: int | None, body: int | None) -> Basis:
        """What counts a case opened on the local day."""
        organ = self._organ(body) if body else None
        version = self._version(day, self.topics.get(topic or 0, ""), territory, body, organ)
        code = (organ.calendar if organ else "") or (version.calendar if version else "") or self.region_calendar
        place = organ.territory if organ else territory
        zone = self.places[place][1] if place in self.places else ""
        return Basis(
            version.rule if version else self.default, self._calendar(code, zone), version.number if version else None, self.calendars[code][0]
        )

    def _version(self, day: date, group: str, territory: int | None, body: int | None, organ: _Organ | None) -> Version | None:
        if not self.versions:
            return None
        territory = territory or (organ.territory if organ else None)
        key = day, self._by_group and group, self._by_place and territory, self._by_sphere and body
        if key not in self._chosen:
            path = self.places[territory][0] if territory in self.places else ()
            self._chosen[key] = choose(self.versions, Asked(day, group, path, organ.spheres if organ else ()))
        return self._chosen[key]

    def _calendar(self, code: str, zone: str) -> Calendar:
        if (code, zone) not in self._built:
            data = self.calendars[code][1]
            self._built[code, zone] = Calendar.from_json({**data, "zone": zone or data.get("zone") or settings.TIME_ZONE})
        return self._built[code, zone]

    def _organ(self, body: int) -> _Organ | None:
        known = self._organs.get(body)
        if known is None or time.monotonic() - known.read_at > settings.REMEMBER_SECONDS:
            self.know([body])
        return self._organs.get(body)

    def know(self, bodies: Iterable[int]) -> None:
        """Read what is asked of these bodies, in two statements for all."""
        asked = set(bodies)
        spheres: dict[int, list[str]] = {}
        for body, code in BodySphere.objects.filter(body__in=asked).values_list("body", "sphere__code") if self._by_sphere else ():
            spheres.setdefault(body, []).append(code)
        for pk, path, territory in Body.objects.filter(pk__in=asked).values_list("pk", "path", "territory"):
            above = [pk, *(int(part) for part in reversed(path.split("/")) if part)]
            calendar = next((self.own[one] for one in above if one in self.own), "")
            self._organs[pk] = _Organ(calendar, territory, tuple(spheres.get(pk, ())), time.monotonic())


def read_book(*, with_version: int | None = None, calendar: str = "", calendar_data: dict[str, Any] | None = None) -> Book:
    """The book as it stands, or as it would be with a proposed version in force or a calendar changed."""
    rows = DeadlineVersion.objects.filter(state=DeadlineVersion.State.IN_FORCE) | DeadlineVersion.objects.filter(pk=with_version or 0)
    versions = [
        Version(v.pk, rule_of(v), v.group_code, v.territory_id, v.sphere.code if v.sphere else "", v.calendar.code if v.calendar else "")
        for v in rows.select_related("sphere", "calendar").order_by("pk")
    ]
    preset = DeadlineRule.objects.filter(is_default=True).first()
    calendars = {row.code: (row.title, row.data) for row in WorkCalendar.objects.all()}
    region = WorkCalendar.objects.filter(is_default=True).values_list("code", flat=True).first() or REGION_CALENDAR
    calendars.setdefault(region, (shipped_calendar().get("name", "Календарь региона"), shipped_calendar()))
    if calendar and calendar_data is not None:
        calendars[calendar] = (calendars[calendar][0], calendar_data)
    return Book(
        Deadlines.from_json(preset.data) if preset else shipped_rule(), versions, calendars, region,
        dict(BodyCalendar.objects.values_list("body", "calendar__code")), _places(), dict(Topic.objects.values_list("pk", "group_code")),
    )  # fmt: skip


def rule_of(version: DeadlineVersion) -> Deadlines:
    """The version's terms with its days."""
    days = {"valid_from": version.valid_from.isoformat(), "valid_to": version.valid_to and version.valid_to.isoformat()}
    return Deadlines.from_json({"code": f"v{version.pk or 0}", **version.data, "title": version.title, **days})


def _places() -> dict[int, tuple[tuple[int, ...], str]]:
    rows = {pk: (path, zone) for pk, path, zone in Territory.objects.values_list("pk", "path", "time_zone")}
    found = {}
    for pk, (path, zone) in rows.items():
        up = tuple(dict.fromkeys([pk, *(int(part) for part in reversed(path.split("/")) if part)]))
        found[pk] = up, zone or next((rows[one][1] for one in up if one in rows and rows[one][1]), "")
    return found


def _known() -> tuple[Any, ...]:
    version = DeadlineVersion.objects.filter(state=DeadlineVersion.State.IN_FORCE).order_by("pk")
    zones = Territory.objects.order_by("time_zone").values_list("time_zone").annotate(n=Count("pk"))
    return (
        list(version.values_list()), list(WorkCalendar.objects.order_by("pk").values_list()), list(BodyCalendar.objects.order_by("pk").values_list()),
        list(DeadlineRule.objects.filter(is_default=True).values_list()), list(zones), Topic.objects.count(), settings.REGION,
    )  # fmt: skip


_book = Remembered(read_book, _known)


def book() -> Book:
    """The book in force."""
    return cast(Book, _book.get())


def basis_of(case: Case, opened_at: datetime | None = None) -> Basis:
    """What counts a case; `opened_at` is given where the row does not say it yet."""
    return book().basis(timezone.localdate(opened_at or case.opened_at), case.topic_id, case.territory_id, case.body_id)


def deadlines_for(case: Case, opened_at: datetime | None = None) -> tuple[Deadlines, Calendar]:
    """The deadlines and the calendar that the case is counted by."""
    basis = basis_of(case, opened_at)
    return basis.rule, basis.calendar


@lru_cache(maxsize=1)
def _shipped(region: str) -> tuple[Deadlines, dict[str, Any]]:
    folder = regions.default_root() / region
    data = json.loads((folder / "deadlines.json").read_text(encoding="utf-8"))
    rule = next(item for item in data["deadlines"] if item["code"] == data["default"])
    return Deadlines.from_json(rule), json.loads((folder / "calendar.json").read_text(encoding="utf-8"))


def shipped_rule() -> Deadlines:
    """The default preset of the region's files."""
    return _shipped(settings.REGION)[0]


def shipped_calendar() -> dict[str, Any]:
    """The calendar of the region's files."""
    return _shipped(settings.REGION)[1]


def named_days(code: str) -> frozenset[date]:
    """All dates of a named set of days."""
    data = DaySet.objects.filter(code=code).values_list("data", flat=True).first() or {}
    spans = [(date.fromisoformat(s["from"]), date.fromisoformat(s["to"])) for s in data.get("spans", [])]
    return frozenset(first + timedelta(days=number) for first, last in spans for number in range(min((last - first).days, 366) + 1))


def named_day(code: str, day: date) -> str:
    """What a named set of days says of a date («осенние каникулы»), empty when the date is not in it."""
    data = DaySet.objects.filter(code=code).values_list("data", flat=True).first() or {}
    spans = data.get("spans", [])
    return next((s.get("note") or "да" for s in spans if date.fromisoformat(s["from"]) <= day <= date.fromisoformat(s["to"])), "")
