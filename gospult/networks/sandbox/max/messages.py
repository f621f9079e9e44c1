"""/messages: posts of a channel and messages of dialogues are one thing for MAX."""

from collections.abc import Mapping
from typing import Any

from gospult.networks.sandbox.max import names, shapes
from gospult.networks.sandbox.max.gate import Call, MaxError, invalid
from gospult.networks.sandbox.max.uploads import attached
from gospult.networks.sandbox.world import Message, Page, Post

Json = dict[str, Any]
LONGEST = 4000


def listed(call: Call) -> Json:
    """GET /messages: of one chat or by ids, the newest first; `from` is the later bound and `to` the earlier one, both included."""
    if call.query.get("message_ids"):
        return {"messages": [_shape(call, *call.found(name)) for name in call.query["message_ids"].split(",")]}
    if not call.query.get("chat_id"):
        raise invalid("chat_id or message_ids is required")
    page, person = call.place(call.number("chat_id", 0, least=-(1 << 62)))
    items: list[Post | Message]
    if person:
        items = [item for item in page.dialogues[person] if not item.deleted]
    else:
        items = list(call.granted(page, "read_all_messages").posts.values())
    latest, earliest = call.number("from", 1 << 61), call.number("to", 0)
    shown = [item for item in items if earliest <= shapes.moment(page, item) <= latest]
    shown.sort(key=lambda item: (shapes.moment(page, item), item.id), reverse=True)
    return {"messages": [_draw(call, page, item) for item in shown[: call.number("count", 50, least=1, most=100)]]}


def one(call: Call) -> Json:
    """GET /messages/{messageId}."""
    return _shape(call, *call.found(call.path["messageId"]))


def send(call: Call) -> Json:
    """POST /messages: to a chat, or to a person who already talks with the bot."""
    page, person = _recipient(call)
    text = said(call)
    if person:
        _may_write(page, person)
    else:
        call.granted(page, "write")
    call.slow_down(names.dialogue(page, person) if person else names.channel(page))
    things = attached(call, page)
    if not text and not things:
        raise invalid("Must be at least one of: text, attachments")
    if not person:
        return {"message": shapes.post(call.world, page, call.deeds.page_posts(page, text, by="api", things=things))}
    made = call.deeds.page_writes(page, person, text, by="api", reply_to=_answered(call, page), things=things)
    return {"message": shapes.message(call.world, page, made)}


def said(call: Call) -> str:
    """The text of a NewMessageBody."""
    text = call.body.get("text")
    if text is not None and not isinstance(text, str):
        raise invalid("text: must be a string")
    if len(text or "") > LONGEST:
        raise invalid(f"text: size must be between 0 and {LONGEST}")
    return text or ""


def link(call: Call) -> str:
    """The id of the message that a new one answers, "" for none."""
    asked = call.body.get("link")
    if asked is None:
        return ""
    if not isinstance(asked, dict) or asked.get("type") not in ("reply", "forward") or not isinstance(asked.get("mid"), str):
        raise invalid("link: type and mid are required")
    return str(asked["mid"]) if asked["type"] == "reply" else ""


def _answered(call: Call, page: Page) -> int:
    name = link(call)
    number = call.found(name)[2] if name else 0
    if number and number not in page.messages:
        raise MaxError(404, "message.not.found", "Message not found")
    return number


def edit(call: Call) -> Json:
    """PUT /messages: what the bot itself has written; attachments stay when they are not named."""
    page, person, number = call.found(call.query.get("message_id", ""))
    item = _item(page, person, number)
    call.slow_down(names.dialogue(page, person) if person else names.channel(page))
    text = item.text if call.body.get("text") is None else said(call)
    if isinstance(item, Message):
        if item.from_id > 0:
            raise MaxError(403, "access.denied", "Only own messages can be edited")
        call.deeds.edit(page, item, text)
    else:
        call.granted(page, "edit")
        call.deeds.edit_post(page, number, text)
        item.things = attached(call, page) if call.body.get("attachments") is not None else item.things
    return {"success": True}


def delete(call: Call) -> Json:
    """DELETE /messages."""
    page, person, number = call.found(call.query.get("message_id", ""))
    item = _item(page, person, number)
    if isinstance(item, Message):
        call.deeds.delete(page, item)
    else:
        call.granted(page, "delete")
        call.deeds.delete_post(page, number)
    return {"success": True}


def _recipient(call: Call) -> tuple[Page, int]:
    if call.query.get("chat_id"):
        return call.place(call.number("chat_id", 0, least=-(1 << 62)))
    return call.place(names.dialogue(call.page, call.number("user_id", 0)))


def _may_write(page: Page, person: int) -> None:
    """A person who stopped the bot hears nothing more."""
    if person in page.denied:
        raise MaxError(403, "chat.denied", "error.dialog.suspended")


def _shape(call: Call, page: Page, person: int, number: int) -> Json:
    return _draw(call, page, _item(page, person, number))


def _draw(call: Call, page: Page, item: Post | Message) -> Json:
    return shapes.message(call.world, page, item) if isinstance(item, Message) else shapes.post(call.world, page, item)


def _item(page: Page, person: int, number: int) -> Post | Message:
    shelf: Mapping[int, Post | Message] = page.messages if person else page.posts
    item = shelf.get(number)
    if item is None or (isinstance(item, Message) and (item.deleted or item.peer_id != person)):
        raise MaxError(404, "message.not.found", "Message not found")
    return item
