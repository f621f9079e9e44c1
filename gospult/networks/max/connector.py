"""What we ask of MAX with a bot's token."""

import hmac
import re
import time
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
    PostRoom,
    Rights,
    Sent,
    TokenKind,
    Utterance,
    UtteranceKind,
    Webhook,
)
from gospult.networks.max import parse
from gospult.networks.max.client import BASE_URL, KIND, NOT_READY, Client, Refusal
from gospult.networks.raw import as_list

# What a screen may offer → the calls that it needs.
NEEDS: dict[str, tuple[str, ...]] = {
    "card": ("GET /chats/{chatId}",),
    "posts": ("GET /messages",),
    "comments": ("GET /messages/{messageId}/comments",),
    "messages": ("GET /messages",),
    "members": ("GET /chats/{chatId}/members",),
    "rights": ("GET /me", "GET /chats/{chatId}/members/me"),
    "fetch": ("GET /videos/{videoToken}",),
    "webhook": ("GET /subscriptions", "POST /subscriptions"),
    "reply_comment": ("POST /messages/{messageId}/comments",),
    "reply_dm": ("POST /messages",),
    "upload_dm": ("POST /uploads",),
    "upload_post": ("POST /uploads",),
    "publish": ("POST /messages",),
    "edit_post": ("PUT /messages",),
    "delete_post": ("DELETE /messages",),
    "hide": ("DELETE /messages/{messageId}/comments",),
}
# Feature → what the channel's owner has to grant the bot for it; dialogues need no grant.
GRANTS: dict[str, tuple[str, ...]] = {
    "posts": ("read_all_messages",),
    "comments": ("read_all_messages",),
    "members": ("is_admin",),
    "reply_comment": ("read_all_messages", "write"),
    "upload_post": ("write",),
    "publish": ("write",),
    "edit_post": ("edit",),
    "delete_post": ("delete",),
    "hide": ("read_all_messages", "delete"),
}
# Since summer 2026 MAX names some permissions otherwise.
SYNONYMS = {"post_edit_delete_message": ("write", "edit", "delete"), "edit_message": ("edit",), "delete_message": ("delete",)}
SECRET_HEADER = "x-max-bot-api-secret"
PAGE = 100  # the most that MAX gives in one answer
MAX_CALLS = 100  # of one reading: a runaway post must not eat the hour
LONGEST_TEXT = 4000
MEMBER_CALLS = 20_000  # two million subscribers
READY_PAUSES = (0.5, 1.0, 2.0, 4.0)  # seconds before an attachment that was not ready is tried again

ID = r"(?:mid\.[\w-]+?|[A-Za-z0-9-]{8,}?)"
POST = re.compile(ID, re.ASCII)
COMMENT_THREAD = re.compile(rf"w({ID})_({ID})", re.ASCII)
DM_THREAD = re.compile(r"d(-?\d+)", re.ASCII)
CHAT = re.compile(r"-?\d+", re.ASCII)
HANDLE = re.compile(r"[A-Za-z][\w-]*", re.ASCII)
SECRET = re.compile(r"[\w-]{5,256}", re.ASCII)


class MAX:
    """The connector of MAX; see `gospult.networks.base.Network`. The pacer is asked before every call."""

    code: ClassVar[str] = "max"
    name: ClassVar[str] = "MAX"
    kinds: ClassVar[tuple[TokenKind, ...]] = ("bot",)
    guards: ClassVar[bool] = False  # the API has no idempotency key
    pushes: ClassVar[frozenset[UtteranceKind]] = frozenset({"dm"})  # of comments it tells late or never: they are polled
    tells: ClassVar[frozenset[str]] = frozenset({"edited_dm", "deleted_dm"})
    tells_posts: ClassVar[bool] = True
    post_room: ClassVar[PostRoom] = PostRoom(LONGEST_TEXT, LONGEST_TEXT)
    flat_threads: ClassVar[bool] = True  # a comment names only the comment that it answers

    def __init__(self, credentials: Credentials, *, base_url: str = "", ca_file: str = "", timeout: float = 10.0, pacer: Pacer = UNHURRIED) -> None:
        self._page = credentials.page_id
        self._can = self.can(frozenset(kind for kind, token in credentials.tokens.items() if token))
        self._client = Client(credentials.tokens.get(KIND, ""), base_url=base_url, ca_file=ca_file, timeout=timeout, pacer=pacer)
        self._chat_id = self._page if CHAT.fullmatch(self._page) else ""
        self._subscribed = ""

    @staticmethod
    def can(kinds: frozenset[TokenKind]) -> frozenset[str]:
        """Everything in NEEDS with a bot's token; what the channel granted the bot `rights` tells."""
        return frozenset(NEEDS) if KIND in kinds else frozenset()

    # Hearing

    @staticmethod
    def authentic(body: Mapping[str, Any], headers: Mapping[str, str], secret: str) -> bool:
        """Whether the call carries the subscription's secret in its header; a page without a secret trusts nobody."""
        given = next((value for name, value in headers.items() if name.lower() == SECRET_HEADER), "")
        return bool(secret) and hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode("utf-8", "replace"))

    @staticmethod
    def parse_event(body: Mapping[str, Any], page_id: str = "") -> Event:
        """Translate an update; it names no page, so that comes from the door."""
        return parse.event(body, page_id)

    @staticmethod
    def parse_card(raw: Mapping[str, Any]) -> PageCard:
        """Translate a chat of GET /chats/{chatId}."""
        return parse.card(raw)

    def webhook(self, url: str = "") -> Webhook:
        """Our subscription, else the newest of others: MAX keeps several. One that failed for eight hours it drops and tells no reason."""
        self._need("webhook")
        found = {str(item["url"]): _when(item.get("time")) for item in self._items("GET /subscriptions", "subscriptions") if item.get("url")}
        ours = url or self._subscribed
        if ours in found:
            return Webhook(url=ours, alive=True)
        newest = max(found, key=lambda url: found[url], default="")
        return Webhook(url=newest, alive=bool(newest))

    def subscribe(self, url: str, secret: str) -> None:
        """Ask for every kind of update; MAX takes a secret of 5–256 Latin letters, digits, _ and -."""
        self._need("webhook")
        if not SECRET.fullmatch(secret):
            raise NetworkError("MAX: секрет — от 5 до 256 латинских букв, цифр, «_» и «-»", fault="invalid", permanent=True)
        self._client.call("POST /subscriptions", body={"url": url, "secret": secret})
        self._subscribed = url

    # Reading

    def rights(self) -> Rights:
        """What the channel's owner granted the bot; outside the channel it still answers in its dialogues."""
        self._need("rights")
        me = self._client.call("GET /me")
        granted = self._granted()
        lacking = {feature: [word for word in words if word not in granted] for feature, words in GRANTS.items()}
        return Rights(
            can=frozenset(feature for feature in self._can if not lacking.get(feature)),
            missing=sorted({word for words in lacking.values() for word in words}),
            account=str(me.get("name") or me.get("first_name") or ""),
        )

    def _granted(self) -> frozenset[str]:
        try:
            member = self._client.call("GET /chats/{chatId}/members/me", path={"chatId": self._chat()})
        except NetworkError as error:
            if error.fault in {"access", "gone"}:
                return frozenset()  # the bot is no member of the channel
            raise
        if member.get("is_owner") is True:
            return frozenset(word for words in GRANTS.values() for word in words)
        told = member.get("permissions")
        words = [word for word in told if isinstance(word, str)] if isinstance(told, list) else []
        own = {plain for word in words for plain in SYNONYMS.get(word, (word,))}
        return frozenset(own | ({"is_admin"} if member.get("is_admin") is True else set()))

    def cards(self, page_ids: Sequence[str]) -> list[PageCard]:
        """Cards of channels where the bot is, by chat id, handle or link, one call each; those that MAX does not know are absent."""
        self._need("card")
        found = [self._card(page_id) for page_id in page_ids]
        return [card for card in found if card]

    def _card(self, page_id: str) -> PageCard | None:
        name = page_id if CHAT.fullmatch(page_id) else parse.handle(page_id)
        if not CHAT.fullmatch(name) and not HANDLE.fullmatch(name):
            return None
        try:
            return parse.card(self._client.call("GET /chats/{chatId}", path={"chatId": name}))
        except NetworkError as error:
            if error.fault == "gone":
                return None
            raise

    def posts(self, *, count: int = 20, offset: int = 0) -> list[Post]:
        """The newest posts of the channel with their views, newest first; MAX counts neither likes nor comments for bots."""
        self._need("posts")
        found: dict[str, Post] = {}
        for answer in self._back("GET /messages", "from", offset + count, query={"chat_id": self._chat()}):
            found |= {post.external_id: post for raw in answer if (post := parse.post(raw)).external_id not in found}
        return list(found.values())[offset : offset + count]

    def members_of(self, page_ids: Sequence[str]) -> Iterator[tuple[str, list[str] | NetworkError]]:
        """MAX tells one channel's members a call: always NetworkError "unsupported"."""
        raise _unsupported("members_of")

    def posts_of(self, page_ids: Sequence[str], *, count: int = 20) -> Iterator[tuple[str, list[Post] | NetworkError]]:
        """MAX reads one channel a call: always NetworkError "unsupported"."""
        raise _unsupported("posts_of")

    def comments(self, post_id: str) -> list[Utterance]:
        """All comments under a post, oldest first."""
        self._need("comments")
        raws: dict[str, Mapping[str, Any]] = {}
        for answer in self._back("GET /messages/{messageId}/comments", "before", MAX_CALLS * PAGE, path={"messageId": _post(post_id)}):
            raws |= {_mid(raw): raw for raw in answer}
        return parse.oldest_first(parse.comments({"messages": list(raws.values())}, post_id))

    def dialogues(self, *, since: datetime) -> list[str]:
        """MAX has no list of a bot's dialogues: always NetworkError "unsupported"."""
        raise _unsupported("dialogues")

    def thread(self, thread_id: str, *, kind: UtteranceKind) -> list[Utterance]:
        """The thread as it stands now, oldest first; of a dialogue the latest 100 messages."""
        if kind == "dm":
            self._need("messages")
            answer = self._client.call("GET /messages", query={"chat_id": _peer(thread_id), "count": PAGE})
            return parse.oldest_first(parse.messages(answer))
        post, _ = _place(thread_id)
        return [said for said in self.comments(post) if said.thread_id == thread_id]

    def members(self) -> Iterator[Sequence[str]]:
        """Ids of the channel's subscribers without bots, 100 a call."""
        self._need("members")
        marker: int | None = None
        for _ in range(MEMBER_CALLS):
            answer = self._client.call("GET /chats/{chatId}/members", path={"chatId": self._chat()}, query={"count": PAGE, "marker": marker})
            people = [item for item in as_list(answer.get("members")) if item.get("is_bot") is not True]
            yield [str(item["user_id"]) for item in people if isinstance(item.get("user_id"), int)]
            following = answer.get("marker")
            if not isinstance(following, int) or following == marker:
                return
            marker = following

    def fetch(self, reference: str) -> tuple[bytes, str]:
        """A video by its token: MAX tells where its bytes are only when asked."""
        self._need("fetch")
        details = self._client.call("GET /videos/{videoToken}", path={"videoToken": reference.removeprefix("ref:")})
        url = parse.video_url(details)
        if not url:
            raise NetworkError("MAX: видео недоступно", fault="gone", permanent=True)
        return self._client.download(url)

    # Writing

    def upload(self, thread_id: str, *, kind: PlaceKind, name: str, content: bytes) -> str:
        """Upload a picture for a message or a post; comments of MAX hold no attachments: NetworkError "unsupported"."""
        self._need(f"upload_{kind}")
        if kind == "dm":
            _peer(thread_id)
        server = self._client.call("POST /uploads", query={"type": "image"})
        if not isinstance(server.get("url"), str):
            raise NetworkError("MAX: не назван сервер загрузки", fault="down")
        token = parse.photo_token(self._client.upload(server["url"], name, content))
        if not token:
            raise NetworkError("MAX: сервер загрузки не принял файл как фото", fault="invalid", permanent=True)
        return token

    def reply(self, thread_id: str, *, kind: UtteranceKind, text: str, guard: str, reply_to: str = "", attachments: Sequence[str] = ()) -> Sent:
        """Publish a reply as the bot. MAX has no guard: a repeat is a second reply."""
        if kind == "dm":
            self._need("reply_dm")
            link = {"type": "reply", "mid": reply_to.removeprefix("m")} if reply_to else None
            return self._proof("m", self._send(_peer(thread_id), text, attachments, link))
        self._need("reply_comment")
        post, top = _place(thread_id)
        if attachments:
            raise _unsupported("upload_comment")
        return self._proof("c", self._comment(post, text, reply_to.removeprefix("c") or top))

    def _comment(self, post: str, text: str, answered: str) -> dict[str, Any]:
        return self._client.call(
            "POST /messages/{messageId}/comments",
            path={"messageId": post},
            body={"text": text, "link": {"type": "reply", "mid": answered}},
            peer=self._chat_id or self._page,
            sending=True,
        )

    def publish(self, text: str, *, guard: str = "", attachments: Sequence[str] = ()) -> Sent:
        """Publish a post in the channel."""
        self._need("publish")
        return self._proof("", self._send(self._chat(), text, attachments, None))

    def _send(self, chat: str, text: str, attachments: Sequence[str], link: Mapping[str, str] | None) -> dict[str, Any]:
        """POST /messages; a picture that MAX has not digested yet is tried again a bounded number of times."""
        pictures = [{"type": "image", "payload": {"token": token}} for token in attachments]
        body = {"text": text, "attachments": pictures or None, "link": link}
        for wait in READY_PAUSES:
            try:
                return self._client.call("POST /messages", query={"chat_id": chat}, body=body, peer=chat, sending=True)
            except Refusal as error:
                if error.code != NOT_READY:
                    raise
            time.sleep(wait)
        return self._client.call("POST /messages", query={"chat_id": chat}, body=body, peer=chat, sending=True)

    def edit_post(self, post_id: str, text: str) -> None:
        """Rewrite a post of the bot; its pictures stay."""
        self._need("edit_post")
        body = {"text": text, "attachments": None, "link": None}
        self._client.call("PUT /messages", query={"message_id": _post(post_id)}, body=body, peer=self._chat_id or self._page)

    def delete_post(self, post_id: str) -> None:
        """Take a post away."""
        self._need("delete_post")
        self._client.call("DELETE /messages", query={"message_id": _post(post_id)}, peer=self._chat_id or self._page)

    def hide(self, external_id: str, *, thread_id: str) -> None:
        """Delete a comment of somebody else: MAX knows no other way, and nobody can put it back."""
        self._need("hide")
        post, _ = _place(thread_id)
        comment = _post(external_id.removeprefix("c"))
        method, peer = "DELETE /messages/{messageId}/comments", self._chat_id or self._page
        self._client.call(method, path={"messageId": post}, query={"comment_id": comment}, peer=peer, sending=True)

    def unhide(self, external_id: str, *, thread_id: str) -> None:
        """A deleted comment does not come back: always NetworkError "unsupported"."""
        raise _unsupported("unhide")

    def ban(self, person_id: str, *, until: datetime) -> None:
        """MAX can remove and block, but not let in again: always NetworkError "unsupported"."""
        raise _unsupported("ban")

    def unban(self, person_id: str) -> None:
        """MAX can remove and block, but not let in again: always NetworkError "unsupported"."""
        raise _unsupported("unban")

    def url(self, thread_id: str, *, kind: UtteranceKind) -> str:
        """Where a person opens the post of a thread; a bot's dialogue has no address in MAX: "" (the sandbox shows it)."""
        base = self._client.base_url
        if base.rstrip("/") != BASE_URL:
            return f"{base}thread/{thread_id}"
        if kind == "dm":
            _peer(thread_id)
            return ""
        return self.post_url(_place(thread_id)[0])

    def post_url(self, post_id: str) -> str:
        """Where a person opens a post (the sandbox shows it with its comments)."""
        base = self._client.base_url
        if base.rstrip("/") != BASE_URL:
            return f"{base}thread/w{post_id}"
        found = parse.place(_post(post_id))
        handle = "" if self._chat_id else parse.handle(self._page)
        if not found:
            return f"https://max.ru/{handle}"
        return f"https://max.ru/{handle or f'c/{found[0]}'}/{found[1]}"

    # How it is asked

    def _need(self, feature: str) -> None:
        if feature not in self._can:
            raise _unsupported(feature)

    def _chat(self) -> str:
        """The channel's number; a page known by its handle costs one call to find it."""
        if not self._chat_id:
            card = self._card(self._page)
            if card is None or not card.external_id:
                raise NetworkError("MAX: нет такого канала", fault="gone", permanent=True)
            self._chat_id = card.external_id
        return self._chat_id

    def _items(self, method: str, key: str, **asked: Any) -> list[dict[str, Any]]:
        return as_list(self._client.call(method, **asked).get(key))

    def _back(
        self, method: str, bound: str, count: int, *, path: Mapping[str, Any] | None = None, query: Mapping[str, Any] | None = None
    ) -> Iterator[list[dict[str, Any]]]:
        """Pages of messages, the newest first, each older than the one before; `bound` is the parameter that says until when."""
        until: int | None = None
        seen: set[str] = set()
        for _ in range(MAX_CALLS):
            wanted = min(PAGE, max(count - len(seen), 1)) if until is None else PAGE
            page = self._items(method, "messages", path=path, query={**(query or {}), "count": wanted, bound: until})
            fresh = [raw for raw in page if _mid(raw) not in seen]
            yield fresh
            seen |= {_mid(raw) for raw in fresh}
            times = [raw["timestamp"] for raw in page if isinstance(raw.get("timestamp"), int)]
            if len(page) < wanted or len(seen) >= count or not fresh or not times:
                return
            # Two may share a millisecond, and whether the bound is included MAX does not say: one is asked twice.
            until = min(times) + 1

    def _proof(self, letter: str, answer: Mapping[str, Any]) -> Sent:
        """The id that MAX gave; an answer without it proves nothing, the thread has to be read."""
        message = answer.get("message")
        mid = _mid(message) if isinstance(message, dict) else ""
        if not mid:
            raise NetworkError("MAX: ответ без номера публикации", fault="other", outcome_unknown=True)
        url = message.get("url") if isinstance(message, dict) else ""
        return Sent(f"{letter}{mid}", url if isinstance(url, str) else "")


def _mid(raw: Mapping[str, Any]) -> str:
    body = raw.get("body")
    mid = body.get("mid") if isinstance(body, dict) else None
    return mid if isinstance(mid, str) else ""


def _when(at: Any) -> int:
    return at if isinstance(at, int) else 0


def _unsupported(feature: str) -> NetworkError:
    return NetworkError(f"MAX: {feature} недоступно", fault="unsupported", permanent=True)


def _post(post_id: str) -> str:
    if not POST.fullmatch(post_id):
        raise NetworkError("MAX: нет такой записи", fault="invalid", permanent=True)
    return post_id


def _place(thread_id: str) -> tuple[str, str]:
    if not (match := COMMENT_THREAD.fullmatch(thread_id)):
        raise NetworkError("MAX: нет такой ветки", fault="invalid", permanent=True)
    return match[1], match[2]


def _peer(thread_id: str) -> str:
    # A dialogue's id leads to a person: no error names it.
    if not (match := DM_THREAD.fullmatch(thread_id)):
        raise NetworkError("MAX: нет такого диалога", fault="invalid", permanent=True)
    return match[1]
