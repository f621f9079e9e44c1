"""VK's JSON → our words. Pure, and tolerant: a missing key never raises, an unknown kind becomes "other"."""

from collections.abc import Iterable, Mapping
from typing import Any

from gospult.networks.base import Action, Attachment, AttachmentKind, Event, NetworkError, PageCard, Post, Utterance
from gospult.networks.raw import as_int, as_list, as_map, as_moment, as_text

EVERYBODY = 200_000_000  # twice the people whom VK has
# VK's attachment type → our kind; whatever is not here is "other".
KINDS: dict[str, AttachmentKind] = {
    "photo": "photo",
    "posted_photo": "photo",
    "graffiti": "photo",
    "video": "video",
    "clip": "video",
    "audio_message": "voice",
    "doc": "file",
    "link": "link",
    "sticker": "sticker",
}
MIMES = {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif", "pdf": "application/pdf", "ogg": "audio/ogg"}
# Callback type → (our action, who reads its object).
EVENTS: dict[str, tuple[Action, str]] = {
    "wall_reply_new": ("said", "comment"),
    "wall_reply_edit": ("edited", "comment"),
    "wall_reply_restore": ("restored", "comment"),
    "wall_reply_delete": ("deleted", "deletion"),
    "message_new": ("said", "message"),
    "message_reply": ("said", "message"),
    "message_edit": ("edited", "message"),
}

Raw = Mapping[str, Any]
Names = Mapping[int, str]


def _widest(images: Iterable[Raw]) -> str:
    best = max(images, key=lambda image: as_int(image.get("width")) or 0, default={})
    return as_text(best.get("url")) or as_text(best.get("src"))


def names(answer: Raw) -> dict[int, str]:
    """Names from the profiles and groups of an extended answer, by VK's signed id."""
    people = {
        as_int(who.get("id")): f"{as_text(who.get('first_name'))} {as_text(who.get('last_name'))}".strip() for who in as_list(answer.get("profiles"))
    }
    groups = {-number: as_text(group.get("name")) for group in as_list(answer.get("groups")) if (number := as_int(group.get("id")))}
    return {number: name for number, name in people.items() if number is not None} | groups


# Pages and posts


def card(raw: Raw) -> PageCard:
    """A community of groups.getById."""
    contacts, wall, messages = (as_list(raw.get("contacts")), as_int(raw.get("wall")), as_int(raw.get("can_message")))
    address = as_map(as_map(raw.get("addresses")).get("main_address"))
    only_named = not address and bool(as_int(as_map(raw.get("addresses")).get("main_address_id")))  # an older answer: there is one, but not what
    return PageCard(
        external_id=str(as_int(raw.get("id")) or ""),
        name=as_text(raw.get("name")),
        handle=as_text(raw.get("screen_name")),
        members=as_int(raw.get("members_count")),
        description=as_text(raw.get("description")),
        avatar_url=_avatar(as_text(raw.get("photo_200")) or as_text(raw.get("photo_100"))),
        cover_url=_cover(as_map(raw.get("cover"))),
        site=as_text(raw.get("site")),
        phone=_first(contacts, "phone") or as_text(address.get("phone")),
        email=_first(contacts, "email"),
        address=as_text(address.get("address")),
        menu_links=tuple((as_text(item.get("title")), as_text(item.get("url"))) for item in as_list(as_map(raw.get("menu")).get("items"))),
        comments_open=None if wall is None else wall in (1, 2),
        messages_open=None if messages is None else messages == 1,
        closed=raw.get("is_closed") in (1, 2),
        gone=bool(raw.get("deactivated")),
        raw=raw,
        subject=as_text(raw.get("activity")),
        located=None if only_named else address.get("latitude") is not None,
        hours=None if only_named else _has_hours(address),
    )


def _avatar(url: str) -> str:
    """VK shows a picture of its own where a page has none."""
    return "" if any(name in url for name in ("/images/community_", "/images/camera_", "/images/deactivated_")) else url


def _has_hours(address: Raw) -> bool:
    return bool(as_map(address.get("timetable"))) or address.get("work_info_status") in ("always_opened", "timetable")


def _cover(cover: Raw) -> str:
    return _widest(as_list(cover.get("images"))) if cover.get("enabled") else ""


def _first(contacts: Iterable[Raw], key: str) -> str:
    return next((text for contact in contacts if (text := as_text(contact.get(key)))), "")


def post(raw: Raw) -> Post:
    """A post of wall.get."""
    return Post(
        external_id=str(as_int(raw.get("id")) or ""),
        text=as_text(raw.get("text")),
        sent_at=as_moment(raw.get("date")),
        is_repost=bool(raw.get("copy_history")),
        is_pinned=bool(raw.get("is_pinned")),
        views=_count(raw, "views"),
        likes=_count(raw, "likes"),
        comments=_count(raw, "comments"),
        reposts=_count(raw, "reposts"),
        attachments=attachments(raw),
        raw=raw,
    )


def _count(raw: Raw, key: str) -> int | None:
    return as_int(as_map(raw.get(key)).get("count"))


# Attachments


def attachments(raw: Raw) -> tuple[Attachment, ...]:
    """Attachments of a post, a comment or a message."""
    return tuple(attachment(item) for item in as_list(raw.get("attachments")))


def attachment(item: Raw) -> Attachment:
    """One attachment; `url` stays empty where VK gives no bytes (links, most videos), so nobody fetches a foreign address."""
    label = as_text(item.get("type"))
    thing, kind = as_map(item.get(label)), KINDS.get(label, "other")
    ext = as_text(thing.get("ext")).lower()
    return Attachment(
        kind=kind,
        external_id=_reference(label, thing),
        url=_bytes_url(kind, thing),
        name=as_text(thing.get("title")) or (as_text(thing.get("url")) if kind == "link" else ""),
        mime="audio/ogg" if kind == "voice" else "image/jpeg" if label == "photo" else MIMES.get(ext, ""),
        size=as_int(thing.get("size")),
        raw=item,
    )


def _reference(label: str, thing: Raw) -> str:
    owner, number = as_int(thing.get("owner_id")), as_int(thing.get("id"))
    return f"{label}{owner}_{number}" if owner is not None and number is not None else ""


def _bytes_url(kind: AttachmentKind, thing: Raw) -> str:
    match kind:
        case "photo":
            return _widest(as_list(thing.get("sizes"))) or as_text(thing.get("url"))
        case "voice":
            return as_text(thing.get("link_ogg"))
        case "file":
            return as_text(thing.get("url"))
        case "video":
            return _best_video(as_map(thing.get("files")))
        case _:
            return ""


def _best_video(files: Raw) -> str:
    heights = {int(key[4:]): as_text(url) for key, url in files.items() if key[:4] == "mp4_" and key[4:].isdecimal()}
    return heights[max(heights)] if heights else ""


def photo_reference(raw: Raw) -> str:
    """A saved photo as VK wants it attached: photo<owner>_<id>[_<access key>], "" when it was not saved."""
    key = as_text(raw.get("access_key"))
    bare = _reference("photo", raw)
    return f"{bare}_{key}" if bare and key else bare


def references(raw: Raw) -> list[str]:
    """The attachments of a post as VK wants them named again when the post is rewritten."""
    return [named for item in as_list(raw.get("attachments")) if (named := _named(item))]


def _named(item: Raw) -> str:
    label = as_text(item.get("type"))
    thing = as_map(item.get(label))
    if label == "link":
        return as_text(thing.get("url"))
    bare, key = _reference(label, thing), as_text(thing.get("access_key"))
    return f"{bare}_{key}" if bare and key else bare


# Members and rights


def members(answer: Any) -> list[str]:
    """Ids of a groups.getMembers answer."""
    items = as_map(answer).get("items")
    return [str(item) for item in items if as_int(item)] if isinstance(items, list) else []


def further(first: Any, step: int) -> range:
    """Where the calls after the first of groups.getMembers begin; NetworkError for more members than people, who would be asked for ever."""
    total = as_map(first).get("count")
    if isinstance(total, int) and total > EVERYBODY:
        raise NetworkError("VK: подписчиков больше, чем людей в сети", fault="other")
    return range(step, total if isinstance(total, int) else 0, step)


def mask(answer: Any) -> int:
    """The bits of a groups.getTokenPermissions or account.getAppPermissions answer."""
    return as_int(answer) or as_int(as_map(answer).get("mask")) or 0


# Comments and messages


def comment(raw: Raw, page_id: str, *, post_id: int | None = None, top: int | None = None, known: Names | None = None) -> Utterance | None:
    """A comment under a post; `post_id` and `top` come from the place where it was found. None without its ids."""
    number, post_number = as_int(raw.get("id")), as_int(raw.get("post_id")) or post_id
    if not number or not post_number:
        return None
    above = [item for item in raw.get("parents_stack") or [] if as_int(item)] if isinstance(raw.get("parents_stack"), list) else []
    answered = as_int(raw.get("reply_to_comment")) or (above[-1] if above else None) or (top if top != number else None)
    opener = above[0] if above else top or answered or number
    author = as_int(raw.get("from_id"))
    return Utterance(
        kind="comment",
        external_id=f"c{number}",
        thread_id=f"w{post_number}_{opener}",
        author_id="" if author is None else str(author),
        author_name=(known or {}).get(author or 0, ""),
        by_page=str(author) == f"-{page_id}",
        text=as_text(raw.get("text")),
        sent_at=as_moment(raw.get("date")),
        reply_to=f"c{answered}" if answered else "",
        attachments=attachments(raw),
        raw=raw,
    )


def comments(answer: Raw, page_id: str, post_id: int) -> list[Utterance]:
    """Comments of a wall.getComments answer with the replies that came inside; deleted ones are left out."""
    known, found = names(answer), []
    for raw in as_list(answer.get("items")):
        found += [comment(raw, page_id, post_id=post_id, known=known)] if not raw.get("deleted") else []
        found += [
            comment(inner, page_id, post_id=post_id, top=as_int(raw.get("id")), known=known)
            for inner in as_list(as_map(raw.get("thread")).get("items"))
            if not inner.get("deleted")
        ]
    return [item for item in found if item]


def message(raw: Raw, page_id: str, *, known: Names | None = None) -> Utterance | None:
    """A direct message. None without its ids."""
    number, peer = as_int(raw.get("id")), as_int(raw.get("peer_id"))
    if not number or not peer:
        return None
    author, random_id = as_int(raw.get("from_id")), as_int(raw.get("random_id"))
    by_page = str(author) == f"-{page_id}" or raw.get("out") == 1
    answered = as_int(as_map(raw.get("reply_message")).get("id"))
    return Utterance(
        kind="dm",
        external_id=f"m{number}",
        thread_id=f"d{peer}",
        author_id="" if author is None else str(author),
        author_name=(known or {}).get(author or 0, ""),
        by_page=by_page,
        text=as_text(raw.get("text")),
        sent_at=as_moment(raw.get("date")),
        reply_to=f"m{answered}" if answered else "",
        guard=str(random_id) if by_page and random_id else "",
        attachments=attachments(raw),
        raw=raw,
    )


def messages(answer: Raw, page_id: str) -> list[Utterance]:
    """Messages of a messages.getHistory answer, in the order of the answer; deleted ones are left out."""
    known = names(answer)
    found = [message(raw, page_id, known=known) for raw in as_list(answer.get("items")) if not raw.get("deleted")]
    return [item for item in found if item]


def last_messages(answer: Any, page_id: str) -> list[Utterance]:
    """The last message of every dialogue of a messages.getConversations answer, in its order."""
    found = [message(as_map(item.get("last_message")), page_id) for item in as_list(as_map(answer).get("items"))]
    return [item for item in found if item]


# Callback events


def event(body: Raw) -> Event:
    """A Callback body. The secret is dropped, so that `raw` can be kept; what is not understood is "other"."""
    page_id = str(as_int(body.get("group_id")) or "")
    label = as_text(body.get("type"))
    action, reader = EVENTS.get(label, ("other", ""))
    if label in {"confirmation", "wall_post_new"}:
        action = "confirmation" if label == "confirmation" else "posted"
    posted = post(as_map(body.get("object"))) if action == "posted" and _is_own(as_map(body.get("object"))) else None
    utterance = _read(reader, as_map(body.get("object")), page_id) if reader else None
    return Event(
        action="other" if reader and utterance is None else action,
        page_id=page_id,
        event_id=as_text(body.get("event_id")),
        utterance=utterance,
        post=posted if posted and posted.external_id else None,
        raw={key: value for key, value in body.items() if key != "secret"},
    )


def _is_own(raw: Raw) -> bool:
    """A visitor's post or a suggested one is told in the same words, and none of the page's."""
    return raw.get("from_id") == raw.get("owner_id") and raw.get("post_type", "post") == "post"


def _read(reader: str, thing: Raw, page_id: str) -> Utterance | None:
    match reader:
        case "comment":
            return comment(thing, page_id)
        case "deletion":
            return _deletion(thing)
        case _:
            # message_new wraps the message, message_reply and message_edit do not
            return message(as_map(thing.get("message")) or thing, page_id)


def _deletion(thing: Raw) -> Utterance | None:
    """VK tells only which comment vanished: neither its thread nor its author, so both stay empty."""
    number = as_int(thing.get("id"))
    if not number:
        return None
    return Utterance(
        kind="comment", external_id=f"c{number}", thread_id="", author_id="", by_page=False, text="", sent_at=as_moment(thing.get("date")), raw=thing
    )
