"""What we ask of VK, and with which token."""

import hmac
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, ClassVar

from gospult.networks.base import (
    DEEDS,
    UNHURRIED,
    Credentials,
    Event,
    NetworkError,
    Pacer,
    PageCard,
    PlaceKind,
    Post,
    PostRoom,
    Rights,
    Sent,
    TokenKind,
    Utterance,
    UtteranceKind,
    Webhook,
)
from gospult.networks.raw import as_list, as_map
from gospult.networks.vk import access, callback, parse
from gospult.networks.vk.access import CALLS, NEEDS
from gospult.networks.vk.client import BASE_URL, Client
from gospult.networks.vk.places import comment_number, peer_number, place, post_number
from gospult.networks.vk.script import MOST, Call

__all__ = ["CALLS", "NEEDS", "VK"]

CARD_FIELDS = (
    "activity,addresses,can_message,city,contacts,cover,description,main_section,members_count,menu,"
    "photo_100,photo_200,screen_name,site,status,verified,wall"
)
CARDS_PER_CALL = 500
MEMBERS_PER_CALL = 1000
PAGE = 100  # the most that wall.get and wall.getComments give in one call
INNER = 10  # the most replies that come inside a comment
HISTORY = 200  # the most that messages.getHistory and messages.getConversations give in one call
DIALOGUES = 200  # the most that are named at once: each of them costs a call to read
# Where VK says what a token of this kind was given.
PERMISSIONS: dict[TokenKind, str] = {"community": "groups.getTokenPermissions", "user": "account.getAppPermissions"}
MAX_CALLS = 100  # of one reading: a runaway thread must not eat the day's quota


class VK:
    """The connector of VK; see `gospult.networks.base.Network`. The pacer is asked before every call."""

    code: ClassVar[str] = "vk"
    name: ClassVar[str] = "ВКонтакте"
    kinds: ClassVar[tuple[TokenKind, ...]] = ("community", "user", "service")
    guards: ClassVar[bool] = True  # guid of comments, random_id of messages
    pushes: ClassVar[frozenset[UtteranceKind]] = frozenset({"comment", "dm"})
    tells: ClassVar[frozenset[str]] = DEEDS - {"deleted_dm"}
    flat_threads: ClassVar[bool] = False
    tells_posts: ClassVar[bool] = True
    post_room: ClassVar[PostRoom] = PostRoom(15_000, 15_000)  # published nowhere [?]: on the safe side

    def __init__(self, credentials: Credentials, *, base_url: str = "", ca_file: str = "", timeout: float = 10.0, pacer: Pacer = UNHURRIED) -> None:
        self._page = credentials.page_id
        self._tokens = credentials.tokens
        self._client = Client(credentials.tokens, base_url=base_url, ca_file=ca_file, timeout=timeout, pacer=pacer)

    @staticmethod
    def can(kinds: frozenset[TokenKind]) -> frozenset[str]:
        """What these token kinds allow, by NEEDS and CALLS of `access`."""
        return access.can(kinds)

    @staticmethod
    def authentic(body: Mapping[str, Any], headers: Mapping[str, str], secret: str) -> bool:
        """Whether the body carries the page's secret; a page without a secret trusts nobody."""
        given = body.get("secret")
        return bool(secret) and isinstance(given, str) and hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode())

    @staticmethod
    def parse_event(body: Mapping[str, Any], page_id: str = "") -> Event:
        """Translate a Callback body, which names its page itself; an unknown kind becomes "other"."""
        return parse.event(body)

    @staticmethod
    def parse_card(raw: Mapping[str, Any]) -> PageCard:
        """Translate a community of groups.getById."""
        return parse.card(raw)

    def webhook(self, url: str = "") -> Webhook:
        """The Callback server at this address, else the one that we once added; with the word that VK's next handshake must be answered with."""
        return callback.webhook(self._callback, url)

    def subscribe(self, url: str, secret: str) -> None:
        """Add or change our Callback server, at most 50 characters of secret; whoever answers the handshake must know `webhook().confirmation`."""
        callback.subscribe(self._callback, url, secret)

    # Reading

    def rights(self) -> Rights:
        """What the tokens really allow; VK does not tell when they end. A dead token among others is told as missing."""
        found: dict[TokenKind, frozenset[str]] = {}
        names, missing, dead = [], [], []
        for kind in [kind for kind in self.kinds if self._tokens.get(kind)]:
            try:
                name, mask, level = self._standing(kind)
            except NetworkError as error:
                if error.fault != "auth":
                    raise
                dead.append(error)
                found[kind] = frozenset()
                missing.append(f"{kind}: {error}")
                continue
            names.append(name)
            found[kind] = access.allowed(kind, mask, level)
            missing += [f"{kind}: {word}" for word in access.lacking(kind, mask, level)]
        if not names:
            raise dead[0] if dead else _unfit("groups.getById")
        return Rights(access.granted(found), missing, names[0])

    def cards(self, page_ids: Sequence[str]) -> list[PageCard]:
        """Cards of any communities, by id or handle, 500 a call and 25 calls an `execute`; those that VK does not know are absent."""
        chunks = [",".join(page_ids[start : start + CARDS_PER_CALL]) for start in range(0, len(page_ids), CARDS_PER_CALL)]
        cards: list[PageCard] = []
        for answer in self._many("groups.getById", [{"group_ids": ids, "fields": CARD_FIELDS} for ids in chunks]):
            cards += [parse.card(raw) for raw in _groups(answer)]
        return cards

    def posts(self, *, count: int = 20, offset: int = 0) -> list[Post]:
        """The newest posts of the wall, newest first (a pinned one comes first whatever its age)."""
        posts: list[Post] = []
        for start in range(offset, offset + count, PAGE):
            answer = self._call("wall.get", owner_id=f"-{self._page}", offset=start, count=min(PAGE, offset + count - start))
            items = _items(answer)
            posts += [parse.post(raw) for raw in items]
            if len(items) < PAGE:
                break
        return posts

    def posts_of(self, page_ids: Sequence[str], *, count: int = 20) -> Iterator[tuple[str, list[Post] | NetworkError]]:
        """The newest posts of many walls (at most 100 of each), every page once, those first that come first.

        When a token's day is over, the next one goes on; a page that no token may read any more comes with its refusal.
        A user's token reads 25 walls a request. NetworkError when a whole request fails: the pages not yet given may be asked again.
        """
        self._need("posts_of")
        return self._posts_of(list(page_ids), min(count, PAGE))

    def comments(self, post_id: str) -> list[Utterance]:
        """All comments under a post with their replies, oldest first."""
        post = post_number(post_id)
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
            return self._dialogue(peer_number(thread_id))
        post, top = place(thread_id)
        answer = self._call("wall.getComments", **self._under(post), start_comment_id=top, count=1, thread_items_count=INNER, extended=1)
        whole = f"w{post}_{top}"
        # VK starts with the next comment when the top one was removed: only this thread counts.
        found = {said.external_id: said for said in parse.comments(answer, self._page, post) if said.thread_id == whole}
        if not found or _longer_than_shown(answer, top):
            found |= {said.external_id: said for said in self._replies(post, top)}
        return _oldest_first(found.values())

    def members(self) -> Iterator[Sequence[str]]:
        """Ids of the subscribers, 1,000 a batch; who joins or leaves meanwhile may be told twice or not at all."""
        self._need("members")
        return self._members()

    def members_of(self, page_ids: Sequence[str]) -> Iterator[tuple[str, list[str] | NetworkError]]:
        """Ids of the subscribers of many communities, 25 calls an `execute` where a token of ours can; none that is closed is told to a stranger."""
        self._need("members_of")
        return self._members_of(page_ids)

    def fetch(self, reference: str) -> tuple[bytes, str]:
        """VK's attachments have plain addresses: NetworkError "unsupported"."""
        raise NetworkError("VK: вложения открываются по адресу", fault="unsupported", permanent=True)

    # Writing

    def upload(self, thread_id: str, *, kind: PlaceKind, name: str, content: bytes) -> str:
        """Upload a picture; for a comment or a post that needs a user's token, without it NetworkError "unsupported"."""
        if kind == "dm":
            server = self._call("photos.getMessagesUploadServer", peer_id=peer_number(thread_id))
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
            return self._send(peer_number(thread_id), text, guard, reply_to, attachments)
        post, top = place(thread_id)
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

    def publish(self, text: str, *, guard: str = "", attachments: Sequence[str] = ()) -> Sent:
        """Publish a post as the community; the same `guard` is published once."""
        answer = self._call(
            "wall.post", sending=True, owner_id=f"-{self._page}", from_group=1, message=text, attachments=",".join(attachments), guid=guard
        )
        number = answer.get("post_id") if isinstance(answer, dict) else None
        return Sent(proof := _proof("", number), self.post_url(proof))

    def edit_post(self, post_id: str, text: str) -> None:
        """Rewrite a post; VK takes the attachments away that are not named again, so they are read first."""
        self._need("edit_post")
        post = post_number(post_id)
        found = _items(self._call("wall.getById", posts=f"-{self._page}_{post}"))
        if not found:
            raise NetworkError("VK: записи нет", fault="gone", permanent=True)
        self._call("wall.edit", **self._under(post), message=text, attachments=",".join(parse.references(found[0])))

    def delete_post(self, post_id: str) -> None:
        """Take a post away."""
        self._call("wall.delete", **self._under(post_number(post_id)))

    def hide(self, external_id: str, *, thread_id: str) -> None:
        """Delete somebody's comment from the wall; VK lets it be restored for a while."""
        self._call("wall.deleteComment", sending=True, owner_id=f"-{self._page}", comment_id=comment_number(external_id))

    def unhide(self, external_id: str, *, thread_id: str) -> None:
        """Put a deleted comment back."""
        self._call("wall.restoreComment", sending=True, owner_id=f"-{self._page}", comment_id=comment_number(external_id))

    def ban(self, person_id: str, *, until: datetime) -> None:
        """Put a person on the community's black list until a moment; VK takes him off by itself."""
        self._call("groups.ban", sending=True, group_id=self._page, owner_id=_person(person_id), end_date=int(until.timestamp()))

    def unban(self, person_id: str) -> None:
        """Take a person off the black list; one who is not on it is no error."""
        try:
            self._call("groups.unban", sending=True, group_id=self._page, owner_id=_person(person_id))
        except NetworkError as error:
            if error.fault != "gone":
                raise

    def url(self, thread_id: str, *, kind: UtteranceKind) -> str:
        """Where a person opens the thread: a comment on the wall, or the community's own message box."""
        if kind == "dm":
            return f"{self._site()}gim{self._page}?sel={peer_number(thread_id)}"
        post, top = place(thread_id)
        return self._link(post, top)

    def post_url(self, post_id: str) -> str:
        """Where a person opens a post."""
        return f"{self._site()}wall-{self._page}_{post_number(post_id)}"

    # How it is asked

    def _call(self, method: str, *, sending: bool = False, **params: Any) -> Any:
        kind = self._kind(method)
        if kind is None:
            raise _unfit(method)
        if kind == "user" and method.startswith("messages."):
            params["group_id"] = self._page  # a user's token speaks for himself unless told which community
        return self._client.call(kind, method, params, sending=sending)

    def _kind(self, *methods: str) -> TokenKind | None:
        """The best of our token kinds that takes all these methods."""
        return next((kind for kind in CALLS[methods[0]] if self._tokens.get(kind) and all(kind in CALLS[name] for name in methods)), None)

    def _need(self, feature: str) -> None:
        """Refuse before anything is asked what would stop half-way for want of a token."""
        for method in NEEDS[feature]:
            if self._kind(method) is None:
                raise _unfit(method)

    def _many(self, method: str, asked: Sequence[Mapping[str, Any]]) -> Iterator[Any]:
        """Answers of a reading method asked many times, through `execute` where a token of ours can; the first refusal ends it."""
        if len(asked) < 2:
            yield from (self._call(method, **params) for params in asked)
            return
        batching, single = self._kind("execute", method), self._kind(method)
        kind = batching or single
        if kind is None:
            raise _unfit(method)
        for answer in self._client.many(kind, [(method, params) for params in asked], together=MOST if batching else 1):
            if isinstance(answer, NetworkError):
                raise answer
            yield answer

    def _posts_of(self, left: list[str], count: int) -> Iterator[tuple[str, list[Post] | NetworkError]]:
        kinds = [kind for kind in reversed(CALLS["wall.get"]) if self._tokens.get(kind)]  # the one that `execute` takes first
        for kind in kinds:
            over: list[str] = []
            for page, answer in self._walls(kind, left, count):
                if isinstance(answer, NetworkError) and answer.fault == "quota" and kind != kinds[-1]:
                    over.append(page)
                else:
                    yield page, answer if isinstance(answer, NetworkError) else [parse.post(raw) for raw in _items(answer)]
            left = over

    def _members(self) -> Iterator[Sequence[str]]:
        first = self._call("groups.getMembers", **_members_from(self._page, 0))
        yield parse.members(first)
        for answer in self._many("groups.getMembers", [_members_from(self._page, offset) for offset in parse.further(first, MEMBERS_PER_CALL)]):
            yield parse.members(answer)

    def _members_of(self, page_ids: Sequence[str]) -> Iterator[tuple[str, list[str] | NetworkError]]:
        """Batches are filled with what is left of the pages begun, and then with the next ones."""
        batching, single = self._kind("execute", "groups.getMembers"), self._kind("groups.getMembers")
        fresh, waiting, found, left = iter(page_ids), deque[tuple[str, int]](), dict[str, list[str]](), Counter[str]()
        while True:
            waiting.extend((page, 0) for page in islice(fresh, max(0, (MOST if batching else 1) - len(waiting))))
            asked = [waiting.popleft() for _ in range(min(len(waiting), MOST if batching else 1))]
            if not asked or not (kind := batching or single):
                return
            calls = [("groups.getMembers", _members_from(page, offset)) for page, offset in asked]
            for (page, offset), answer in zip(asked, self._client.batch(kind, calls), strict=True):
                if isinstance(answer, NetworkError):
                    if found.pop(page, None) is not None or not offset:
                        yield page, answer
                    continue
                if not offset:
                    try:
                        further = parse.further(answer, MEMBERS_PER_CALL)
                    except NetworkError as error:
                        yield page, error
                        continue
                    found[page], left[page] = [], 1 + len(further)
                    waiting.extend((page, begin) for begin in further)
                if page in found:
                    found[page] += parse.members(answer)
                    left[page] -= 1
                    if not left[page]:
                        yield page, found.pop(page)

    def _walls(self, kind: TokenKind, page_ids: Sequence[str], count: int) -> Iterator[tuple[str, Any]]:
        """Raw walls with one token; once its quota is over nothing more is asked."""
        size, spent = MOST if kind in CALLS["execute"] else 1, None
        for start in range(0, len(page_ids), size):
            pages = page_ids[start : start + size]
            answers = [spent] * len(pages) if spent else self._batch(kind, [("wall.get", _wall(page) | {"count": count}) for page in pages])
            yield from zip(pages, answers, strict=True)
            spent = spent or next((answer for answer in answers if isinstance(answer, NetworkError) and answer.fault == "quota"), None)

    def _batch(self, kind: TokenKind, calls: Sequence[Call]) -> list[Any]:
        try:
            return self._client.batch(kind, calls)
        except NetworkError as error:
            if error.fault != "quota":
                raise
            return [error] * len(calls)

    def _standing(self, kind: TokenKind) -> tuple[str, int, int]:
        """The page's name, the bits of a token, and the office of the person behind it. A community's token is asked whose it is."""
        named = {} if kind == "community" else {"group_id": self._page, "fields": "is_admin,admin_level"}
        page = next(iter(_groups(self._client.call(kind, "groups.getById", named))), {})
        if kind == "community" and str(page.get("id", "")) != self._page:
            raise NetworkError("VK: ключ другого сообщества", fault="access", permanent=True)
        mask = parse.mask(self._client.call(kind, PERMISSIONS[kind], {})) if kind in PERMISSIONS else 0
        level = page.get("admin_level", 0) if page.get("is_admin") else 0
        return str(page.get("name", "")), mask, level if isinstance(level, int) else 0

    def _callback(self, method: str, **params: Any) -> Any:
        self._need("webhook")
        return self._call(method, group_id=self._page, **params)

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
            if isinstance(top := raw.get("id"), int) and _longer_than_shown({"items": [raw]}, top):
                yield from self._replies(post, top)

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


def _members_from(page: str, offset: int) -> dict[str, Any]:
    return {"group_id": page, "sort": "id_asc", "count": MEMBERS_PER_CALL, **({"offset": offset} if offset else {})}


def _unfit(method: str) -> NetworkError:
    return NetworkError(f"VK: для {method} нет подходящего ключа", fault="unsupported", permanent=True)


def _wall(page_id: str) -> dict[str, Any]:
    return {"owner_id": f"-{page_id}"} if page_id.isdecimal() else {"domain": page_id}


def _groups(answer: Any) -> list[dict[str, Any]]:
    # before 5.194 the answer was the bare list, and some proxies still give it
    return as_list(answer) or as_list(as_map(answer).get("groups"))


def _items(answer: Any) -> list[dict[str, Any]]:
    return as_list(as_map(answer).get("items"))


def _longer_than_shown(answer: Any, top: Any) -> bool:
    threads = [item["thread"] for item in _items(answer) if item.get("id") == top and isinstance(item.get("thread"), dict)]
    counts = [(thread.get("count"), len(_items(thread))) for thread in threads]
    return any(isinstance(count, int) and count > shown for count, shown in counts)


def _oldest_first(found: Any) -> list[Utterance]:
    # ids grow with time inside a page; seconds alone would tie
    return sorted(found, key=lambda said: (said.sent_at, int(said.external_id[1:])))


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


def _person(person_id: str) -> int:
    if not person_id.isdecimal():
        raise NetworkError("VK: это не номер человека", fault="invalid", permanent=True)
    return int(person_id)
