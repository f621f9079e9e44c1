"""Direct messages of a community: messages.*."""

from typing import Any

from gospult.networks.sandbox.vk import shapes
from gospult.networks.sandbox.vk.gate import USER, Call, VkError, undefined
from gospult.networks.sandbox.vk.photos import attached
from gospult.networks.sandbox.world import Message, Page

Json = dict[str, Any]
LONGEST = 4096


def send(call: Call) -> int | list[Json]:
    """messages.send: to one person the message's id, to `peer_ids` what became of each."""
    page = _page(call)
    if not call.params.get("peer_ids"):
        return _sent(call, page, call.number("peer_id", call.number("user_id", 0))).id
    return [_told(call, page, int(peer)) for peer in call.params["peer_ids"].split(",") if peer.strip().isdecimal()]


def _told(call: Call, page: Page, peer: int) -> Json:
    try:
        made = _sent(call, page, peer)
    except VkError as error:
        return {"peer_id": peer, "message_id": 0, "conversation_message_id": 0, "error": {"code": error.code, "description": str(error)}}
    return {"peer_id": peer, "message_id": made.id, "conversation_message_id": made.number}


def _sent(call: Call, page: Page, peer: int) -> Message:
    """A message to one person; the same random_id gives the first message back."""
    guard, text = call.params.get("random_id", ""), call.params.get("message", "")
    if not guard.removeprefix("-").isdecimal():
        raise undefined("random_id")
    if guard != "0" and ("random", f"{peer} {guard}") in page.guarded:
        return page.messages[page.guarded["random", f"{peer} {guard}"]]
    _may_write(page, peer)
    if len(text) > LONGEST:
        raise VkError(914, "Message is too long")
    things, guarded = attached(call), "" if guard == "0" else guard
    if not text and not things:
        raise VkError(100, "One of the parameters specified was missing or invalid: message is empty or invalid")
    call.once_more(f"dialogue {page.id} {peer}", text)
    made = call.deeds.page_writes(page, peer, text, by="api", reply_to=call.number("reply_to", 0), guard=guarded, things=things)
    if guarded:
        page.guarded["random", f"{peer} {guard}"] = made.id
    return made


def _may_write(page: Page, peer: int) -> None:
    """A community may only write to a person who wrote first and has not forbidden it."""
    if peer in page.denied or peer not in page.dialogues:
        raise VkError(901, "Can't send messages for users without permission")


def history(call: Call) -> Json:
    """messages.getHistory, newest first."""
    page, peer = _page(call), call.number("peer_id", call.number("user_id", 0))
    said = [item for item in reversed(page.dialogues.get(peer, [])) if not item.deleted]
    offset, count = call.number("offset", 0), call.number("count", 20, most=200)
    answer: Json = {"count": len(said), "items": [shapes.message(call.world, page, item) for item in said[offset : offset + count]]}
    return answer | (shapes.faces(call.world, call.realm, [peer, -page.id]) if call.params.get("extended") == "1" else {})


def conversations(call: Call) -> Json:
    """messages.getConversations, the latest first."""
    page = _page(call)
    living = ([item for item in items if not item.deleted] for items in page.dialogues.values())
    latest = sorted((items[-1] for items in living if items), key=lambda item: -item.id)
    offset, count = call.number("offset", 0), call.number("count", 20, most=200)
    return {"count": len(latest), "items": [_conversation(call, page, item) for item in latest[offset : offset + count]]}


def _conversation(call: Call, page: Page, last: Message) -> Json:
    peer = {"id": last.peer_id, "type": "user", "local_id": last.peer_id}
    shape: Json = {"peer": peer, "last_message_id": last.id, "last_conversation_message_id": last.number, "in_read": last.id, "out_read": last.id}
    shape |= {"version": 10_000_000 + last.id, "can_write": {"allowed": last.peer_id not in page.denied}}
    return {"conversation": shape, "last_message": shapes.message(call.world, page, last)}


def _page(call: Call) -> Page:
    """The community that speaks: the token's own, or the one that a user's token names."""
    named = call.number("group_id", 0)
    if call.kind == USER and not named:
        raise VkError(15, "Access denied: the sandbox knows messages of communities only, group_id is needed")
    return call.own(named or next(iter(call.pages)))
