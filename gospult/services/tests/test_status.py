import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from gospult.desk.testing import make_answer, make_case, make_topic, publish
from gospult.exchange.models import new_number
from gospult.exchange.testing import make_connection
from gospult.services.status import clean_number

pytestmark = pytest.mark.django_db
URL = reverse("services:status")
TOO_MANY = "слишком много запросов"


@pytest.fixture(autouse=True)
def _nobody_has_asked_yet():
    cache.clear()


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


def ask(client, address, forwarded=None):
    return client.get(URL, {"number": new_number()}, REMOTE_ADDR=address, **({"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}))


def test_an_address_may_ask_thirty_times_a_minute_and_then_waits_for_the_next(client):
    with time_machine.travel("2026-11-22T10:00:20Z", tick=False) as clock:
        assert {ask(client, "203.0.113.5").status_code for _ in range(30)} == {404}
        refused = ask(client, "203.0.113.5")
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "40")
        assert TOO_MANY in refused.content.decode()
        assert ask(client, "203.0.113.6").status_code == 404

        clock.shift(40)
        assert ask(client, "203.0.113.5").status_code == 404


@time_machine.travel("2026-11-22T10:00:20Z", tick=False)
def test_whoever_asked_too_often_still_gets_the_empty_form(client):
    for _ in range(31):
        refused = ask(client, "203.0.113.5")

    assert refused.status_code == 429
    assert client.get(URL, REMOTE_ADDR="203.0.113.5").status_code == 200


@pytest.mark.parametrize(("proxies", "status"), [(0, 429), (1, 404)])
@time_machine.travel("2026-11-22T10:00:20Z", tick=False)
def test_the_forwarded_address_counts_only_behind_a_proxy_of_ours(client, settings, proxies, status):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    answers = [ask(client, "127.0.0.1", forwarded=f"198.51.100.{number}") for number in range(31)]

    assert answers[-1].status_code == status


@time_machine.travel("2026-11-22T10:00:20Z", tick=False)
def test_an_invented_address_in_front_of_the_proxys_own_does_not_help(client, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    answers = [ask(client, "127.0.0.1", forwarded=f"10.0.0.{number}, 198.51.100.7") for number in range(31)]

    assert answers[-1].status_code == 429


def test_the_cache_keeps_no_address(client):
    ask(client, "203.0.113.5")

    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(cache_key || value, ' ') FROM cache")
        kept = cursor.fetchone()[0]
    assert "limit:status" in kept
    assert "203.0.113.5" not in kept
