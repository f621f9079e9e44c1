"""OK's JSON → our words. Pure, and tolerant: a missing key never raises, an unknown kind becomes "other"."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from gospult.networks.base import Attachment, AttachmentKind, Event, PageCard, Post, Utterance, Webhook
from gospult.networks.raw import as_int, as_list, as_map, as_moment, as_text

MOSCOW = timezone(timedelta(hours=3))  # dates without a zone are Moscow's
EPOCH = datetime.fromtimestamp(0, UTC)
SECRET = "s"  # the parameter of our webhook's address that proves who calls
# OK's attachment type → our kind; whatever is not here is "other".
KINDS: dict[str, AttachmentKind] = {
    "PHOTO": "photo",
    "GROUP_PHOTO": "photo",
    "IMAGE": "photo",
    "MOVIE": "video",
    "VIDEO": "video",
    "AUDIO": "voice",
    "AUDIO_RECORDING": "voice",
    "FILE": "file",
    "SHARE": "link",
    "LINK": "link",
    "STICKER": "sticker",
}
MIMES: dict[AttachmentKind, str] = {"photo": "image/jpeg", "voice": "audio/mpeg", "video": "video/mp4"}

Raw = Mapping[str, Any]


def _int(value: Any) -> int | None:
    if isinstance(value, str) and value.isdecimal() and len(value) < 19:
        return int(value)
    return as_int(value)


def _id(value: Any, prefix: str = "") -> str:
    """An id, which OK gives as a text or as a number, without its prefix ("user:", "chat:", "mid:", "group:")."""
    told = str(value) if isinstance(value, int) and not isinstance(value, bool) else as_text(value)
    return told.removeprefix(prefix)


def _moment(value: Any) -> datetime:
    """OK's times are milliseconds, sometimes as a text."""
    return as_moment(_int(value), per_second=1000)


def _date(raw: Raw) -> datetime:
    """When a comment was written: "2026-11-22 09:30:00" by Moscow time, or milliseconds where OK gives them."""
    for key in ("created_ms", "date_ms"):
        if _int(raw.get(key)):
            return _moment(raw[key])
    try:
        return datetime.strptime(as_text(raw.get("date")), "%Y-%m-%d %H:%M:%S").replace(tzinfo=MOSCOW).astimezone(UTC)
    except (ValueError, OverflowError):
        return EPOCH


def items(answer: Any, key: str) -> list[dict[str, Any]]:
    """The list in an answer, which some versions of OK give bare."""
    return as_list(answer) or as_list(as_map(answer).get(key))


# Pages and posts


def card(raw: Raw) -> PageCard:
    """A group of group.getInfo."""
    messages = raw.get("messages_allowed")
    return PageCard(
        external_id=_id(raw.get("uid")),
        name=as_text(raw.get("name")),
        handle=as_text(raw.get("shortname")),
        members=_int(raw.get("members_count")),
        description=as_text(raw.get("description")),
        avatar_url=as_text(raw.get("pic_avatar")),
        cover_url=picture(raw.get("cover")),
        site=as_text(raw.get("homepage_url")),
        phone=as_text(raw.get("phone")),
        address=", ".join(filter(None, (as_text(raw.get("city")), as_text(raw.get("address"))))),
        messages_open=messages if isinstance(messages, bool) else None,
        closed=raw.get("private") is True or as_text(raw.get("access_type")).upper() in {"CLOSED", "SECRET"},
        gone=raw.get("blocked") is True,
        raw=raw,
    )


def post(raw: Raw, figures: Raw) -> Post:
    """A topic of mediatopic.getByIds, whose own counts are of this moment, with the views of group.getStatTopics."""
    media = as_list(raw.get("media"))
    under = [_int(figures.get("comments")), _int(as_map(raw.get("discussion_summary")).get("comments_count"))]
    return Post(
        external_id=_id(raw.get("id")),
        text="\n".join(filter(None, (as_text(block.get("text")) for block in media if _kind(block) == "text"))),
        sent_at=_moment(raw.get("created_ms")),
        is_repost=any(_kind(block) == "topic" or block.get("reshare") for block in media),
        is_pinned=raw.get("is_sticky") is True,
        views=_first(figures.get("views"), raw.get("views_count")),
        likes=_first(as_map(raw.get("like_summary")).get("count"), figures.get("likes")),
        comments=max((number for number in under if number is not None), default=None),  # a 0 of either would leave a comment unread
        reposts=_first(as_map(raw.get("reshare_summary")).get("count"), figures.get("reshares")),
        attachments=tuple(attachment({**block, "id": reference}) for block in media for reference in _references(block)),
        raw=raw,
    )


def _kind(block: Raw) -> str:
    return as_text(block.get("type")).lower()


def _first(*figures: Any) -> int | None:
    return next((number for figure in figures if (number := _int(figure)) is not None), None)


def _references(block: Raw) -> Iterator[str]:
    """ "group_photo:1", "movie:2": what a block of a topic shows."""
    for key in ("photo_refs", "movie_refs"):
        told = block.get(key)
        yield from (reference for reference in (told if isinstance(told, list) else ()) if isinstance(reference, str))


def members(answer: Any) -> list[str]:
    """Ids of people of one group.getMembers answer."""
    return [who for item in items(answer, "members") if (who := _id(item.get("userId") or item.get("user_id"), "user:"))]


# Attachments


def attachment(item: Raw) -> Attachment:
    """One attachment; a picture whose address is not told is opened by `fetch`, what leads elsewhere by nobody."""
    label, payload = as_text(item.get("type")).upper(), as_map(item.get("payload"))
    kind, number = KINDS.get(label, "other"), _id(item.get("id")) or _id(payload.get("id"))
    found = picture(item) or picture(payload)
    return Attachment(
        kind=kind,
        external_id=number,
        url="" if kind in {"link", "other", "sticker"} else found or (f"ref:{number}" if kind == "photo" and number else ""),
        name=as_text(payload.get("fileName")) or as_text(item.get("name")) or (found if kind == "link" else ""),
        mime=MIMES.get(kind, ""),
        size=_int(payload.get("fileSize")),
        raw=item,
    )


def picture(value: Any) -> str:
    """The widest address among "pic640x480", "pic_max", "url" of an object, "" when there is none."""
    found = {key: url for key, url in as_map(value).items() if key == "url" or key.startswith("pic")}
    addresses = {key: url for key, url in found.items() if isinstance(url, str) and url.startswith(("https://", "http://"))}
    return addresses[max(addresses, key=_width)] if addresses else ""


def _width(key: str) -> int:
    digits = "".join(sign if sign.isdecimal() else " " for sign in key).split()
    return 1_000_000 if key == "pic_max" else int(digits[0][:6]) if digits else 0


def resource(answer: Any, number: str) -> str:
    """Where the bytes of a comment's attachment are, from discussions.getAttachedResources; "" when OK does not tell."""
    for thing in _everything(answer):
        if _id(thing.get("id")) == number and (found := picture(thing)):
            return found
    return ""


def _everything(value: Any) -> Iterator[Raw]:
    """Objects at any depth: OK has put attachments into lists by their kind, and into one list."""
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, dict):
            yield one
            pending += one.values()
        elif isinstance(one, list):
            pending += one


def upload_token(answer: Any) -> str:
    """What the upload server gave for one picture, "" when it gave nothing."""
    photos = as_map(as_map(answer).get("photos"))
    return next((token for told in photos.values() if (token := as_text(as_map(told).get("token")))), "")


# Comments


def comments(raws: Sequence[Raw], page_id: str, topic: str) -> list[Utterance]:
    """Comments under a topic in their order; each stands in the thread of the comment that its chain of answers begins with."""
    alive = [raw for raw in raws if _id(raw.get("id")) and not _gone(raw)]
    answered = {_id(raw.get("id")): _id(raw.get("reply_to_comment_id")) for raw in alive}
    return [_comment(raw, page_id, f"w{topic}_{_opener(_id(raw.get('id')), answered)}") for raw in alive]


def _gone(raw: Raw) -> bool:
    return any(word in as_text(raw.get("type")).upper() for word in ("REMOVED", "DELETED"))


def _opener(number: str, answered: Mapping[str, str]) -> str:
    """Where a chain of answers begins; the last known link when a comment between was deleted."""
    passed = {number}
    while (above := answered.get(number, "")) and above not in passed:
        number = above
        passed.add(above)
    return number


def _comment(raw: Raw, page_id: str, thread: str) -> Utterance:
    author, answered = _id(raw.get("author_id")) or _id(raw.get("author_ref"), "user:"), _id(raw.get("reply_to_comment_id"))
    return Utterance(
        kind="comment",
        external_id=f"c{_id(raw.get('id'))}",
        thread_id=thread,
        author_id=author.removeprefix("group:"),
        author_name=as_text(raw.get("author_name")),
        by_page=author.removeprefix("group:") == page_id,
        text=as_text(raw.get("text")),
        sent_at=_date(raw),
        reply_to=f"c{answered}" if answered else "",
        attachments=tuple(attachment(item) for item in as_list(raw.get("attachments"))),
        raw=raw,
    )


def comment_id(answer: Any) -> str:
    """The id of a comment that was just written: OK answers with the bare id or with the comment itself."""
    if isinstance(answer, dict):
        return _id(answer.get("comment_id")) or _id(answer.get("id")) or _id(as_map(answer.get("comment")).get("id"))
    return _id(answer)


# Messages


def message(raw: Raw, page_id: str, *, pushed: bool = False) -> Utterance | None:
    """A direct message of a chat; a webhook (`pushed`) tells only what others wrote. None without its ids."""
    sender, said = as_map(raw.get("sender")), as_map(raw.get("message"))
    chat, number = _id(as_map(raw.get("recipient")).get("chat_id"), "chat:"), _id(said.get("mid"), "mid:")
    if not chat or not number:
        return None
    author = _id(sender.get("user_id"), "user:")
    group = _id(sender.get("group_id"), "group:") or (author.removeprefix("group:") if author.startswith("group:") else "")
    by_page = group == page_id if group else not author and not pushed
    answered = _id(said.get("reply_to"), "mid:")
    return Utterance(
        kind="dm",
        external_id=f"m{number}",
        thread_id=f"d{chat}",
        author_id=group or author,
        author_name=as_text(sender.get("name")),
        by_page=by_page,
        text=as_text(said.get("text")),
        sent_at=_moment(raw.get("timestamp")),
        reply_to=f"m{answered}" if answered else "",
        attachments=tuple(attachment(item) for item in (*as_list(said.get("attachments")), *as_list([said.get("attachment")]))),
        raw=raw,
    )


def messages(answer: Any, page_id: str) -> list[Utterance]:
    """Messages of a graph.user.messages answer, oldest first."""
    found = [message(raw, page_id) for raw in items(answer, "messages")]
    return sorted((item for item in found if item), key=lambda said: (said.sent_at, _int(as_map(said.raw.get("message")).get("seq")) or 0))


def chats(answer: Any) -> list[tuple[str, datetime]]:
    """(thread, when something last happened in it) of a graph.user.chats answer, in its order."""
    found = [(_id(raw.get("chat_id"), "chat:"), _moment(raw.get("lastEventTime"))) for raw in items(answer, "chats")]
    return [(f"d{chat}", when) for chat, when in found if chat]


# Webhooks


def event(body: Raw, page_id: str) -> Event:
    """A webhook body: a new message; what happens to a chat itself, and what is not understood, is "other"."""
    label = as_text(body.get("webhookType"))
    said = message(body, page_id, pushed=True) if label in {"", "MESSAGE_CREATED"} and as_map(body.get("message")) else None
    if said is None:
        return Event("other", page_id, raw=dict(body))
    return Event("said", page_id, event_id=f"mid:{said.external_id[1:]}", utterance=said, raw=dict(body))


def webhook(answer: Any, known: str = "") -> Webhook:
    """Our address among the subscriptions: the known one, else the newest that carries a secret, told without it."""
    ours = [item for item in items(answer, "subscriptions") if _secret_of(as_text(item.get("url")))]
    newest = sorted(ours, key=lambda item: (bare(as_text(item.get("url"))) == known, _int(item.get("time")) or 0))[-1:]
    url = bare(as_text(newest[0].get("url"))) if newest else ""
    return Webhook(url, alive=bool(url))


def subscriptions(answer: Any) -> list[str]:
    """Addresses that OK sends events to, with their secrets."""
    return [url for item in items(answer, "subscriptions") if (url := as_text(item.get("url")))]


def signed(url: str, secret: str) -> str:
    """Our webhook's address as OK has to call it: with the page's secret in it, since OK signs nothing."""
    known = bare(url)
    return f"{known}{'&' if urlsplit(known).query else '?'}{urlencode({SECRET: secret})}"


def bare(url: str) -> str:
    """The address without its secret, "" for what is no address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    kept = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if key != SECRET]
    return parts._replace(query=urlencode(kept)).geturl()


def _secret_of(url: str) -> str:
    try:
        return dict(parse_qsl(urlsplit(url).query)).get(SECRET, "")
    except ValueError:
        return ""
