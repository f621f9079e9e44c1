"""Versions of the deadlines, calendars, and what a change of them does to cases."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from gospult.accounts.models import Journal
from gospult.desk import actions, queries
from gospult.desk.actions.recounting import work_recounts
from gospult.desk.deadlines import DeadlineRule, Duration
from gospult.desk.models import BodyCalendar, Case, CaseEvent, DeadlineVersion, Recount, RecountChange, WorkCalendar
from gospult.desk.queries.deadlines import read_book
from gospult.desk.queries.recounting import counted
from gospult.desk.rulebook import Asked, Version, choose
from gospult.desk.testing import make_case, make_topic
from gospult.lib.errors import Refused
from gospult.registry.testing import make_body, make_sphere, make_territory

pytestmark = pytest.mark.django_db
HOUR = {"value": 1, "unit": "hours"}
WEEK = {day: ["09:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}


def terms(hours: int) -> dict[str, Any]:
    return {"final": {"value": hours, "unit": "hours"}}


def version(hours: int, valid_from: date, **fields: Any) -> DeadlineVersion:
    row = DeadlineVersion.objects.create(title=f"{hours} ч", data=terms(hours), state="in_force", valid_from=valid_from, **fields)
    queries.thinking.forget()
    return row


def opened(case: Case, at: datetime) -> Case:
    """The case as if it had been opened at the moment."""
    CaseEvent.objects.filter(case=case, kind="opened").update(at=at)
    case.message_set.update(sent_at=at)
    Case.objects.filter(pk=case.pk).update(opened_at=at)
    case.refresh_from_db()
    actions.recount(case=case)
    return case


TODAY = timezone.localdate


# Which version counts


def rule(code: str, valid_from: date | None = None, valid_to: date | None = None) -> DeadlineRule:
    return DeadlineRule(code, code, final=Duration(1, "hours"), valid_from=valid_from, valid_to=valid_to)


def test_the_most_specific_version_in_force_on_the_day_counts():
    day = date(2026, 11, 20)
    everybody, town, village = Version(1, rule("all")), Version(2, rule("town"), territory=5), Version(3, rule("village"), territory=9)
    group, sphere, past = (
        Version(4, rule("waste"), group="waste"),
        Version(5, rule("school"), sphere="school"),
        Version(6, rule("x", valid_to=date(2026, 1, 1))),
    )
    book = [everybody, town, village, group, sphere, past]
    asked = [Asked(day), Asked(day, path=(5,)), Asked(day, path=(9, 5)), Asked(day, "waste", (9, 5), ("school",)), Asked(day, spheres=("school",))]
    assert [choose(book, one) for one in asked] == [everybody, town, village, group, sphere]
    assert choose([past], Asked(day)) is None


def test_of_equal_versions_the_later_start_counts():
    old, new = Version(1, rule("old", date(2026, 1, 1))), Version(2, rule("new", date(2026, 11, 1)))
    assert [choose([new, old], Asked(date(2026, month, 5))) for month in (10, 11)] == [old, new]


def test_a_case_is_counted_by_the_version_of_the_day_it_was_opened(page):
    version(5, TODAY() - timedelta(days=10))
    version(2, TODAY() - timedelta(days=1))
    old = opened(make_case(page), timezone.now() - timedelta(days=5))
    new = make_case(page, "Во дворе не горит фонарь")
    assert (old.final_due_at - old.opened_at, new.final_due_at - new.opened_at) == (timedelta(hours=5), timedelta(hours=2))


def test_versions_ask_for_topic_territory_and_sphere(page, operator):
    topic, place, sphere = make_topic(), make_territory(), make_sphere()
    start = TODAY() - timedelta(days=1)
    version(9, start)
    version(3, start, territory=place)
    version(2, start, sphere=sphere)
    version(1, start, group_code=topic.group_code)
    case = make_case(page)
    hours = []
    for change in ({}, {"body": make_body(spheres=[sphere])}, {"body": make_body(territory=place)}, {"topic": topic}):
        Case.objects.filter(pk=case.pk).update(topic=None, territory=None, body=None, **{}) if not change else Case.objects.filter(pk=case.pk).update(
            **change
        )
        found, _ = queries.deadlines_for(Case.objects.get(pk=case.pk))
        hours.append(found.final.value)
    assert hours == [9, 2, 3, 1]


def test_the_zone_is_that_of_the_bodys_territory_and_comes_down_the_tree(page, operator):
    region = make_territory(level="region", time_zone="Asia/Kamchatka")
    town = make_territory(parent=region)
    case = make_case(page, body=make_body(territory=town), by=operator)
    assert queries.deadlines_for(case)[1].zone == "Asia/Kamchatka"
    case.body = None
    assert queries.deadlines_for(case)[1].zone == "Asia/Yekaterinburg"


def test_a_bodys_calendar_comes_down_its_branch_unless_something_nearer_has_one(page, body, operator):
    six, seven = (
        WorkCalendar.objects.create(code=code, title=code, data={"week": {**WEEK, "sat": [f"{n}:00-{n + 4}:00"]}})
        for code, n in (("six", 10), ("seven", 12))
    )
    case = make_case(page, body=body, by=operator)
    BodyCalendar.objects.create(body=body.parent, calendar=six)
    queries.thinking.forget()
    assert queries.basis_of(case).calendar_title == "six"
    BodyCalendar.objects.create(body=body, calendar=seven)
    queries.thinking.forget()
    assert queries.basis_of(case).calendar_title == "seven"


def test_a_question_about_a_known_case_costs_no_statement(page, body, operator, settings, django_assert_num_queries):
    settings.REMEMBER_SECONDS = 60
    case = make_case(page, body=body, by=operator)
    queries.deadlines_for(case)
    with django_assert_num_queries(0):
        queries.deadlines_for(case)


# Bad input


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"title": " "}, "Назовите сроки"),
        ({"valid_to": date(2020, 1, 1)}, "раньше чем начинаются"),
        ({"terms": {}}, "нет ни одного срока"),
        ({"terms": {"final": {"value": 0, "unit": "hours"}}}, "не срок"),
        ({"group_code": "nothing"}, "Такой группы тем нет"),
    ],
)
def test_bad_deadlines_are_refused_in_one_sentence(operator, fields, words):
    with pytest.raises(Refused, match=words):
        actions.set_deadlines(**{"title": "Новые", "terms": terms(5), "valid_from": TODAY() + timedelta(days=1), **fields}, by=operator)
    assert not DeadlineVersion.objects.exists()


def test_two_versions_of_one_day_are_refused(operator):
    tomorrow = TODAY() + timedelta(days=1)
    actions.set_deadlines(title="Одни", terms=terms(5), valid_from=tomorrow, by=operator)
    with pytest.raises(Refused, match="уже действует «Одни»"):
        actions.set_deadlines(title="Другие", terms=terms(6), valid_from=tomorrow, by=operator)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"week": {}}, "Календарь без рабочего времени"),
        ({"week": {"mon": ["09:00-13:00", "12:00-18:00"]}}, "пересекаются"),
        ({"week": {"mon": ["18:00-09:00"]}}, "конец 09:00 не позже начала 18:00"),
    ],
)
def test_a_bad_calendar_is_refused_in_one_sentence(operator, data, words):
    with pytest.raises(Refused, match=words):
        actions.add_calendar(code="x", title="Х", data=data, by=operator)
    assert not WorkCalendar.objects.filter(code="x").exists()


# The recount


@pytest.fixture
def cases(page) -> list[Case]:
    """Three open cases opened three days ago, due in a week by a version."""
    version(24 * 7, TODAY() - timedelta(days=30))
    return [opened(make_case(page, f"Не горит фонарь, дом {n}"), timezone.now() - timedelta(days=3)) for n in range(3)]


def shorter(by, days: int = 10) -> Recount:
    recount = actions.set_deadlines(title="Сутки", terms=terms(24), valid_from=TODAY() - timedelta(days=days), by=by)[1]
    assert recount
    return recount


def test_a_version_that_starts_in_the_past_is_listed_first_and_changes_nothing(cases, operator):
    recount = shorter(operator)
    assert work_recounts() == 3
    recount.refresh_from_db()
    assert (recount.state, recount.total, recount.changed, recount.became_overdue, recount.no_longer_late) == ("ready", 3, 3, 3, 0)
    change = RecountChange.objects.get(recount=recount, case=cases[0])
    assert (change.turn, change.old_due_at, change.new_due_at) == (0, cases[0].next_due_at, cases[0].opened_at + timedelta(hours=24))
    assert Case.objects.get(pk=cases[0].pk).next_due_at == cases[0].next_due_at
    actions.recount(case=cases[0])
    assert Case.objects.get(pk=cases[0].pk).next_due_at == cases[0].next_due_at


def test_applied_the_version_is_in_force_and_all_clocks_are_new(cases, operator):
    recount = shorter(operator)
    work_recounts()
    recount.refresh_from_db()
    actions.apply_recount(recount=recount, by=operator)
    assert work_recounts() == 3
    recount.refresh_from_db()
    assert (recount.state, recount.version.state) == ("applied", "in_force")
    assert {c.next_due_at - c.opened_at for c in Case.objects.all()} == {timedelta(hours=24)}
    assert all(not one.differs for one in counted([c.pk for c in cases]))


def test_dropped_nothing_has_changed(cases, operator):
    recount = shorter(operator)
    work_recounts()
    recount.refresh_from_db()
    actions.drop_recount(recount=recount, by=operator)
    assert recount.version.__class__.objects.get(pk=recount.version_id).state == "dropped"
    with pytest.raises(Refused):
        actions.apply_recount(recount=Recount.objects.get(pk=recount.pk), by=operator)


def test_a_recount_stops_goes_on_and_survives_a_kill(cases, operator, monkeypatch):
    monkeypatch.setattr("gospult.desk.actions.recounting.BATCH", 1)
    recount = shorter(operator)
    work_recounts(seconds=0)
    assert Recount.objects.get(pk=recount.pk).seen == 0
    from gospult.desk.actions import recounting

    recounting._batch(recount.pk, recounting.book_of(recount))
    actions.stop_recount(recount=Recount.objects.get(pk=recount.pk), by=operator)
    assert work_recounts() == 0
    actions.go_on_recount(recount=Recount.objects.get(pk=recount.pk), by=operator)
    assert work_recounts() == 2
    recount.refresh_from_db()
    assert (recount.state, recount.seen, recount.changes.count()) == ("ready", 3, 3)


def test_closed_cases_are_counted_only_if_asked(cases, operator):
    actions.close(case=cases[0], closed_as="no_answer_needed", by=operator)
    assert not shorter(operator).closed_since
    work_recounts()
    assert Recount.objects.get().total == 2
    actions.drop_recount(recount=Recount.objects.get(), by=operator)
    actions.set_deadlines(title="Час", terms=terms(1), valid_from=TODAY() - timedelta(days=9), closed_since=TODAY() - timedelta(days=5), by=operator)
    work_recounts()
    found = Recount.objects.get(state="ready")
    assert (found.total, found.changes.get(case=cases[0]).turn) == (3, 0)


def test_a_second_change_waits_for_the_first(cases, operator):
    shorter(operator)
    with pytest.raises(Refused, match="Сначала закончите начатый пересчёт"):
        shorter(operator, days=8)


def test_a_calendar_is_tried_and_then_counts(page, operator):
    calendar = WorkCalendar.objects.create(code="region", title="Регион", data={"week": WEEK}, is_default=True)
    case = make_case(page)
    before = case.next_due_at
    off = {(TODAY() + timedelta(days=n)).isoformat(): {"hours": [], "note": "праздник"} for n in range(60)}
    recount = actions.change_calendar(calendar=calendar, data={"week": WEEK, "days": off}, by=operator)
    work_recounts()
    assert Case.objects.get().next_due_at == before
    actions.apply_recount(recount=Recount.objects.get(pk=recount.pk), by=operator)
    work_recounts()
    assert Case.objects.get().next_due_at > before + timedelta(days=50)


def test_of_two_who_apply_one_is_refused_and_one_line_is_written(cases, operator, curator):
    shorter(operator)
    work_recounts()
    one, two = Recount.objects.get(), Recount.objects.get()
    actions.apply_recount(recount=one, by=operator)
    with pytest.raises(Refused):
        actions.apply_recount(recount=two, by=curator)
    assert Journal.objects.filter(verb="recount_applied").count() == 1


def test_many_are_counted_in_a_few_statements(cases, django_assert_max_num_queries):
    book = read_book()
    Case.objects.update(next_due_at=None)
    with django_assert_max_num_queries(8):
        assert actions.recount_many(cases=[c.pk for c in cases], book=book) == 3
    assert actions.recount_many(cases=[c.pk for c in cases], book=book) == 0
    assert Case.objects.get(pk=cases[0].pk).next_due_at == cases[0].next_due_at
