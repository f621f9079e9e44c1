"""The graph API of a group's bot: chats, messages, subscriptions, uploads."""

import secrets
from typing import Any

from gospult.networks.sandbox.files import picture_of
from gospult.networks.sandbox.ok import names, shapes
from gospult.networks.sandbox.ok.gate import Call, Json, Method, OkError
from gospult.networks.sandbox.world import Page, Thing, World, now

LONGEST = 4096


def info(call: Call) -> Json:
    """Whose token it is."""
    page = call.pages[0]
    return {"name": page.name, "group_id": f"group:{names.group(page)}"}


def chats(call: Call) -> Json:
    """Dialogues, the latest first, behind a marker."""
    page, marker = call.pages[0], call.text("marker", "0")
    start, count = int(marker) if marker.isdecimal() else 0, call.number("count", 20, most=100)
    found = sorted(page.dialogues, key=lambda peer: (shapes.chat(call.world, page, peer)["lastEventTime"], page.dialogues[peer][-1].id), reverse=True)
    answer: Json = {"chats": [shapes.chat(call.world, page, peer) for peer in found[start : start + count]]}
    return answer | ({"marker": str(start + count)} if start + count < len(found) else {})


def chat(call: Call) -> Json:
    """One dialogue."""
    return shapes.chat(call.world, call.pages[0], _peer(call, call.text("chat_id")))


def messages(call: Call) -> Json:
    """Messages of a dialogue, newest first; `from` is the later moment and `to` the earlier one."""
    page, latest = call.pages[0], 10**15
    peer, count = _peer(call, call.text("chat_id")), call.number("count", 50, most=100)
    end, start = call.number("from", latest, most=latest), call.number("to", 0, most=latest)
    said = [item for item in page.dialogues[peer] if not item.deleted and start <= item.at * 1000 <= end]
    return {"messages": [shapes.message(call.world, page, item) for item in said[::-1][:count]]}


def post_message(call: Call) -> Json:
    """A message of the group into a dialogue; error 458 when the person does not take any."""
    page, said = call.pages[0], call.params.get("message")
    recipient = call.params.get("recipient")
    told = str(recipient.get("chat_id", "")) if isinstance(recipient, dict) else ""
    peer = _peer(call, told or call.text("chat_id", ""))
    if not isinstance(said, dict):
        raise OkError(2001, "message")
    text, things = str(said.get("text") or ""), _things(call, said)
    if (not text and not things) or len(text) > LONGEST:
        raise OkError(2001, "message")
    if peer in page.denied:
        raise OkError(458)
    made = call.deeds.page_writes(page, peer, text, by="api", reply_to=_answered(page, said.get("reply_to")), things=things)
    return {"recipient_id": f"user:{peer}", "message_id": f"mid:{names.message(page, made.id)}"}


def subscriptions(call: Call) -> Json:
    """Where the group's events go."""
    return {"subscriptions": list(call.pages[0].kept["subscriptions"])}


def subscribe(call: Call) -> Json:
    """The last address that was subscribed is called: the sandbox calls one."""
    page, url = call.pages[0], _url(call)
    kept = [item for item in page.kept["subscriptions"] if item["url"] != url]
    page.kept["subscriptions"] = [*kept, {"time": now() * 1000, "url": url}]
    page.callback_url = url
    return {"success": True}


def unsubscribe(call: Call) -> Json:
    """Error 300 for an address that is not subscribed."""
    page, url = call.pages[0], _url(call)
    if not forget(page, url):
        raise OkError(300)
    return {"success": True}


def forget(page: Page, url: str) -> bool:
    """Take a subscription away; whether there was one."""
    kept = [item for item in page.kept["subscriptions"] if item["url"] != url]
    known = len(kept) < len(page.kept["subscriptions"])
    page.kept["subscriptions"] = kept
    if page.callback_url == url:
        page.callback_url = kept[-1]["url"] if kept else ""
    return known


def upload_url(call: Call) -> Json:
    """Where a file for a message is put; the token of a picture comes from the upload server."""
    if call.text("type", "FILE").upper() != "IMAGE":
        raise OkError(2001, "type")
    photo, key = secrets.token_urlsafe(24), secrets.token_hex(8)
    call.realm.uploads[key] = (photo, -call.pages[0].id)
    return {"url": f"{call.world.base_url}/ok/upload/{key}", "file_id": secrets.token_hex(4)}


def receive(world: World, key: str, content: bytes) -> Json:
    """The upload server of topics and messages: a token for a picture, error 504 for anything else."""
    found = picture_of(content)
    if found is None:
        raise OkError(504)
    with world.lock:
        realm = world.realm("ok")
        if key not in realm.uploads:
            raise OkError(300)
        photo, owner = realm.uploads.pop(key)
        token = secrets.token_urlsafe(32)
        realm.things[token] = world.picture(content, found[0], owner, found[1])
        return {"photos": {photo: {"token": token}}}


def _peer(call: Call, told: str) -> int:
    try:
        peer = names.peer(told.removeprefix("chat:"))
    except ValueError:
        raise OkError(705) from None
    if peer not in call.pages[0].dialogues:
        raise OkError(705)
    return peer


def _url(call: Call) -> str:
    url = call.text("url", "")
    if not url.startswith(("http://", "https://")):
        raise OkError(2001, "url")
    return url


def _answered(page: Page, told: Any) -> int:
    if not told:
        return 0
    try:
        number = names.message_number(str(told).removeprefix("mid:"))
    except ValueError:
        number = 0
    if number not in page.messages:
        raise OkError(2001, "reply_to")
    return number


def _things(call: Call, said: Json) -> list[Thing]:
    """Pictures by the tokens of the upload server."""
    listed = said.get("attachments")
    told = [*(listed if isinstance(listed, list) else []), *([said["attachment"]] if said.get("attachment") else [])]
    tokens = [item.get("payload", {}).get("token", "") if isinstance(item, dict) and item.get("type") == "IMAGE" else "" for item in told]
    if any(token not in call.realm.things for token in tokens):
        raise OkError(2001, "attachments")
    return [call.realm.things[token] for token in tokens]


METHODS: dict[str, Method] = {
    "graph.user.info": info,
    "graph.user.chats": chats,
    "graph.user.chat": chat,
    "graph.user.messages": messages,
    "graph.user.messages.post": post_message,
    "graph.user.subscriptions": subscriptions,
    "graph.user.subscribe": subscribe,
    "graph.user.unsubscribe": unsubscribe,
    "graph.user.fileUploadUrl": upload_url,
}
