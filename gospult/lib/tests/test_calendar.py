"""The working calendar: hand-counted terms, bad calendars, and laws that hold for any calendar."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gospult.lib.calendar import WEEKDAYS, Calendar

REGION = Path(__file__).parents[3] / "regions" / "chelyabinsk" / "calendar.json"
URAL = ZoneInfo("Asia/Yekaterinburg")
WEEK = {day: ["09:00-18:00"] for day in WEEKDAYS[:5]}
LUNCH = {day: ["09:00-13:00", "14:00-18:00"] for day in WEEKDAYS[:5]}
HOUR = timedelta(hours=1)


def region() -> Calendar:
    return Calendar.from_json(json.loads(REGION.read_text()))


def ural(day: str, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=URAL)


def test_nine_hours_from_friday_afternoon_end_on_monday():
    assert region().add(ural("2026-11-20", "15:10"), 9 * HOUR) == ural("2026-11-23", "15:10")


def test_a_term_that_ends_with_the_working_day_ends_that_evening():
    assert region().add(ural("2026-11-20", "09:00"), 9 * HOUR) == ural("2026-11-20", "18:00")


def test_lunch_is_not_working_time():
    calendar = Calendar.from_json({"zone": "Asia/Yekaterinburg", "week": LUNCH})
    assert calendar.add(ural("2026-11-20", "12:00"), 2 * HOUR) == ural("2026-11-20", "15:00")
    assert calendar.worked(ural("2026-11-20", "12:00"), ural("2026-11-20", "14:30")) == 1.5 * HOUR


def test_a_short_day_and_a_holiday_are_skipped_over_the_year():
    assert region().add(ural("2026-11-03", "16:00"), 2 * HOUR) == ural("2026-11-05", "10:00")
    assert region().add(ural("2026-12-30", "17:00"), 2 * HOUR) == ural("2027-01-11", "10:00")


def test_the_region_has_the_working_days_of_the_2026_decree():
    working = [day for day in (date(2026, 1, 1) + timedelta(days=n) for n in range(365)) if region().hours(day)]
    assert len(working) == 247
    assert region().worked(ural("2026-01-01", "00:00"), ural("2027-01-01", "00:00")) == (247 * 9 - 4) * HOUR


def test_working_days_are_counted_from_the_next_one_to_its_evening():
    assert region().add_days(ural("2026-11-20", "15:10"), 7) == ural("2026-12-01", "18:00")
    assert region().add_days(ural("2026-11-21", "15:10"), 1) == ural("2026-11-23", "18:00")
    assert region().add_days(ural("2026-12-30", "10:00"), 2) == ural("2027-01-12", "18:00")
    assert region().add_days(ural("2026-04-29", "10:00"), 1) == ural("2026-04-30", "17:00")


def test_counting_back_finds_when_two_hours_were_left():
    assert region().add(ural("2026-11-23", "10:00"), -2 * HOUR) == ural("2026-11-20", "17:00")
    assert region().add(ural("2027-01-11", "10:00"), -2 * HOUR) == ural("2026-12-30", "17:00")


def test_round_the_clock_is_elapsed_time_even_when_the_clock_is_moved():
    berlin = Calendar.always("Europe/Berlin")
    start = datetime(2026, 3, 28, 20, tzinfo=UTC)
    assert berlin.add(start, 24 * HOUR) == start + 24 * HOUR
    assert sum(line.minutes for line in berlin.explain(start, 24 * HOUR)) == 24 * 60


def test_a_night_shift_loses_the_hour_that_the_clock_skipped():
    calendar = Calendar.from_json({"zone": "Europe/Berlin", "week": {"sun": ["00:00-02:30", "02:30-06:00"]}})
    sunday = datetime(2026, 3, 29, tzinfo=ZoneInfo("Europe/Berlin"))
    assert calendar.worked(sunday, sunday + 12 * HOUR) == 5 * HOUR
    autumn = datetime(2026, 10, 25, tzinfo=ZoneInfo("Europe/Berlin"))
    assert calendar.worked(autumn, autumn + 12 * HOUR) == 7 * HOUR


def test_a_promised_day_ends_with_its_work_or_before_midnight():
    assert region().end_of(date(2026, 11, 25)) == ural("2026-11-25", "18:00")
    assert region().end_of(date(2026, 11, 22)) == ural("2026-11-22", "23:59")


def test_explanation_names_every_day_between():
    lines = region().explain(ural("2026-11-20", "15:10"), 9 * HOUR)
    assert [(line.day.day, line.minutes, line.note) for line in lines] == [(20, 170, ""), (21, 0, "выходной"), (22, 0, "выходной"), (23, 370, "")]
    assert (lines[3].start, lines[3].end) == (ural("2026-11-23", "09:00"), ural("2026-11-23", "15:10"))


def test_explanation_says_short_day_holiday_and_moved_day():
    notes = {line.day: line.note for line in region().explain(ural("2026-12-30", "10:00"), 10 * HOUR)}
    assert notes[date(2026, 12, 31)] == "выходной, перенесён с 4 января"
    assert notes[date(2027, 1, 7)] == "праздник"
    assert region().explain(ural("2026-11-03", "09:00"), HOUR)[0].note == "сокращённый день"


def test_notes_are_found_without_being_written():
    days = {"2026-11-04": [], "2026-11-03": ["09:00-17:00"], "2026-11-07": ["09:00-18:00"]}
    calendar = Calendar.from_json({"zone": "Asia/Yekaterinburg", "week": WEEK, "days": days})
    found = [calendar.note(date(2026, 11, day)) for day in (2, 3, 4, 7, 8)]
    assert found == ["", "сокращённый день", "праздник", "рабочий день по переносу", "выходной"]


def test_explanation_of_an_endless_span_is_refused():
    with pytest.raises(ValueError, match="длиннее 400 дней"):
        region().explain(ural("2026-01-01", "00:00"), ural("2028-01-01", "00:00"))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([], "нужен объект"),
        ({"week": WEEK}, "часовой пояс"),
        ({"zone": "Ural/Chelyabinsk", "week": WEEK}, "часовой пояс"),
        ({"zone": "Asia/Yekaterinburg", "week": {}}, "без рабочего времени"),
        ({"zone": "Asia/Yekaterinburg", "week": {"mon": []}}, "без рабочего времени"),
        ({"zone": "Asia/Yekaterinburg", "week": {"пн": ["09:00-18:00"]}}, "день недели"),
        ({"zone": "Asia/Yekaterinburg", "week": {"mon": ["18:00-09:00"]}}, "понедельник: конец 09:00 не позже начала 18:00"),
        ({"zone": "Asia/Yekaterinburg", "week": {"mon": ["09:00-14:00", "13:00-18:00"]}}, "пересекаются"),
        ({"zone": "Asia/Yekaterinburg", "week": {"mon": ["с девяти"]}}, "не часы"),
        ({"zone": "Asia/Yekaterinburg", "week": {"mon": "09:00-18:00"}}, "списком"),
        ({"zone": "Asia/Yekaterinburg", "week": WEEK, "days": {"31.12.2026": []}}, "не дата"),
        ({"zone": "Asia/Yekaterinburg", "week": WEEK, "days": {"2026-12-31": ["25:00-26:00"]}}, "не часы"),
    ],
)
def test_a_bad_calendar_is_one_clear_line(data: object, words: str):
    with pytest.raises(ValueError, match=words) as caught:
        Calendar.from_json(data)
    assert str(caught.value).startswith("Календарь")
    assert "\n" not in str(caught.value)


def test_a_calendar_that_rests_for_more_than_400_days_is_refused():
    rest = {(date(2026, 6, 1) + timedelta(days=n)).isoformat(): [] for n in range(430)}
    with pytest.raises(ValueError, match="больше 400 дней подряд"):
        Calendar.from_json({"zone": "Asia/Yekaterinburg", "week": WEEK, "days": rest})


def test_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="часовой пояс"):
        region().add(datetime(2026, 11, 20), HOUR)


intervals = st.lists(st.integers(0, 96), min_size=2, max_size=6, unique=True).map(sorted)
shifts = intervals.map(lambda cuts: tuple((a * 15, b * 15) for a, b in zip(cuts[::2], cuts[1::2], strict=False)))
zones = st.sampled_from(["Asia/Yekaterinburg", "Europe/Berlin", "America/Santiago", "Asia/Kathmandu", "UTC"])
holidays = st.dictionaries(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.one_of(st.just(()), shifts), max_size=20)
calendars = st.builds(Calendar, zones, st.dictionaries(st.integers(0, 6), shifts, min_size=1), holidays)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
durations = st.timedeltas(timedelta(microseconds=1), timedelta(hours=12))  # a week of the drawn calendars may hold fifteen minutes


@given(calendars, moments, durations)
@settings(max_examples=60, deadline=None)
def test_worked_time_of_an_added_term_is_the_term(calendar: Calendar, start: datetime, duration: timedelta):
    assert calendar.worked(start, calendar.add(start, duration)) == duration
    assert calendar.worked(calendar.add(start, -duration), start) == duration


@given(calendars, moments, moments, durations)
@settings(max_examples=60, deadline=None)
def test_a_later_start_never_ends_earlier(calendar: Calendar, one: datetime, two: datetime, duration: timedelta):
    early, late = sorted([one, two])
    assert calendar.add(early, duration) <= calendar.add(late, duration) <= calendar.add(late, 2 * duration)
    assert calendar.add_days(early, 5) <= calendar.add_days(late, 5)


@given(calendars, moments, moments, moments)
@settings(max_examples=60, deadline=None)
def test_working_time_adds_up_and_never_exceeds_elapsed_time(calendar: Calendar, one: datetime, two: datetime, three: datetime):
    a, b, c = sorted([one, two, three])
    assert calendar.worked(a, b) + calendar.worked(b, c) == calendar.worked(a, c) <= c - a
    assert calendar.worked(c, a) == -calendar.worked(a, c)


@given(calendars, moments, st.timedeltas(timedelta(minutes=1), timedelta(hours=8)))
@settings(max_examples=60, deadline=None)
def test_explained_minutes_add_up_to_the_term(calendar: Calendar, start: datetime, duration: timedelta):
    assert sum(line.minutes for line in calendar.explain(start, duration)) == duration // timedelta(minutes=1)
