"""Months of pages are counted with the calendar of the desk, which monitoring does not know."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.utils import timezone

from gospult.desk.queries import book, named_days
from gospult.monitoring import actions as monitoring
from gospult.monitoring.queries import DAYS_OFF

from ..queries import HOLIDAYS

SPAN = 800  # days back for which posts are kept


def count_months(*, months: Iterable[date] | None = None) -> int:
    """Count the months of all pages, the current and the previous one when none is named; returns how many rows there are now."""
    return monitoring.count_months(months=months, days={HOLIDAYS: named_days(HOLIDAYS), DAYS_OFF: _days_off()})


def _days_off() -> frozenset[date]:
    """Working days of the week that the region's calendar takes away."""
    today = timezone.localdate()
    calendar = book().basis(today, None, None, None).calendar
    days = (today + timedelta(days=number) for number in range(-SPAN, 60))
    return frozenset(day for day in days if calendar.week.get(day.weekday()) and not calendar.hours(day))
