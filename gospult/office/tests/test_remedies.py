from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from gospult.accounts.models import Role
from gospult.alerts.models import Alert
from gospult.desk.models import Case
from gospult.desk.testing import make_case
from gospult.exchange.models import Card, Connection, Wall
from gospult.exchange.testing import make_connection
from gospult.lib.errors import Refused
from gospult.office import actions
from gospult.office.facts import CHECKS, Facts, seen
from gospult.office.models import Goal, Remedy
from gospult.registry import actions as registry
from gospult.registry.models import Page
from gospult.registry.testing import make_body, make_page, make_person

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def in_days(days):
    return timezone.localdate() + days * DAY


def task_of(body, by, goal, **fields) -> Remedy:
    return actions.set_remedy(**{"body": body, "goal": goal, "due_date": in_days(3), "by": by, **fields})


def overdue(page, body, by) -> Case:
    case = make_case(page, f"Дело {Case.objects.count()}", body=body, by=by)
    Case.objects.filter(pk=case.pk).update(next_due_at=timezone.now() - HOUR)
    return case


def look() -> int:
    Remedy.objects.update(look_at=timezone.now())
    return actions.look_at_remedies()


def state_of(task) -> str:
    task.refresh_from_db()
    return task.state


# What is seen, without a database: so → closes; not so, or broken again → stays

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
LATER, EARLIER = AT + HOUR, AT - HOUR
TRUE = {
    "answer_named": Facts(AT, named=2),
    "no_overdue": Facts(AT, overdue=0),
    "reconnect": Facts(AT, connected=True, proof_at=LATER),
    "comments": Facts(AT, comments_open=True, card_at=LATER),
    "publish": Facts(AT, last_post_at=LATER),
    "get_page": Facts(AT, published="Школа"),
    "mark": Facts(AT, has_mark=True),
}
AGAIN = [
    ("answer_named", {"waiting": ("1",)}), ("answer_named", {"named": 0}), ("no_overdue", {"overdue": 1}), ("no_overdue", {"overdue": None}),
    ("reconnect", {"connected": False}), ("reconnect", {"proof_at": EARLIER}), ("reconnect", {"proof_at": None}),
    *[("reconnect", {"faults": frozenset({code})}) for code in ("gone", "closed", "key", "problem", "deaf", "apart")],
    ("comments", {"comments_open": False}), ("comments", {"comments_open": None}), ("comments", {"card_at": EARLIER}),
    ("comments", {"faults": frozenset({"gone"})}), ("publish", {"last_post_at": EARLIER}), ("publish", {"last_post_at": None}),
    ("get_page", {"published": ""}), ("mark", {"has_mark": False}), ("mark", {"has_mark": None}),
]  # fmt: skip


@pytest.mark.parametrize("goal", list(CHECKS))
def test_a_goal_that_is_reached_is_seen(goal):
    assert seen(goal, TRUE[goal])


@pytest.mark.parametrize(("goal", "broken"), AGAIN)
def test_what_is_broken_again_or_not_known_is_not_seen(goal, broken):
    assert seen(goal, replace(TRUE[goal], **broken)) == ""


def test_a_ground_is_as_good_as_a_page_and_words_are_seen_by_nobody():
    assert seen("get_page", Facts(AT, ground="Приказ"))
    assert seen("words", Facts(AT, named=1, overdue=0)) == ""
    assert set(CHECKS) == set(Goal) - {Goal.WORDS}


# The same over rows: put right → closes; put right and broken again before the look → stays open


def test_named_cases_are_answered(curator, operator, page, body):
    first, second = overdue(page, body, operator), overdue(page, body, operator)
    task = task_of(body, curator, Goal.ANSWER_NAMED, cases=[first, second])
    Case.objects.filter(pk=first.pk).update(state="answered")
    assert (look(), state_of(task)) == (0, "open")
    Case.objects.filter(pk=second.pk).update(state="closed")
    Case.objects.filter(pk=first.pk).update(state="routed")  # reopened before anybody looked
    assert (look(), state_of(task)) == (0, "open")
    Case.objects.filter(pk=first.pk).update(state="answered")
    assert (look(), state_of(task), task.seen) == (1, "seen", "ответ дан: 2 обращения")


def test_a_merged_case_is_looked_at_where_it_went(curator, operator, page, body):
    first, into = overdue(page, body, operator), overdue(page, body, operator)
    task = task_of(body, curator, Goal.ANSWER_NAMED, cases=[first])
    Case.objects.filter(pk=first.pk).update(state="merged", merged_into=into)
    assert look() == 0
    Case.objects.filter(pk=into.pk).update(state="answered")
    assert (look(), state_of(task)) == (1, "seen")


def test_no_overdue_is_of_the_very_body(curator, operator, page, body):
    case = overdue(page, body, operator)
    task = task_of(body, curator, Goal.NO_OVERDUE)
    other = overdue(page, make_body(name="Школа № 1"), operator)
    Case.objects.filter(pk=case.pk).update(state="answered")
    again = overdue(page, body, operator)
    assert (look(), state_of(task)) == (0, "open")
    Case.objects.filter(pk=again.pk).update(state="answered")
    assert (look(), state_of(task)) == (1, "seen")
    assert other.body_id != body.pk


def test_a_page_is_connected_again(curator, page, body):
    make_connection(page)
    Connection.objects.update(problem="Ключ отозван.", last_proof_at=timezone.now() - DAY)
    task = task_of(body, curator, Goal.RECONNECT, page=page)
    Connection.objects.update(last_proof_at=timezone.now() + HOUR)
    assert (look(), state_of(task)) == (0, "open")
    Connection.objects.update(problem="")
    assert (look(), state_of(task)) == (1, "seen")


def test_comments_are_open_by_a_card_read_after_the_task(curator, page, body):
    card = Card.objects.create(page=page, comments_open=False, tried_at=timezone.now(), read_at=timezone.now())
    task = task_of(body, curator, Goal.COMMENTS, page=page)
    Card.objects.filter(pk=card.pk).update(comments_open=True, read_at=timezone.now() - HOUR)
    assert (look(), state_of(task)) == (0, "open")
    Card.objects.filter(pk=card.pk).update(read_at=timezone.now() + HOUR)
    assert (look(), state_of(task)) == (1, "seen")


def test_a_new_post_ends_the_silence_and_an_old_one_does_not(curator, page, body):
    wall = Wall.objects.create(page=page, last_post_at=timezone.now() - DAY, tried_at=timezone.now(), read_at=timezone.now())
    task = task_of(body, curator, Goal.PUBLISH, page=page)
    assert (look(), state_of(task)) == (0, "open")
    Wall.objects.filter(pk=wall.pk).update(last_post_at=timezone.now() + HOUR)
    assert (look(), state_of(task)) == (1, "seen")


def test_a_page_in_force_or_a_ground_closes_the_debt(curator, operator, body):
    debtors = [make_body(name=f"Без страницы {n}", parent=body.parent) for n in range(2)]
    tasks = [task_of(debtor, curator, Goal.GET_PAGE) for debtor in debtors]
    draft = make_page(body=debtors[0], state="draft")
    assert look() == 0
    draft.move_to("published")
    registry.exempt(body=debtors[1], ground="Приказ 1", by=operator)
    assert (look(), [state_of(task) for task in tasks]) == (2, ["seen", "seen"])


def test_a_mark_is_what_the_register_says(curator, page, body):
    task = task_of(body, curator, Goal.MARK, page=page)
    Card.objects.create(page=page, tried_at=timezone.now(), raw={"verified": 1})
    assert (look(), state_of(task)) == (0, "open")
    Page.objects.filter(pk=page.pk).update(has_mark=True)
    assert (look(), state_of(task)) == (1, "seen")


def test_many_tasks_are_looked_at_in_few_statements(curator, operator, page, body, django_assert_max_num_queries):
    for n in range(30):
        debtor = make_body(name=f"Без страницы {n}", parent=body.parent)
        task_of(debtor, curator, Goal.GET_PAGE)
    Remedy.objects.update(look_at=timezone.now())
    with django_assert_max_num_queries(15):
        assert actions.look_at_remedies() == 0


# Setting


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"goal": "no_overdue"}, "Это уже так: просроченных обращений нет"),
        ({"goal": "answer_named"}, "Отметьте просроченные обращения"),
        ({"goal": "publish"}, "Выберите страницу"),
        ({"goal": "words", "text": "  "}, "Напишите, что исправить"),
        ({"goal": "words", "text": "Навести порядок", "due_date": in_days(-1)}, "Срок — сегодня или позже"),
        ({"goal": "get_page"}, "Это уже так: действует страница"),
    ],
)
def test_a_task_that_makes_no_sense_is_refused(curator, page, body, fields, words):
    with pytest.raises(Refused, match=words):
        task_of(body, curator, **fields)
    assert not Remedy.objects.exists()


def test_a_page_of_another_body_is_no_page_of_this_one(curator, body):
    with pytest.raises(Refused, match="Выберите страницу этой организации"):
        task_of(body, curator, Goal.PUBLISH, page=make_page())


def test_the_same_goal_stands_once(curator, page, body):
    task_of(body, curator, Goal.PUBLISH, page=page)
    with pytest.raises(Refused, match="уже стоит"):
        task_of(body, curator, Goal.PUBLISH, page=page)
    task_of(body, curator, Goal.WORDS, text="Одно")
    task_of(body, curator, Goal.WORDS, text="Другое")


def test_who_does_not_lead_the_body_sets_no_task(executor, page, body):
    with pytest.raises(Refused, match="не в вашей ветви"):
        task_of(body, executor, Goal.PUBLISH, page=page)


# Closing by hand


def test_words_are_closed_by_who_does_them_and_may_be_returned(curator, executor, page, body):
    task = task_of(body, curator, Goal.WORDS, text="Сменить обложку")
    actions.finish_remedy(task=task, note="Сменили", by=executor)
    assert (state_of(task), task.seen) == ("done", "Сменили")
    actions.return_remedy(task=task, by=curator)
    assert (state_of(task), task.seen) == ("open", "")


def test_what_the_system_sees_is_not_said(curator, executor, page, body):
    task = task_of(body, curator, Goal.PUBLISH, page=page)
    with pytest.raises(Refused, match="закроется сама"):
        actions.finish_remedy(task=task, note="Сделано", by=executor)
    actions.finish_remedy(task=task, note="Видел сам", by=curator)
    assert state_of(task) == "done"


def test_of_two_who_press_at_once_one_is_refused(curator, executor, page, body):
    task = task_of(body, curator, Goal.WORDS, text="Сменить обложку")
    stale = Remedy.objects.get(pk=task.pk)
    actions.cancel_remedy(task=task, by=curator)
    with pytest.raises(Refused, match="другой сотрудник"):
        actions.finish_remedy(task=stale, note="Сделано", by=executor)


@pytest.mark.django_db(transaction=True)
def test_two_workers_close_a_task_once(curator, page, body):
    Wall.objects.create(page=page, tried_at=timezone.now())
    task = task_of(body, curator, Goal.PUBLISH, page=page)
    Wall.objects.update(last_post_at=timezone.now() + HOUR, read_at=timezone.now())
    Remedy.objects.update(look_at=timezone.now())
    closed: list[int] = []

    def work():
        closed.append(actions.look_at_remedies())
        connection.close()

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (sorted(closed), state_of(task)) == ([0, 1], "seen")


# Who is told


@pytest.fixture
def wednesday(time_machine):
    time_machine.move_to("2026-11-25 12:00:00+05:00")


def told(person) -> list[str]:
    return [alert.key.rpartition("/")[2] for alert in Alert.objects.filter(person=person, kind="task").order_by("id")]


def test_those_who_do_it_are_told_at_setting_the_day_before_and_once_when_late(wednesday, curator, executor, steward, page, body, time_machine):
    task_of(body, curator, Goal.PUBLISH, page=page, due_date=in_days(2))
    for days in range(5):
        time_machine.move_to(datetime(2026, 11, 25 + days, 12, tzinfo=timezone.get_current_timezone()))
        actions.remind_of_remedies()
        actions.remind_of_remedies()
    assert told(executor) == told(steward) == ["set", "day", "late"]
    assert told(curator) == []


def test_a_task_for_tomorrow_is_not_told_of_twice(curator, executor, page, body):
    task_of(body, curator, Goal.PUBLISH, page=page, due_date=in_days(1))
    assert actions.remind_of_remedies() == 0
    assert told(executor) == ["set"]


def test_what_is_put_right_is_news_no_more(curator, executor, page, body):
    task = task_of(body, curator, Goal.WORDS, text="Сменить обложку")
    actions.finish_remedy(task=task, note="Сделано", by=executor)
    assert not Alert.objects.filter(person=executor, kind="task", read_at=None).exists()


def test_twenty_closed_tasks_are_one_alert(curator, executor, page, body):
    for n in range(20):
        actions.finish_remedy(task=task_of(body, curator, Goal.WORDS, text=f"Дело {n}"), note="Сделано", by=executor)
    assert (actions.report_closed(), actions.report_closed()) == (1, 0)
    assert Alert.objects.get(person=curator, kind="task").text.startswith("Закрыто задач: 20. Школа № 1: Сделано;")


def test_who_closes_his_own_task_is_not_told_of_it(curator, page, body):
    actions.finish_remedy(task=task_of(body, curator, Goal.WORDS, text="Дело"), note="", by=curator)
    actions.cancel_remedy(task=task_of(body, curator, Goal.WORDS, text="Дело"), by=curator)
    assert actions.report_closed() == 0


# Screens


def test_a_curator_sets_a_task_on_the_card_and_its_people_see_it(client, curator, executor, steward, page, body):
    client.force_login(curator)
    given = {"goal": "publish", "page": page.pk, "due_date": in_days(3).isoformat()}
    assert client.post(reverse("office:task_set", args=[body.pk]), given).url == reverse("office:branch_body", args=[body.pk])
    assert "На странице новая запись" in client.get(reverse("office:branch_body", args=[body.pk])).content.decode()
    for person in (executor, steward):
        client.force_login(person)
        assert "Задачи от куратора: 1" in client.get(reverse("office:my")).content.decode()
        assert "На странице новая запись" in client.get(reverse("office:tasks")).content.decode()


def test_overdue_cases_are_picked_by_their_numbers(client, curator, operator, page, body):
    make_connection(page)
    first, second = overdue(page, body, operator), overdue(page, body, operator)
    client.force_login(curator)
    assert first.number in client.get(reverse("office:branch_body", args=[body.pk])).content.decode()
    client.post(reverse("office:task_set", args=[body.pk]), {"goal": "answer_named", "cases": [second.pk], "due_date": in_days(1).isoformat()})
    assert list(Remedy.objects.get().cases.all()) == [second]


def test_an_executor_says_done_and_the_curator_returns_it(client, curator, executor, page, body):
    task = task_of(body, curator, Goal.WORDS, text="Сменить обложку")
    client.force_login(executor)
    client.post(reverse("office:task_done", args=[task.pk]), {"note": "Сменили"})
    assert state_of(task) == "done"
    client.post(reverse("office:task_return", args=[task.pk]))
    assert state_of(task) == "done"
    client.force_login(curator)
    assert "Сменили" in client.get(reverse("office:tasks"), {"show": "closed"}).content.decode()
    client.post(reverse("office:task_return", args=[task.pk]))
    assert state_of(task) == "open"


@pytest.mark.parametrize("name", ["task_done", "task_cancel", "task_return"])
def test_stranger_gets_404_for_a_task_and_nothing_happens(client, stranger, curator, page, body, name):
    task = task_of(body, curator, Goal.WORDS, text="Сменить обложку")
    client.force_login(stranger)
    assert client.post(reverse(f"office:{name}", args=[task.pk])).status_code == 404
    assert "Сменить обложку" not in client.get(reverse("office:tasks")).content.decode()
    assert state_of(task) == "open"


def test_stranger_gets_404_for_setting_a_task_and_an_executor_too(client, stranger, executor, page, body):
    for person in (stranger, executor):
        client.force_login(person)
        assert client.post(reverse("office:task_set", args=[body.pk]), {"goal": "words", "text": "Дело"}).status_code == 404
    assert not Remedy.objects.exists()


def test_an_analyst_reads_and_may_do_nothing(client, curator, page, body, db):
    task = task_of(body, curator, Goal.WORDS, text="Сменить обложку")
    client.force_login(make_person(role=Role.ANALYST))
    assert client.get(reverse("office:tasks")).status_code == 404
    assert client.post(reverse("office:task_done", args=[task.pk])).status_code == 404


def test_who_says_that_it_is_done_says_what_was_done(body, curator, executor):
    task = task_of(body, curator, Goal.WORDS, text="Дело")
    with pytest.raises(Refused, match="что сделано"):
        actions.finish_remedy(task=task, note=" ", by=executor)
    assert Remedy.objects.get(pk=task.pk).state == Remedy.State.OPEN
