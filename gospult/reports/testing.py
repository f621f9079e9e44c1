"""Builders of months for tests, the demo and the benchmarks."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from gospult.monitoring.models import PageMonth
from gospult.registry.models import Page


def make_month(page: Page, month: date, *, each_week: int | None = 3, norm: int = 3, **fields: Any) -> PageMonth:
    """A month that was seen whole, with so many posts in each of its weeks; unless told otherwise its figures follow from them."""
    made = month_of(page, month, each_week=each_week, norm=norm, **fields)
    made.save()
    return made


def month_of(page: Page, month: date, *, each_week: int | None = 3, norm: int = 3, **fields: Any) -> PageMonth:
    """The same, not yet in the database."""
    first, weeks = month - timedelta(days=month.weekday()), []
    after = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
    read_at, since = datetime(after.year, after.month, 8, tzinfo=UTC), fields.get("seen_since", datetime(2000, 1, 1, tzinfo=UTC))
    while first < after:
        inside = sum(month <= first + timedelta(days=n) < after for n in range(7))
        seen = since.date() <= first and first + timedelta(days=7) <= fields.get("as_of", read_at).date()
        weeks.append([str(first), each_week if seen else None, inside, norm])
        first += timedelta(days=7)
    posts = each_week * 4 if each_week is not None else None
    known: dict[str, Any] = {"views": 1000, "likes": 20, "comments": 5, "shares": 5} if posts is not None else {}
    known |= {"posts": posts, "members": 100, "seen_since": since, "as_of": read_at}
    return PageMonth(page=page, month=month, weeks=weeks, counted_at=read_at, **(known | fields))
