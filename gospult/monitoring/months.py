"""A page's month from its days: weeks against the norm, seven-day parts, sums. Pure.

The parts are those of the health analysts' monthly sheet (four of seven days from the 1st, and the rest); a week belongs to a month with as many
of its days as lie in it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from .norms import monday

PARTS = 5
PART_DAYS = 7
WEEK = timedelta(days=7)
FIGURES = ("likes", "comments", "shares", "views")  # in the order of a part


@dataclass(frozen=True, slots=True)
class Day:
    """Posts of one local day: its own, reposts, placed from above; and sums over its own, None where no post has the figure."""

    own: int = 0
    reposts: int = 0
    placed: int = 0
    likes: int | None = None
    comments: int | None = None
    shares: int | None = None
    views: int | None = None


@dataclass(frozen=True, slots=True)
class Sight:
    """From when on everything on the page was seen (None: nothing), as of when, and in which zone its days are counted."""

    since: datetime | None
    as_of: datetime | None
    zone: ZoneInfo

    def whole(self, week: date) -> bool:
        """Whether all of the week that begins on a Monday was seen."""
        if self.since is None or self.as_of is None:
            return False
        return self.since <= begins(week, self.zone) and self.as_of >= begins(week + WEEK, self.zone)


@lru_cache(maxsize=4096)
def begins(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a day in a zone, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def month_before(month: date) -> date:
    """The first day of the month before."""
    return (month.replace(day=1) - timedelta(days=1)).replace(day=1)


@lru_cache(maxsize=256)
def weeks_of(month: date) -> tuple[date, ...]:
    """The Mondays of the weeks that touch a month."""
    first = monday(month)
    return tuple(first + number * WEEK for number in range(6) if first + number * WEEK < next_month(month))


def counted(month: date, days: Mapping[date, Day], sight: Sight, owed: Callable[[date], int | None]) -> dict[str, Any]:
    """The posts' columns of a PageMonth, all null when the month was not seen from its first moment; `owed` is the norm of the week of a Monday."""
    end = next_month(month)
    weeks = _weeks(month, end, days, sight, owed)
    begun = begins(month, sight.zone)
    if sight.since is None or sight.as_of is None or not sight.since <= begun < sight.as_of:  # half a month is no figure of the month
        return {**dict.fromkeys(("posts", "reposts", "placed", *FIGURES)), "weeks": weeks, "parts": []}
    inside = [row for day, row in days.items() if month <= day < end]
    parts: list[list[Day]] = [[] for _ in range(PARTS)]
    for day, row in days.items():
        if month <= day < end:
            parts[part_of(day)].append(row)
    sums = [_sums(rows) for rows in parts]
    posts, *figures = _together(sums)
    others = {"reposts": sum(row.reposts for row in inside), "placed": sum(row.placed for row in inside)}
    return {"posts": posts, **others, **dict(zip(FIGURES, figures, strict=True)), "weeks": weeks, "parts": sums}


def part_of(day: date) -> int:
    """Which of the five parts of its month a day belongs to."""
    return min((day.day - 1) // PART_DAYS, PARTS - 1)


def _sums(rows: list[Day]) -> list[int | None]:
    if not rows:
        return [0] * (1 + len(FIGURES))
    return _together([[row.own, row.likes, row.comments, row.shares, row.views] for row in rows])


def _together(rows: list[list[int | None]]) -> list[int | None]:
    """Posts and figures of several rows; a figure that no row with posts has is null, of no posts at all it is 0."""
    posts = sum(row[0] or 0 for row in rows)
    known = [[value for row in rows if row[0] and (value := row[place]) is not None] for place in range(1, 1 + len(FIGURES))]
    return [posts, *(sum(values) if values or not posts else None for values in known)]


def _weeks(
    month: date, end: date, days: Mapping[date, Day], sight: Sight, owed: Callable[[date], int | None]
) -> list[tuple[str, int | None, int, int | None]]:
    """A week that was not seen whole is told only when what was seen of it is enough: nothing else may be called a debt."""
    own: dict[date, int] = {}
    for day, row in days.items():
        own[monday(day)] = own.get(monday(day), 0) + row.own
    found = []
    for week in weeks_of(month):
        posts, norm = own.get(week, 0), owed(week)
        told = sight.whole(week) or bool(norm and posts >= norm)
        inside = (min(end, week + WEEK) - max(month, week)).days
        found.append((week.isoformat(), posts if told else None, inside, norm))
    return found
