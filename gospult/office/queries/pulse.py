"""«Пульт»: what burns, the headline figures and the municipalities, as far as the person sees them. The figures are those of the reports."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from statistics import median
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from gospult.desk.models import Case
from gospult.desk.queries import counts
from gospult.monitoring.queries import Coverage, coverage, finding_counts
from gospult.registry.models import Page, PageBody, Territory
from gospult.registry.models.access import User
from gospult.reports.queries import Link, Overview, overview, reads

from ..heat import shades
from ..maps import matched, region_map
from .branch import WITHOUT_NORM, norms

# View of the desk → its words for 1, 2 and 5, how bad it is.
DESK = {
    "danger": (("сигнал опасности", "сигнала опасности", "сигналов опасности"), "late"),
    "overdue": (("обращение просрочено", "обращения просрочены", "обращений просрочено"), "late"),
    "trouble": (("ответ не опубликован", "ответа не опубликованы", "ответов не опубликовано"), "late"),
    "broken": (("обещание нарушено", "обещания нарушены", "обещаний нарушено"), "late"),
    "soon": (("срок в ближайшие 2 часа", "срока в ближайшие 2 часа", "сроков в ближайшие 2 часа"), "soon"),
    "approve_late": (("согласование просрочено", "согласования просрочены", "согласований просрочено"), "soon"),
}
WEEKS = 4  # the same weekdays before, of which the median is usual
LEAST, TIMES = 3, 2  # a spike is at least so many, and so many times the usual
SPIKES = 6
HEAT = ("kept_share", "score", "on_time", "answered", "er")


@dataclass(frozen=True, slots=True)
class Burning:
    """Something that somebody must look at now; `forms` are the words after its count."""

    code: str
    count: int
    forms: tuple[str, str, str]
    tone: str
    link: Link


@dataclass(frozen=True, slots=True)
class Spike:
    """A group of topics of which one territory writes more than on the same weekdays before; `usual` is their median."""

    topic: str
    territory: str
    count: int
    usual: float
    link: Link


@dataclass(frozen=True, slots=True)
class Pulse:
    """The whole screen."""

    burning: list[Burning]
    spikes: list[Spike]
    overview: Overview
    heat: dict[str, list[int | None]]
    coverage: Coverage
    unread: int
    map: dict[str, Any] = field(default_factory=dict)

    @property
    def scored(self) -> bool:
        """Whether the municipalities have scores of this month."""
        return any(column.code == "score" for column in self.overview.places.columns)


def pulse(user: User) -> Pulse:
    """The region of a head or an analyst, the branch of a curator."""
    found = overview(user)
    rows = found.places.rows
    heat = {code: shades([row.get(code) for row in rows]) for code in HEAT}
    burning = [one for one in (*_desk(user), _silent(user), _findings(user)) if one.count]
    return Pulse(burning, spikes(user), found, heat, coverage(user, what="walls")[-1], unread_pages(user).count(), _map(rows, heat["kept_share"]))


SILENT = ("страница молчит", "страницы молчат", "страниц молчат")
FINDINGS = ("находка не разобрана", "находки не разобраны", "находок не разобрано")


def _desk(user: User) -> list[Burning]:
    found = counts(user, only=DESK)
    return [Burning(code, found[code], forms, tone, Link("desk:queue", query={"view": code})) for code, (forms, tone) in DESK.items()]


def _silent(user: User) -> Burning:
    return Burning("silent", silent_pages(user).count(), SILENT, "soon", Link("office:pulse_pages", ("silent",)))


def _findings(user: User) -> Burning:
    """What a person must look at on a page itself: a look-alike, a jump, a renamed address."""
    return Burning("findings", sum(row["count"] for row in finding_counts(user)), FINDINGS, "soon", Link("office:findings"))


def spikes(user: User) -> list[Spike]:
    """Today against the median of the four same weekdays before, by group of topics and territory; the largest growth first."""
    today = timezone.localdate()
    days = [_day(today - timedelta(weeks=n)) for n in range(WEEKS + 1)]
    cases = Case.objects.in_scope_of(user).filter(reduce(or_, days), topic__isnull=False).exclude(state=Case.State.MERGED).order_by()
    fields = ("topic__group", "topic__group_code", "territory__code", "territory__name")
    counts = {f"day_{n}": Count("pk", filter=day) for n, day in enumerate(days)}
    rows = cases.values_list(*fields).annotate(**counts).filter(Q(day_0__gte=LEAST))  # few of a thousand pairs
    found = [spike for row in rows if (spike := _spike(row[:4], row[4], row[5:], today))]
    return sorted(found, key=lambda one: (one.usual - one.count, one.topic))[:SPIKES]


def _day(day: date) -> Q:
    start = timezone.make_aware(datetime.combine(day, time.min))
    return Q(opened_at__gte=start, opened_at__lt=start + timedelta(days=1))


def _spike(key: Sequence[str | None], count: int, before: Sequence[int], today: date) -> Spike | None:
    (group, code, place, name), usual = key, median(before)
    if count < TIMES * usual:
        return None
    query = {"view": "all", "topic": f"group:{code}", "from": str(today)} | ({"territory": place} if place else {})
    return Spike(group or "", name or "территория не указана", count, usual, Link("desk:queue", query=query))


def _published(user: User) -> QuerySet[Page]:
    return Page.objects.visible_to(user).exclude(state__in=["archived", "draft"])


def silent_pages(user: User) -> QuerySet[Page]:
    """Pages whose wall was read and showed nothing new for as many days as the region calls silence; business cards owe no posts."""
    owing = PageBody.objects.exclude(body__status__in=WITHOUT_NORM).values("page")
    quiet = Q(wall__last_post_at=None) | Q(wall__last_post_at__lte=F("wall__read_at") - timedelta(days=norms().silent_days))
    return _published(user).filter(quiet, wall__read_at__isnull=False, pk__in=owing).order_by("wall__last_post_at", "pk").select_related("wall")


def unread_pages(user: User) -> QuerySet[Page]:
    """Pages of which neither card nor wall was ever read."""
    return _published(user).filter(wall__read_at=None, card__read_at=None).order_by("sort_name", "pk")


def _map(rows: Any, shade: list[int | None]) -> dict[str, Any]:
    """The areas with their shades and links; {} where the region has no map."""
    chart = region_map()
    if chart is None:
        return {}
    steps = {row["pk"]: (row, step) for row, step in zip(rows, shade, strict=True)}
    names = dict(Territory.objects.filter(level="municipality").values_list("name", "pk"))
    pairs, strange, missing = matched([area.name for area in chart.areas], names)
    areas = [(area, *steps.get(pairs.get(area.name, 0), (None, None))) for area in chart.areas]
    return {"chart": chart, "areas": areas, "strange": strange, "missing": missing}


__all__ = ["Pulse", "pulse", "reads", "silent_pages", "spikes", "unread_pages"]
