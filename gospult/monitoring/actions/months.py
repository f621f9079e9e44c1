"""Months of pages are counted from posts and snapshots; counted anew they are the same."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils import timezone

from gospult.registry.models import Page

from .. import norms
from ..models import PageMonth
from ..months import Day, Sight, counted, month_before, next_month, weeks_of
from ..queries.posts import sight
from ..queries.zones import zones_of

PORTION = 5000  # pages
MOSCOW = ZoneInfo("Europe/Moscow")

# What an export or a person has told by the month's end, each figure by its latest telling; a person's word stands before an export of the same day.
TOLD = {"has_mark": "", "connected": "", "design": "", "status": " AND s.status <> ''", "weekly_reach": ""}
LATEST = (
    " LEFT JOIN LATERAL (SELECT {columns} FROM monitoring_snapshot s WHERE s.page_id = p.id AND {condition}"
    " ORDER BY s.date DESC, s.source {order} LIMIT 1) {name} ON true"
)
IN_MONTH = "s.date BETWEEN %(first)s AND %(last)s"
BEFORE = "s.date BETWEEN %(before)s AND %(first)s - 1"
JOINS = [
    *(
        LATEST.format(
            columns=f"s.{name}", condition=f"s.source <> 'card' AND s.date <= %(last)s AND s.{name} IS NOT NULL{more}", order="DESC", name=f"t_{name}"
        )
        for name, more in TOLD.items()
    ),
    LATEST.format(
        columns="s.widgets, s.date", condition="s.source <> 'card' AND s.date <= %(last)s AND s.widgets IS NOT NULL", order="DESC", name="t_widgets"
    ),
    LATEST.format(columns="s.gone, s.closed, s.at", condition=f"s.source = 'card' AND {IN_MONTH}", order="DESC", name="c_state"),
    LATEST.format(
        columns="s.widgets, s.marks, s.date", condition=f"s.source = 'card' AND {IN_MONTH} AND s.gone IS FALSE", order="DESC", name="c_design"
    ),
    LATEST.format(columns="s.members", condition=f"{IN_MONTH} AND s.members IS NOT NULL", order="DESC", name="m_now"),
    LATEST.format(
        columns="s.members", condition="s.date BETWEEN %(before)s AND %(first)s - 1 AND s.members IS NOT NULL", order="DESC", name="m_before"
    ),
]
# A page has a month when it was known by then, or something of the month is known of it.
KNOWN = f"""
    EXISTS (SELECT FROM monitoring_snapshot s WHERE s.page_id = p.id AND {IN_MONTH})
    OR EXISTS (SELECT FROM monitoring_post o WHERE o.page_id = p.id AND o.published_at >= %(begins)s AND o.published_at < %(ends)s)
    OR p.state <> 'archived' AND p.created_at < %(ends)s
    OR p.state <> 'archived' AND EXISTS (SELECT FROM monitoring_snapshot s WHERE s.page_id = p.id AND s.date <= %(last)s)
"""
FACTS = f"""
SELECT p.id, t_has_mark.has_mark, t_connected.connected, t_design.design, t_status.status, t_weekly_reach.weekly_reach,
    CASE WHEN c_design.widgets IS NOT NULL AND (t_widgets.date IS NULL OR c_design.date >= t_widgets.date) THEN c_design.widgets
        ELSE t_widgets.widgets END, c_state.gone OR c_state.closed, c_state.at, c_design.marks, m_now.members, m_before.members,
    p.facts_date <= %(last)s, p.has_mark, p.connected, p.design, p.widgets, p.weekly_reach
FROM registry_page p {"".join(JOINS)}
WHERE p.id = ANY(%(pages)s) AND ({KNOWN})
"""
DAYS = """
SELECT o.page_id, (o.published_at AT TIME ZONE z.zone)::date AS day,
    count(*) FILTER (WHERE NOT o.is_repost AND NOT o.is_placed), count(*) FILTER (WHERE o.is_repost AND NOT o.is_placed),
    count(*) FILTER (WHERE o.is_placed), sum(o.likes) FILTER (WHERE NOT o.is_repost AND NOT o.is_placed),
    sum(o.comments) FILTER (WHERE NOT o.is_repost AND NOT o.is_placed), sum(o.reposts) FILTER (WHERE NOT o.is_repost AND NOT o.is_placed),
    sum(o.views) FILTER (WHERE NOT o.is_repost AND NOT o.is_placed)
FROM unnest(%(pages)s::bigint[], %(zones)s::text[]) AS z (page_id, zone) JOIN monitoring_post o ON o.page_id = z.page_id
WHERE o.gone_at IS NULL AND o.published_at >= %(from)s AND o.published_at < %(to)s
GROUP BY 1, 2
"""
COLUMNS = (
    "page_id", "month", "posts", "reposts", "placed", "weeks", "parts", "views", "likes", "comments", "shares", "members", "members_before",
    "weekly_reach", "marks", "has_mark", "connected", "design", "widgets", "status", "alive", "seen_since", "as_of", "counted_at",
)  # fmt: skip
OBJECTS = {"weeks", "parts", "marks"}


def count_months(*, days: Mapping[str, Set[date]], months: Iterable[date] | None = None, pages: Collection[int] | None = None) -> int:
    """Count the months (of the current and the previous one when none is named) of the pages, or of all; returns how many rows there are now.

    days  the named days of the calendar, for the norms: see `norms.norm`
    """
    today = timezone.now().astimezone(MOSCOW).date()
    wanted = sorted({month.replace(day=1) for month in months} if months is not None else {today.replace(day=1), month_before(today)})
    keys = sorted(pages if pages is not None else Page.objects.values_list("pk", flat=True))
    return sum(_count(month, keys[start : start + PORTION], days) for month in wanted for start in range(0, len(keys), PORTION))


@transaction.atomic
def _count(month: date, pages: Sequence[int], days: Mapping[str, Set[date]]) -> int:
    zones, facts = zones_of(pages), norms_facts(pages)
    posts, seeing = _days(month, zones), sight(pages)
    rows = []
    owed = _owed(days)
    for told in _facts(month, pages):
        page = told["page_id"]
        since, as_of = seeing.get(page, (None, None))
        statuses, spheres = facts.get(page, (frozenset(), frozenset()))
        told["status"] = told["status"] or min(statuses, key=_strength, default="")
        about = norms.Facts(frozenset({told["status"]}) if told["status"] else frozenset(), spheres)
        figures = counted(month, posts.get(page, {}), Sight(since, as_of, zones[page]), lambda week, about=about: owed(about, week))  # type: ignore[misc]
        card_at = told.pop("card_at")
        rows.append({**told, **figures, "month": month, "seen_since": since, "as_of": as_of or card_at, "counted_at": timezone.now()})
    _write(month, pages, rows)
    return len(rows)


def _strength(status: str) -> int:
    order = ("flagship", "active", "card", "not_counted")
    return order.index(status) if status in order else len(order)


def _owed(days: Mapping[str, Set[date]]) -> Any:
    """The norm by facts and week; pages of one kind have one, and there are few kinds."""
    known: dict[tuple[Any, ...], int | None] = {}

    def owed(facts: norms.Facts, week: date) -> int | None:
        key = (facts.statuses, facts.spheres, week)
        if key not in known:
            rules = norms.rules(week)
            known[key] = norms.norm(facts, week, days, rules).posts if rules else None
        return known[key]

    return owed


def norms_facts(pages: Sequence[int]) -> dict[int, tuple[frozenset[str], frozenset[str]]]:
    """For each page the statuses of its bodies and the codes of their spheres."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.page_id, array_agg(DISTINCT b.status), array_remove(array_agg(DISTINCT s.code), NULL) FROM registry_pagebody l"
            " JOIN registry_body b ON b.id = l.body_id LEFT JOIN registry_bodysphere bs ON bs.body_id = b.id"
            " LEFT JOIN registry_sphere s ON s.id = bs.sphere_id WHERE l.page_id = ANY(%s) GROUP BY 1",
            [list(pages)],
        )
        return {page: (frozenset(filter(None, statuses)), frozenset(spheres)) for page, statuses, spheres in cursor.fetchall()}


def _days(month: date, zones: Mapping[int, ZoneInfo]) -> dict[int, dict[date, Day]]:
    """For each page its local days with posts, of all weeks that touch the month."""
    weeks = list(weeks_of(month))
    begins, ends = _utc(weeks[0] - timedelta(days=1)), _utc(weeks[-1] + timedelta(days=9))  # wider than any zone
    with connection.cursor() as cursor:
        asked: Any = {"pages": list(zones), "zones": [zone.key for zone in zones.values()], "from": begins, "to": ends}
        cursor.execute(DAYS, asked)
        found: dict[int, dict[date, Day]] = {}
        for page, day, own, reposts, placed, *sums in cursor.fetchall():
            found.setdefault(page, {})[day] = Day(own, reposts, placed, *(None if value is None else int(value) for value in sums))
    return found


def _facts(month: date, pages: Sequence[int]) -> Iterator[dict[str, Any]]:
    last = next_month(month) - timedelta(days=1)
    asked: Any = {
        "pages": list(pages), "first": month, "last": last, "before": month_before(month), "begins": _utc(month), "ends": _utc(next_month(month)),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(FACTS, asked)
        rows = cursor.fetchall()
    for row in rows:
        page, has_mark, connected, design, status, reach, widgets, lost, card_at, marks, members, before, dated, *registry = row
        kept = registry if dated and all(value is None for value in (has_mark, connected, design, widgets, reach)) else [None] * 5
        told = [value if value is not None else old for value, old in zip((has_mark, connected, design, widgets, reach), kept, strict=True)]
        yield {
            "page_id": page, "has_mark": told[0], "connected": told[1], "design": told[2], "widgets": told[3], "weekly_reach": told[4],
            "status": status or "", "alive": None if card_at is None else not lost, "card_at": card_at, "members": members, "members_before": before,
            "marks": json.loads(marks) if isinstance(marks, str) else marks or {},
        }  # fmt: skip


def _utc(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=MOSCOW)


def _write(month: date, pages: Sequence[int], rows: Sequence[Mapping[str, Any]]) -> None:
    names = ", ".join(COLUMNS)
    changes = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS[2:])
    PageMonth.objects.filter(month=month, page__in=pages).exclude(page__in=[row["page_id"] for row in rows]).delete()
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE fresh_months ON COMMIT DROP AS SELECT {names} FROM monitoring_pagemonth WITH NO DATA")
        with cursor.copy(f"COPY fresh_months ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row([json.dumps(row[name]) if name in OBJECTS else row[name] for name in COLUMNS])
        cursor.execute(
            f"INSERT INTO monitoring_pagemonth ({names}) SELECT {names} FROM fresh_months ORDER BY page_id"
            f" ON CONFLICT (month, page_id) DO UPDATE SET {changes}"
        )
        cursor.execute("DROP TABLE fresh_months")
