"""MAX's JSON → our words. Pure, and tolerant: a missing key never raises, an unknown kind becomes "other"."""

import base64
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from gospult.networks.base import Action, Attachment, AttachmentKind, Event, PageCard, Post, Utterance, UtteranceKind
from gospult.networks.raw import as_int, as_list, as_map, as_moment, as_text

# MAX's attachment type → our kind; whatever is not here is "other".
KINDS: dict[str, AttachmentKind] = {"image": "photo", "video": "video", "audio": "voice", "file": "file", "sticker": "sticker", "share": "link"}
KEYBOARDS = {"inline_keyboard", "reply_keyboard"}  # buttons of a bot are nothing that somebody attached
# Update type → (our action, who reads it).
EVENTS: dict[str, tuple[Action, str]] = {
    "message_created": ("said", "message"),
    "message_edited": ("edited", "message"),
    "message_removed": ("deleted", "removal"),
    "comment_created": ("said", "message"),
    "comment_edited": ("edited", "message"),
    "comment_removed": ("deleted", "removal"),
}
MID = re.compile(r"mid\.([0-9a-f]{16})([0-9a-f]{16})")

Raw = Mapping[str, Any]


def _id(value: Any) -> str:
    number = as_int(value)
    return "" if number is None else str(number)


def _moment(value: Any) -> datetime:
    """MAX's times are milliseconds."""
    return as_moment(value, per_second=1000)


# Pages and posts


def card(raw: Raw) -> PageCard:
    """A chat of GET /chats/{chatId}. Whether comments are open MAX does not tell."""
    return PageCard(
        external_id=_id(raw.get("chat_id")),
        name=as_text(raw.get("title")),
        handle=handle(as_text(raw.get("link"))),
        members=as_int(raw.get("participants_count")),
        description=as_text(raw.get("description")),
        avatar_url=as_text(as_map(raw.get("icon")).get("url")),
        closed=raw.get("is_public") is False,
        gone=raw.get("status") == "closed",
        raw=raw,
    )


def handle(link: str) -> str:
    """The name in a public link (https://max.ru/<name>, @<name>, <name>), "" for an invitation and for what is no address."""
    try:
        way = [part for part in urlsplit(link).path.split("/") if part]
    except ValueError:
        return ""
    return way[0].removeprefix("@") if len(way) == 1 else ""


def post(raw: Raw) -> Post:
    """A message of a channel."""
    body, link = as_map(raw.get("body")), as_map(raw.get("link"))
    return Post(
        external_id=as_text(body.get("mid")),
        text=_words(raw),
        sent_at=_moment(raw.get("timestamp")),
        is_repost=link.get("type") == "forward",
        views=as_int(as_map(raw.get("stat")).get("views")),
        attachments=attachments(raw),
        raw=raw,
    )


def _words(raw: Raw) -> str:
    """What was written, and below it what was forwarded: a forward may carry no words of its own."""
    link = as_map(raw.get("link"))
    forwarded = as_text(as_map(link.get("message")).get("text")) if link.get("type") == "forward" else ""
    return "\n\n".join(part for part in (as_text(as_map(raw.get("body")).get("text")), forwarded) if part)


# Attachments


def attachments(raw: Raw) -> tuple[Attachment, ...]:
    """Attachments of a message or a post with those of what it forwards; buttons are left out."""
    link = as_map(raw.get("link"))
    bodies = [as_map(raw.get("body"))] + ([as_map(link.get("message"))] if link.get("type") == "forward" else [])
    found = [item for body in bodies for item in as_list(body.get("attachments"))]
    return tuple(attachment(item) for item in found if as_text(item.get("type")) not in KEYBOARDS)


def attachment(item: Raw) -> Attachment:
    """One attachment; `url` stays empty where MAX gives no bytes (links, places, contacts), so nobody fetches a foreign address."""
    label, payload = as_text(item.get("type")), as_map(item.get("payload"))
    return Attachment(
        kind=KINDS.get(label, "other"),
        external_id=_id(payload.get("photo_id")) or as_text(payload.get("token"))[:100] or as_text(payload.get("code")),
        url=_bytes_url(label, payload),
        name=_name(label, item, payload),
        size=as_int(item.get("size")),
        raw=item,
    )


def _bytes_url(label: str, payload: Raw) -> str:
    match label:
        case "image" | "audio" | "file":
            return as_text(payload.get("url"))
        case "video":
            # The address inside is a player's page: only GET /videos/{videoToken} tells where the bytes are.
            token = as_text(payload.get("token"))
            return f"ref:{token}" if token else ""
        case _:
            return ""


def _name(label: str, item: Raw, payload: Raw) -> str:
    if label == "location":
        return f"{item.get('latitude')}, {item.get('longitude')}"
    return as_text(item.get("filename")) or as_text(item.get("title")) or (as_text(payload.get("url")) if label == "share" else "")


def photo_token(placed: Raw) -> str:
    """The token of an uploaded picture in the upload server's answer, "" when it took none."""
    photos = as_map(placed.get("photos"))
    return next((token for photo in photos.values() if (token := as_text(as_map(photo).get("token")))), "") or as_text(placed.get("token"))


def video_url(details: Raw) -> str:
    """The best file up to 720 lines, else the smallest, "" where there is none."""
    found = {
        int(key[4:]): as_text(url) for key, url in as_map(details.get("urls")).items() if key[:4] == "mp4_" and key[4:].isdecimal() and as_text(url)
    }
    small = [height for height in found if height <= 720]
    return found[max(small) if small else min(found)] if found else ""


# Comments and messages


def comments(answer: Raw, post_id: str) -> list[Utterance]:
    """Comments under a post in the order of the answer; a thread is opened by the comment that answers nothing."""
    raws = as_list(answer.get("messages"))
    answered = {as_text(as_map(raw.get("body")).get("mid")): _answered(raw) for raw in raws}
    found = [utterance(raw, kind="comment", post_id=post_id, opener=_opener(raw, answered)) for raw in raws]
    return [item for item in found if item]


def _opener(raw: Raw, answered: Mapping[str, str]) -> str:
    mid, seen = as_text(as_map(raw.get("body")).get("mid")), set()
    while (above := answered.get(mid)) and above not in seen:
        seen.add(mid)
        mid = above
    return mid


def _answered(raw: Raw) -> str:
    link = as_map(raw.get("link"))
    return as_text(as_map(link.get("message")).get("mid")) if link.get("type") == "reply" else ""


def messages(answer: Raw) -> list[Utterance]:
    """Messages of a dialogue in the order of the answer."""
    found = [utterance(raw, kind="dm") for raw in as_list(answer.get("messages"))]
    return [item for item in found if item]


def utterance(raw: Raw, *, kind: UtteranceKind, post_id: str = "", opener: str = "") -> Utterance | None:
    """A comment or a direct message. None without its ids."""
    mid, recipient, sender = as_text(as_map(raw.get("body")).get("mid")), as_map(raw.get("recipient")), as_map(raw.get("sender"))
    chat, answered = _id(recipient.get("chat_id")), _answered(raw)
    post_id, by_page = post_id or as_text(recipient.get("post_id")), _by_page(sender, kind, answered)
    if not mid or not (post_id if kind == "comment" else chat):
        return None
    return Utterance(
        kind=kind,
        external_id=f"{'c' if kind == 'comment' else 'm'}{mid}",
        thread_id=f"w{post_id}_{opener or answered or mid}" if kind == "comment" else f"d{chat}",
        author_id=_id(sender.get("user_id")) or (chat if by_page else ""),
        author_name=_full_name(sender),
        by_page=by_page,
        text=_words(raw),
        sent_at=_moment(raw.get("timestamp")),
        reply_to=f"{'c' if kind == 'comment' else 'm'}{answered}" if answered else "",
        attachments=attachments(raw),
        raw=raw,
    )


def _by_page(sender: Raw, kind: UtteranceKind, answered: str) -> bool:
    """The bot speaks for the page, and so does whoever answers under a post without a sender: MAX gives that for the channel's own comments."""
    # Live channels were seen to hide the senders of people too: a comment that answers nobody may be a complaint, and none may be lost.
    return sender.get("is_bot") is True or (kind == "comment" and not sender and bool(answered))


def _full_name(sender: Raw) -> str:
    return f"{as_text(sender.get('first_name'))} {as_text(sender.get('last_name'))}".strip() or as_text(sender.get("name"))


def oldest_first(found: Iterable[Utterance]) -> list[Utterance]:
    """By time, inside one millisecond by MAX's own sequence."""
    return sorted(found, key=lambda said: (said.sent_at, as_int(as_map(said.raw.get("body")).get("seq")) or 0))


# Updates


def event(body: Raw, page_id: str) -> Event:
    """A webhook body or one update of polling. It names no page, only a chat; what is not understood is "other"."""
    action, reader = EVENTS.get(as_text(body.get("update_type")), ("other", ""))
    match reader:
        case "message":
            return _of_message(action, as_map(body.get("message")), body, page_id)
        case "removal":
            return _of_removal(body, page_id)
        case _:
            return Event(action="other", page_id=page_id, raw=body)


def _of_message(action: Action, raw: Raw, body: Raw, page_id: str) -> Event:
    recipient = as_map(raw.get("recipient"))
    chat, place = _id(recipient.get("chat_id")), recipient.get("chat_type")
    said: Utterance | None = None
    if place == "dialog":
        said = utterance(raw, kind="dm")
    elif _foreign(chat, page_id):
        return Event(action="other", page_id=page_id, raw=body)
    elif as_text(recipient.get("post_id")):
        said = utterance(raw, kind="comment")
    elif place == "channel" and action == "said":
        posted = post(raw)
        return Event(action="posted", page_id=page_id or chat, post=posted if posted.external_id else None, raw=body)
    return Event(action=action if said else "other", page_id=page_id or (chat if place != "dialog" else ""), utterance=said, raw=body)


def _of_removal(body: Raw, page_id: str) -> Event:
    """MAX tells which message vanished and where, not who had said it; a removed post is no utterance."""
    mid, chat = as_text(body.get("message_id")), _id(body.get("chat_id"))
    is_comment = bool(as_text(body.get("post_id"))) or body.get("update_type") == "comment_removed"
    if not mid or (_foreign(chat, page_id) and is_comment) or (chat == page_id and not is_comment):
        return Event(action="other", page_id=page_id, raw=body)
    kind: UtteranceKind = "comment" if is_comment else "dm"
    letter, thread = ("c", "") if is_comment else ("m", f"d{chat}")
    gone = Utterance(
        kind=kind,
        external_id=f"{letter}{mid}",
        thread_id=thread,
        author_id="",
        by_page=False,
        text="",
        sent_at=_moment(body.get("timestamp")),
        raw=body,
    )
    return Event(action="deleted", page_id=page_id, utterance=gone, raw=body)


def _foreign(chat: str, page_id: str) -> bool:
    """Whether a chat is another channel of the same bot; a page known by its handle cannot tell."""
    return page_id.lstrip("-").isdecimal() and chat != page_id


# Addresses


def place(mid: str) -> tuple[int, str] | None:
    """(chat id, the message's name in an address) out of a mid, which is 16 hex digits of each; None for another form."""
    found = MID.fullmatch(mid)
    if not found:
        return None
    chat = int.from_bytes(bytes.fromhex(found[1]), "big", signed=True)
    return chat, base64.urlsafe_b64encode(bytes.fromhex(found[2])).decode().rstrip("=")
