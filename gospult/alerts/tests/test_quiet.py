from datetime import datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gospult.alerts.quiet import free_at

NINE, EIGHT = time(21), time(8)


@pytest.mark.parametrize(
    ("now", "free"),
    [
        ("2026-11-25 12:00", "2026-11-25 12:00"),
        ("2026-11-25 22:30", "2026-11-26 08:00"),
        ("2026-11-26 06:00", "2026-11-26 08:00"),
        ("2026-11-27 21:00", "2026-11-30 08:00"),  # Friday night: Monday morning
        ("2026-11-28 13:00", "2026-11-30 08:00"),
    ],
)
def test_nights_and_weekends_are_quiet(now, free):
    assert free_at(datetime.fromisoformat(now), NINE, EIGHT, True) == datetime.fromisoformat(free)


def test_quiet_hours_inside_a_day_end_the_same_day():
    at = datetime(2026, 11, 25, 13, 30)
    assert free_at(at, time(13), time(14), False) == datetime(2026, 11, 25, 14)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), st.times(), st.times(), st.booleans())
def test_a_free_moment_is_never_in_the_past_and_is_itself_free(now, begins, ends, weekends):
    free = free_at(now, begins, ends, weekends)
    assert now <= free
    assert free_at(free, begins, ends, weekends) == free
