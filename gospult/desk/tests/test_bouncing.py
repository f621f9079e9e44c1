"""«Не наше», disputes and limits."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from gospult.accounts.models import Journal, Role
from gospult.desk import actions, queries
from gospult.desk.models import BodyLimit, Bounce, Case, CaseEvent
from gospult.desk.queries.bounces import bounces_by_body, in_dispute
from gospult.desk.queries.thinking import forget
from gospult.desk.testing import make_case, make_rule, make_topic
from gospult.lib.errors import Refused
from gospult.registry.testing import make_body, make_person

pytestmark = pytest.mark.django_db
MORE = ("Опять не вывозят мусор у школы, баки полные с воскресенья", "Контейнеры переполнены, мусор не вывозят неделю, крысы бегают")


@pytest.fixture(autouse=True)
def _fresh():
    forget()


@pytest.fixture
def topic():
    return make_topic("waste.collection")


@pytest.fixture
def case(page, body, operator, topic) -> Case:
    return make_case(page, body=body, by=operator)


@pytest.fixture
def head(db):
    return make_person(role=Role.HEAD, username="head")


def fresh(case) -> Case:
    return Case.objects.get(pk=case.pk)


def disputed(case, executor, operator) -> Case:
    """Two bodies have returned the case."""
    actions.bounce(case=case, reason="place", why="", by=executor)
    actions.route(case=case, body=make_body(name="Больница"), by=operator)
    actions.bounce(case=case, reason="powers", why="", by=operator)
    return fresh(case)


# Returning


def test_a_return_keeps_its_reason_and_is_counted_by_case_and_by_body(case, executor, operator, body):
    actions.bounce(case=case, reason="place", why="это соседний район", by=executor)
    row = Bounce.objects.get()
    assert (fresh(case).state, fresh(case).body, fresh(case).bounced) == ("new", None, 1)
    assert (row.body, row.reason, row.why, row.by) == (body, "place", "это соседний район", executor)
    assert [(line["body"], line["count"]) for line in bounces_by_body(operator)] == [(body.pk, 1)]
    assert Journal.objects.filter(verb="case_bounced").count() == 1


def test_another_reason_needs_words_and_a_named_one_does_not(case, executor):
    with pytest.raises(Refused, match="без причины его не вернуть"):
        actions.bounce(case=case, reason="other", why=" ", by=executor)
    actions.bounce(case=case, reason="assets", why="", by=executor)
    assert case.events.get(kind="bounced").data["why"] == "объект не на нашем балансе"


def test_the_bouncer_pays_the_time_and_the_case_says_so(client, case, executor, operator):
    due = case.next_due_at
    CaseEvent.objects.filter(case=case, kind="routed").update(at=timezone.now() - timedelta(hours=3, minutes=20))
    actions.bounce(case=case, reason="place", why="", by=executor)
    assert fresh(case).next_due_at == due
    client.force_login(operator)
    assert "Держали 3 ч 20 мин: срок от этого не сдвинулся" in client.get(reverse("desk:case", args=[case.number])).content.decode()


def test_the_named_body_gets_the_case_when_a_rule_names_it_too(case, executor, topic):
    right = make_body(name="Управление отходов")
    make_rule(right, topic=topic)
    forget()
    Case.objects.filter(pk=case.pk).update(topic=topic)
    case.topic = topic
    actions.bounce(case=case, reason="powers", why="", proposed=right, by=executor)
    assert (fresh(case).body, fresh(case).state) == (right, "routed")


def test_without_a_rule_the_operator_confirms_the_named_body_with_one_press(client, case, executor, operator):
    right = make_body(name="Управление отходов")
    actions.bounce(case=case, reason="powers", why="", proposed=right, by=executor)
    assert fresh(case).body is None
    client.force_login(operator)
    assert "Передать: Управление отходов" in client.get(reverse("desk:case", args=[case.number])).content.decode()
    client.post(reverse("desk:body", args=[case.number]), {"body": right.pk})
    assert fresh(case).body == right


def test_a_body_is_not_given_by_rules_what_it_has_returned(case, executor, operator, body, topic):
    make_rule(body, topic=topic)
    forget()
    actions.bounce(case=case, reason="place", why="", by=executor)
    actions.set_topic(case=case, topic=topic, by=operator)
    assert fresh(case).body is None
    assert "уже вернул обращение" in case.events.filter(kind="not_routed").last().data["why"]


def test_ones_own_body_cannot_be_named(case, executor, body):
    with pytest.raises(Refused, match="Вы назвали свой орган"):
        actions.bounce(case=case, reason="place", why="", proposed=body, by=executor)


def test_words_that_name_no_single_body_stay_with_the_reason(client, case, executor):
    client.force_login(executor)
    client.post(reverse("desk:bounce", args=[case.number]), {"reason": "place", "because": "соседи", "organ": "какой-то отдел"})
    assert Bounce.objects.get().why == "соседи\nПредлагают: какой-то отдел"


def test_a_curator_may_return_a_case_and_an_operator_of_the_region_has_nowhere_to(client, case, curator, operator):
    for person, offered in ((curator, True), (operator, False)):
        client.force_login(person)
        assert ("Не наш вопрос" in client.get(reverse("desk:case", args=[case.number])).content.decode()) == offered


# Dispute


def test_after_two_returns_the_case_stands_in_dispute_and_nowhere_else(case, executor, operator):
    case = disputed(case, executor, operator)
    assert in_dispute(case)
    assert queries.counts(operator)["dispute"] == 1
    assert list(queries.queue(operator, "dispute")) == [case]
    assert list(queries.queue(operator, "new")) == []


def test_only_a_named_arbiter_decides_a_dispute(settings, case, executor, operator, head, body):
    settings.ARBITERS = ["head"]
    case = disputed(case, executor, operator)
    with pytest.raises(Refused, match=r"решает арбитр \(head\)\. Передать его может только он"):
        actions.route(case=case, body=body, by=operator)
    actions.route(case=case, body=body, by=head)
    assert (fresh(case).body, fresh(case).settled) == (body, True)
    assert Journal.objects.filter(verb="case_settled").count() == 1


def test_where_nobody_is_named_any_operator_of_the_region_decides(case, executor, operator, curator, body):
    case = disputed(case, executor, operator)
    with pytest.raises(Refused, match="решает арбитр"):
        actions.route(case=case, body=body, by=curator)
    actions.route(case=case, body=body, by=operator)
    assert fresh(case).settled


def test_what_an_arbiter_has_decided_no_body_returns_and_nobody_else_gives_away(settings, case, executor, operator, head, body):
    settings.ARBITERS = ["head"]
    case = disputed(case, executor, operator)
    actions.route(case=case, body=body, by=head)
    with pytest.raises(Refused, match="уже решил арбитр: вернуть его нельзя"):
        actions.bounce(case=fresh(case), reason="place", why="", by=executor)
    with pytest.raises(Refused, match="Кому отвечать по этому обращению, решил арбитр"):
        actions.route(case=fresh(case), body=make_body(), by=operator)


def test_rules_decide_no_dispute(case, executor, operator, topic):
    case = disputed(case, executor, operator)
    make_rule(make_body(), topic=topic)
    forget()
    actions.set_topic(case=case, topic=topic, by=operator)
    assert fresh(case).body is None


def test_a_head_settles_a_dispute_from_the_case_itself(client, settings, case, executor, operator, head, body):
    settings.ARBITERS = ["head"]
    case = disputed(case, executor, operator)
    client.force_login(head)
    assert "Спор о принадлежности: кому отвечать" in client.get(reverse("desk:case", args=[case.number])).content.decode()
    client.post(reverse("desk:settle", args=[case.number]), {"body": body.pk})
    assert (fresh(case).body, fresh(case).settled) == (body, True)
    client.force_login(operator)
    assert "вернуть больше нельзя: решил арбитр" in client.get(reverse("desk:case", args=[case.number])).content.decode()


def test_what_nobody_disputes_is_not_settled(client, case, head, body):
    client.force_login(head)
    told = client.post(reverse("desk:settle", args=[case.number]), {"body": make_body().pk}, follow=True).content.decode()
    assert "никто не спорит" in told
    assert fresh(case).body == body


# Limits


def test_a_full_body_gives_over_to_the_one_that_the_rule_names(page, body, topic):
    spare = make_body(name="Запасное управление")
    make_rule(body, topic=topic, overflow=spare)
    BodyLimit.objects.create(body=body, most=1)
    forget()
    first, second = make_case(page), make_case(page, MORE[0])
    assert (first.body, second.body) == (body, spare)
    assert "уже 1 открытое обращение (предел 1), поэтому → Запасное управление" in second.events.get(kind="routed").data["why"]


def test_a_full_body_without_a_spare_one_leaves_the_case_to_the_operator_who_may_overstep(page, body, operator, topic):
    make_rule(body, topic=topic)
    BodyLimit.objects.create(body=body, most=1)
    forget()
    make_case(page)
    second = make_case(page, MORE[0])
    assert second.body is None
    assert f"у «{body}» уже 1 открытое обращение" in second.events.get(kind="not_routed").data["why"]
    actions.route(case=second, body=body, by=operator)
    assert fresh(second).body == body


def test_a_full_spare_body_leaves_the_case_to_the_operator_too(page, body, topic):
    spare = make_body()
    make_rule(body, topic=topic, overflow=spare)
    for one in (body, spare):
        BodyLimit.objects.create(body=one, most=1)
    forget()
    assert [case.body for case in [make_case(page), make_case(page, MORE[0]), make_case(page, MORE[1])]] == [body, spare, None]


def test_a_limit_is_a_number_from_one_and_of_a_body_in_reach(operator, curator, body):
    with pytest.raises(Refused, match="Предел — число от 1"):
        actions.set_limit(body=body, most=0, by=operator)
    with pytest.raises(Refused, match="вне вашей ветви"):
        actions.set_limit(body=make_body(), most=5, by=curator)
    actions.set_limit(body=body, most=5, by=curator)
    actions.set_limit(body=body, most=None, by=curator)
    assert not BodyLimit.objects.exists()


def test_a_limit_is_set_and_dropped_on_its_screen(client, operator, case, body):
    client.force_login(operator)
    assert "Пределов нет" in client.get(reverse("desk:limits")).content.decode()
    client.post(reverse("desk:limits"), {"organ": "школа 1", "most": "1"})
    assert "предел достигнут" in client.get(reverse("desk:limits")).content.decode()
    client.post(reverse("desk:limit_drop", args=[body.pk]))
    assert not BodyLimit.objects.exists()


# Who may


@pytest.mark.parametrize(("name", "of"), [("bounces", False), ("bounces_of", True), ("limits", False)])
def test_a_stranger_gets_404_on_returns_and_limits(client, stranger, case, executor, body, name, of):
    actions.bounce(case=case, reason="place", why="", by=executor)
    client.force_login(stranger)
    assert client.get(reverse(f"desk:{name}", args=[body.pk] if of else [])).status_code == 404
    assert client.post(reverse("desk:limit_drop", args=[body.pk])).status_code == 404


def test_the_screens_of_returns_lead_from_a_figure_to_its_rows(client, operator, case, executor, body):
    client.force_login(operator)
    assert "Возвратов за 30 дней нет" in client.get(reverse("desk:bounces")).content.decode()
    actions.bounce(case=case, reason="place", why="", by=executor)
    assert reverse("desk:bounces_of", args=[body.pk]) in client.get(reverse("desk:bounces")).content.decode()
    assert case.number in client.get(reverse("desk:bounces_of", args=[body.pk])).content.decode()


def test_a_curator_sees_no_return_of_a_case_that_is_not_his_any_more(client, curator, case, executor, body):
    actions.bounce(case=case, reason="place", why="", by=executor)
    client.force_login(curator)
    assert client.get(reverse("desk:bounces_of", args=[body.pk])).status_code == 404


def test_of_two_arbiters_who_decide_at_once_one_is_refused(case, executor, operator, head, body):
    disputed(case, executor, operator)
    one, two = fresh(case), fresh(case)
    actions.route(case=one, body=body, by=operator)
    with pytest.raises(Refused, match="только что изменил другой сотрудник"):
        actions.route(case=two, body=make_body(), by=head)
    assert Journal.objects.filter(verb="case_settled").count() == 1
