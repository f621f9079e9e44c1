"""Many cases at once, and back: everything that nobody has touched is as it was, the rest stays and is told."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gospult.accounts.models import Journal, Person, Role
from gospult.alerts.models import Alert
from gospult.desk import actions
from gospult.desk.models import Alarm, Answer, BulkAction, Case, Message, Note, Review, Task
from gospult.desk.queries.recounting import counted
from gospult.desk.testing import make_answer, make_case, make_message, make_topic
from gospult.exchange.testing import make_connection
from gospult.lib.errors import Refused
from gospult.registry.testing import make_person

pytestmark = pytest.mark.django_db
URL = "https://vk.com/wall-1_1?reply=2"
TEXTS = ("Не горит фонарь", "Не вывозят мусор", "Яма во дворе", "Холодно в школе", "Автобус опоздал", "Шумно по ночам")
STATES = ("new", "routed", "drafted", "checked", "promised", "answered", "paused")
NUMBERS = iter(range(10_000))


@pytest.fixture
def road(page):
    make_topic()
    make_connection(page, mode="full")
    return page


def made(road, body, by: Person, state: str, text: str = "") -> Case:
    """A case that people have brought to the state, with an author and a thread of its own."""
    n = next(NUMBERS)
    at = timezone.now() - timedelta(hours=3, minutes=n % 60)
    words = text or f"{TEXTS[n % len(TEXTS)]}, дом {n}"
    case = make_case(road, words, author_id=f"a{n}", thread_id=f"w{n}", body=None if state == "new" else body, by=by, sent_at=at)
    case = Case.objects.get(pk=case.pk)
    day = timezone.localdate() + timedelta(days=2)
    if state in ("promised", "answered"):
        kind, promised = ("interim", day) if state == "promised" else ("final", None)
        actions.mark_published(answer=make_answer(case, by=by, kind=kind, promised_date=promised), url=URL, by=by)
    elif state in ("drafted", "checked"):
        answer = make_answer(case, by=by)
        if state == "checked":
            actions.submit(answer=answer, by=by)
    elif state == "paused":
        actions.pause(case=case, reason="Ждём адрес", until=timezone.localdate() + timedelta(days=1), by=by)
    return Case.objects.get(pk=case.pk)


def world() -> dict[str, Any]:
    """Everything of all cases that a press could change."""
    models = (Case, Answer, Alarm, Review, Note, Task)
    rows: dict[str, Any] = {model.__name__: list(model.objects.order_by("pk").values()) for model in models}
    return rows | {"Message": list(Message.objects.order_by("pk").values("pk", "case", "kind"))}


def fresh(*cases: Case) -> list[Case]:
    return [Case.objects.get(pk=case.pk) for case in cases]


def do(name: str, *cases: Case, by: Person, closed_as: str = "no_answer_needed") -> BulkAction:
    return actions.bulk(cases=fresh(*cases), do=name, closed_as=closed_as if name == "close" else "", by=by)


@given(states=st.lists(st.sampled_from(STATES), min_size=2, max_size=4), name=st.sampled_from(BulkAction.Do.values), danger=st.booleans())
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_undo_gives_everything_back_as_it_was(road, body, operator, states, name, danger):
    if name == "merge":
        states = [state for state in states if state != "answered"] + ["routed", "new"]
    cases = [made(road, body, operator, state) for state in states]
    if danger and name == "merge":
        cases.append(made(road, body, operator, "routed", "Висит оборванный провод, искрит у детской площадки"))
    before = world()
    action = do(name, *cases, by=operator)
    assert world() != before
    undone = actions.undo_bulk(action=BulkAction.objects.get(pk=action.pk), by=operator)
    assert undone.left == []
    assert undone.restored == len(cases) - (name == "merge")
    assert world() == before
    assert not any(row.differs for row in counted([case.pk for case in cases]))


def test_an_answered_case_closed_as_answered_goes_back_without_its_review(road, body, operator):
    case = made(road, body, operator, "answered")
    before = world()
    action = do("close", case, by=operator, closed_as="answered")
    assert Review.objects.count() == 1
    actions.undo_bulk(action=action, by=operator)
    assert world() == before


def test_what_others_have_changed_meanwhile_stays_and_is_told(road, body, operator, curator):
    untouched, changed, joined = (made(road, body, operator, "routed") for _ in range(3))
    action = do("spam", untouched, changed, joined, by=operator)
    actions.set_kind(case=fresh(changed)[0], kind="question", by=curator)
    said = joined.message_set.get()
    message = make_message(road, "Ещё одна яма", thread_id=said.thread_id, author_id=said.author_id)
    actions.happened(case=joined, event="joined", message=message.pk)
    later = [case.kind for case in fresh(changed, joined)]
    left = actions.undo_bulk(action=action, by=operator)
    assert left.restored == 1
    assert len(left.left) == 2
    assert str(curator) in left.left[0]
    assert "пришло новое" in left.left[1]
    assert [case.kind for case in fresh(untouched, changed, joined)] == [untouched.kind, *later]


def test_a_merge_whose_main_case_is_answered_is_not_undone(road, body, operator):
    one, two = made(road, body, operator, "routed"), made(road, body, operator, "routed")
    action = do("merge", one, two, by=operator)
    actions.mark_published(answer=make_answer(fresh(one)[0], by=operator), url=URL, by=operator)
    undone = actions.undo_bulk(action=action, by=operator)
    assert (undone.restored, len(undone.left)) == (0, 1)
    assert "уже не в работе" in undone.left[0]
    assert fresh(two)[0].state == "merged"


def test_a_merge_is_undone_though_its_main_case_got_a_topic(road, body, operator, curator):
    one, two = made(road, body, operator, "drafted"), made(road, body, operator, "drafted")
    action = do("merge", one, two, by=operator)
    actions.set_topic(case=fresh(one)[0], topic=make_topic("yama", name="Ямы"), by=curator)
    assert actions.undo_bulk(action=action, by=operator).restored == 1
    assert (fresh(two)[0].state, two.answers.get().state, fresh(one)[0].topic.code) == ("routed", "draft", "yama")


def test_the_second_press_is_refused_and_nothing_is_done_twice(road, body, operator):
    case = made(road, body, operator, "routed")
    action = do("close", case, by=operator)
    one, two = BulkAction.objects.get(pk=action.pk), BulkAction.objects.get(pk=action.pk)
    actions.undo_bulk(action=one, by=operator)
    with pytest.raises(Refused, match="уже отменено"):
        actions.undo_bulk(action=two, by=operator)
    assert Journal.objects.filter(verb="bulk_undone").count() == 1
    assert Journal.objects.filter(verb="case_restored", object_id=case.pk).count() == 1


def test_of_two_who_press_for_the_same_cases_one_is_refused(road, body, operator, curator):
    cases = [made(road, body, operator, "routed") for _ in range(2)]
    seen = fresh(*cases)
    do("close", *cases, by=operator)
    with pytest.raises(Refused):
        actions.bulk(cases=seen, do="close", closed_as="no_answer_needed", by=curator)
    assert BulkAction.objects.count() == 1


def test_after_a_minute_it_is_too_late(road, body, operator):
    case = made(road, body, operator, "routed")
    action = do("close", case, by=operator)
    BulkAction.objects.update(at=timezone.now() - timedelta(seconds=61))
    with pytest.raises(Refused, match="Минута"):
        actions.undo_bulk(action=BulkAction.objects.get(pk=action.pk), by=operator)
    assert fresh(case)[0].state == "closed"
    assert actions.forget_bulks() == 0
    BulkAction.objects.update(at=timezone.now() - timedelta(days=31))
    assert actions.forget_bulks() == 1


def test_close_of_many_asks_for_the_ending_and_all_or_none_are_closed(road, body, operator):
    answered, open_one = made(road, body, operator, "answered"), made(road, body, operator, "routed")
    with pytest.raises(Refused, match="чем закончилось"):
        do("close", answered, by=operator, closed_as="")
    with pytest.raises(Refused, match="ещё без ответа"):
        do("close", answered, open_one, by=operator, closed_as="answered")
    assert fresh(answered)[0].state == "answered"
    assert not BulkAction.objects.exists()


def test_an_alert_that_the_close_had_outlived_is_news_again(road, body, operator, executor):
    case = made(road, body, operator, "routed")
    told = Alert.objects.filter(person=executor, case=case.pk, kind="routed", read_at=None)
    assert told.count() == 1
    action = do("close", case, by=operator)
    assert not told.exists()
    actions.undo_bulk(action=action, by=operator)
    assert told.get().settled_at is None


def test_the_pause_that_the_job_put_away_meanwhile_stands_again(road, body, operator):
    case = made(road, body, operator, "paused")
    before = world()
    action = do("close", case, by=operator)
    actions.resume_due()
    actions.undo_bulk(action=action, by=operator)
    assert world() == before


def test_the_flash_carries_the_button_and_says_what_came_of_it(client, road, body, operator):
    cases = [made(road, body, operator, "routed") for _ in range(2)]
    client.force_login(operator)
    data = {"case": [case.number for case in cases], "do": "close", "closed_as": "no_answer_needed"}
    html = client.post(f"{reverse('desk:bulk')}?view=work", data, follow=True).content.decode()
    action = BulkAction.objects.get()
    address = f"{reverse('desk:bulk_undo', args=[action.pk])}?view=work"
    assert f'action="{address}"' in html
    assert "Готово, обращений: 2." in html
    html = client.post(address, follow=True).content.decode()
    assert "Отменено, обращений: 2." in html
    assert "уже отменено" in client.post(address, follow=True).content.decode()
    assert [case.state for case in fresh(*cases)] == ["routed", "routed"]


def test_stranger_gets_404_for_an_undo_and_so_does_a_colleague(client, road, body, operator, stranger):
    case = made(road, body, operator, "routed")
    action = do("close", case, by=operator)
    for person in (stranger, make_person(role=Role.OPERATOR)):
        client.force_login(person)
        assert client.post(reverse("desk:bulk_undo", args=[action.pk])).status_code == 404
    client.force_login(operator)
    assert client.get(reverse("desk:bulk_undo", args=[action.pk])).status_code == 405
    assert fresh(case)[0].state == "closed"


def test_an_executor_may_not_press_for_many(client, road, body, operator, executor):
    case = made(road, body, operator, "routed")
    client.force_login(executor)
    data = {"case": [case.number], "do": "close", "closed_as": "no_answer_needed"}
    assert client.post(reverse("desk:bulk"), data).status_code == 403
    assert fresh(case)[0].state == "routed"


def test_what_was_taken_back_is_shown_in_the_history(client, road, body, operator):
    case = made(road, body, operator, "routed")
    actions.undo_bulk(action=do("close", case, by=operator), by=operator)
    client.force_login(operator)
    html = client.get(reverse("desk:case", args=[case.number])).content.decode()
    assert "Закрыто, отменено" in html
    assert "Действие со многими обращениями отменено" in html
