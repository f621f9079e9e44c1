"""Builders of what the scores read."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils import timezone

from gospult.monitoring.models import PageMonth
from gospult.registry.models import Page

ALL_WELL = {
    "has_mark": True, "connected": True, "design": 100, "widgets": 2, "members": 1000, "weekly_reach": 800, "views": 10_000, "likes": 300,
    "comments": 40, "shares": 60, "alive": True, "marks": {"avatar": True, "description": True, "cover": True},
}  # fmt: skip


def weeks_of(month: date, posts: Sequence[int | None]) -> list[list[Any]]:
    """The weeks that touch the month, the last of `posts` going on to its end."""
    after = (month + timedelta(days=32)).replace(day=1)
    mondays = [month - timedelta(days=month.weekday()) + timedelta(days=7 * number) for number in range(6)]
    mondays = [day for day in mondays if day < after]
    inside = [sum(month <= day + timedelta(days=n) < after for n in range(7)) for day in mondays]
    counts = [posts[min(place, len(posts) - 1)] for place in range(len(mondays))]
    return [[day.isoformat(), count, days, 3] for day, count, days in zip(mondays, counts, inside, strict=True)]


def make_month(page: Page, month: date, posts: Sequence[int | None] = (3,), **fields: Any) -> PageMonth:
    """A month in which all is well, unless told otherwise; `posts` by week, the last one repeated."""
    seen = datetime(2020, 1, 1, tzinfo=UTC)
    values = {**ALL_WELL, "weeks": weeks_of(month, posts), "seen_since": seen, "as_of": timezone.now(), "counted_at": timezone.now(), **fields}
    return PageMonth.objects.create(page=page, month=month, **values)
