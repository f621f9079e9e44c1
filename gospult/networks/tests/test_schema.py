"""The sandbox against VK's published schema of API 5.199, when that lies beside the checkout."""

import json
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from gospult.networks.sandbox.vk.api import METHODS
from gospult.networks.testing import Receiver, Sandbox
from gospult.networks.vk.connector import CALLS

jsonschema = pytest.importorskip("jsonschema")
referencing = pytest.importorskip("referencing")

VK = Path(__file__).parents[3].parent / "shared/contracts/vk"
pytestmark = pytest.mark.skipif(not VK.is_dir(), reason="the folder shared/ is absent")
HTTP = httpx.Client(trust_env=False, verify=False)
KINDS = {"group": "community", "user": "user", "service": "service"}
# Callback object → the schema that describes it.
EVENTS = {
    "wall_reply_new": "callback/objects.json#/definitions/callback_wall_reply_new",
    "wall_reply_edit": "callback/objects.json#/definitions/callback_wall_reply_edit",
    "wall_reply_restore": "callback/objects.json#/definitions/callback_wall_reply_restore",
    "wall_reply_delete": "callback/objects.json#/definitions/callback_wall_comment_delete",
    "wall_post_new": "callback/objects.json#/definitions/callback_wall_post_new",
    "message_new": "callback/objects.json#/definitions/callback_message_new",
    "message_reply": "callback/objects.json#/definitions/callback_message",
    "message_edit": "callback/objects.json#/definitions/callback_message",
}


def adapt(node):
    """VK writes `required: true` into a property and forbids keys of sibling schemas; draft 7 wants it otherwise."""
    if isinstance(node, list):
        return [adapt(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {key: adapt(value) for key, value in node.items() if key not in ("required", "additionalProperties")}
    inner = node.get("properties")
    if isinstance(inner, dict):
        needed = [name for name, shape in inner.items() if isinstance(shape, dict) and shape.get("required") is True]
        kept |= {"required": needed} if needed else {}
    return kept


@cache
def resource(address):
    body = adapt(json.loads((VK / urlsplit(address).path.lstrip("/")).read_text(encoding="utf-8")))
    return referencing.Resource(body, specification=referencing.jsonschema.DRAFT7)


def complaints(value, place):
    registry = referencing.Registry(retrieve=resource)
    checker = jsonschema.Draft7Validator({"$ref": f"http://vk/{place}"}, registry=registry)
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:120]}" for error in checker.iter_errors(value)]


@cache
def described():
    methods = {}
    for path in VK.glob("*/methods.json"):
        methods |= {method["name"]: method for method in json.loads(path.read_text(encoding="utf-8"))["methods"]}
    return methods


@pytest.mark.parametrize("name", sorted(METHODS))
def test_the_sandbox_takes_the_token_kinds_of_the_schema(name):
    assert set(METHODS[name][0]) == {KINDS[kind] for kind in described()[name]["access_token_type"]}


REFUSALS = {"community": 27, "service": 28, "user": 15}


@pytest.mark.parametrize("name", sorted(METHODS))
def test_a_token_of_a_kind_that_the_schema_does_not_list_is_refused(world, name):
    listed = {KINDS[kind] for kind in described()[name]["access_token_type"]}
    for kind in REFUSALS.keys() - listed:
        assert call(world[0], name, access_token=f"{kind}-token-7")["error"]["error_code"] == REFUSALS[kind]
    for kind in listed:
        answer = call(world[0], name, access_token=f"{kind}-token-7")
        # it may well be refused for want of parameters, but never for what the token is
        assert answer.get("error", {}).get("error_code") not in (27, 28)


@pytest.mark.parametrize("name", sorted(CALLS))
def test_the_connector_uses_the_token_kinds_of_the_schema(name):
    assert set(CALLS[name]) == {KINDS[kind] for kind in described()[name]["access_token_type"]}


@pytest.fixture(scope="module")
def world():
    """A page with everything on it, and the events that told of it."""
    with Sandbox() as sandbox, Receiver() as receiver:
        sandbox.settings(rate_limits=False)
        menu = [["Сообщить о проблеме", "https://example.org/form"]]
        sandbox.add_page(7, name="Школа № 5", members=900, callback_url=receiver.url, secret="тайна", confirmation="ab12", menu=menu)
        sandbox.add_post(7, "Первый", views=10, likes=2, reposts=1)
        sandbox.add_post(7, "Репост", repost=True)
        post = sandbox.add_post(7, "Закреплённый", pinned=True)
        top = sandbox.comment(7, post, "Вопрос", attachments=["photo", "video", "file"])
        sandbox.comment(7, post, "И я", author="Пётр Орлов", reply_to=top["id"])
        sandbox.native(7, top["thread"], "Ответ")
        lost = sandbox.comment(7, post, "Удалят")
        sandbox.comment(7, post, "Под удалённым", reply_to=lost["id"])
        sandbox.delete(7, lost["id"])
        sandbox.edit(7, top["id"], "Вопрос?")
        back = sandbox.comment(7, post, "Вернут")
        sandbox.delete(7, back["id"])
        sandbox.restore(7, back["id"])
        wrote = sandbox.message(7, "Здравствуйте", attachments=["voice", "photo", "file"])
        sandbox.native(7, wrote["thread"], "Добрый день", reply_to=wrote["id"])
        sandbox.edit(7, wrote["id"], "Здравствуйте!")
        assert sandbox.wait_quiet()
        yield sandbox, receiver, post, top["id"][1:]


def call(sandbox, name, **params):
    kind = METHODS[name][0][0]
    form = {"v": "5.199", "access_token": f"{kind}-token-7"} | params
    return HTTP.post(sandbox.api_url() + name, data=form).json()


FIELDS = "members_count,menu,cover,description,site,wall,can_message,verified,status"
OK = "base_ok_response"
ANSWERS = [
    ("groups.getById", {"group_ids": "7", "fields": FIELDS}, "groups_getById_object_response"),
    ("groups.ban", {"group_id": "7", "owner_id": "1001", "end_date": "4000000000"}, OK),
    ("groups.unban", {"group_id": "7", "owner_id": "1001"}, OK),
    ("groups.getCallbackConfirmationCode", {"group_id": "7"}, "groups_getCallbackConfirmationCode_response"),
    ("users.get", {"user_ids": "1001"}, "users_get_response"),
    ("wall.get", {"owner_id": "-7"}, "wall_get_response"),
    ("wall.get", {"owner_id": "-7", "extended": "1"}, "wall_get_extended_response"),
    ("wall.getById", {"posts": "-7_1,-7_2"}, "wall_getById_response"),
    ("wall.getComments", {"owner_id": "-7", "post_id": "POST", "thread_items_count": "10"}, "wall_getComments_response"),
    ("wall.getComments", {"owner_id": "-7", "post_id": "POST", "comment_id": "TOP", "extended": "1"}, "wall_getComments_extended_response"),
    ("wall.createComment", {"owner_id": "-7", "post_id": "POST", "message": "Да", "from_group": "7", "guid": "1"}, "wall_createComment_response"),
    ("messages.getHistory", {"peer_id": "1001", "group_id": "7"}, "messages_getHistory_response"),
    ("messages.getHistory", {"peer_id": "1001", "group_id": "7", "extended": "1"}, "messages_getHistory_extended_response"),
    ("messages.getConversations", {"group_id": "7"}, "messages_getConversations_response"),
    ("messages.send", {"peer_id": "1001", "group_id": "7", "random_id": "5", "message": "Да"}, "messages_send_deprecated_response"),
    ("messages.send", {"peer_ids": "1001,404", "group_id": "7", "random_id": "6", "message": "Да"}, "messages_send_user_ids_response"),
    ("groups.getMembers", {"group_id": "7", "count": "3"}, "groups_getMembers_response"),
    ("groups.getMembers", {"group_id": "7", "count": "3", "fields": "sex"}, "groups_getMembers_fields_response"),
    ("groups.getTokenPermissions", {}, "groups_getTokenPermissions_response"),
    ("groups.getCallbackServers", {"group_id": "7"}, "groups_getCallbackServers_response"),
    ("groups.addCallbackServer", {"group_id": "7", "url": "http://127.0.0.1:9/", "title": "Второй"}, "groups_addCallbackServer_response"),
    ("groups.editCallbackServer", {"group_id": "7", "server_id": "1", "url": "http://127.0.0.1:9/", "title": "Ещё"}, OK),
    ("groups.setCallbackSettings", {"group_id": "7", "server_id": "1", "message_new": "1"}, OK),
    ("groups.getCallbackSettings", {"group_id": "7", "server_id": "1"}, "groups_getCallbackSettings_response"),
    ("groups.getLongPollServer", {"group_id": "7"}, "groups_getLongPollServer_response"),
    ("groups.setLongPollSettings", {"group_id": "7", "enabled": "1"}, OK),
    ("groups.getLongPollSettings", {"group_id": "7"}, "groups_getLongPollSettings_response"),
    ("account.getAppPermissions", {}, "account_getAppPermissions_response"),
    ("users.get", {}, "users_get_response"),
    ("wall.post", {"owner_id": "-7", "from_group": "1", "message": "Новость"}, "wall_post_response"),
    ("wall.edit", {"owner_id": "-7", "post_id": "1", "message": "Новость"}, "wall_edit_response"),
    ("wall.deleteComment", {"owner_id": "-7", "comment_id": "TOP"}, OK),
    ("wall.restoreComment", {"owner_id": "-7", "comment_id": "TOP"}, OK),
    ("wall.delete", {"owner_id": "-7", "post_id": "1"}, OK),
    ("photos.getMessagesUploadServer", {}, "photos_getMessagesUploadServer_response"),
    ("photos.getWallUploadServer", {"group_id": "7"}, "photos_getWallUploadServer_response"),
]


@pytest.mark.parametrize(("name", "params", "shape"), ANSWERS, ids=[f"{name}-{shape}" for name, _, shape in ANSWERS])
def test_an_answer_fits_the_schema(world, name, params, shape):
    sandbox, _, post, top = world
    params = {key: {"POST": post, "TOP": top}.get(value, value) for key, value in params.items()}
    answer = call(sandbox, name, **params)
    assert "response" in answer
    assert complaints(answer, f"{shape.split('_')[0]}/responses.json#/definitions/{shape}") == []


def test_every_method_of_the_sandbox_is_held_against_the_schema():
    saved = {"photos.saveMessagesPhoto", "photos.saveWallPhoto"}  # below: a picture goes before them
    unsaid = {"execute", "groups.deleteCallbackServer"}  # the schema leaves the first open; the second only says 1
    assert {name for name, *_ in ANSWERS} | saved | unsaid == set(METHODS)


@pytest.mark.parametrize(
    ("ask", "save"), [("photos.getMessagesUploadServer", "photos.saveMessagesPhoto"), ("photos.getWallUploadServer", "photos.saveWallPhoto")]
)
def test_a_saved_photo_fits_the_schema(world, ask, save):
    sandbox = world[0]
    url = call(sandbox, ask, group_id="7")["response"]["upload_url"]
    picture = HTTP.get(f"{sandbox.base_url}/files/photo.jpg").content
    placed = HTTP.post(url, files={"photo": ("a.jpg", picture)}).json()
    answer = call(sandbox, save, group_id="7", **placed)
    assert complaints(answer, f"photos/responses.json#/definitions/{save.replace('.', '_')}_response") == []


def test_an_event_of_long_poll_fits_the_schema(world):
    sandbox = world[0]
    server = call(sandbox, "groups.getLongPollServer", group_id="7")["response"]
    answer = HTTP.get(server["server"], params={"act": "a_check", "key": server["key"], "ts": "0", "wait": "1"}).json()
    assert {update["type"] for update in answer["updates"]} >= set(EVENTS)
    for update in answer["updates"]:
        assert "secret" not in update
        assert complaints(update, "callback/objects.json#/definitions/callback_base") == []
        assert complaints(update["object"], EVENTS[update["type"]]) == []


@pytest.mark.parametrize("label", sorted(EVENTS))
def test_an_event_fits_the_schema(world, label):
    bodies = world[1].of(label)
    assert bodies
    for body in bodies:
        assert complaints(body, "callback/objects.json#/definitions/callback_base") == []
        assert complaints(body["object"], EVENTS[label]) == []


def test_the_checker_itself_can_fail():
    place = "wall/responses.json#/definitions/wall_getComments_response"
    [found] = complaints({"response": {"count": 1, "items": [{"id": 1, "date": 1, "text": ""}]}}, place)
    assert "from_id" in found
