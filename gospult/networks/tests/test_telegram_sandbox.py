"""What the sandbox's Telegram does that no client library asks for."""

import httpx
import pytest

from gospult.networks.base import Credentials
from gospult.networks.telegram import Telegram
from gospult.networks.testing import Sandbox

HTTP = httpx.Client(trust_env=False)
TOKEN = "bot-token-71"


@pytest.fixture
def sandbox():
    with Sandbox("telegram") as running:
        running.settings(rate_limits=False, retry_first=0.02)
        running.add_page(71, name="Администрация района", handle="raion", members=1200)
        yield running


def address(sandbox, method, token=TOKEN):
    return f"{sandbox.api_url()}bot{token}/{method}"


@pytest.mark.parametrize(
    "ask",
    [
        lambda url, params: HTTP.get(url, params=params),
        lambda url, params: HTTP.post(url, params=params),
        lambda url, params: HTTP.post(url, data=params),
        lambda url, params: HTTP.post(url, json=params),
        lambda url, params: HTTP.post(url, files={name: (None, value) for name, value in params.items()}),
    ],
    ids=["query", "query of a POST", "form", "JSON", "multipart"],
)
def test_parameters_come_in_every_form_that_bot_api_takes(sandbox, ask):
    answer = ask(address(sandbox, "GETchatMEMBERcount"), {"chat_id": "@raion"})
    assert answer.json() == {"ok": True, "result": 1200}


@pytest.mark.parametrize(
    ("method", "token", "status", "words"),
    [
        ("getMe", "7000000071:AAH-of-another", 401, "Unauthorized"),
        ("getMe", "no token at all", 404, "Not Found"),
        ("getEverything", TOKEN, 404, "Not Found"),
        ("getChat", TOKEN, 400, "Bad Request: chat_id is empty"),
        ("getChat?chat_id=@nobody", TOKEN, 400, "Bad Request: chat not found"),
        ("getChat?chat_id=-1001000000072", TOKEN, 400, "Bad Request: chat not found"),
        ("sendMessage?chat_id=@raion&text=+", TOKEN, 400, "Bad Request: message text is empty"),
        ("sendMessage?chat_id=@raion&text=" + "a" * 4097, TOKEN, 400, "Bad Request: message is too long"),
        ("sendPhoto?chat_id=@raion&photo=AgAC", TOKEN, 400, "Bad Request: wrong file identifier/HTTP URL specified"),
        ("sendMediaGroup?chat_id=@raion&media=[]", TOKEN, 400, "Bad Request: Wrong number of items in the media group"),
        ("deleteMessage?chat_id=@raion&message_id=x", TOKEN, 400, "Bad Request: invalid parameter message_id"),
        ("setWebhook?url=http://example.org/", TOKEN, 400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"),
        ("setWebhook?url=https://example.org/&secret_token=a+b", TOKEN, 400, "Bad Request: secret token contains unallowed characters"),
    ],
)
def test_what_is_wrong_is_told_with_its_status(sandbox, method, token, status, words):
    answer = HTTP.get(address(sandbox, method, token))
    assert (answer.status_code, answer.json()) == (status, {"ok": False, "error_code": status, "description": words})
    assert sandbox.ledger() == []


def test_a_bot_may_not_speak_in_a_channel_of_others(sandbox):
    sandbox.add_page(72, name="Школа № 5", handle="school5")
    answer = HTTP.post(address(sandbox, "sendMessage"), json={"chat_id": "@school5", "text": "Новость"})
    assert (answer.status_code, sandbox.ledger()) == (403, [])


def test_a_webhook_is_set_and_taken_away_in_words(sandbox):
    url = "https://example.org/hook"
    told = [HTTP.get(address(sandbox, f"setWebhook?url={url}")).json()["description"] for _ in range(2)]
    told += [HTTP.get(address(sandbox, "deleteWebhook")).json()["description"] for _ in range(2)]
    assert told == ["Webhook was set", "Webhook is already set", "Webhook was deleted", "Webhook is already deleted"]


def test_waiting_updates_may_be_dropped(sandbox):
    sandbox.message(71, "Старое")
    HTTP.get(address(sandbox, "deleteWebhook?drop_pending_updates=true"))
    sandbox.message(71, "Новое")
    assert [update["message"]["text"] for update in HTTP.get(address(sandbox, "getUpdates")).json()["result"]] == ["Новое"]


def test_bytes_are_given_to_a_known_bot_only(sandbox):
    photo = HTTP.get(address(sandbox, "getChat?chat_id=@raion")).json()["result"]["photo"]["big_file_id"]
    path = HTTP.get(address(sandbox, f"getFile?file_id={photo}")).json()["result"]["file_path"]
    given = [HTTP.get(f"{sandbox.api_url()}file/bot{token}/{path}").status_code for token in (TOKEN, "7000000071:AAH-of-another")]
    assert given == [200, 401]
    assert HTTP.get(f"{sandbox.api_url()}file/bot{TOKEN}/photos/file_1.jpg").status_code == 404


def test_an_album_of_a_resident_comes_as_messages_of_one_group(sandbox):
    wrote = sandbox.message(71, "Двор", attachments=["photo", "photo", "photo"])
    told = [update["message"] for update in HTTP.get(address(sandbox, "getUpdates")).json()["result"]]
    assert [message.get("caption") for message in told] == ["Двор", None, None]
    assert (len({message["message_id"] for message in told}), len({message["media_group_id"] for message in told})) == (3, 1)
    answer = {"chat_id": wrote["author"], "text": "Видим", "reply_parameters": {"message_id": told[2]["message_id"]}}
    assert HTTP.post(address(sandbox, "sendMessage"), json=answer).json()["ok"]
    assert [(entry["thread"], entry["reply_to"]) for entry in sandbox.ledger()] == [(wrote["thread"], wrote["id"])]


def test_what_the_channel_held_before_a_restart_is_remembered(sandbox):
    top = {"id": "c2000000071_12", "thread": "w2000000071_12", "author": 1001, "name": "Мария Иванова", "text": "Вопрос", "at": 1790000000}
    under = top | {"id": "c2000000071_13", "reply_to": top["id"], "author": -71, "text": "Ответ"}
    wrote = top | {"id": "m7_1790000000", "thread": "d1001", "text": "Здравствуйте"}
    sandbox.remember(71, posts=[{"id": 10, "text": "Новость", "at": 1790000000}], said=[top, under, wrote])
    assert {(line["id"], line["thread"]) for line in sandbox.said()} == {(line["id"], line["thread"]) for line in (top, wrote)}
    network = Telegram(Credentials("-1001000000071", {"bot": TOKEN}), base_url=sandbox.api_url())
    network.reply(top["thread"], kind="comment", text="Ещё ответ", guard="1", reply_to=under["id"])
    network.reply("d1001", kind="dm", text="Добрый день", guard="2", reply_to=wrote["id"])
    assert [(entry["thread"], entry["reply_to"]) for entry in sandbox.ledger()] == [(top["thread"], under["id"]), ("d1001", wrote["id"])]


def test_a_post_has_an_address_that_opens(sandbox):
    network = Telegram(Credentials("-1001000000071", {"bot": TOKEN}), base_url=sandbox.api_url())
    sent = network.publish("Завтра отключат воду")
    assert sent.url == f"{sandbox.api_url()}raion/{sent.external_id}"
    short = f"{sandbox.api_url()}c/1000000071/{sent.external_id}"
    assert all("Завтра отключат воду" in HTTP.get(url, follow_redirects=True).text for url in (sent.url, short))
    assert HTTP.get(f"{sandbox.api_url()}c/9/1").status_code == 404


def test_updates_that_another_page_waits_for_are_not_counted(sandbox):
    sandbox.add_page(72, callback_url="http://127.0.0.1:9/", tokens={"bot": "bot-token-72"})
    sandbox.message(72, "Не горит фонарь")
    HTTP.post(address(sandbox, "setWebhook"), data={"url": "https://example.org/"})
    waiting = {
        token: HTTP.get(address(sandbox, "getWebhookInfo", token)).json()["result"]["pending_update_count"] for token in (TOKEN, "bot-token-72")
    }
    assert waiting == {TOKEN: 0, "bot-token-72": 1}
