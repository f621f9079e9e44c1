import logging
import traceback

import pytest

from gospult.networks.base import Credentials, NetworkError, Unhurried
from gospult.networks.telegram import Telegram
from gospult.networks.telegram.client import refusal
from gospult.networks.testing import Sandbox

TOKEN = "7100000071:AAH-tayna_bota"


@pytest.mark.parametrize(
    ("status", "words", "fault", "permanent"),
    [
        (400, "Bad Request: chat not found", "gone", True),
        (400, "Bad Request: message thread not found", "gone", True),
        (400, "Bad Request: message to be replied not found", "gone", True),
        (400, "Bad Request: group chat was upgraded to a supergroup chat", "gone", True),
        (400, "Bad Request: not enough rights to send text messages to the chat", "access", True),
        (400, "Bad Request: have no rights to send a message", "closed", True),
        (400, "Bad Request: TOPIC_CLOSED", "closed", True),
        (400, "Bad Request: message is too long", "invalid", True),
        (400, "Bad Request: something of tomorrow", "invalid", True),
        (401, "Unauthorized", "auth", True),
        (403, "Forbidden: bot was blocked by the user", "closed", True),
        (403, "Forbidden: user is deactivated", "gone", True),
        (403, "Forbidden: bot was kicked from the supergroup chat", "access", True),
        (403, "Forbidden: something of tomorrow", "access", True),
        (404, "Not Found", "auth", True),
        (409, "Conflict: can't use getUpdates method while webhook is active", "other", False),
        (413, "Request Entity Too Large", "invalid", True),
        (418, "I'm a teapot", "other", False),
    ],
)
def test_descriptions_become_our_words(status, words, fault, permanent):
    error = refusal(status, {"ok": False, "error_code": status, "description": words})
    assert (error.fault, error.permanent, error.retry_after, error.outcome_unknown) == (fault, permanent, None, False)


@pytest.mark.parametrize(
    ("parameters", "seconds"), [({"retry_after": 35}, 35.0), ({}, 1.0), ("?", 1.0), ({"retry_after": -3}, 1.0), ({"retry_after": 10**400}, 86_400.0)]
)
def test_too_many_requests_say_how_long_to_wait(parameters, seconds):
    error = refusal(429, {"description": "Too Many Requests: retry after 35", "parameters": parameters})
    assert (error.fault, error.permanent, error.retry_after) == ("too_fast", False, seconds)


def test_an_error_names_nobody():
    error = refusal(400, {"description": "Bad Request: chat -1001234567890 of @maria_ivanova and 71234567 not found"})
    assert not {"1234567890", "maria_ivanova", "71234567"} & set(str(error).replace("-", " ").split())
    assert "…" in str(error)


class Diary(Unhurried):
    """A pacer that writes down what it hears."""

    def __init__(self):
        self.asked, self.heard = [], []

    def before(self, kind, method, *, peer="", inside=None):
        self.asked.append((kind, method, peer))

    def refused(self, kind, method, error, *, peer=""):
        self.heard.append((method, error.fault, error.retry_after, peer))


@pytest.fixture
def page():
    with Sandbox("telegram") as sandbox:
        opened = sandbox.add_page(71, name="Администрация района", handle="raion", tokens={"bot": TOKEN})
        yield sandbox, opened["external_id"]


def connect(sandbox, page_id, *, token=TOKEN, pacer=None, **more):
    return Telegram(Credentials(page_id, {"bot": token}), base_url=sandbox.api_url(), pacer=pacer or Unhurried(), **more)


def test_the_pacer_is_asked_before_every_call_and_told_which_chat_is_written_to(page):
    sandbox, page_id = page
    wrote, diary = sandbox.message(71, "Здравствуйте"), Diary()
    network = connect(sandbox, page_id, pacer=diary)
    network.cards([page_id])
    network.reply(wrote["thread"], kind="dm", text="Добрый день", guard="1")
    assert diary.asked == [("bot", "getChat", ""), ("bot", "getChatMemberCount", ""), ("bot", "sendMessage", wrote["thread"][1:])]


def test_the_pacer_hears_what_the_network_found_too_much(page):
    sandbox, page_id = page
    wrote, diary = sandbox.message(71, "Здравствуйте"), Diary()
    sandbox.fault("flood", method="sendMessage")
    with pytest.raises(NetworkError):
        connect(sandbox, page_id, pacer=diary).reply(wrote["thread"], kind="dm", text="Добрый день", guard="1")
    assert diary.heard == [("sendMessage", "too_fast", 30.0, wrote["thread"][1:])]


@pytest.mark.parametrize("fault", ["too_fast", "internal", "http_500_after", "dropped_before", "dropped_after", "slow_after"])
def test_no_failure_tells_the_token(page, fault, caplog):
    sandbox, page_id = page
    caplog.set_level(logging.DEBUG)
    sandbox.settings(slow_seconds=0.6)
    sandbox.fault(fault)
    network = connect(sandbox, page_id, timeout=0.3 if fault == "slow_after" else 10)
    with pytest.raises(NetworkError) as caught:
        network.cards([page_id])
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + repr(network) + caplog.text
    assert "tayna" not in told


def test_a_silent_address_does_not_tell_the_token_either():
    network = Telegram(Credentials("@raion", {"bot": TOKEN}), base_url="http://127.0.0.1:9/", timeout=0.3)
    with pytest.raises(NetworkError) as caught:
        network.cards(["@raion"])
    assert (caught.value.fault, "tayna" in "".join(traceback.format_exception(caught.value))) == ("down", False)


def test_a_file_that_is_gone_says_nothing_about_the_token(page):
    sandbox, page_id = page
    sandbox.fault("too_fast", method="file")
    network = connect(sandbox, page_id)
    with pytest.raises(NetworkError) as caught:
        network._client.download("bot", "photos/404.jpg")
    assert caught.value.fault == "too_fast"
    with pytest.raises(NetworkError) as caught:
        network._client.download("bot", "photos/404.jpg")
    assert (caught.value.fault, caught.value.permanent) == ("gone", True)


def test_a_token_with_slashes_stays_in_its_place(page):
    sandbox, page_id = page
    with pytest.raises(NetworkError) as caught:
        connect(sandbox, page_id, token=f"x/../../bot{TOKEN}").cards([page_id])
    assert caught.value.fault == "auth"
