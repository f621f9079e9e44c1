"""The commands of an administrator, in this process: what they change, what they say, what they never show."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import get_args

import pytest
from django.test import Client
from django.utils import timezone

from gospult.accounts.models import Journal
from gospult.cli import face
from gospult.cli.connecting import KINDS, MODES
from gospult.exchange import queries
from gospult.exchange.actions import enqueue
from gospult.exchange.models import FEATURE_WORDS, KIND_WORDS, Attachment, Connection, Incoming, Mode, Outgoing, Token
from gospult.exchange.testing import make_connection, make_incoming
from gospult.networks.base import TokenKind
from gospult.networks.registry import NETWORKS
from gospult.registry.testing import make_page

pytestmark = pytest.mark.django_db
Said = tuple[int, str, str]
Run = Callable[..., Said]
TOKEN, SECRET = "vk1.a.token-of-the-page", "webhook-secret-7"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command with these lines on stdin; gives its exit code, stdout and stderr."""
    for module in face.COMMANDS:
        __import__(f"gospult.cli.{module}")

    def run(*words: str, typed: str = "") -> Said:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        capsys.readouterr()
        code = face._run(words)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def refused(said: Said, words: str, code: int = 1) -> bool:
    assert (said[0], said[1]) == (code, ""), said
    assert words in said[2], said
    return len(said[2].splitlines()) == 1


def test_connect_seals_the_tokens_and_tells_the_address_and_what_they_allow(run: Run, page, settings) -> None:
    settings.URL = "https://desk.example"

    code, out, err = run("networks", "connect", "https://vk.com/School_One", "--confirmation", "a1b2", typed=f"community={TOKEN}\nsecret={SECRET}\n")

    assert code == 0, err
    assert "https://desk.example/hook/vk/" in out
    assert "отвечать на комментарии" in out.split("Не позволяют")[0]
    assert "читать записи" in out.split("Не позволяют")[1]
    connection = Connection.objects.get(page=page)
    assert (connection.mode, connection.confirmation) == ("full", "a1b2")
    assert Journal.objects.filter(verb="page_connected", object_id=page.pk).exists()
    assert TOKEN.encode() not in bytes(Token.objects.get(page=page).sealed)
    assert queries.connector(page)._tokens == {"community": TOKEN}


def test_everything_that_tokens_may_allow_has_russian_words() -> None:
    every = frozenset(get_args(TokenKind))

    assert set().union(*(network.can(every) for network in NETWORKS.values())) <= set(FEATURE_WORDS)
    assert set(KINDS) == every == set(KIND_WORDS)
    assert {str(mode.value): mode.label for mode in Mode} == MODES


def test_connect_never_shows_a_token_or_a_given_secret(run: Run, page) -> None:
    code, out, err = run("networks", "connect", page.handle, "--json", typed=f"\ufeffcommunity={TOKEN}\r\nsecret={SECRET}\r\n")

    assert code == 0
    assert TOKEN not in out + err
    assert SECRET not in out + err
    assert json.loads(out)["tokens"] == ["community"]
    assert TOKEN not in str(list(Journal.objects.values_list("data", flat=True)))


def test_a_secret_that_was_made_up_lets_the_networks_events_in(run: Run, page, client: Client) -> None:
    _code, out, _err = run("networks", "connect", str(page.external_id), "--confirmation", "c0de", "--json", typed=f"community={TOKEN}\n")
    secret = json.loads(out)["secret"]

    event = {"type": "confirmation", "group_id": int(page.external_id), "secret": secret}
    answer = client.post("/hook/vk/", event, content_type="application/json")

    assert (answer.status_code, answer.content) == (200, b"c0de")


def test_connecting_again_rotates_the_token_and_keeps_mode_and_confirmation(run: Run, page) -> None:
    make_connection(page, mode="copy", confirmation="old")

    assert run("networks", "connect", page.handle, typed="community=new-token\nsecret=new\n")[0] == 0

    connection = Connection.objects.get(page=page)
    assert (connection.mode, connection.confirmation) == ("copy", "old")
    assert queries.connector(page)._tokens == {"community": "new-token"}


def test_connecting_again_without_a_secret_does_not_stop_the_events(run: Run, page) -> None:
    make_connection(page)
    before = bytes(Connection.objects.get(page=page).sealed_secret)

    code, _out, err = run("networks", "connect", page.handle, typed="community=new-token\n")

    assert (code, "Секрет пустой" in err) == (1, True)
    assert bytes(Connection.objects.get(page=page).sealed_secret) == before
    assert queries.connector(page)._tokens == {"community": "token"}


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "ни одного ключа"),
        ("secret=abc\n", "ни одного ключа"),
        ("community=\n", "Строка 1 ввода: значение community пустое"),
        (f"{TOKEN}\n", "Строка 1 ввода не понята"),
        ("community=один два\n", "В ключе community пробел"),
    ],
)
def test_connect_without_a_whole_token_changes_nothing(run: Run, page, typed: str, words: str) -> None:
    code, _out, err = run("networks", "connect", page.handle, typed=typed)

    assert (code, words in err.splitlines()[-1]) == (1, True), err
    assert TOKEN not in err
    assert not Connection.objects.exists()
    assert not Token.objects.exists()


def test_connect_refuses_what_is_no_page_of_a_network_that_we_know(run: Run, page) -> None:
    make_page(network="rutube", external_id="5555", handle="schoolok")
    make_page(external_id=None, handle="nameonly")

    assert refused(run("networks", "connect", "https://vk.com/nobody"), "нет в реестре")
    assert refused(run("networks", "connect", "schoolok"), "пока не подключается")
    assert refused(run("networks", "connect", "https://face.example/school_one"), "неизвестна")
    assert refused(run("networks", "connect", "https://["), "неизвестна")
    assert refused(run("networks", "connect", "nameonly"), "не известен ID")
    assert refused(run("networks", "connect", page.handle, "--mode", "all"), "Неверное значение --mode: «all» не годится", code=2)
    assert refused(run("networks", "connect", page.handle, "--confirmation", "x" * 65), "Строка подтверждения")


@pytest.mark.parametrize("form", ["vk.com/club{id}", "https://m.vk.com/public{id}?w=1", "vk.ru/{handle}/", "@{handle}", "{id}", "{pk}"])
def test_a_page_is_found_by_address_handle_and_id(run: Run, page, form: str) -> None:
    make_connection(page, mode="full")

    code, _out, err = run("networks", "mode", form.format(id=page.external_id, handle=page.handle, pk=page.pk), "observe")

    assert (code, "только чтение" in err) == (0, True), err
    assert Connection.objects.get(page=page).mode == "observe"


def test_one_handle_in_two_networks_is_asked_about(run: Run, page) -> None:
    make_page(network="ok", handle=page.handle, external_id="777")

    assert refused(run("networks", "mode", page.handle, "copy"), "несколько")
    assert refused(run("networks", "mode", f"vk.com/{page.handle}", "copy"), "не подключена")


@pytest.fixture
def read_page(page) -> Connection:
    """A connected page that a token can read and that gave a sign of life a minute ago."""
    connection = make_connection(page, tokens={"community": "c", "service": "s"})
    Connection.objects.update(last_proof_at=timezone.now() - timedelta(minutes=1))
    return connection


def doctor(run: Run) -> tuple[int, dict[str, int], list[str]]:
    code, out, _err = run("doctor", "--json")
    health = json.loads(out)
    return code, health["stuck"], health["problems"]


def test_doctor_finds_a_healthy_installation_healthy(run: Run, read_page) -> None:
    make_incoming(read_page.page)

    code, stuck, problems = doctor(run)

    assert (code, problems) == (0, [])
    assert not any(stuck.values())


def test_doctor_counts_rows_that_are_not_taken(run: Run, read_page) -> None:
    for addressee, minutes in [("desk", 11), ("desk", 9), ("bots", 60)]:
        row = make_incoming(read_page.page)
        Incoming.objects.filter(pk=row.pk).update(addressee=addressee, received_at=timezone.now() - timedelta(minutes=minutes))

    code, stuck, problems = doctor(run)

    assert (code, stuck["incoming_not_taken"]) == (1, 1)
    assert any(line.startswith("входящих не разобрано дольше 10 мин: 1") for line in problems)


def test_doctor_counts_replies_that_need_a_person_and_no_others(run: Run, read_page) -> None:
    cases = [("unknown", True), ("unknown", False), ("failed", True), ("failed", True), ("withdrawn", False)]
    for number, (state, needs_person) in enumerate(cases):
        reply = {"kind": "comment", "thread_id": f"w1_{number}", "reply_to": "", "after": timezone.now(), "text": "Ответ"}
        row = enqueue(page=read_page.page, answer=number, message=number, **reply)
        Outgoing.objects.filter(pk=row.pk).update(state=state, needs_person=needs_person)

    code, stuck, problems = doctor(run)

    assert (code, stuck["replies_unknown"], stuck["replies_failed"]) == (1, 1, 2)
    assert len(problems) == 2


def test_doctor_counts_the_files_that_failed_today(run: Run, read_page) -> None:
    about = {"incoming": make_incoming(read_page.page), "kind": "photo", "forget_at": timezone.now()}
    for position, (state, hours) in enumerate([("failed", 1), ("failed", 30), ("kept", 1)]):
        Attachment.objects.create(**about, position=position, state=state, next_try_at=timezone.now() - timedelta(hours=hours))

    assert doctor(run)[1]["files_failed"] == 1


def test_doctor_counts_pages_without_a_sign_of_life_and_those_that_no_token_reads(run: Run, read_page) -> None:
    make_connection(make_page())
    long_ago = timezone.now() - timedelta(hours=4)

    assert doctor(run)[:2] == (0, {**doctor(run)[1], "pages_silent": 0, "pages_unreadable": 1})
    Connection.objects.update(last_proof_at=None, created_at=long_ago)
    assert doctor(run)[1] == {**doctor(run)[1], "pages_silent": 1, "pages_unreadable": 1}
    assert doctor(run)[0] == 1
