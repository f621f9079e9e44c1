import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from gospult.desk.models import Case, Mark
from gospult.desk.testing import make_answer, make_case, make_topic, publish
from gospult.exchange.testing import make_connection

pytestmark = pytest.mark.django_db
URL = reverse("services:mark")


@pytest.fixture(autouse=True)
def _nobody_has_asked_yet():
    cache.clear()


@pytest.fixture
def case(page, body, operator) -> Case:
    make_topic()
    make_connection(page, mode="full")
    found = make_case(page, body=body, by=operator)
    publish(make_answer(found, by=operator), by=operator)
    return Case.objects.get(pk=found.pk)


def send(client, case, **data):
    return client.post(URL, {"number": case.message_set.get().number, **data})


def test_a_mark_by_number_is_kept_without_login_and_cookie(case):
    client = Client(enforce_csrf_checks=True)
    response = send(client, case, value="4")
    assert (response.status_code, Mark.objects.get().value, Mark.objects.get().source) == (302, 4, "site")
    assert not response.cookies
    shown = client.get(response["Location"])
    assert "Спасибо, учли" in shown.content.decode()
    assert not shown.cookies


def test_not_done_needs_a_reason_and_opens_the_case(client, case):
    assert "Выберите, что не так" in send(client, case, do="unsolved").content.decode()
    send(client, case, do="unsolved", reason="not_done")
    found = Case.objects.get(pk=case.pk)
    assert (found.state, found.reopened, Mark.objects.get().reason) == ("routed", 1, "not_done")


def test_the_same_bad_mark_twice_opens_once(client, case):
    for _ in range(2):
        send(client, case, value="1")
    assert Case.objects.get(pk=case.pk).reopened == 1


def test_marks_are_offered_only_after_the_answer(client, page, body, operator, case):
    waiting = make_case(page, "Когда откроют каток у школы?", body=body, by=operator)
    shown = reverse("services:status")
    assert "Ответ помог?" in client.get(shown, {"number": case.message_set.get().number}).content.decode()
    assert "Ответ помог?" not in client.get(shown, {"number": waiting.message_set.get().number}).content.decode()
    assert send(client, waiting, value="5").status_code == 422


def test_an_unknown_number_marks_nothing(client, case):
    assert client.post(URL, {"number": "123456789012", "value": "5"}).status_code == 404
    assert not Mark.objects.exists()


def test_the_sixth_mark_of_a_minute_waits(client, case):
    assert [send(client, case, value="3").status_code for _ in range(6)] == [302] * 5 + [429]


def test_no_word_of_the_message_is_on_the_page(client, case):
    message = case.message_set.get()
    text = send(client, case, do="unsolved").content.decode()
    assert message.text not in text
    assert (message.author_name or "нет имени") not in text
