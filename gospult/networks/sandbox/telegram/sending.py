"""What a bot publishes: texts, pictures, albums; edits and deletions of them."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from gospult.networks.sandbox.files import picture_of
from gospult.networks.sandbox.telegram import shapes
from gospult.networks.sandbox.telegram.gate import BotError, Call, bad, chat_of, own
from gospult.networks.sandbox.world import Comment, Message, Page, Post, Thing

Json = dict[str, Any]
LONGEST_TEXT, LONGEST_CAPTION = 4096, 1024
LARGEST = 10 * 1024 * 1024
MOST, MOST_DELETED = 10, 100
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


def send_message(call: Call) -> Json:
    """sendMessage."""
    text = _text(call.text("text"), LONGEST_TEXT, "message is too long")
    if not text:
        raise bad("message text is empty")
    return _send(call, text, ())[0]


def send_photo(call: Call) -> Json:
    """sendPhoto: a new picture, or one that Telegram has already."""
    caption = _text(call.text("caption"), LONGEST_CAPTION, "message caption is too long")
    return _send(call, caption, [_picture(call, "photo", call.text("photo"))])[0]


def send_media_group(call: Call) -> list[Json]:
    """sendMediaGroup of pictures."""
    media = call.json("media")
    if not isinstance(media, list) or not 2 <= len(media) <= MOST:
        raise bad("Wrong number of items in the media group" if isinstance(media, list) else "can't parse media JSON object")
    caption = _text(str(media[0].get("caption") or ""), LONGEST_CAPTION, "message caption is too long")
    return _send(call, caption, [_picture(call, "", str(item.get("media") or "")) for item in media])


def _text(text: str, longest: int, words: str) -> str:
    """As Telegram keeps it: without control signs, trimmed."""
    kept = CONTROL.sub(" ", text).strip()
    if len(kept) > longest:
        raise bad(words)
    return kept


def _picture(call: Call, name: str, told: str) -> Thing:
    found = call.files.get(told.removeprefix("attach://") if told.startswith("attach://") else name)
    if not found:
        known = call.world.realm("telegram").things.get(told)
        if not known:
            raise bad("wrong file identifier/HTTP URL specified" if told else "there is no photo in the request")
        return known
    if len(found[1]) > LARGEST:
        raise bad(f"file of size {len(found[1])} bytes is too big for a photo; the maximum size is {LARGEST} bytes")
    picture = picture_of(found[1])
    if picture is None:
        raise bad("IMAGE_PROCESS_FAILED")
    return call.world.picture(found[1], picture[0], -call.page.id, picture[1])


def _send(call: Call, text: str, things: Sequence[Thing]) -> list[Json]:
    """Publish as the bot: into the channel, the discussion group or a dialogue."""
    kind, page, number = chat_of(call)
    own(call, page)
    page.kept["speaking"] = True  # a bot is not told of what it says itself
    try:
        item = SENDERS[kind](call, number, text, things)
    finally:
        page.kept["speaking"] = False
    return shapes.messages(call.world, page, item)


def _post(call: Call, chat: int, text: str, things: Sequence[Thing]) -> Post:
    if call.page.extra.get("in_channel", {}).get("can_post_messages") is False:
        raise bad("need administrator rights in the channel chat")
    call.pace(chat)
    return call.deeds.page_posts(call.page, text, by="api", things=things)


def _comment(call: Call, chat: int, text: str, things: Sequence[Thing]) -> Comment:
    page, answered = call.page, _answered(call)
    if page.extra.get("in_group", {}).get("status") in {"left", "kicked"}:
        raise BotError(403, "Forbidden: bot is not a member of the supergroup chat")
    above = page.comments.get(_first(page, "Comment", answered))
    post = above.post_id if above else _first(page, "Post", answered)
    if answered and (post not in page.posts or (above and above.deleted)):
        _without(call)
        above = None
    # a word outside all threads: the sandbox has no other place for it than under the latest post
    post = post if post in page.posts else max(page.posts, default=0)
    if not post:
        raise bad("have no rights to send a message")
    call.pace(chat)
    return call.deeds.page_comments(page, post, text, by="api", reply_to=above.id if above else 0, things=things)


def _message(call: Call, peer: int, text: str, things: Sequence[Thing]) -> Message:
    page, answered = call.page, _answered(call)
    if peer in page.denied:
        raise BotError(403, "Forbidden: bot was blocked by the user")
    if peer not in page.dialogues:
        raise BotError(403, "Forbidden: bot can't initiate conversation with a user")
    above = page.messages.get(_first(page, "Message", answered))
    if answered and (above is None or above.deleted or above.peer_id != peer):
        _without(call)
        above = None
    call.pace(peer)
    return call.deeds.page_writes(page, peer, text, by="api", reply_to=above.id if above else 0, things=things)


SENDERS: dict[str, Callable[[Call, int, str, Sequence[Thing]], Post | Comment | Message]] = {"channel": _post, "group": _comment, "private": _message}


def _answered(call: Call) -> int:
    """The message that is answered, 0 for none; `reply_to_message_id` is how it was said before Bot API 7."""
    given = call.json("reply_parameters")
    told = str(given.get("message_id") if isinstance(given, dict) else call.text("reply_to_message_id"))
    return int(told) if told.isdecimal() else 0


def _without(call: Call) -> None:
    """The answered message is gone: error 400, unless the caller agrees to go on without it."""
    given = call.json("reply_parameters")
    if not (isinstance(given, dict) and given.get("allow_sending_without_reply")) and not call.flag("allow_sending_without_reply"):
        raise bad("message to be replied not found")


def _first(page: Page, kind: str, number: int) -> int:
    """The item that a message belongs to: any picture of an album stands for it."""
    albums: dict[tuple[str, int], list[int]] = page.kept["albums"]
    return next((item for (sort, item), numbers in albums.items() if sort == kind and number in numbers), number)


# Changing


def edit_text(call: Call) -> Json:
    """editMessageText."""
    return _edit(call, _text(call.text("text"), LONGEST_TEXT, "message is too long"), "text")


def edit_caption(call: Call) -> Json:
    """editMessageCaption."""
    return _edit(call, _text(call.text("caption"), LONGEST_CAPTION, "message caption is too long"), "caption")


def _edit(call: Call, text: str, field: str) -> Json:
    item = _item(call, call.number("message_id"), "message to edit not found")
    if isinstance(item, Comment | Message) and (item.from_id > 0 or (isinstance(item, Comment) and item.id not in call.page.kept["own"])):
        raise bad("message can't be edited")
    if (field == "caption") != bool(item.things):
        raise bad(f"there is no {field} in the message to edit")
    if item.text == text:
        raise bad(SAME)
    if isinstance(item, Post):
        call.deeds.edit_post(call.page, item.id, text)
    else:
        call.page.kept["speaking"] = True
        call.deeds.edit(call.page, item, text)
        call.page.kept["speaking"] = False
    return shapes.messages(call.world, call.page, item)[0]


def delete_message(call: Call) -> bool:
    """deleteMessage."""
    _delete(call, call.number("message_id"))
    return True


def delete_messages(call: Call) -> bool:
    """deleteMessages: what is not there is passed over."""
    numbers = call.json("message_ids")
    if not isinstance(numbers, list) or not 1 <= len(numbers) <= MOST_DELETED or not all(isinstance(number, int) for number in numbers):
        raise bad("message identifiers are not specified")
    for number in numbers:
        try:
            _delete(call, number)
        except BotError as error:
            if "not found" not in str(error):
                raise
    return True


def _delete(call: Call, number: int) -> None:
    kind, page, _ = chat_of(call)
    item = _item(call, number, "message to delete not found")
    foreign = not isinstance(item, Post) and item.from_id > 0
    if kind != "private" and page.extra.get(f"in_{kind}", {}).get("can_delete_messages") is False and (foreign or kind == "channel"):
        raise bad("message can't be deleted")
    if isinstance(item, Post):
        left = shapes.album(page, item, 1)
        left.remove(number)
        if not left:  # an album is gone with its last picture
            call.deeds.delete_post(page, item.id)
    else:
        call.deeds.delete(page, item)


def _item(call: Call, number: int, missing: str) -> Post | Comment | Message:
    kind, page, peer = chat_of(call)
    own(call, page)
    found: Post | Comment | Message | None
    if kind == "channel":
        found = page.posts.get(_first(page, "Post", number))
        if found and number not in shapes.album(page, found, 1):
            found = None
    elif kind == "group":
        found = page.comments.get(_first(page, "Comment", number))
    else:
        found = page.messages.get(_first(page, "Message", number))
        found = found if found and found.peer_id == peer else None
    if found is None or (not isinstance(found, Post) and found.deleted):
        raise bad(missing)
    return found
