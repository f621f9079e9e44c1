import pytest
from django.urls import reverse
from django.utils import timezone

from gospult.desk.testing import make_answer, make_case, make_topic, publish
from gospult.exchange.models import new_number
from gospult.exchange.testing import make_connection
from gospult.services.status import clean_number

pytestmark = pytest.mark.django_db
URL = reverse("services:status")


@pytest.mark.parametrize("demo", [True, False])
def test_a_demo_is_marked_and_real_work_is_not(client, settings, demo):
    settings.DEMO = demo
    assert ("демо</span>" in client.get("/status/").content.decode()) is demo


def number_of(case):
    return case.message_set.get().number


def test_status_needs_no_login_and_sets_no_cookie(client, page):
    response = client.get(URL)
    assert response.status_code == 200
    assert not response.cookies


def test_status_of_a_routed_message_names_the_body(client, page, body, operator):
    case = make_case(page, body=body, by=operator)
    response = client.get(URL, {"number": number_of(case)})
    assert "Ответ готовится" in response.content.decode()
    assert body.name in response.content.decode()


def test_status_shows_neither_the_text_nor_the_author(client, page, body, operator):
    case = make_case(page, "Не вывозят мусор, мой телефон 8 912 000-11-22", body=body, by=operator, author_name="Ольга Кузнецова")
    html = client.get(URL, {"number": number_of(case)}).content.decode()
    assert "мусор" not in html
    assert "912" not in html.replace(number_of(case), "")
    assert "Кузнецова" not in html
    assert case.number not in html


def test_status_after_the_answer_says_where_it_is(client, page, body, operator):
    make_topic()
    make_connection(page, mode="full")
    case = make_case(page, body=body, by=operator)
    publish(make_answer(case, by=operator), by=operator)
    html = client.get(URL, {"number": number_of(case)}).content.decode()
    assert "Ответ дан" in html
    assert "там же, где вы писали" in html


def test_status_of_a_deleted_message_promises_nothing(client, page):
    case = make_case(page)
    case.message_set.update(deleted_at=timezone.now())
    assert "удалено автором" in client.get(URL, {"number": number_of(case)}).content.decode()


def test_unknown_number_gets_a_clear_sentence(client, page):
    response = client.get(URL, {"number": new_number()})
    assert response.status_code == 404
    assert "Сообщения с таким номером нет" in response.content.decode()


def test_a_slip_of_the_finger_is_caught_without_the_database(client, django_assert_num_queries):
    number = new_number()
    with django_assert_num_queries(0):
        response = client.get(URL, {"number": number[:-1] + str((int(number[-1]) + 1) % 10)})
    assert "не похоже на номер" in response.content.decode()


@pytest.mark.parametrize("typed", ["", "abc", "1" * 13, "\x00", "４０００００００００００"])
def test_what_is_no_number_is_not_looked_up(typed):
    assert clean_number(typed) == ""


def test_status_says_that_a_comment_is_no_formal_appeal(client, page):
    html = client.get(URL).content.decode()
    assert "59-ФЗ" in html
    assert "https://www.gosuslugi.ru/help/obratitsya_v_pos" in html
    assert "зарегистрирован" not in html
