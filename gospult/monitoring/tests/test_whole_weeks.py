from datetime import date

import pytest
from django.utils import timezone

from gospult.monitoring.models import PageMonth
from gospult.registry.testing import make_page

pytestmark = pytest.mark.django_db


def month_of(*weeks):
    made = PageMonth.objects.create(page=make_page(), month=date(2026, 10, 1), weeks=list(weeks), counted_at=timezone.now())
    made.refresh_from_db()
    return made.weeks_due, made.weeks_missed, made.weeks_unseen


def test_a_week_that_lies_half_outside_is_not_a_week_of_the_month():
    assert month_of(["2026-09-28", 0, 4, 3], ["2026-10-05", 3, 7, 3], ["2026-10-26", 0, 6, 3]) == (1, 0, 0)


def test_a_missed_and_an_unseen_week_are_told_apart():
    assert month_of(["2026-10-05", 2, 7, 3], ["2026-10-12", None, 7, 3], ["2026-10-19", 5, 7, 3]) == (3, 1, 1)


def test_a_page_without_a_norm_owes_no_week():
    assert month_of(["2026-10-05", 0, 7, 0], ["2026-10-12", 0, 7, None]) == (0, 0, 0)


def test_a_month_of_which_nothing_is_known_has_no_weeks():
    assert month_of() == (0, 0, 0)
