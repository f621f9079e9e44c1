"""Bot API's JSON → our words. Pure, and tolerant: a missing key never raises, an unknown kind becomes "other"."""

from collections.abc import Mapping
from typing import Any

from gospult.networks.base import Action, Event, PageCard, Post, Utterance
from gospult.networks.raw import as_int, as_map, as_moment, as_text
from gospult.networks.telegram.content import attachments, text_of
from gospult.networks.telegram.fields import HEAD, SERVICE

CHANNEL_SHIFT = "-100"  # Bot API writes it before the number of a channel or supergroup, t.me does not
# Update field → (our action, who reads it).
UPDATES: dict[str, tuple[Action, str]] = {
    "message": ("said", "utterance"),
    "edited_message": ("edited", "utterance"),
    "channel_post": ("posted", "post"),
}

Raw = Mapping[str, Any]


def name_of(who: Raw) -> str:
    """The name of a person, a bot or a chat."""
    return as_text(who.get("title")) or f"{as_text(who.get('first_name'))} {as_text(who.get('last_name'))}".strip()


# Ids


def short(chat: Any) -> str:
    """The number of a channel or supergroup as t.me writes it, "" where it is none."""
    written = str(chat)
    number = written.removeprefix(CHANNEL_SHIFT)
    return number if number != written and number.isdecimal() else ""


def said_id(raw: Raw) -> str:
    """Our id of a message, "" without its ids.

    A page may be given another group or another bot, and there the numbers begin anew: so a comment names its group, a direct message its second.
    """
    number, chat = as_int(raw.get("message_id")), as_map(raw.get("chat"))
    if not number:
        return ""
    if chat.get("type") == "private":
        return f"m{number}_{as_int(raw.get('date')) or 0}"
    group = short(chat.get("id"))
    return f"c{group}_{number}" if group else ""


def is_page(chat: Raw, page_id: str) -> bool:
    """Whether this chat is the page, which is known by id or by handle."""
    handle = as_text(chat.get("username")).lower()
    return bool(page_id) and (str(chat.get("id")) == page_id or (bool(handle) and page_id.lower().removeprefix("@") == handle))


# Pages


def card(chat: Raw, members: Any = None) -> PageCard:
    """A channel of getChat; its picture can be opened by the connector only."""
    photo, handle = as_map(chat.get("photo")), as_text(chat.get("username"))
    picture = as_text(photo.get("big_file_id"))
    return PageCard(
        external_id=str(as_int(chat.get("id")) or ""),
        name=name_of(chat),
        handle=handle,
        members=as_int(members),
        description=as_text(chat.get("description")) or as_text(chat.get("bio")),
        avatar_url=f"ref:{picture}" if picture else "",
        comments_open=as_int(chat.get("linked_chat_id")) is not None,
        closed=not handle,
        raw=chat,
    )


# Utterances


def utterance(raw: Raw, page_id: str) -> Utterance | None:
    """A direct message or a comment of the discussion group; None when it is neither, or not a person's words."""
    kind = as_map(raw.get("chat")).get("type")
    if not said_id(raw) or _is_service(raw):
        return None
    if kind == "private":
        return _direct(raw)
    return _comment(raw, page_id) if kind == "supergroup" else None


def _is_service(raw: Raw) -> bool:
    """Joins, pins and the like. A field of tomorrow counts as words: rather an empty message in the desk than a lost one."""
    fields = {name for name, value in raw.items() if name not in HEAD and value is not None}
    return not fields - SERVICE


def _direct(raw: Raw) -> Utterance | None:
    peer, author = as_int(as_map(raw.get("chat")).get("id")), as_map(raw.get("from"))
    if not peer:
        return None
    answered = as_map(raw.get("reply_to_message"))
    return Utterance(
        kind="dm",
        external_id=said_id(raw),
        thread_id=f"d{peer}",
        author_id=str(as_int(author.get("id")) or peer),
        author_name=name_of(author),
        by_page=bool(author.get("is_bot")),  # in a private chat there are two: the person and the bot
        text=text_of(raw),
        sent_at=as_moment(raw.get("date")),
        reply_to=said_id(answered),
        attachments=attachments(raw),
        raw=raw,
    )


def _comment(raw: Raw, page_id: str) -> Utterance | None:
    group, sender = as_map(raw.get("chat")), as_map(raw.get("sender_chat"))
    author = sender or as_map(raw.get("from"))
    answered = as_map(raw.get("reply_to_message"))
    if raw.get("is_automatic_forward") or _of_another_channel(answered, page_id) or _is_strange_bot(raw):
        return None
    reply_to = "" if answered.get("is_automatic_forward") else said_id(answered)
    opener = as_int(answered.get("message_id")) if reply_to else as_int(raw.get("message_id"))
    return Utterance(
        kind="comment",
        external_id=said_id(raw),
        thread_id=f"w{short(group.get('id'))}_{opener}",
        author_id=str(as_int(author.get("id")) or ""),
        author_name=name_of(author),
        # an administrator who stays anonymous speaks as the group, or as the channel itself
        by_page=bool(sender) and (sender.get("id") == group.get("id") or is_page(sender, page_id)),
        text=text_of(raw),
        sent_at=as_moment(raw.get("date")),
        reply_to=reply_to,
        attachments=attachments(raw),
        raw=raw,
    )


def _of_another_channel(answered: Raw, page_id: str) -> bool:
    """Whether a comment stands under a post of a channel that is not the page."""
    return bool(answered.get("is_automatic_forward")) and not is_page(as_map(answered.get("sender_chat")), page_id)


def _is_strange_bot(raw: Raw) -> bool:
    """Another bot of the group: who speaks as a chat comes from a service account of Telegram that is a bot too."""
    return bool(as_map(raw.get("from")).get("is_bot")) and not raw.get("sender_chat")


def _post(raw: Raw) -> Post | None:
    """A message of a channel; a note of the service (a pin, a new title) is no post."""
    if SERVICE & raw.keys():
        return None
    return Post(
        external_id=str(as_int(raw.get("message_id")) or ""),
        text=text_of(raw),
        sent_at=as_moment(raw.get("date")),
        is_repost=bool(raw.get("forward_origin")),
        attachments=attachments(raw),
        raw=raw,
        album=as_text(raw.get("media_group_id")),
    )


# Updates


def event(body: Raw, page_id: str) -> Event:
    """An update of getUpdates or of a webhook; what is not understood is "other"."""
    label = next((name for name in UPDATES if isinstance(body.get(name), dict)), "")
    action, reader = UPDATES.get(label, ("other", ""))
    said = utterance(as_map(body.get(label)), page_id) if reader == "utterance" else None
    heard = said is not None or (reader == "post" and is_page(as_map(as_map(body.get(label)).get("chat")), page_id))
    posted = _post(as_map(body.get(label))) if heard and reader == "post" else None
    number = as_int(body.get("update_id"))
    return Event(
        action=action if heard else "other",
        page_id=page_id,
        event_id="" if number is None else str(number),
        utterance=said,
        post=posted if posted and posted.external_id else None,
        place=str(as_map(as_map(body.get(label)).get("chat")).get("id", "")) if said and said.kind == "comment" else "",
        raw=dict(body),
    )
