"""Work of the scores by the clock; every job may be killed anywhere and run twice."""

from datetime import date

from django.utils import timezone

from gospult.lib.errors import Refused
from gospult.monitoring.models import PageMonth

from . import actions
from .library import scored
from .models import Score
from .queries import before

HISTORY = 13  # months


def count_current() -> None:
    """Count this month and the one before anew by every method: posts of last month go on gathering views."""
    this = timezone.localdate().replace(day=1)
    for month in (before(this), this):
        if PageMonth.objects.filter(month=month).exists():
            for method in scored():
                _count(method.code, month)


def fill_history() -> None:
    """Count one month of the last thirteen by one method that has not counted it yet: so old months stand under new methods, too."""
    this = timezone.localdate().replace(day=1)
    months = [before(this, number) for number in range(HISTORY)]
    told = set(PageMonth.objects.filter(month__in=months).order_by().values_list("month", flat=True).distinct())
    done = set(Score.objects.filter(month__in=months).order_by().values_list("method", "month").distinct())
    missing = [(one.code, month) for month in months if month in told for one in scored() if (one.code, month) not in done]
    any(_count(*one) for one in missing)  # until one of them has given something


def _count(code: str, month: date) -> int:
    try:
        return int(actions.count_scores(method=code, month=month, by=None)["scores"])
    except Refused:
        return 0  # the month has not begun in this zone: the next tick counts it
