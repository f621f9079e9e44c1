from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from gospult.desk import actions
from gospult.desk.models import Case
from gospult.desk.queries import queue
from gospult.desk.testing import make_answer, make_case, make_topic, publish
from gospult.exchange.testing import make_connection
from gospult.registry.testing import make_body, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(page, body, operator) -> Case:
    make_topic()
    make_connection(page, mode="full")
    return make_case(page, "Яма на дороге у дома 4", body=body, by=operator)


def promise(case, operator, days):
    today = timezone.localdate()
    publish(
        make_answer(case, by=operator, kind="interim", promised_date=today + timedelta(days=max(days, 0))), by=operator, external_id=f"p{case.pk}_"
    )
    if days < 0:
        Case.objects.filter(pk=case.pk).update(promised_date=today + timedelta(days=days))
    return Case.objects.get(pk=case.pk)


def shown(client, person, name, why):
    client.force_login(person)
    return client.get(reverse(f"desk:{name}"), {"why": why}).content.decode()


def test_an_interim_answer_puts_its_date_among_promises(client, case, operator):
    promised = promise(case, operator, 3)
    assert (promised.promised_date, promised.promises) == (timezone.localdate() + timedelta(days=3), 1)
    assert case.number in shown(client, operator, "promises", "week")
    assert case.number not in shown(client, operator, "promises", "broken")


def test_a_broken_promise_stands_in_the_queue_the_list_and_to_be_checked(client, case, operator):
    promise(case, operator, -1)
    assert list(queue(operator, "broken")) == [case]
    assert case.number in shown(client, operator, "promises", "broken")
    assert case.number in shown(client, operator, "check", "promises")


def test_the_answer_keeps_the_promise(case, operator):
    promise(case, operator, 3)
    publish(make_answer(Case.objects.get(pk=case.pk), by=operator), by=operator, external_id="final")
    found = Case.objects.get(pk=case.pk)
    assert (found.promised_date, found.promises, found.broken) == (None, 1, 0)


def test_reopened_cases_come_first(client, case, operator):
    publish(make_answer(case, by=operator), by=operator)
    actions.reopen(case=Case.objects.get(pk=case.pk), because="не сделали", by=operator)
    client.force_login(operator)
    assert case.number in client.get(reverse("desk:check")).content.decode()


@pytest.mark.parametrize("name", ["check", "promises"])
def test_stranger_gets_404_for_the_lists_of_control(client, name):
    client.force_login(make_person())
    assert client.get(reverse(f"desk:{name}")).status_code == 404


def test_an_executor_sees_his_promises_and_nobody_elses(client, page, case, operator, executor):
    other = make_case(page, "Не горит фонарь у дома 9", body=make_body(), by=operator)
    for one in (case, other):
        promise(one, operator, 2)
    text = shown(client, executor, "promises", "all")
    assert case.number in text
    assert other.number not in text
    assert client.get(reverse("desk:check")).status_code == 404


def test_an_empty_list_teaches(client, operator):
    assert "Обещанная дата появится здесь" in shown(client, operator, "promises", "all")
