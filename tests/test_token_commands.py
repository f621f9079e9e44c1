"""`networks check` and `networks rotate`, and what the doctor says of tokens."""

import io
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from gospult.cli import face
from gospult.exchange import actions, queries
from gospult.exchange.models import Token
from gospult.exchange.testing import make_connection
from gospult.networks.testing import Sandbox
from gospult.registry.models import Page
from gospult.registry.testing import make_page

pytestmark = pytest.mark.django_db(transaction=True)
GROUP = 777
TOKEN = "vk1.a.SECRETTOKEN"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def network() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def page(network: Sandbox, settings: Any) -> Page:
    network.reset()
    settings.NETWORKS = {"vk": {"base_url": network.api_url(), "ca_file": ""}}
    network.add_page(GROUP, name="Школа", tokens={"community": TOKEN, "service": "service"})
    return make_page(external_id=str(GROUP))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    for module in face.COMMANDS:
        __import__(f"gospult.cli.{module}")

    def call(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = face._run(words)
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def test_check_tells_what_the_network_really_allows_and_keeps_it(run: Run, page: Page) -> None:
    make_connection(page, tokens={"community": TOKEN})

    code, out, err = run("networks", "check", "--json")

    (found,) = json.loads(out)
    assert (code, found["problem"], found["tokens"], found["expires_at"]) == (0, "", ["community"], None)
    assert {"reply_comment", "reply_dm"} <= set(found["can"])
    assert Token.objects.get().checked_at is not None
    assert TOKEN not in out + err


def test_check_asks_once_about_a_token_that_serves_many_pages(run: Run, page: Page, network: Sandbox) -> None:
    network.add_page(778, name="Сад", tokens={"service": "service"})
    for one in (page, make_page(external_id="778")):
        make_connection(one, tokens={}, mode="observe")
    actions.keep_token(network="vk", page=None, kind="service", token="service", label="общий", by=None)

    code, out, _err = run("networks", "check", "--json")

    assert (code, [row["tokens"] for row in json.loads(out)]) == (0, [["service"], ["service"]])
    assert network.state()["calls"]["groups.getById"] == 1


def test_a_token_that_is_revoked_is_a_problem_here_and_for_the_doctor(run: Run, page: Page) -> None:
    make_connection(page, tokens={"community": "revoked"})

    code, out, _err = run("networks", "check", "--json")
    health = json.loads(run("doctor", "--json")[1])

    assert (code, json.loads(out)[0]["problem"]) == (1, "токен не подходит: получите новый")
    assert health["stuck"]["tokens_in_trouble"] == 1
    assert any("не работают или скоро кончатся: 1" in line for line in health["problems"])


def test_the_doctor_tells_of_a_token_that_ends_soon(run: Run, page: Page) -> None:
    make_connection(page, tokens={})
    soon = timezone.now() + timedelta(days=2)
    actions.keep_token(network="vk", page=page, kind="community", token=TOKEN, expires_at=soon, by=None)

    assert json.loads(run("doctor", "--json")[1])["stuck"]["tokens_in_trouble"] == 1
    assert json.loads(run("networks", "check", "--json")[1])[0]["expires_at"] == soon.isoformat()


def test_a_term_that_a_person_knows_is_entered_and_warned_of(run: Run, page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    until = timezone.localdate() + timedelta(days=3)
    monkeypatch.setattr("sys.stdin", io.StringIO(f"community={TOKEN}"))
    assert run("networks", "connect", "777", "--until", f"{until:%d.%m.%Y}")[0] == 0
    assert timezone.localdate(Token.objects.get().expires_at) == until
    assert json.loads(run("doctor", "--json")[1])["stuck"]["tokens_in_trouble"] == 1


@pytest.mark.parametrize(("until", "told"), [("завтра", "Дату окончания напишите так"), ("01.01.2020", "Этот день уже прошёл")])
def test_a_term_that_cannot_be_is_refused_before_a_key_is_asked_for(run: Run, page: Page, until: str, told: str) -> None:
    code, _, said = run("networks", "connect", "777", "--until", until)
    assert (code, told in said, Token.objects.count()) == (1, True, 0)


def test_rotate_seals_by_the_first_key_and_the_old_one_can_go(run: Run, page: Page, settings: Any) -> None:
    settings.TOKEN_KEYS = ["old"]
    make_connection(page, tokens={"community": TOKEN})
    settings.TOKEN_KEYS = ["new", "old"]

    code, out, _err = run("networks", "rotate", "--json")

    settings.TOKEN_KEYS = ["new"]
    assert (code, json.loads(out)) == (0, {"tokens": 1, "secrets": 1, "unopened": 0})
    assert queries.connector(page)._tokens == {"community": TOKEN}


def test_rotate_says_when_a_token_can_no_longer_be_opened(run: Run, page: Page, settings: Any) -> None:
    settings.TOKEN_KEYS = ["lost"]
    make_connection(page, tokens={"community": TOKEN})
    settings.TOKEN_KEYS = ["new"]

    code, out, err = run("networks", "rotate", "--json")

    assert (code, json.loads(out)["unopened"]) == (1, 2)
    assert "верните прежний ключ" in err


def test_quotas_tell_whether_the_walls_fit_into_the_day(run: Run, page: Page, settings: Any) -> None:
    settings.LIMITS = {}
    code, out, _err = run("networks", "quotas")
    assert (code, out) == (0, "Стены: 1 страница, но ключа, который читает стены, для сети «ВКонтакте» нет: добавьте его.\n")
    actions.keep_token(network="vk", page=None, kind="service", token="service", label="общий", by=None)

    found = json.loads(run("networks", "quotas", "--json")[1])

    assert (found["waiting"], found["sweeps"], found["walls"][0]["fits"], found["walls"][0]["left_today"]) == ([], [], True, 4500)


def test_a_sweep_is_begun_stopped_and_gone_on_with(run: Run, page: Page) -> None:
    assert "0 из 1" in run("networks", "sweep", "vk")[2]
    assert "остановлен" in run("networks", "sweep", "vk", "--stop")[2]
    assert run("networks", "sweep", "vk", "--stop")[0] == 1
    assert "vk, карточки страниц: остановлен, 0 из 1." in run("networks", "quotas")[1]
    assert "продолжен" in run("networks", "sweep", "vk")[2]
    assert run("networks", "sweep", "telegramm")[0] == 1


def test_check_tells_a_person_in_words_and_how_far_it_is(run: Run, page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gospult.cli.networks.PROGRESS", 1)
    make_connection(page, tokens={"community": TOKEN})
    make_connection(make_page(external_id="779", name="Сад № 5"), tokens={"community": "revoked"}, mode="copy")

    code, out, err = run("networks", "check")

    first, second = out.splitlines()
    assert (code, "Проверено 1 из 2…" in err, "страниц: 2, с ошибкой: 1" in err) == (1, True, True)
    assert first.startswith(f"{page.name} (ВКонтакте, id {GROUP}): полный; ключи в порядке. Можно: ")
    assert "отвечать на комментарии" in first
    assert "Сад № 5 (ВКонтакте, id 779): ответ публикует человек; ОШИБКА: токен не подходит" in second
    assert "{" not in out
    assert json.loads(run("networks", "check", "--json")[1])[0]["name"] == page.name


def test_rotate_and_a_wrong_number_speak_russian(run: Run) -> None:
    assert run("networks", "rotate")[1] == "Перешифровано ключей: 0, секретов: 0; не открылись: 0.\n"
    assert run("networks", "sandbox", "--port", "99999")[2].startswith("Неверное значение --port: 99999 не годится, нужно 1 … 65535.")


def test_the_sandbox_takes_a_seed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}
    monkeypatch.setattr("gospult.networks.sandbox.server.serve", lambda port, **keys: given.update(keys))

    assert run("networks", "sandbox", "--port", "0", "--seed", "7")[0] == 2
    assert run("networks", "sandbox", "--port", "9377", "--chaos", "0.1", "--seed", "7")[0] == 0
    assert (given["seed"], given["chaos"]) == (7, 0.1)
