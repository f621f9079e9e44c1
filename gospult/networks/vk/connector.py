"""What we ask of VK, and with which token."""

import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from gospult.networks.base import (
    UNHURRIED,
    Credentials,
    Event,
    NetworkError,
    Pacer,
    PageCard,
    PlaceKind,
    Post,
    Sent,
    TokenKind,
    Utterance,
    UtteranceKind,
)
from gospult.networks.vk import parse
from gospult.networks.vk.client import BASE_URL, Client

# Which token kinds a method takes (VK's schema, access_token_type; its "group" is our "community"), the best first:
# reading goes through the token that nobody's account stands behind.
CALLS: dict[str, tuple[TokenKind, ...]] = {
    "groups.getById": ("service", "community", "user"),
    "wall.get": ("service", "user"),
    "wall.getComments": ("service", "user"),
    "wall.createComment": ("community", "user"),
    "messages.getConversations": ("community", "user"),
    "messages.getHistory": ("community", "user"),
    "messages.send": ("community", "user"),
    "photos.getMessagesUploadServer": ("community", "user"),
    "photos.saveMessagesPhoto": ("community", "user"),
    "photos.getWallUploadServer": ("user",),
    "photos.saveWallPhoto": ("user",),
}
# What a screen may offer → the calls that it needs.
NEEDS: dict[str, tuple[str, ...]] = {
    "card": ("groups.getById",),
    "posts": ("wall.get",),
    "comments": ("wall.getComments",),
    "messages": ("messages.getHistory",),
    "dialogues": ("messages.getConversations",),
    "reply_comment": ("wall.createComment",),
    "reply_dm": ("messages.send",),
    "upload_comment": ("photos.getWallUploadServer", "photos.saveWallPhoto"),
    "upload_dm": ("photos.getMessagesUploadServer", "photos.saveMessagesPhoto"),
}
CARD_FIELDS = (
    "activity,addresses,can_message,city,contacts,cover,description,main_section,members_count,menu,"
    "photo_100,photo_200,screen_name,site,status,verified,wall"
)
CARDS_PER_CALL = 500
PAGE = 100  # the most that wall.get and wall.getComments give in one call
INNER = 10  # the most replies that come inside a comment
HISTORY = 200  # the most that messages.getHistory and messages.getConversations give in one call
DIALOGUES = 200  # the most that are named at once: each of them costs a call to read
MAX_CALLS = 100  # of one reading: a runaway thread must not eat the day's quota

COMMENT_THREAD = re.compile(r"w(\d+)_(\d+)")
DM_THREAD = re.compile(r"d(-?\d+)")


class VK:
    """The connector of VK; see `gospult.networks.base.Network`. The pacer is asked before every call."""

    code: ClassVar[str] = "vk"
    name: ClassVar[str] = "ВКонтакте"
    kinds: ClassVar[tuple[TokenKind, ...]] = ("community", "user", "service")
    guards: ClassVar[bool] = True  # guid of comments, random_id of messages
    pushes: ClassVar[frozenset[UtteranceKind]] = frozenset({"comment", "dm"})
    flat_threads: ClassVar[bool] = False

    def __init__(self, credentials: Credentials, *, base_url: str = "", ca_file: str = "", timeout: float = 10.0, pacer: Pacer = UNHURRIED) -> None:
        self._page = credentials.page_id
        self._tokens = credentials.tokens
        self._client = Client(credentials.tokens, base_url=base_url, ca_file=ca_file, timeout=timeout, pacer=pacer)

    @staticmethod
    def can(kinds: frozenset[TokenKind]) -> frozenset[str]:
        """What these token kinds allow, by NEEDS and CALLS."""
        return frozenset(feature for feature, methods in NEEDS.items() if all(kinds & set(CALLS[method]) for method in methods))

    @staticmethod
    def authentic(body: Mapping[str, Any], headers: Mapping[str, str], secret: str) -> bool:
        """Whether the body carries the page's secret; a page without a secret trusts nobody."""
        given = body.get("secret")
        return bool(secret) and isinstance(given, str) and hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode())

    @staticmethod
    def parse_event(body: Mapping[str, Any], page_id: str = "") -> Event:
        """Translate a Callback body, which names its page itself; an unknown kind becomes "other"."""
        return parse.event(body)

    def cards(self, page_ids: Sequence[str]) -> list[PageCard]:
        """Cards of any communities, by id or handle, 500 a call; those that VK does not know are absent."""
        cards: list[PageCard] = []
        for start in range(0, len(page_ids), CARDS_PER_CALL):
            ids = ",".join(page_ids[start : start + CARDS_PER_CALL])
            answer = self._call("groups.getById", group_ids=ids, fields=CARD_FIELDS)
            # before 5.194 the answer was the bare list, and some proxies still give it
            groups = answer.get("groups") if isinstance(answer, dict) else answer
            cards += [parse.card(raw) for raw in groups or [] if isinstance(raw, dict)]
        return cards

    def posts(self, *, count: int = 20) -> list[Post]:
        """The newest posts of the wall, newest first (a pinned one comes first whatever its age)."""
        posts: list[Post] = []
        for offset in range(0, count, PAGE):
            answer = self._call("wall.get", owner_id=f"-{self._page}", offset=offset, count=min(PAGE, count - offset))
            items = _items(answer)
            posts += [parse.post(raw) for raw in items]
            if len(items) < PAGE:
                break
        return posts

    def comments(self, post_id: str) -> list[Utterance]:
        """All comments under a post with their replies, oldest first."""
        post = _number(post_id)
        found: dict[str, Utterance] = {}
        for answer in self._pages("wall.getComments", PAGE, **self._under(post), thread_items_count=INNER):
            for said in self._with_long_threads(answer, post):
                found.setdefault(said.external_id, said)
        return _oldest_first(found.values())

    def dialogues(self, *, since: datetime) -> list[str]:
        """Dialogues whose last message is not older than `since`, the latest first, at most 200."""
        answer = self._call("messages.getConversations", count=DIALOGUES)
        return [last.thread_id for last in parse.last_messages(answer, self._page) if last.sent_at >= since]

    def thread(self, thread_id: str, *, kind: UtteranceKind) -> list[Utterance]:
        """The thread as it stands now, oldest first; of a direct dialogue the latest 200 messages."""
        if kind == "dm":
            return self._dialogue(_peer(thread_id))
        post, top = _place(thread_id)
        answer = self._call("wall.getComments", **self._under(post), start_comment_id=top, count=1, thread_items_count=INNER, extended=1)
        whole = f"w{post}_{top}"
        # VK starts with the next comment when the top one was removed: only this thread counts.
        found = {said.external_id: said for said in parse.comments(answer, self._page, post) if said.thread_id == whole}
        if not found or _longer_than_shown(answer, top):
            found |= {said.external_id: said for said in self._replies(post, top)}
        return _oldest_first(found.values())

    def upload(self, thread_id: str, *, kind: PlaceKind, name: str, content: bytes) -> str:
        """Upload a picture; a comment's picture needs a user's token, without it NetworkError "unsupported"."""
        if kind == "dm":
            server = self._call("photos.getMessagesUploadServer", peer_id=_peer(thread_id))
            placed = self._client.upload(_upload_url(server), name, content)
            saved = self._call("photos.saveMessagesPhoto", **_placed(placed))
        else:
            server = self._call("photos.getWallUploadServer", group_id=self._page)
            placed = self._client.upload(_upload_url(server), name, content)
            saved = self._call("photos.saveWallPhoto", group_id=self._page, **_placed(placed))
        reference = parse.photo_reference(saved[0]) if isinstance(saved, list) and saved and isinstance(saved[0], dict) else ""
        if not reference:
            raise NetworkError("VK: фото не сохранилось", fault="other")
        return reference

    def reply(self, thread_id: str, *, kind: UtteranceKind, text: str, guard: str, reply_to: str = "", attachments: Sequence[str] = ()) -> Sent:
        """Publish a reply as the community; the same `guard` is published once."""
        if kind == "dm":
            return self._send(_peer(thread_id), text, guard, reply_to, attachments)
        post, top = _place(thread_id)
        answer = self._call(
            "wall.createComment",
            sending=True,
            **self._under(post),
            from_group=self._page,
            reply_to_comment=reply_to.removeprefix("c") or top,
            message=text,
            attachments=",".join(attachments),
            guid=guard,
        )
        number = answer.get("comment_id") if isinstance(answer, dict) else None
        return Sent(_proof("c", number), self._link(post, number))

    def url(self, thread_id: str, *, kind: UtteranceKind) -> str:
        """Where a person opens the thread: a comment on the wall, or the community's own message box."""
        if kind == "dm":
            return f"{self._site()}gim{self._page}?sel={_peer(thread_id)}"
        post, top = _place(thread_id)
        return self._link(post, top)

    # How it is asked

    def _call(self, method: str, *, sending: bool = False, **params: Any) -> Any:
        kind = next((kind for kind in CALLS[method] if self._tokens.get(kind)), None)
        if kind is None:
            raise NetworkError(f"VK: для {method} нет подходящего ключа", fault="unsupported", permanent=True)
        if kind == "user" and method.startswith("messages."):
            params["group_id"] = self._page  # a user's token speaks for himself unless told which community
        return self._client.call(kind, method, params, sending=sending)

    def _under(self, post: int) -> dict[str, Any]:
        return {"owner_id": f"-{self._page}", "post_id": post}

    def _pages(self, method: str, size: int, **params: Any) -> Iterator[Mapping[str, Any]]:
        """Answers of a paged method until one comes short."""
        for number in range(MAX_CALLS):
            answer = self._call(method, offset=number * size, count=size, extended=1, **params)
            yield answer if isinstance(answer, dict) else {}
            if len(_items(answer)) < size:
                return

    def _with_long_threads(self, answer: Mapping[str, Any], post: int) -> Iterator[Utterance]:
        yield from parse.comments(answer, self._page, post)
        for raw in _items(answer):
            if _longer_than_shown({"items": [raw]}, raw.get("id")):
                yield from self._replies(post, int(raw["id"]))

    def _replies(self, post: int, top: int) -> list[Utterance]:
        """The replies under a top comment, without the comment itself."""
        found: list[Utterance] = []
        for answer in self._pages("wall.getComments", PAGE, **self._under(post), comment_id=top):
            inside = {**answer, "items": [{"id": top, "deleted": True, "thread": {"items": _items(answer)}}]}
            found += parse.comments(inside, self._page, post)
        return found

    def _dialogue(self, peer: int) -> list[Utterance]:
        answer = self._call("messages.getHistory", peer_id=peer, count=HISTORY, extended=1)
        return _oldest_first(parse.messages(answer if isinstance(answer, dict) else {}, self._page))

    def _send(self, peer: int, text: str, guard: str, reply_to: str, attachments: Sequence[str]) -> Sent:
        number = self._call(
            "messages.send",
            sending=True,
            peer_id=peer,
            random_id=guard,
            message=text,
            reply_to=reply_to.removeprefix("m"),
            attachment=",".join(attachments),
        )
        return Sent(_proof("m", number), f"{self._site()}gim{self._page}?sel={peer}")

    def _link(self, post: int, comment: Any) -> str:
        return f"{self._site()}wall-{self._page}_{post}?reply={comment}"

    def _site(self) -> str:
        base = self._client.base_url
        return "https://vk.com/" if base == BASE_URL else base.removesuffix("method/")


def _items(answer: Any) -> list[dict[str, Any]]:
    items = answer.get("items") if isinstance(answer, dict) else None
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _longer_than_shown(answer: Any, top: Any) -> bool:
    threads = [item["thread"] for item in _items(answer) if item.get("id") == top and isinstance(item.get("thread"), dict)]
    counts = [(thread.get("count"), len(_items(thread))) for thread in threads]
    return any(isinstance(count, int) and count > shown for count, shown in counts)


def _oldest_first(found: Any) -> list[Utterance]:
    # ids grow with time inside a page; seconds alone would tie
    return sorted(found, key=lambda said: (said.sent_at, int(said.external_id[1:])))


def _number(post_id: str) -> int:
    if not post_id.isdecimal():
        raise NetworkError(f"VK: нет такой записи {post_id!r}", fault="invalid", permanent=True)
    return int(post_id)


def _place(thread_id: str) -> tuple[int, int]:
    # The id of a dialogue is the id of a person: no error names a thread.
    if not (match := COMMENT_THREAD.fullmatch(thread_id)):
        raise NetworkError("VK: нет такой ветки", fault="invalid", permanent=True)
    return int(match[1]), int(match[2])


def _peer(thread_id: str) -> int:
    if not (match := DM_THREAD.fullmatch(thread_id)):
        raise NetworkError("VK: нет такого диалога", fault="invalid", permanent=True)
    return int(match[1])


def _upload_url(server: Any) -> str:
    url = server.get("upload_url") if isinstance(server, dict) else None
    if not isinstance(url, str):
        raise NetworkError("VK: не назван сервер загрузки", fault="down")
    return url


def _placed(placed: Mapping[str, Any]) -> dict[str, Any]:
    """What the upload server gave, for the save method; VK says "[]" when it could not read the picture."""
    if placed.get("photo") in (None, "", "[]"):
        raise NetworkError("VK: сервер загрузки не принял файл как фото", fault="invalid", permanent=True)
    return {key: placed.get(key) for key in ("photo", "server", "hash")}


def _proof(letter: str, number: Any) -> str:
    # An answer without the id proves nothing: the thread has to be read.
    if not isinstance(number, int) or isinstance(number, bool):
        raise NetworkError("VK: ответ без номера публикации", fault="other", outcome_unknown=True)
    return f"{letter}{number}"
