import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, reverse

from gospult.accounts.models import Person

pytestmark = pytest.mark.django_db
PASSWORD = "верный-пароль-7"


@pytest.fixture(autouse=True)
def _person() -> None:
    cache.clear()
    Person.objects.create_user("ivanova", password=PASSWORD)


def log_in(client: Client, name: str, password: str) -> int:
    return client.post(reverse("account_login"), {"login": name, "password": password}).status_code


def test_a_person_logs_in_by_name(client: Client) -> None:
    assert log_in(client, "ivanova", PASSWORD) == 302
    assert client.session["_auth_user_id"]


def test_a_wrong_password_and_an_unknown_name_look_the_same(client: Client) -> None:
    wrong = client.post(reverse("account_login"), {"login": "ivanova", "password": "не тот"})
    unknown = client.post(reverse("account_login"), {"login": "nobody", "password": "не тот"})

    assert wrong.status_code == unknown.status_code == 200
    said = [str(answer.context["form"].non_field_errors()) for answer in (wrong, unknown)]
    assert "неверны" in said[0]
    assert said[0] == said[1]


def test_guessing_one_name_is_stopped_even_when_the_password_is_right_at_last(client: Client) -> None:
    for _ in range(6):
        log_in(client, "ivanova", "не тот")

    assert log_in(client, "ivanova", PASSWORD) != 302
    assert "_auth_user_id" not in client.session


def test_nobody_signs_up_by_himself(client: Client) -> None:
    with pytest.raises(NoReverseMatch):
        reverse("account_signup")
    assert client.get("/account/signup/").status_code == 404


def test_a_page_runs_no_script_but_ours(client: Client) -> None:
    answer = client.get(reverse("account_login"))

    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";") if part.strip())
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"


def test_logging_out_takes_a_press_of_a_button(client: Client) -> None:
    log_in(client, "ivanova", PASSWORD)

    assert client.get(reverse("account_logout")).status_code == 200
    assert "_auth_user_id" in client.session
    client.post(reverse("account_logout"))
    assert "_auth_user_id" not in client.session
