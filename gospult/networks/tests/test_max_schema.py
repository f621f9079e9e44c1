"""The sandbox's MAX and our parser against MAX's published schema 0.0.30 and recorded answers, when those lie beside the checkout."""

import json
from functools import cache
from pathlib import Path

import httpx
import pytest

from gospult.networks.base import Event
from gospult.networks.max import MAX, parse
from gospult.networks.max.client import refusal
from gospult.networks.max.connector import GRANTS, NEEDS
from gospult.networks.sandbox.max.dialect import METHODS
from gospult.networks.testing import Receiver, Sandbox

jsonschema = pytest.importorskip("jsonschema")
yaml = pytest.importorskip("yaml")

CONTRACT = Path(__file__).parents[3].parent / "shared/contracts/max"
pytestmark = pytest.mark.skipif(not CONTRACT.is_dir(), reason="the folder shared/ is absent")
HTTP = httpx.Client(trust_env=False, verify=False)
PAGE = 7
# Where the schema says "required" and MAX itself leaves out: the sandbox does as the recorded answers do.
LEFT_OUT = {
    "User": {"username", "last_name"},  # people have no username; bots no last name
    "MessageBody": {"attachments", "link"},
    "Recipient": {"user_id"},
    "Chat": {"title", "icon", "description"},
    "ChatMember": {"alias"},
    "ChatList": {"marker"},
}
# The recorded answers that show it, for the test that every deviation is a real one.
SHOWN_BY = {
    "User": [("update.message_created.json", ("updates", 0, "message", "sender")), ("chats/get-members.json", ("members", 0))],
    "MessageBody": [("update.message_created.json", ("updates", 0, "message", "body"))],
    "Recipient": [("update.message_created.json", ("updates", 0, "message", "recipient"))],
    "Chat": [("chats/dialog-with-user.json", ())],
    "ChatMember": [("chats/get-membership.json", ())],
    "ChatList": [("chats/get-chats.json", ())],
}
# Null where the schema allows none: MAX's documentation lets a comment's sender be null, and recorded members without rights have no list.
ADDED = {"GET /messages/{messageId}/comments": "MessageList", "GET /messages/{messageId}/comments/{commentId}": "Message"}
UPDATES = {
    "message_created": "MessageCreatedUpdate",
    "message_edited": "MessageEditedUpdate",
    "message_removed": "MessageRemovedUpdate",
    "bot_started": "BotStartedUpdate",
}


def adapt(node):
    """OpenAPI's `nullable` in JSON Schema's words; `readOnly` and `format` say nothing about an answer."""
    if isinstance(node, list):
        return [adapt(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {key: adapt(value) for key, value in node.items() if key not in ("readOnly", "format", "nullable", "discriminator", "pattern")}
    return {"anyOf": [{"type": "null"}, kept]} if node.get("nullable") is True else kept


@cache
def document():
    whole = yaml.safe_load((CONTRACT / "schema.yaml").read_text(encoding="utf-8"))
    schemas = whole["components"]["schemas"]
    for name, words in LEFT_OUT.items():
        for part in [schemas[name], *schemas[name].get("allOf", [])]:
            part["required"] = [word for word in part.get("required", []) if word not in words]
    # the discriminated union of updates refers to itself through allOf
    schemas["Update"].pop("oneOf")
    schemas["Message"]["properties"]["sender"]["nullable"] = True
    return whole


@cache
def described():
    whole = yaml.safe_load((CONTRACT / "schema.yaml").read_text(encoding="utf-8"))
    return {f"{verb.upper()} {way}": told for way, verbs in whole["paths"].items() for verb, told in verbs.items()}


def complaints(value, name, schemas=None):
    place = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": adapt(schemas or document()["components"]["schemas"])}}
    checker = jsonschema.Draft7Validator(place)
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:120]}" for error in checker.iter_errors(value)]


def result(method):
    """The name of the schema that a method answers with."""
    if method in ADDED:
        return ADDED[method]
    told = described()[method]["responses"]
    answer = told.get("200") or told[200]
    if "$ref" in answer:
        return "SimpleQueryResult"
    return answer["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[-1]


def recorded(name):
    return json.loads((CONTRACT / "stabs" / name).read_text(encoding="utf-8"))


STUBS = sorted(str(path.relative_to(CONTRACT / "stabs")) for path in (CONTRACT / "stabs").rglob("*.json")) if CONTRACT.is_dir() else []


# The sandbox


@pytest.fixture(scope="module")
def world():
    """A channel and a dialogue with everything in them, and the updates that told of it."""
    with Sandbox("max") as sandbox, Receiver() as receiver:
        sandbox.settings(rate_limits=False)
        page = sandbox.add_page(PAGE, name="Школа № 5", handle="school5", members=150, callback_url=receiver.url, secret="taina_7")
        sandbox.add_post(PAGE, "Репост", repost=True)
        post = sandbox.add_post(PAGE, "Закреплённый", pinned=True, views=10)
        spare = sandbox.add_post(PAGE, "Уйдёт")
        top = sandbox.comment(PAGE, post, "Вопрос")
        sandbox.comment(PAGE, post, "И я", author="Пётр Орлов", reply_to=top["id"])
        sandbox.native(PAGE, top["thread"], "Ответ")
        wrote = sandbox.message(PAGE, "Здравствуйте", attachments=["voice", "photo", "file", "video", "sticker", "link"])
        sandbox.native(PAGE, wrote["thread"], "Добрый день", reply_to=wrote["id"])
        sandbox.edit(PAGE, wrote["id"], "Здравствуйте!")
        lost = sandbox.message(PAGE, "Удалят")
        sandbox.delete(PAGE, lost["id"])
        assert sandbox.wait_quiet()
        yield {
            "sandbox": sandbox, "bodies": receiver.bodies, "headers": receiver.headers, "hook": receiver.url,
            "channel": page["external_id"], "dialogue": wrote["thread"][1:],
            "post": post, "spare": spare, "top": top["id"][1:], "wrote": wrote["id"][1:],
        }  # fmt: skip


ANSWERS = [
    ("GET /me", {}, {}),
    ("GET /chats", {}, {}),
    ("GET /chats/{channel}", {}, {}),
    ("GET /chats/{dialogue}", {}, {}),
    ("GET /chats/school5", {}, {}),
    ("POST /chats/{dialogue}/actions", {}, {"action": "typing_on"}),
    ("GET /chats/{channel}/pin", {}, {}),
    ("GET /chats/{channel}/members", {}, {}),
    ("GET /chats/{channel}/members", {"marker": "140"}, {}),
    ("GET /chats/{channel}/members/me", {}, {}),
    ("GET /chats/{channel}/members/admins", {}, {}),
    ("GET /messages", {"chat_id": "{channel}"}, {}),
    ("GET /messages", {"chat_id": "{dialogue}"}, {}),
    ("GET /messages", {"message_ids": "{post},{wrote}"}, {}),
    ("GET /messages/{wrote}", {}, {}),
    ("POST /messages", {"chat_id": "{dialogue}"}, {"text": "Да", "link": {"type": "reply", "mid": "{wrote}"}}),
    ("POST /messages", {"chat_id": "{channel}"}, {"text": "Новость"}),
    ("PUT /messages", {"message_id": "{spare}"}, {"text": "Исправлено"}),
    ("DELETE /messages", {"message_id": "{spare}"}, {}),
    ("GET /messages/{post}/comments", {}, {}),
    ("GET /messages/{post}/comments/{top}", {}, {}),
    ("POST /uploads", {"type": "image"}, {}),
    ("POST /uploads", {"type": "video"}, {}),
    ("POST /answers", {"callback_id": "f9"}, {"notification": "Готово"}),
    ("GET /subscriptions", {}, {}),
    ("POST /subscriptions", {}, {"url": "{hook}", "secret": "taina_7"}),
    ("DELETE /subscriptions", {"url": "{hook}"}, {}),
    ("GET /updates", {"timeout": "0", "marker": "0"}, {}),
]
# Our name for a place → the schema's.
NAMES = {"channel": "chatId", "dialogue": "chatId", "post": "messageId", "wrote": "messageId", "spare": "messageId", "top": "commentId"}


def filled(value, world):
    return {key: filled(item, world) for key, item in value.items()} if isinstance(value, dict) else value.format_map(world)


def ask(world, method, query, body):
    verb, way = method.split(" ")
    url = world["sandbox"].api_url() + way.format_map(world).lstrip("/")
    return HTTP.request(verb, url, params=filled(query, world), json=filled(body, world) or None, headers={"Authorization": f"bot-token-{PAGE}"})


def of_schema(method):
    verb, way = method.split(" ")
    return f"{verb} " + "/".join(
        "{chatId}" if part == "school5" else f"{{{NAMES[part[1:-1]]}}}" if part.startswith("{") else part for part in way.split("/")
    )


@pytest.mark.parametrize(("method", "query", "body"), ANSWERS, ids=[f"{method} {query}" for method, query, _ in ANSWERS])
def test_an_answer_fits_the_schema(world, method, query, body):
    answer = ask(world, method, query, body)
    assert answer.status_code == 200, answer.text
    assert complaints(answer.json(), result(of_schema(method))) == []


def test_video_details_fit_the_schema(world):
    message = ask(world, "GET /messages/{wrote}", {}, {}).json()
    [token] = [item["payload"]["token"] for item in message["body"]["attachments"] if item["type"] == "video"]
    answer = HTTP.get(f"{world['sandbox'].api_url()}videos/{token}", headers={"Authorization": f"bot-token-{PAGE}"}).json()
    assert complaints(answer, "VideoAttachmentDetails") == []


ATTACHMENTS = {"image": "Photo", "audio": "Audio", "file": "File", "video": "Video", "sticker": "Sticker", "share": "Share"}


def test_every_attachment_fits_the_schema_of_its_type(world):
    message = ask(world, "GET /messages/{wrote}", {}, {}).json()
    assert {item["type"] for item in message["body"]["attachments"]} == set(ATTACHMENTS)
    for item in message["body"]["attachments"]:
        assert complaints(item, f"{ATTACHMENTS[item['type']]}Attachment") == []


@pytest.mark.parametrize("label", sorted(UPDATES))
def test_an_update_fits_the_schema(world, label):
    bodies = [body for body in world["bodies"] if body["update_type"] == label]
    assert bodies
    for body in bodies:
        assert complaints(body, UPDATES[label]) == []


@pytest.mark.parametrize(
    ("token", "method", "query", "status", "code"),
    [
        ("nobody", "GET /me", {}, 401, "verify.token"),
        ("", "GET /me", {"access_token": "bot-token-7"}, 401, "verify.token"),
        ("bot-token-7", "GET /chats/-1", {}, 404, "chat.not.found"),
        ("bot-token-7", "GET /messages", {}, 400, "proto.payload"),
        ("bot-token-7", "GET /chats/-1/nowhere", {}, 404, "not.found"),
    ],
)
def test_an_error_fits_the_schema(world, token, method, query, status, code):
    verb, way = method.split(" ")
    answer = HTTP.request(verb, world["sandbox"].api_url() + way[1:], params=query, headers={"Authorization": token} if token else {})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert complaints(answer.json(), "Error") == []


def test_the_sandbox_has_no_method_that_max_does_not_describe():
    known = {method.replace("{chatLink}", "{chatId}") for method in described()} | set(ADDED)
    known |= {f"{verb} /messages/{{messageId}}/comments" for verb in ("POST", "PUT", "DELETE")}
    assert set(METHODS) <= known
    assert {method for methods in NEEDS.values() for method in methods} <= set(METHODS)


@pytest.mark.parametrize("name", sorted(LEFT_OUT))
def test_what_the_sandbox_leaves_out_max_left_out_too(name):
    schemas = yaml.safe_load((CONTRACT / "schema.yaml").read_text(encoding="utf-8"))["components"]["schemas"]
    required = {word for part in [schemas[name], *schemas[name].get("allOf", [])] for word in part.get("required", [])}
    seen = set()
    for stub, way in SHOWN_BY[name]:
        value = recorded(stub)
        for step in way:
            value = value[step]
        seen |= {word for word in required if word not in value}
    assert LEFT_OUT[name] <= seen


def test_the_checker_itself_can_fail():
    assert complaints({"chat_id": 1, "type": "channel"}, "Chat")
    assert complaints({"messages": [{"body": {"mid": "mid.1", "seq": 1, "text": 5}, "recipient": {}, "timestamp": 1}]}, "MessageList")


# The recorded answers and our parser


@pytest.mark.parametrize("name", [name for name in STUBS if name.startswith(("update.", "webhook."))])
def test_every_recorded_update_is_read(name):
    body = recorded(name)
    for update in body.get("updates", [body]):
        event = MAX.parse_event(update, "-70000000000005")
        assert isinstance(event, Event)
        assert event.page_id == "-70000000000005"
        told = {"message_edited": "edited", "message_removed": "deleted"}.get(update["update_type"], "other")
        assert (event.action, event.utterance is not None) == (told, told != "other")
        assert event.utterance is None or event.utterance.thread_id == "d182182182"


@pytest.mark.parametrize("name", ["chats/get-chat-by-id.json", "chats/chat-path-result.json", "chats/dialog-with-user.json"])
def test_every_recorded_chat_is_a_card(name):
    raw = recorded(name)
    card = parse.card(raw)
    assert (card.external_id, card.name, card.members) == (str(raw["chat_id"]), raw.get("title", ""), raw["participants_count"])
    assert (card.handle, card.closed, card.gone) == ("", True, False)


def test_a_recorded_edit_tells_who_and_what():
    said = MAX.parse_event(recorded("webhook.message_edited.json")).utterance
    assert said is not None
    assert (said.text, said.author_id, said.author_name, said.by_page, said.kind) == ("hi bot", "123456789", "John Doe", False, "dm")


def test_a_recorded_pin_is_a_post():
    raw = recorded("chats/get-pin-message.json")["message"]
    assert (parse.post(raw).text, parse.post(raw).external_id) == ("hi", "mid.sha-more")


@pytest.mark.parametrize(
    ("name", "status", "fault", "permanent"),
    [("error.invalid-token.json", 401, "auth", True), ("error.attachment.not.ready.json", 400, "other", False)],
)
def test_a_recorded_error_becomes_our_word(name, status, fault, permanent):
    error = refusal(httpx.Response(status), recorded(name), sending=True)
    assert (error.fault, error.permanent, error.outcome_unknown) == (fault, permanent, False)


def test_what_a_bot_is_granted_is_told_in_words_of_max():
    words = {word for words in GRANTS.values() for word in words} - {"is_admin"}
    known = set(document()["components"]["schemas"]["ChatAdminPermission"]["enum"])
    owner = next(member for member in recorded("chats/get-admins.json")["members"] if member["is_owner"])
    assert words <= known & set(owner["permissions"])
    assert {"write", "read_all_messages"} <= set(recorded("chats/get-membership.json")["permissions"])
