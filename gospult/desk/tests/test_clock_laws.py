"""Laws of the clock that hold for any calendar, zone, pause and change of rules."""

import re
from datetime import UTC, date, datetime, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gospult.desk import history as h
from gospult.desk.clock import clocks, gather, recount
from gospult.desk.deadlines import HOURS, WORKING_DAYS, WORKING_HOURS, DeadlineRule, Duration
from gospult.desk.explain import explain
from gospult.desk.history import Event, Facts, ordered
from gospult.desk.rulebook import Asked, Version, choose
from gospult.lib.calendar import DAY, Calendar

ZONES = ["Asia/Yekaterinburg", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia", "UTC"]
FIRST = date(2026, 1, 1)


@st.composite
def hours(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    """Up to three intervals of a day, to the minute."""
    marks = sorted(draw(st.lists(st.integers(0, DAY), min_size=0, max_size=6, unique=True)))
    return tuple(zip(marks[::2], marks[1::2], strict=False))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Any week with working time, any special days (off, short, moved), any zone."""
    week = {day: draw(hours()) for day in range(7)}
    assume(any(week.values()))
    days = draw(st.dictionaries(st.dates(FIRST, date(2026, 4, 30)), hours(), max_size=8))
    return Calendar(draw(st.sampled_from(ZONES)), week, days)


moments = st.integers(0, 60 * 24 * 60).map(lambda minutes: datetime(2026, 1, 10, tzinfo=UTC) + timedelta(minutes=minutes))
terms = st.builds(Duration, st.integers(1, 30), st.sampled_from([HOURS, WORKING_HOURS, WORKING_DAYS]))
rules = st.builds(
    lambda first, interim, final, after, urgent: DeadlineRule("x", "X", first, interim, final, after, urgent_final=urgent),
    st.none() | terms, st.none() | terms, terms, st.none() | terms, st.none() | terms,
)  # fmt: skip
says = st.fixed_dictionaries({}, optional={"kind": st.just("problem"), "urgent": st.booleans(), "promised": st.just("2026-02-20")})
histories = st.lists(st.builds(Event, st.sampled_from(h.KINDS), moments, says), max_size=12)
LAW = settings(max_examples=120, deadline=None)


@given(histories, rules, calendars())
@LAW
def test_counting_anew_equals_counting_on_in_any_calendar(events: list[Event], rule: DeadlineRule, calendar: Calendar):
    facts = Facts()
    for number, event in enumerate(ordered(events), 1):
        facts.advance(event)
        assert clocks(facts, rule, calendar) == recount(ordered(events)[:number], rule, calendar)


@given(histories, st.lists(st.tuples(st.dates(FIRST, date(2026, 3, 1)), rules), min_size=1, max_size=4, unique_by=lambda pair: pair[0]), calendars())
@LAW
def test_a_change_of_rules_counts_a_case_by_the_rule_of_its_day(events: list[Event], dated: list[tuple[date, DeadlineRule]], calendar: Calendar):
    versions = [Version(n, DeadlineRule(f"v{n}", "X", r.first, r.interim, r.final, valid_from=day)) for n, (day, r) in enumerate(dated)]
    facts = Facts()
    for event in ordered(events):
        facts.advance(event)
    whole = gather(reversed(events))
    assume(whole.opened_at)
    day = whole.opened_at.astimezone(calendar.tz).date()
    version = choose(versions, Asked(day))
    in_force = [v for v in versions if v.rule.valid_from <= day]
    assert version == max(in_force, key=lambda v: v.rule.valid_from, default=None)
    if version:
        assert clocks(facts, version.rule, calendar) == clocks(whole, version.rule, calendar)


@given(moments, rules, calendars())
@LAW
def test_nothing_is_due_before_it_began(start: datetime, rule: DeadlineRule, calendar: Calendar):
    case = recount([Event(h.OPENED, start, {"kind": "problem"})], rule, calendar)
    assert all(clock.due_at is None or clock.due_at >= start for clock in (case.first, case.interim, case.final))


@given(moments, st.integers(1, 40), st.integers(0, 40), st.sampled_from([HOURS, WORKING_HOURS, WORKING_DAYS]), calendars())
@LAW
def test_a_longer_term_is_never_due_earlier(start: datetime, value: int, more: int, unit: str, calendar: Calendar):
    assert Duration(value, unit).due(start, calendar) <= Duration(value + more, unit).due(start, calendar)


@given(moments, st.lists(moments, min_size=2, max_size=6), rules, calendars())
@LAW
def test_pausing_never_makes_anything_due_earlier(start: datetime, marks: list[datetime], rule: DeadlineRule, calendar: Calendar):
    opened = Event(h.OPENED, start, {"kind": "problem"})
    pauses = [Event((h.PAUSED, h.RESUMED)[n % 2], at) for n, at in enumerate(sorted(marks)[: len(marks) // 2 * 2]) if at >= start]
    plain, paused = recount([opened], rule, calendar), recount([opened, *pauses], rule, calendar)
    for one, two in zip((plain.first, plain.interim, plain.final), (paused.first, paused.interim, paused.final), strict=True):
        assert one.due_at is None or one.due_at <= two.due_at


@given(moments, moments, moments, st.integers(1, 60), calendars())
@LAW
def test_the_lines_of_an_explanation_add_up_to_the_term(start: datetime, begun: datetime, resumed: datetime, value: int, calendar: Calendar):
    begun, resumed = sorted([begun, resumed])
    rule = DeadlineRule("x", "X", final=Duration(value, WORKING_HOURS))
    events = [Event(h.OPENED, start, {"kind": "problem"}), Event(h.PAUSED, max(begun, start)), Event(h.RESUMED, max(resumed, start))]
    clock = recount(events, rule, calendar).final
    lines = explain(clock)
    assume(lines[1] != "срок слишком долгий, чтобы показать его по дням")
    assert sum(_minutes(line) for line in lines) == value * 60


def _minutes(line: str) -> int:
    """What a line says of its day: «… — 2 ч 50 мин, осталось …»."""
    hit = re.search(r" — (?:(\d+) ч)? ?(?:(\d+) мин)?(?:, осталось .*)?$", line)
    return int(hit[1] or 0) * 60 + int(hit[2] or 0) if hit and not line.startswith(("срок", "пауза", "Окончательный")) else 0


@given(moments, st.integers(1, 25), calendars())
@LAW
def test_working_days_are_numbered_up_to_the_term(start: datetime, value: int, calendar: Calendar):
    clock = recount([Event(h.OPENED, start, {"kind": "problem"})], DeadlineRule("x", "X", final=Duration(value, WORKING_DAYS)), calendar).final
    numbers = [int(hit[1]) for line in explain(clock) if (hit := re.search(r": (\d+)-й рабочий день", line))]
    assert numbers == list(range(1, value + 1))


def test_a_working_day_that_ends_at_midnight_is_not_followed_by_another():
    calendar = Calendar("Asia/Yekaterinburg", {5: ((0, 1440),), 6: ((0, 1),)})
    start = datetime(2026, 1, 10, tzinfo=UTC)
    lines = explain(recount([Event(h.OPENED, start, {"kind": "problem"})], DeadlineRule("x", "X", final=Duration(2, WORKING_DAYS)), calendar).final)
    assert [line.partition(": ")[2] for line in lines if "-й рабочий день" in line] == ["1-й рабочий день", "2-й рабочий день"]


def test_a_pause_from_the_very_beginning_is_told_by_hours_and_not_by_too_many_days():
    calendar = Calendar("UTC", dict.fromkeys(range(5), ((540, 1080),)))
    start = datetime(2026, 1, 12, 9, tzinfo=UTC)
    events = [Event(h.OPENED, start, {"kind": "problem"}), Event(h.PAUSED, start), Event(h.RESUMED, start + timedelta(days=2))]
    lines = explain(recount(events, DeadlineRule("x", "X", final=Duration(2, WORKING_DAYS)), calendar).final)
    assert not [line for line in lines if "-й рабочий день" in line]
