"""What the sandbox of MAX does that no answer's shape shows: limits, permissions, long polling, webhooks that are dropped."""

import threading
import time

import httpx
import pytest

from gospult.networks.testing import Receiver, Sandbox

PAGE = 5
HTTP = httpx.Client(trust_env=False, verify=False, timeout=10)
CHANNEL = "-70000000000005"


@pytest.fixture
def sandbox():
    with Sandbox("max") as running:
        running.settings(rate_limits=False, retry_first=0.02)
        running.add_page(PAGE, name="Школа № 5")
        yield running


def ask(sandbox, verb, way, *, token=f"bot-token-{PAGE}", body=None, **query):
    return HTTP.request(verb, sandbox.api_url() + way, params=query, json=body, headers={"Authorization": token})


def told(answer):
    return answer.status_code, answer.json().get("code")


# Who may ask, and how often


def test_a_token_in_the_address_is_refused_and_counted(sandbox):
    answer = HTTP.get(sandbox.api_url() + "me", params={"access_token": f"bot-token-{PAGE}"})
    assert told(answer) == (401, "verify.token")
    assert sandbox.state()["calls"]["token_in_address"] == 1


def test_thirty_calls_a_second_are_the_limit_of_a_bot(sandbox):
    sandbox.settings(rate_limits=True)
    answers = [ask(sandbox, "GET", "me") for _ in range(31)]
    assert [told(answer) for answer in answers if answer.status_code != 200] == [(429, "too.many.requests")]
    assert answers[-1].headers["Retry-After"] == "1"


def test_two_messages_a_second_are_the_limit_of_a_chat_and_other_chats_are_free(sandbox):
    sandbox.settings(rate_limits=True)
    first, second = (sandbox.message(PAGE, "Вопрос", author=name)["thread"][1:] for name in ("Ольга", "Пётр"))
    statuses = [ask(sandbox, "POST", "messages", body={"text": "Да"}, chat_id=chat).status_code for chat in (first, first, first, second)]
    assert statuses == [200, 200, 429, 200]
    assert len(sandbox.ledger()) == 3


@pytest.mark.parametrize(
    ("lacking", "verb", "way", "query", "body"),
    [
        ("read_all_messages", "GET", "messages", {"chat_id": CHANNEL}, None),
        ("write", "POST", "messages", {"chat_id": CHANNEL}, {"text": "Новость"}),
        ("edit", "PUT", "messages", {"message_id": "POST"}, {"text": "Новость"}),
        ("delete", "DELETE", "messages", {"message_id": "POST"}, None),
        ("read_all_messages", "GET", "messages/POST/comments", {}, None),
        ("write", "POST", "messages/POST/comments", {}, {"text": "Ответ"}),
        ("delete", "DELETE", "messages/POST/comments", {"comment_id": "COMMENT"}, None),
    ],
)
def test_a_permission_that_was_not_granted_is_missed(sandbox, lacking, verb, way, query, body):
    granted = [word for word in ("read_all_messages", "write", "edit", "delete") if word != lacking]
    sandbox.add_page(PAGE, extra={"permissions": granted})
    post = sandbox.add_post(PAGE)
    names = {"POST": post, "COMMENT": sandbox.comment(PAGE, post, "Вопрос")["id"][1:]}
    answer = ask(sandbox, verb, way.replace("POST", post), body=body, **{key: names.get(value, value) for key, value in query.items()})
    assert told(answer) == (403, "access.denied")


def test_a_chat_of_another_bot_is_denied(sandbox):
    sandbox.add_page(6)
    sandbox.message(6, "Чужой вопрос")
    assert told(ask(sandbox, "GET", "messages", chat_id="-70000000000006")) == (403, "chat.denied")
    assert told(ask(sandbox, "GET", "messages", chat_id="6000001001")) == (403, "chat.denied")


@pytest.mark.parametrize(
    ("body", "why"),
    [({"text": ""}, "empty"), ({"text": "х" * 4001}, "long"), ({"attachments": [{"type": "image", "payload": {"token": "t"}}]}, "token")],
)
def test_a_message_that_cannot_be_is_refused(sandbox, body, why):
    chat = sandbox.message(PAGE, "Вопрос")["thread"][1:]
    assert told(ask(sandbox, "POST", "messages", body=body, chat_id=chat)) == (400, "proto.payload"), why
    assert sandbox.ledger() == []


def test_an_upload_address_is_good_for_one_file(sandbox):
    where = ask(sandbox, "POST", "uploads", type="file").json()["url"]
    answers = [HTTP.post(where, files={"data": ("акт.txt", b"text")}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 400]


# Long polling


def test_updates_wait_for_news_and_go_on_from_the_marker(sandbox):
    later = threading.Timer(0.3, lambda: sandbox.message(PAGE, "Вопрос"))
    later.start()
    began = time.monotonic()
    first = ask(sandbox, "GET", "updates", timeout=5).json()
    waited = time.monotonic() - began
    later.join()
    second = ask(sandbox, "GET", "updates", timeout=0, marker=first["marker"]).json()
    labels = [item["update_type"] for item in first["updates"] + second["updates"]]
    assert labels == ["bot_started", "message_created"]
    assert 0.2 < waited < 4


def test_without_a_marker_updates_go_on_from_the_last_one_given(sandbox):
    sandbox.message(PAGE, "Вопрос")
    all_of_them = ask(sandbox, "GET", "updates", timeout=0).json()
    again = ask(sandbox, "GET", "updates", timeout=0).json()
    ask(sandbox, "GET", "updates", timeout=0, marker=all_of_them["marker"])
    after = ask(sandbox, "GET", "updates", timeout=0).json()
    assert (len(all_of_them["updates"]), again["updates"], after["updates"]) == (2, all_of_them["updates"], [])


def test_updates_are_limited_and_chosen_by_type(sandbox):
    sandbox.message(PAGE, "Раз")
    sandbox.message(PAGE, "Два")
    limited = ask(sandbox, "GET", "updates", timeout=0, limit=1).json()
    chosen = ask(sandbox, "GET", "updates", timeout=0, types="message_created").json()
    assert (len(limited["updates"]), [item["message"]["body"]["text"] for item in chosen["updates"]]) == (1, ["Раз", "Два"])


def test_a_bot_of_two_channels_hears_both_in_one_line(sandbox):
    for page in (7, 8):
        sandbox.add_page(page, tokens={"bot": "shared"})
        sandbox.message(page, f"На странице {page}")
    found = ask(sandbox, "GET", "updates", token="shared", timeout=0, types="message_created").json()
    assert [item["message"]["body"]["text"] for item in found["updates"]] == ["На странице 7", "На странице 8"]


# Webhooks


def test_while_a_webhook_is_subscribed_nobody_polls(sandbox):
    ask(sandbox, "POST", "subscriptions", body={"url": "http://127.0.0.1:9/hook"})
    assert told(ask(sandbox, "GET", "updates", timeout=0)) == (405, "method.not.allowed")


def test_a_webhook_gets_the_types_that_it_asked_for_and_the_secret(sandbox):
    with Receiver() as receiver:
        ask(sandbox, "POST", "subscriptions", body={"url": receiver.url, "secret": "taina_5", "update_types": ["message_created"]})
        sandbox.message(PAGE, "Вопрос")
        assert sandbox.wait_quiet()
        assert [body["update_type"] for body in receiver.bodies] == ["message_created"]
        assert {name.lower(): value for name, value in receiver.headers[0].items()}["x-max-bot-api-secret"] == "taina_5"


def test_a_webhook_that_failed_for_too_long_is_dropped(sandbox):
    sandbox.settings(give_up_after=0.1, retry_cap=0.05)
    with Receiver(lambda _body: (500, "")) as receiver:
        ask(sandbox, "POST", "subscriptions", body={"url": receiver.url})
        sandbox.message(PAGE, "Вопрос")
        assert sandbox.wait_quiet()
        assert ask(sandbox, "GET", "subscriptions").json() == {"subscriptions": []}
    assert sandbox.state()["events"]["given_up"] > 0


# What a bot is told


def test_a_bot_hears_neither_itself_nor_comments(sandbox):
    post = sandbox.add_post(PAGE, "Новость")
    said = sandbox.comment(PAGE, post, "Вопрос")
    sandbox.native(PAGE, said["thread"], "Ответ")
    wrote = sandbox.message(PAGE, "Вопрос")
    ask(sandbox, "POST", "messages", body={"text": "Ответ"}, chat_id=wrote["thread"][1:])
    found = ask(sandbox, "GET", "updates", timeout=0).json()["updates"]
    assert [item["update_type"] for item in found] == ["message_created", "bot_started", "message_created"]
    assert [item["message"]["recipient"]["chat_type"] for item in found if "message" in item] == ["channel", "dialog"]


def test_what_the_steward_says_for_the_channel_has_no_sender_and_what_the_bot_says_has(sandbox):
    post = sandbox.add_post(PAGE, "Новость")
    said = sandbox.comment(PAGE, post, "Вопрос")
    sandbox.native(PAGE, said["thread"], "Ответ стюарда")
    ask(sandbox, "POST", f"messages/{post}/comments", body={"text": "Ответ бота"})
    found = ask(sandbox, "GET", f"messages/{post}/comments").json()["messages"]
    assert {item["body"]["text"]: (item["sender"] or {}).get("is_bot") for item in found} == {
        "Вопрос": False,
        "Ответ стюарда": None,
        "Ответ бота": True,
    }


def test_a_comment_of_more_than_26_hours_is_not_rewritten(sandbox):
    old = int(time.time()) - 27 * 3600
    post = sandbox.add_post(PAGE)
    top = sandbox.comment(PAGE, post, "Вопрос")
    name = top["id"][:-1] + f"{int(top['id'][-1], 16) + 1:x}"
    line = {"id": name, "thread": top["thread"], "reply_to": top["id"], "author": -PAGE, "name": "Школа", "text": "Ответ", "at": old}
    sandbox.remember(PAGE, said=[line])
    assert told(ask(sandbox, "PUT", f"messages/{post}/comments", body={"text": "Иначе"}, comment_id=name[1:])) == (422, "comments.timeout_exceeded")
