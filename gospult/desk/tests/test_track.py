from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from gospult.desk.history import Event
from gospult.desk.track import TELLING, track

ZONE = ZoneInfo("Asia/Yekaterinburg")
START = datetime(2026, 11, 2, 6, tzinfo=UTC)


def at(days, kind, **data):
    return Event(kind, START + timedelta(days=days), data)


def test_the_first_words_that_residents_saw_are_the_reaction_for_ever():
    found = track([at(1, "interim_published", promised="2026-11-09"), at(3, "answer_published"), at(5, "reopened"), at(9, "answer_published")], ZONE)
    assert found.reaction_at == START + timedelta(days=1)


def test_a_date_that_is_kept_is_not_broken():
    found = track([at(0, "interim_published", promised="2026-11-05"), at(3, "answer_published")], ZONE)
    assert (found.promises, found.broken, found.promised) == (1, 0, None)


def test_a_date_passed_before_the_answer_is_broken():
    assert track([at(0, "interim_published", promised="2026-11-05"), at(4, "answer_published")], ZONE).broken == 1


def test_a_date_moved_in_time_is_a_second_promise_and_not_broken():
    found = track([at(0, "interim_published", promised="2026-11-05"), at(2, "interim_published", promised="2026-11-12")], ZONE)
    assert (found.promises, found.broken, found.promised) == (2, 0, date(2026, 11, 12))


def test_the_day_ends_where_people_live():
    late_evening = Event("answer_published", datetime(2026, 11, 5, 18, 59, tzinfo=UTC), {})
    night = Event("answer_published", datetime(2026, 11, 5, 19, 1, tzinfo=UTC), {})
    promise = at(0, "interim_published", promised="2026-11-05")
    assert (track([promise, late_evening], ZONE).broken, track([promise, night], ZONE).broken) == (0, 1)


@given(st.lists(st.tuples(st.integers(0, 60), st.sampled_from(sorted(TELLING)))), st.randoms())
def test_the_order_in_which_events_are_read_does_not_matter(steps, dice):
    events = [at(day, kind, **({"promised": "2026-11-20"} if kind == "interim_published" else {})) for day, kind in steps]
    shuffled = events[:]
    dice.shuffle(shuffled)
    assert track(shuffled, ZONE) == track(events, ZONE)
