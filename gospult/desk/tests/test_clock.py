"""The clock of a case: hand-counted stories and laws that hold for any history."""

import json
import random
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gospult.desk import clock as c
from gospult.desk import history as h
from gospult.desk.clock import clocks, recount
from gospult.desk.deadlines import DeadlineRule, Duration, parse, pick
from gospult.desk.explain import explain
from gospult.desk.history import Event, Facts, ordered
from gospult.lib.calendar import Calendar
from gospult.lib.words import in_words, plural

REGION = Path(__file__).parents[3] / "regions" / "chelyabinsk"
URAL = ZoneInfo("Asia/Yekaterinburg")
CALENDAR = Calendar.from_json(json.loads((REGION / "calendar.json").read_text()))
RULES = {rule.code: rule for rule in parse(json.loads((REGION / "deadlines.json").read_text()))}
DAY_RULE, SEVASTOPOL, QUICK = RULES["24-chasa"], RULES["sevastopol-4-9-7"], RULES["bystry"]


def at(day: int, clock: str, month: int = 11) -> datetime:
    """A moment of 2026 in Chelyabinsk; 20 November is a Friday."""
    return datetime.fromisoformat(f"2026-{month:02}-{day:02}T{clock}").replace(tzinfo=URAL)


def story(*events: tuple, rule: DeadlineRule = SEVASTOPOL, calendar: Calendar = CALENDAR) -> c.Clocks:
    return recount([Event(*event) for event in events], rule, calendar)


OPENED = (h.OPENED, at(20, "15:10"), {"kind": "problem"})


def test_sevastopol_gives_nine_working_hours_over_a_weekend():
    case = story(OPENED)
    assert case.first.due_at == case.final.due_at == case.next_due_at == at(23, "15:10")
    assert (case.state, case.interim.state, case.late) == (c.RUNNING, c.NONE, False)


def test_an_urgent_message_has_four_working_hours():
    assert story(OPENED, (h.TRIAGED, at(20, "15:20"), {"urgent": True})).next_due_at == at(23, "10:10")


def test_twenty_four_hours_do_not_rest_at_the_weekend():
    assert story(OPENED, rule=DAY_RULE).next_due_at == at(21, "15:10")


def test_quick_preset_runs_three_clocks():
    case = story(OPENED, rule=QUICK)
    assert [clock.due_at for clock in (case.first, case.interim, case.final)] == [at(23, "09:10"), at(23, "14:10"), at(1, "18:00", 12)]
    assert case.next == case.first


def test_an_interim_answer_moves_the_final_clock_to_the_end_of_the_promised_day():
    case = story(OPENED, (h.INTERIM_PUBLISHED, at(20, "17:00"), {"promised": "2026-11-25"}))
    assert (case.first.state, case.first_reaction_at) == (c.MET, at(20, "17:00"))
    assert (case.final.state, case.final.due_at) == (c.RUNNING, at(25, "18:00"))


def test_a_promise_cannot_go_beyond_seven_working_days_nor_can_a_chain_of_promises():
    far = story(OPENED, (h.INTERIM_PUBLISHED, at(20, "17:00"), {"promised": "2026-12-31"}))
    chain = story(OPENED, *[(h.INTERIM_PUBLISHED, at(day, "17:00"), {"promised": "2026-12-31"}) for day in (20, 25, 27)])
    assert far.final.due_at == chain.final.due_at == at(1, "18:00", 12)


def test_an_interim_answer_without_a_date_gives_the_longest_term_of_the_rule():
    assert story(OPENED, (h.INTERIM_PUBLISHED, at(20, "17:00"))).final.due_at == at(1, "18:00", 12)
    assert story(OPENED, (h.INTERIM_PUBLISHED, at(20, "17:00")), rule=DAY_RULE).final.due_at == at(21, "15:10")


@pytest.mark.parametrize("kind", [h.ANSWER_PUBLISHED, h.NATIVE_ANSWER])
def test_an_answer_stops_all_clocks(kind: str):
    case = story(OPENED, (kind, at(20, "16:00")), rule=QUICK)
    assert [clock.state for clock in (case.first, case.interim, case.final)] == [c.MET] * 3
    assert (case.next, case.state, case.status(at(25, "10:00")), case.answered_at) == (None, c.MET, c.WAITING, at(20, "16:00"))


def test_an_answer_after_the_term_is_late_for_ever():
    case = story(OPENED, (h.ANSWER_PUBLISHED, at(23, "15:11")), (h.CLOSED, at(24, "10:00")))
    assert (case.first.state, case.state, case.late) == (c.LATE, c.LATE, True)


def test_the_second_answer_does_not_change_when_the_case_was_answered():
    assert story(OPENED, (h.ANSWER_PUBLISHED, at(20, "16:00")), (h.ANSWER_PUBLISHED, at(27, "16:00"))).answered_at == at(20, "16:00")


def test_four_states_follow_working_time():
    case = story(OPENED)
    states = [case.status(now) for now in (at(20, "16:00"), at(23, "13:09"), at(23, "13:10"), at(23, "15:10"), at(23, "15:11"))]
    assert states == [c.IN_ORDER, c.IN_ORDER, c.DUE_SOON, c.DUE_SOON, c.OVERDUE]
    assert case.final.soon_at() == at(23, "13:10")


def test_overdue_at_night_is_overdue_though_no_working_time_has_passed():
    case = story((h.OPENED, at(20, "09:00")))
    assert (case.status(at(20, "23:00")), case.words(at(20, "23:00")), case.overdue(at(20, "18:00"))) == (c.OVERDUE, "просрочено", False)
    assert case.first.state_at(at(20, "23:00")) == c.OVERDUE


def test_what_is_left_is_said_in_working_time():
    case = story(OPENED)
    assert [case.words(now) for now in (at(21, "12:00"), at(23, "13:00"), at(24, "09:10"))] == ["6 ч 10 мин", "2 ч 10 мин", "просрочено на 3 ч"]
    assert case.left(at(24, "09:10")) == timedelta(hours=-3)


@pytest.mark.parametrize("kind", ["gratitude", "spam", "not_for_us"])
def test_what_needs_no_answer_has_no_clock(kind: str):
    case = story(OPENED, (h.KIND_CHANGED, at(20, "16:00"), {"kind": kind}))
    assert (case.state, case.next, case.words(at(29, "10:00")), case.status(at(29, "10:00"))) == (c.NONE, None, "", c.WAITING)


def test_gratitude_that_was_a_complaint_after_all_has_its_clock_from_the_beginning():
    case = story(OPENED, (h.KIND_CHANGED, at(20, "16:00"), {"kind": "gratitude"}), (h.KIND_CHANGED, at(20, "17:00"), {"kind": "problem"}))
    assert case == story(OPENED)


def test_routing_and_bouncing_take_no_time_from_the_resident():
    case = story(OPENED, (h.ROUTED, at(20, "16:00")), (h.BOUNCED, at(23, "12:00")), (h.ROUTED, at(23, "13:00")))
    assert case.next_due_at == at(23, "15:10")


def test_merging_an_earlier_message_moves_the_beginning_back():
    case = story(OPENED, (h.MERGED, at(20, "17:00"), {"opened_at": at(20, "11:00").isoformat()}))
    assert (case.opened_at, case.next_due_at) == (at(20, "11:00"), at(23, "11:00"))
    assert story(OPENED, (h.MERGED, at(20, "17:00"), {"opened_at": at(20, "16:30")})).opened_at == at(20, "15:10")


def test_an_earlier_message_that_reached_us_late_moves_the_beginning_back():
    assert story(OPENED, (h.JOINED, at(20, "11:00"))).next_due_at == at(23, "11:00")
    assert story(OPENED, (h.JOINED, at(20, "17:00"))) == story(OPENED)


def test_splitting_the_earliest_message_off_moves_the_beginning_forward():
    case = story(OPENED, (h.SPLIT, at(20, "17:00"), {"opened_at": at(20, "16:00").isoformat()}))
    assert case.next_due_at == at(23, "16:00")


def test_a_pause_moves_the_term_by_the_working_time_it_took():
    case = story(OPENED, (h.PAUSED, at(20, "16:10"), {"reason": "ждём адрес"}), (h.RESUMED, at(23, "10:00")))
    assert case.next_due_at == at(23, "18:00")


def test_while_paused_nothing_burns_and_what_is_left_stands():
    case = story(OPENED, (h.PAUSED, at(20, "16:10")))
    assert (case.state, case.next, case.status(at(28, "12:00"))) == (c.PAUSE, None, c.WAITING)
    assert case.final.left(at(28, "12:00")) == timedelta(hours=8)


def test_a_pause_does_not_heal_what_is_already_overdue():
    case = story(OPENED, (h.PAUSED, at(23, "16:00")), (h.RESUMED, at(24, "16:00")))
    assert (case.next_due_at, case.overdue(at(24, "17:00"))) == (at(23, "15:10"), True)
    assert story(OPENED, (h.PAUSED, at(23, "16:00"))).overdue(at(24, "17:00"))


def test_an_answer_given_during_a_pause_is_in_time():
    case = story(OPENED, (h.PAUSED, at(20, "16:10")), (h.ANSWER_PUBLISHED, at(27, "10:00")))
    assert (case.first.state, case.final.state) == (c.MET, c.MET)


def test_a_date_promised_to_residents_is_not_paused():
    promise = (h.INTERIM_PUBLISHED, at(20, "17:00"), {"promised": "2026-11-25"})
    assert story(OPENED, promise, (h.PAUSED, at(23, "10:00"))).overdue(at(25, "18:01"))


def test_rework_starts_the_final_clock_anew_and_leaves_the_first_reaction():
    case = story(OPENED, (h.ANSWER_PUBLISHED, at(20, "16:00")), (h.CLOSED, at(20, "16:10")), (h.RETURNED, at(24, "10:00"), {"reason": "нет даты"}))
    assert (case.first.state, case.final.state, case.final.due_at, case.returned) == (c.MET, c.RUNNING, at(25, "10:00"), 1)


def test_rework_has_its_own_term_where_the_rule_names_one():
    rule = DeadlineRule("x", "X", final=Duration(9, "working_hours"), rework=Duration(4, "working_hours"))
    assert story(OPENED, (h.ANSWER_PUBLISHED, at(20, "16:00")), (h.RETURNED, at(24, "10:00")), rule=rule).final.due_at == at(24, "14:00")


def test_a_returned_draft_changes_nothing():
    assert story(OPENED, (h.RETURNED, at(20, "16:00"))) == story(OPENED)


def test_reopening_starts_a_new_round_and_is_counted():
    case = story(OPENED, (h.ANSWER_PUBLISHED, at(20, "16:00")), (h.CLOSED, at(20, "17:00")), (h.REOPENED, at(24, "10:00")))
    assert (case.first.state, case.first.due_at, case.final.due_at) == (c.RUNNING, at(25, "10:00"), at(25, "10:00"))
    assert (case.reopened, case.late) == (1, False)


def test_lateness_of_the_round_before_is_remembered():
    late = [OPENED, (h.ANSWER_PUBLISHED, at(24, "16:00"))]
    for again in ((h.REOPENED, at(25, "10:00")), (h.RETURNED, at(25, "10:00"))):
        assert story(*late, again, (h.ANSWER_PUBLISHED, at(25, "11:00"))).late


def test_closing_without_an_answer_owes_nothing_in_time_and_is_late_after_it():
    assert story(OPENED, (h.CLOSED, at(20, "17:00"))).state == c.NONE
    late = story(OPENED, (h.CLOSED, at(24, "17:00")))
    assert (late.state, late.late, late.next) == (c.LATE, True, None)


def test_a_case_without_an_opening_has_no_clock():
    assert story((h.ROUTED, at(20, "15:10"))).state == c.NONE


def test_explanation_tells_the_term_explain():
    assert explain(story(OPENED).final) == [
        "Окончательный ответ: 9 рабочих часов с пт 20 ноября, 15:10",
        "пт 20 ноября: с 15:10 до 18:00 — 2 ч 50 мин, осталось 6 ч 10 мин",
        "сб 21 ноября: выходной",
        "вс 22 ноября: выходной",
        "пн 23 ноября: с 09:00 до 15:10 — 6 ч 10 мин",
        "срок — пн 23 ноября, 15:10",
    ]


def test_explanation_counts_working_days_and_names_days_off():
    lines = explain(story((h.OPENED, at(2, "10:00")), rule=QUICK).final)
    assert lines[1:5] == [
        "пн 2 ноября: день поступления не считается",
        "вт 3 ноября: 1-й рабочий день (сокращённый день)",
        "ср 4 ноября: праздник",
        "чт 5 ноября: 2-й рабочий день",
    ]
    assert lines[-1] == "срок — чт 12 ноября, 18:00"


def test_explanation_tells_of_a_pause_a_promise_and_round_the_clock():
    paused = explain(story(OPENED, (h.PAUSED, at(20, "16:10")), (h.RESUMED, at(23, "10:00"))).final)
    assert "пауза с пт 20 ноября, 16:10 до пн 23 ноября, 10:00" in paused
    assert explain(story(OPENED, (h.PAUSED, at(20, "16:10"))).final)[-1] == "на паузе: срок не идёт"
    promised = explain(story(OPENED, (h.INTERIM_PUBLISHED, at(20, "17:00"), {"promised": "2026-11-25"})).final)
    assert promised == ["Окончательный ответ: жителю обещано до ср 25 ноября", "срок — ср 25 ноября, 18:00"]
    assert explain(story(OPENED, rule=DAY_RULE).final)[1] == "пт 20 ноября: с 15:10 до 24:00 — 8 ч 50 мин, осталось 15 ч 10 мин"
    assert explain(story(OPENED).interim) == ["Ответ по существу или промежуточный: срок не идёт."]


def test_explanation_of_a_term_over_new_year_names_the_year():
    lines = explain(story((h.OPENED, at(30, "17:00", 12))).final)
    assert lines[2] == "чт 31 декабря: выходной, перенесён с 4 января"
    assert lines[-1] == "срок — пн 11 января 2027, 17:00"


def test_explanation_ends_with_the_verdict():
    late = story(OPENED, (h.ANSWER_PUBLISHED, at(24, "10:00")))
    assert explain(late.final)[-2:] == ["срок — пн 23 ноября, 15:10", "сделано с опозданием — вт 24 ноября, 10:00"]
    assert explain(story(OPENED, (h.CLOSED, at(20, "17:00"))).final)[-1] == "закрыто без ответа, срок не прошёл — пт 20 ноября, 17:00"


def test_words_for_spans_of_time():
    hour, day = timedelta(hours=1), timedelta(hours=9)
    spans = [2 * hour + timedelta(minutes=10), -3 * hour, timedelta(days=3), timedelta(), timedelta(days=1, hours=2), timedelta(days=21)]
    assert [in_words(span) for span in spans] == ["2 ч 10 мин", "просрочено на 3 ч", "3 дня", "0 мин", "1 день 2 ч", "21 день"]
    assert (in_words(5 * day, day), in_words(-timedelta(seconds=5)), plural(11, ("час", "часа", "часов"))) == ("5 дней", "просрочено", "11 часов")


GOOD = {"code": "x", "title": "X", "final": {"value": 9, "unit": "working_hours"}}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ([], "со списком deadlines"),
        ({"deadlines": [{"title": "X"}]}, "code и title"),
        ({"deadlines": [{"code": "x", "title": "X"}]}, "нет ни одного срока"),
        ({"deadlines": [{**GOOD, "finall": {}}]}, "неизвестный ключ «finall»"),
        ({"deadlines": [{**GOOD, "urgent": {"last": {}}}]}, "неизвестный ключ «last»"),
        ({"deadlines": [{**GOOD, "urgent": 4}]}, "urgent"),
        ({"deadlines": [{**GOOD, "first": {"value": 3, "unit": "минуты"}}]}, "неизвестная единица «минуты»"),
        ({"deadlines": [{**GOOD, "first": 3}]}, "неизвестная единица"),
        ({"deadlines": [{**GOOD, "first": {"value": 0, "unit": "hours"}}]}, "не срок"),
        ({"deadlines": [{**GOOD, "first": {"value": True, "unit": "hours"}}]}, "не срок"),
        ({"deadlines": [{**GOOD, "valid_from": "1 мая"}]}, "не дата"),
        ({"deadlines": [{**GOOD, "valid_from": "2026-05-01", "valid_to": "2026-04-01"}]}, "раньше чем начинает"),
        ({"deadlines": [GOOD, {**GOOD, "valid_from": "2026-05-01"}]}, "дважды"),
    ],
)
def test_a_bad_rule_is_one_clear_line(data: object, words: str):
    with pytest.raises(ValueError, match=words) as caught:
        parse(data)
    assert str(caught.value).startswith("Сроки: ")
    assert "\n" not in str(caught.value)


def test_the_rule_of_the_day_is_picked():
    rules = parse({"deadlines": [{**GOOD, "valid_to": "2026-04-30"}, {**GOOD, "title": "новый", "valid_from": "2026-05-01"}]})
    picked = [pick(rules, "x", day) for day in (date(2026, 4, 30), date(2026, 5, 1))]
    assert [rule.title for rule in picked if rule] == ["X", "новый"]
    assert pick(rules, "y", date(2026, 5, 1)) is None


moments = st.integers(0, 60 * 24 * 30).map(lambda minutes: at(2, "09:00") + timedelta(minutes=minutes))
data = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["problem", "question", "gratitude"]),
        "urgent": st.booleans(),
        "promised": st.dates(date(2026, 11, 2), date(2026, 12, 20)).map(date.isoformat),
        "opened_at": moments.map(datetime.isoformat),
    },
)
happenings = st.lists(st.builds(Event, st.sampled_from(h.KINDS), moments, data), max_size=14)
rules = st.sampled_from([DAY_RULE, SEVASTOPOL, QUICK])


@given(happenings, rules)
@settings(max_examples=300, deadline=None)
def test_counting_on_from_any_event_equals_counting_anew(events: list[Event], rule: DeadlineRule):
    facts = Facts()
    for number, event in enumerate(ordered(events), 1):
        facts.advance(event)
        assert clocks(facts, rule, CALENDAR) == recount(ordered(events)[:number], rule, CALENDAR)


@given(happenings, rules, st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_the_order_of_the_input_does_not_matter(events: list[Event], rule: DeadlineRule, dice: random.Random):
    shuffled = events.copy()
    dice.shuffle(shuffled)
    assert recount(shuffled, rule, CALENDAR) == recount(events, rule, CALENDAR)


@given(happenings, rules, moments)
@settings(max_examples=200, deadline=None)
def test_any_history_gives_a_whole_and_explainable_clock(events: list[Event], rule: DeadlineRule, now: datetime):
    case = recount(events, rule, CALENDAR)
    assert case.status(now) in {c.OVERDUE, c.DUE_SOON, c.IN_ORDER, c.WAITING}
    assert case.overdue(now) == (case.status(now) == c.OVERDUE) == case.words(now).startswith("просрочено")
    assert (case.next is None) == (case.state != c.RUNNING)
    for clock in (case.first, case.interim, case.final):
        assert (clock.state in (c.MET, c.LATE)) <= (clock.stopped_at is not None)
        assert explain(clock)[-1].startswith(("срок — ", "на паузе", "сделано", "закрыто", c.NAMES[clock.name]))


@given(moments, moments, moments, rules)
@settings(max_examples=200, deadline=None)
def test_a_later_message_is_never_due_earlier_nor_a_paused_one(one: datetime, two: datetime, three: datetime, rule: DeadlineRule):
    early, late, later = sorted([one, two, three])
    first, second = story((h.OPENED, early), rule=rule), story((h.OPENED, late), rule=rule)
    assert first.final.due_at <= second.final.due_at
    assert first.first.due_at <= second.first.due_at
    paused = story((h.OPENED, early), (h.PAUSED, late), (h.RESUMED, later), rule=rule)
    assert first.final.due_at <= paused.final.due_at
    assert first.first.due_at <= paused.first.due_at


@given(moments, moments, rules)
@settings(max_examples=200, deadline=None)
def test_answering_later_never_turns_late_into_met(one: datetime, two: datetime, rule: DeadlineRule):
    early, late = sorted([one, two])
    opened = (h.OPENED, at(2, "09:00"))
    assert story(opened, (h.ANSWER_PUBLISHED, early), rule=rule).late <= story(opened, (h.ANSWER_PUBLISHED, late), rule=rule).late
