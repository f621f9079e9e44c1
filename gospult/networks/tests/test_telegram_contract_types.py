"""Telegram in the sandbox, and our reading of it, against Bot API 10.1 (contracts/telegram/api.min.json), when that lies beside the checkout."""

import io
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import httpx
import pytest
from PIL import Image

from gospult.networks.base import Credentials
from gospult.networks.sandbox.telegram import api
from gospult.networks.telegram import Telegram
from gospult.networks.telegram.connector import NEEDS, UPDATES
from gospult.networks.telegram.content import FILES, OTHERS
from gospult.networks.telegram.fields import HEAD, SERVICE
from gospult.networks.testing import Sandbox

SPECIFICATION = Path(__file__).parents[3].parent / "shared/contracts/telegram/api.min.json"
pytestmark = pytest.mark.skipif(not SPECIFICATION.is_file(), reason="the folder shared/ is absent")
HTTP = httpx.Client(trust_env=False)
PLAIN = {"Integer": int, "String": str, "Boolean": bool, "Float": (int, float)}
# What Bot API 10.3 added, and aiogram cannot do without.
NEWER = {"ChatMemberAdministrator": {"can_send_welcome_messages"}}
PAGE, CHANNEL, GROUP, DEEPEST = 7, "-1001000000007", "-1002000000007", 3


@cache
def specified():
    return json.loads(SPECIFICATION.read_text(encoding="utf-8"))


def complaints(value, types, place="result"):
    """What is wrong with a value that must be of one of these types; [] when it is right."""
    found = [_complaints(value, name, place) for name in types]
    return min(found, key=len)


def _complaints(value, name, place):
    if name.startswith("Array of "):
        items = value if isinstance(value, list) else None
        return [f"{place}: no list"] if items is None else [bad for item in items for bad in complaints(item, [name[9:]], f"{place}[]")]
    if name in PLAIN:
        fits = isinstance(value, PLAIN[name]) and isinstance(value, bool) == (name == "Boolean")
        return [] if fits else [f"{place}: {value!r} is no {name}"]
    about = specified()["types"][name]
    if "subtypes" in about:
        return complaints(value, about["subtypes"], place)
    return _of_object(value, name, {field["name"]: field for field in about.get("fields", [])}, place)


def _of_object(value, name, fields, place):
    if not isinstance(value, dict):
        return [f"{place}: no {name}"]
    missing = [f"{place}: {name} without {key}" for key, field in fields.items() if field["required"] and key not in value]
    unknown = [f"{place}: {name} has no {key}" for key in value if key not in fields and key not in NEWER.get(name, ())]
    # a subtype is told by its own word: "always …"
    wrong = [f"{place}.{key}: {value[key]!r}" for key, field in fields.items() if key in value and not _is_the_word(value[key], field["description"])]
    inner = [bad for key, field in fields.items() if key in value for bad in complaints(value[key], field["types"], f"{place}.{key}")]
    return missing + unknown + wrong + inner


def _is_the_word(value, description):
    told = description.replace("“", '"').replace("”", '"')
    return 'always "' not in told or f'always "{value}"' in told


@pytest.fixture(scope="module")
def world():
    """A channel with everything on it, and the calls of it."""
    with Sandbox("telegram") as sandbox:
        sandbox.settings(rate_limits=False)
        sandbox.add_page(PAGE, name="Школа № 5", handle="school5", members=900, description="Пишите нам")
        post = sandbox.add_post(PAGE, "Завтра субботник")
        top = sandbox.comment(PAGE, post, "Вопрос", attachments=["photo", "video"])
        sandbox.comment(PAGE, post, "И я", author="Пётр Орлов", reply_to=top["id"], attachments=["sticker"])
        sandbox.native(PAGE, top["thread"], "Ответ", reply_to=top["id"])
        sandbox.edit(PAGE, top["id"], "Вопрос?")
        wrote = sandbox.message(PAGE, "Здравствуйте", attachments=["voice"])
        for word in ("file", "link", "photo_gps"):
            sandbox.message(PAGE, "", attachments=[word])
        sandbox.message(PAGE, "Слышно?", reply_to=wrote["id"])
        yield sandbox, {"PEER": wrote["thread"][1:], "TOP": top["id"].split("_")[1], "FILE": _photo(sandbox)}


def _photo(sandbox):
    return ask(sandbox, "getChat", {"chat_id": CHANNEL})[1]["result"]["photo"]["big_file_id"]


def ask(sandbox, method, params, files=None):
    sent = {key: value if isinstance(value, str) else json.dumps(value) for key, value in params.items()}
    answer = HTTP.post(f"{sandbox.api_url()}bot{f'bot-token-{PAGE}'}/{method}", data=sent, files=files)
    return answer.status_code, answer.json()


def picture():
    out = io.BytesIO()
    Image.new("RGB", (32, 24)).save(out, "PNG")
    return out.getvalue()


ALBUM = [{"type": "photo", "media": "attach://a", "caption": "Двор"}, {"type": "photo", "media": "attach://b"}]
ASKED = [
    ("getMe", {}),
    ("getUpdates", {"limit": 100}),
    ("getWebhookInfo", {}),
    ("getChat", {"chat_id": CHANNEL}),
    ("getChat", {"chat_id": GROUP}),
    ("getChat", {"chat_id": "PEER"}),
    ("getChatMemberCount", {"chat_id": CHANNEL}),
    ("getChatMember", {"chat_id": CHANNEL, "user_id": "7000000007"}),
    ("getChatMember", {"chat_id": GROUP, "user_id": "7000000007"}),
    ("getChatMember", {"chat_id": GROUP, "user_id": "PEER"}),
    ("getChatAdministrators", {"chat_id": GROUP}),
    ("getFile", {"file_id": "FILE"}),
    ("sendMessage", {"chat_id": "PEER", "text": "Добрый день"}),
    ("sendMessage", {"chat_id": GROUP, "text": "У школы", "reply_parameters": {"message_id": "TOP"}}),
    ("sendMessage", {"chat_id": CHANNEL, "text": "Новость"}),
    ("sendPhoto", {"chat_id": CHANNEL, "photo": "FILE", "caption": "Двор"}),
    ("sendMediaGroup", {"chat_id": CHANNEL, "media": ALBUM}),
    ("editMessageText", {"chat_id": CHANNEL, "message_id": "1", "text": "Субботник отменён"}),
    ("sendChatAction", {"chat_id": CHANNEL, "action": "typing"}),
    ("getMyCommands", {}),
    ("setMyCommands", {"commands": []}),
    ("setWebhook", {"url": "https://example.org/hook", "allowed_updates": ["message"]}),
    ("getWebhookInfo", {}),
    ("deleteWebhook", {}),
    ("deleteMessage", {"chat_id": CHANNEL, "message_id": "1"}),
]


@pytest.mark.parametrize(("method", "params"), ASKED, ids=[f"{method}-{number}" for number, (method, _) in enumerate(ASKED)])
def test_an_answer_is_of_the_types_of_the_specification(world, method, params):
    sandbox, names = world
    filled = json.loads(json.dumps(params).replace('"TOP"', names["TOP"]))
    filled = {key: names.get(value, value) if isinstance(value, str) else value for key, value in filled.items()}
    files = {name: (f"{name}.png", picture()) for name in ("a", "b")} if method == "sendMediaGroup" else None
    status, body = ask(sandbox, method, filled, files)
    assert (status, body.get("ok")) == (200, True), body
    assert complaints(body["result"], specified()["methods"][method]["returns"]) == []


def test_every_method_of_the_sandbox_and_of_the_connector_exists():
    ours = {*api.METHODS, *api.HEARING, *(method for methods in NEEDS.values() for method in methods)}
    assert ours <= specified()["methods"].keys()
    assert {*api.METHODS, *api.HEARING} >= {method for methods in NEEDS.values() for method in methods}
    assert set(UPDATES) <= {field["name"] for field in specified()["types"]["Update"]["fields"]}


def test_an_error_says_why_and_how_long(world):
    sandbox, _ = world
    sandbox.fault("too_fast")
    status, body = ask(sandbox, "getMe", {})
    assert (status, body["ok"], body["error_code"]) == (429, False, 429)
    assert complaints(body["parameters"], ["ResponseParameters"]) == []
    assert ask(sandbox, "sendMessage", {"chat_id": "1", "text": "…"}) == (
        400,
        {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"},
    )


def test_the_connector_sends_only_parameters_that_the_methods_have(monkeypatch):
    sent = []
    monkeypatch.setattr(api, "METHODS", {name: _noting(sent, name, method) for name, method in api.METHODS.items()})
    monkeypatch.setattr(api, "HEARING", {name: _noting(sent, name, method) for name, method in api.HEARING.items()})
    with Sandbox("telegram") as sandbox:
        sandbox.settings(rate_limits=False)
        page = sandbox.add_page(PAGE, name="Школа № 5", handle="school5")
        network = Telegram(Credentials(page["external_id"], page["tokens"]), base_url=sandbox.api_url())
        wrote, asked = sandbox.message(PAGE, "Вопрос"), sandbox.comment(PAGE, sandbox.add_post(PAGE, "Новость"), "Вопрос")
        photos = [network.upload("", kind="post", name=name, content=picture()) for name in ("a.png", "b.png")]
        network.rights()
        network.webhook()
        network.subscribe("https://example.org/hook", "s3cret")
        network.fetch(network.cards([page["external_id"]])[0].avatar_url)
        network.reply(wrote["thread"], kind="dm", text="Ответ", guard="1", reply_to=wrote["id"], attachments=photos[:1])
        network.reply(asked["thread"], kind="comment", text="Ответ", guard="2")
        album = network.publish("Двор", attachments=photos)
        network.edit_post(album.external_id, "Двор готов")
        network.delete_post(album.external_id)
        network.delete_post(network.publish("Новость").external_id)
        network.hide(asked["id"], thread_id=asked["thread"])
        network.ban(str(asked["author"]), until=datetime.now(UTC) + timedelta(days=1))
        network.unban(str(asked["author"]))
    assert {method for method, _ in sent} == {method for methods in NEEDS.values() for method in methods}
    known = {name: {field["name"] for field in about.get("fields", [])} for name, about in specified()["methods"].items()}
    assert [(method, names - known[method]) for method, names in sent if names - known[method]] == []


def _noting(sent, name, method):
    def carried(call, *more):
        sent.append((name, {*call.params} | {key for key in call.files if not key.removeprefix("photo")}))
        return method(call, *more)

    return carried


# Reading


def test_every_field_of_a_message_is_known_as_head_content_or_service():
    fields = {field["name"]: field for field in specified()["types"]["Message"]["fields"]}
    content = {*FILES, *OTHERS, "photo", "live_photo", "text", "caption", "rich_message"}
    assert HEAD | SERVICE | content == fields.keys()
    assert len(HEAD) + len(SERVICE) + len(content) == len(fields)
    said_to_be_service = {name for name, field in fields.items() if "Service message" in field["description"]}
    assert said_to_be_service <= SERVICE


def example(types, depth=0):
    """A value of a type with every field that it may have, as deep as DEEPEST, below that only what it must have."""
    name = types[0]
    if name.startswith("Array of "):
        return [example([name[9:]], depth)]
    if name in PLAIN:
        return {"Integer": 1790000000, "String": "слово", "Boolean": True, "Float": 55.16}[name]
    about = specified()["types"][name]
    if "subtypes" in about:
        return example([kind for kind in about["subtypes"] if kind != "RichText"], depth)
    return {field["name"]: example(field["types"], depth + 1) for field in about.get("fields", []) if field["required"] or depth < DEEPEST}


def private(name, value):
    return {"message_id": 5, "date": 1790000000, "chat": {"id": 501, "type": "private"}, "from": {"id": 501, "is_bot": False}, name: value}


@pytest.fixture(scope="module")
def fields():
    return {field["name"]: field["types"] for field in specified()["types"]["Message"]["fields"]}


def test_every_kind_of_message_is_read(fields):
    for name, types in fields.items():
        if name in ("message_id", "date", "chat", "from"):
            continue
        told = Telegram.parse_event({"update_id": 1, "message": private(name, example(types))}, CHANNEL)
        assert (name, told.action) == (name, "other" if name in HEAD | SERVICE else "said")
        if told.utterance:
            assert told.utterance.text or told.utterance.attachments, name


def test_every_update_of_the_specification_is_read():
    whole = example(["Update"])
    del whole["update_id"]
    assert len(whole) > 20
    for label, thing in whole.items():
        told = Telegram.parse_event({"update_id": 1, label: thing}, CHANNEL)
        assert told.action == "other" or label in UPDATES
        assert told.event_id == "1"


def test_every_update_of_the_sandbox_is_read(world):
    sandbox, _ = world
    updates = ask(sandbox, "getUpdates", {"limit": 100, "offset": 0})[1]["result"]
    told = [Telegram.parse_event(update, CHANNEL) for update in updates]
    said = [event.utterance for event in told if event.action == "said"]
    assert {"said", "edited", "posted", "other"} == {event.action for event in told}
    heard = {utterance.external_id for utterance in said if not utterance.by_page}
    assert heard >= {line["id"] for line in sandbox.said()}
    assert [utterance.text for utterance in said if utterance.by_page] == ["Ответ"]


# The checker


@pytest.mark.parametrize(
    ("value", "types", "expected"),
    [
        ({"id": 1, "is_bot": False}, ["User"], "User without first_name"),
        ({"id": "1", "is_bot": False, "first_name": "М"}, ["User"], "is no Integer"),
        ({"id": 1, "is_bot": False, "first_name": "М", "age": 5}, ["User"], "User has no age"),
        ({"id": True, "is_bot": False, "first_name": "М"}, ["User"], "is no Integer"),
        ([{"status": "left"}], ["Array of ChatMember"], "without user"),
        ({"status": "gone", "user": {"id": 1, "is_bot": False, "first_name": "М"}}, ["ChatMember"], "'gone'"),
    ],
)
def test_the_checker_itself_can_fail(value, types, expected):
    assert any(expected in bad for bad in complaints(value, types))
