"""What is known of each page in a period: read once, cut in every way, so that the parts always add up to the whole."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Count, F, Min, Q, Sum

from gospult.monitoring.models import MonthSums, PageMonth
from gospult.registry.models import BodySphere, PageBody
from gospult.registry.models.pages import State

from ..periods import Period
from .scope import Asked

WIDGETS = 2  # valid and different
REACTIONS = ("likes", "comments", "shares")


Weeks = tuple[bool | None, int | None, datetime | None]
Told = tuple[int | None, bool | None, bool | None, bool]


@dataclass(slots=True)
class PageFacts:
    """A page in a period; None is «not known».

    municipality   of its owner
    kept           whether it met its norm in every whole week; None: no norm, no whole week yet, or not all was seen
    widgets, sector   whether it has both ПОС widgets; the button of its sector, where the sector has one
    er             reactions and views of the months where both are known, else None
    months         of how many months of the period posts, views and er are known
    """

    pk: int
    network: str
    body: int | None
    municipality: int | None
    level: str
    has_mark: bool | None
    connected: bool | None
    members: int | None = None
    posts: int | None = None
    views: int | None = None
    er: tuple[int, int] | None = None
    kept: bool | None = None
    widgets: bool | None = None
    sector: bool | None = None
    as_of: datetime | None = None
    months: tuple[int, int, int] = (0, 0, 0)


def page_facts(asked: Asked, judged: Period | None = None) -> list[PageFacts]:
    """Every page of the place with what is known of it in the period; four statements however many pages there are.

    judged   whose weeks say whether it is kept, where that is not the period's own `judged`
    """
    pages, period, present = _pages(asked), asked.period, []
    months = _months_of(asked, period.months())
    told, weeks = _told(asked, period), _weeks(asked, judged or period.judged())
    for page in pages:
        month = months.get(page.pk)
        if month:
            page.posts, page.views, page.as_of, page.months = month["posts"], month["views"], month["as_of"], _known(month)
            page.er = (month["reactions"], month["seen"]) if month["seen"] else None
        page.kept, of_weeks, read_at = weeks.get(page.pk, (None, None, None))
        if not period.months():
            page.as_of = read_at
        if period.kind == "week":  # free days begin and end inside weeks: their posts are not known
            page.posts, page.months = of_weeks, (int(of_weeks is not None), 0, 0)
        page.members, page.widgets, page.sector, there = told.get(page.pk, (None, None, None, False))
        if there or page.posts is not None or of_weeks is not None:
            present.append(page)
    # What nobody told of in days of the past was not there, as far as anybody knows.
    return pages if period.running else present


def _pages(asked: Asked) -> list[PageFacts]:
    shown = asked.pages.exclude(state=State.ARCHIVED) if asked.period.running else asked.pages
    rows = shown.order_by("pk").values_list("pk", "network", "has_mark", "connected")
    owners = (
        PageBody.objects.filter(shared=False) if asked.sees_all_pages else PageBody.objects.filter(shared=False, page__in=asked.pages.values("pk"))
    )
    known = {page: (body, territory, level) for page, body, territory, level in owners.values_list("page", "body", "body__territory", "body__level")}
    inside, found = asked.municipalities, []
    for pk, network, mark, connected in rows.iterator(chunk_size=20_000):
        body, territory, level = known.get(pk, (None, None, ""))
        found.append(PageFacts(pk, network, body, inside.get(territory) if territory else None, level, mark, connected))
    return found


def _months_of(asked: Asked, months: Sequence[date]) -> Mapping[int, Mapping[str, Any]]:
    if not months:
        return {}
    whole = Q(views__gt=0, **{f"{name}__isnull": False for name in REACTIONS})  # an ER takes reactions and views of the same months
    named = {"posts": Sum("posts"), "views": Sum("views"), "seen": Sum("views", filter=whole), "as_of": Min("as_of")}
    named |= {"reactions": Sum(F("likes") + F("comments") + F("shares"), filter=whole)}
    named |= {"posts_known": Count("posts"), "views_known": Count("views"), "er_known": Count("pk", filter=whole)}
    rows = asked.months.filter(month__in=months).order_by().values("page").annotate(**{f"of_{name}": made for name, made in named.items()})
    return {row["page"]: {name.removeprefix("of_"): value for name, value in row.items()} for row in rows}


def _known(row: Mapping[str, Any]) -> tuple[int, int, int]:
    return row["posts_known"], row["views_known"], row["er_known"]


def _told(asked: Asked, period: Period) -> dict[int, Told]:
    """Of each page the last that is known in the month in which the period ends: subscribers, two ПОС widgets, the button of its sector.

    The fourth: whether members or posts of that month are known, so that it was there.
    """
    rows = asked.months.filter(month=period.touched()[-1]).values_list("page", "members", "widgets", "marks__sector", "posts")
    found: dict[int, Told] = {
        page: (members, None if n is None else n == WIDGETS, sector, members is not None or posts is not None)
        for page, members, n, sector, posts in rows.iterator(chunk_size=20_000)
    }
    if period.running:  # what the registry says is newer than nothing
        for pk, members, n in asked.pages.filter(Q(members__isnull=False) | Q(widgets__isnull=False)).values_list("pk", "members", "widgets"):
            known = found.get(pk, (None, None, None, False))
            two = None if n is None else n == WIDGETS
            found[pk] = (members if known[0] is None else known[0], two if known[1] is None else known[1], *known[2:])
    return found


# A week that was not seen whole has no posts unless its norm was met already. In a running period it is waited for: its page is read within two days.
WEEKS = """
SELECT m.page_id,
       count(*) FILTER (WHERE owed), count(*) FILTER (WHERE owed AND wrote IS NULL), count(*) FILTER (WHERE owed AND wrote < norm),
       sum(wrote) FILTER (WHERE days >= 4), min(m.as_of)
FROM monitoring_pagemonth m
CROSS JOIN LATERAL jsonb_array_elements(m.weeks) w
CROSS JOIN LATERAL (SELECT (w->>0)::date AS week, (w->>1)::int AS wrote, (w->>2)::int AS days, coalesce((w->>3)::int, 0) AS norm) one
CROSS JOIN LATERAL (SELECT norm > 0 AND days >= 4 AS owed) two
WHERE m.month = ANY(%s) AND week >= %s AND week + 6 <= %s AND week + 7 <= %s AND (NOT %s OR wrote IS NOT NULL OR week + 9 <= %s) {pages}
GROUP BY m.page_id
"""  # the days of a week inside the months that it touches add up to seven, so four of them or more lie in exactly one


def _weeks(asked: Asked, period: Period) -> dict[int, Weeks]:
    """Of each page: whether every whole week met its norm, its posts of the whole weeks, how old that is."""
    if period.kind == "month" and not period.running:
        return _whole_month(asked, period.since)
    where, params = _only(asked)
    days: list[Any] = [period.touched(), period.since, period.until, period.today, period.running, period.today]
    with connection.cursor() as cursor:
        cursor.execute(WEEKS.format(pages=where), [*days, *params])
        return {page: (verdict(due, unseen, missed), posts, as_of) for page, due, unseen, missed, posts, as_of in cursor.fetchall()}


def _only(asked: Asked) -> tuple[str, list[list[int]]]:
    """What narrows a statement to the pages of the place, with its parameters."""
    return ("", []) if asked.sees_all_pages else ("AND m.page_id = ANY(%s)", [asked.page_keys])


def _whole_month(asked: Asked, month: date) -> dict[int, Weeks]:
    """The same of a month that is over, from what the database has counted beforehand."""
    rows = asked.months.filter(month=month).values_list("page", "weeks_due", "weeks_missed", "weeks_unseen", "posts", "as_of")
    return {page: (verdict(due, unseen, missed), posts, as_of) for page, due, missed, unseen, posts, as_of in rows.iterator(chunk_size=20_000)}


def verdict(due: int, unseen: int, missed: int) -> bool | None:
    """Kept in every whole week, or not; None where some week was not seen or none is owed."""
    return None if unseen or not due else not missed


@dataclass(frozen=True, slots=True)
class Sums:
    """Pages summed up: each sum (None: known of no page) with of how many pages it is known; posts, views and er of how many months of pages."""

    pages: int = 0
    members: int | None = None
    members_known: int = 0
    posts: int | None = None
    posts_known: int = 0
    views: int | None = None
    views_known: int = 0
    reactions: int | None = None
    seen: int | None = None
    er_known: int = 0
    kept: int = 0
    kept_known: int = 0
    as_of: datetime | None = None

    @property
    def kept_share(self) -> float | None:
        """Percent of the pages with a norm that met it in every whole week."""
        return 100 * self.kept / self.kept_known if self.kept_known else None

    @property
    def er(self) -> float | None:
        """Reactions in percent of views."""
        return 100 * (self.reactions or 0) / self.seen if self.seen else None


ADDED = tuple(one.name for one in fields(Sums) if one.name != "as_of")


def summed(pages: Iterable[PageFacts]) -> Sums:
    """The sums of these pages."""
    rows = list(pages)
    members, posts, views = ([value for p in rows if (value := getattr(p, name)) is not None] for name in ("members", "posts", "views"))
    er, kept = [p.er for p in rows if p.er], [p.kept for p in rows if p.kept is not None]
    known = [sum(p.months[n] for p in rows) for n in range(3)]
    return Sums(
        len(rows), _sum(members), len(members), _sum(posts), known[0], _sum(views), known[1], _sum([r for r, _ in er]), _sum([v for _, v in er]),
        known[2], sum(kept), len(kept), min((p.as_of for p in rows if p.as_of), default=None),
    )  # fmt: skip


def _sum(values: list[int]) -> int | None:
    return sum(values) if values else None


SUMS = """
SELECT {key}, count(*), sum(members), count(members), sum(posts), count(posts), sum(views), count(views),
       sum(likes + comments + shares) FILTER (WHERE views > 0), sum(views) FILTER (WHERE likes + comments + shares IS NOT NULL AND views > 0),
       count(*) FILTER (WHERE likes + comments + shares IS NOT NULL AND views > 0),
       count(*) FILTER (WHERE weeks_due > 0 AND weeks_unseen = 0 AND weeks_missed = 0),
       count(*) FILTER (WHERE weeks_due > 0 AND weeks_unseen = 0), min(as_of)
FROM monitoring_pagemonth m {joins}
WHERE m.month = ANY(%s) AND (members IS NOT NULL OR posts IS NOT NULL) {pages}
GROUP BY 1
"""
MUNICIPALITIES = """
JOIN registry_pagebody o ON o.page_id = m.page_id AND NOT o.shared JOIN registry_body b ON b.id = o.body_id
JOIN unnest(%s::bigint[], %s::bigint[]) AS place (territory, municipality) ON place.territory = b.territory_id
"""


def by_month(asked: Asked, months: Sequence[date]) -> dict[date, Sums]:
    """The sums of months that are over, as a trend: kept or counted by the database, with the same result as `summed` of each."""
    return kept_months(months) if asked.sees_all_pages else _counted(asked, months, "m.month")


def kept_months(months: Sequence[date]) -> dict[date, Sums]:
    """The sums of all pages, which the database keeps."""
    rows = MonthSums.objects.filter(month__in=months, pages__gt=0).values_list("month", *ADDED, "as_of")
    return {month: Sums(**dict(zip(ADDED, counts, strict=True)), as_of=as_of) for month, *counts, as_of in rows}


def by_municipality(asked: Asked, month: date) -> dict[int, Sums]:
    """The same of one month by municipality of the owner."""
    inside = asked.municipalities
    return _counted(asked, [month], "place.municipality", MUNICIPALITIES, [list(inside), list(inside.values())])


def _counted(asked: Asked, months: Sequence[date], key: str, joins: str = "", joined: Sequence[Any] = ()) -> dict[Any, Sums]:
    where, params = _only(asked)
    with connection.cursor() as cursor:
        cursor.execute(SUMS.format(key=key, joins=joins, pages=where), [*joined, list(months), *params])
        return {row[0]: _read(row[1:]) for row in cursor.fetchall()}


def _read(row: Sequence[Any]) -> Sums:
    *counts, as_of = row
    made: dict[str, Any] = {name: None if value is None else int(value) for name, value in zip(ADDED, counts, strict=True)}
    return Sums(**made, as_of=as_of)


def spheres_of(asked: Asked) -> dict[int, list[int]]:
    """The spheres of each body."""
    rows = BodySphere.objects.values_list("body", "sphere")
    found: dict[int, list[int]] = {}
    for body, sphere in rows if not asked.narrowed else rows.filter(asked.of_bodies("body")):
        found.setdefault(body, []).append(sphere)
    return found


__all__ = ["PageFacts", "PageMonth", "Sums", "by_month", "by_municipality", "page_facts", "spheres_of", "summed"]
