"""MAX: the Bot API under /max/, its upload server under /max/upload/."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from gospult.networks.sandbox.dialect import Dialect, Item, Json, Request, Response
from gospult.networks.sandbox.max import chats, comments, hooks, messages, names, shapes, uploads
from gospult.networks.sandbox.max.gate import MaxError, Method, admit
from gospult.networks.sandbox.world import Comment, Page, Post

# The API → who answers; long polling waits without the lock, so it is answered by itself.
METHODS: dict[str, Method | None] = {
    "GET /me": chats.me,
    "GET /chats": chats.listed,
    "GET /chats/{chatId}": chats.one,
    "POST /chats/{chatId}/actions": chats.action,
    "GET /chats/{chatId}/pin": chats.pinned,
    "GET /chats/{chatId}/members": chats.members,
    "GET /chats/{chatId}/members/me": chats.membership,
    "GET /chats/{chatId}/members/admins": chats.admins,
    "GET /messages": messages.listed,
    "POST /messages": messages.send,
    "PUT /messages": messages.edit,
    "DELETE /messages": messages.delete,
    "GET /messages/{messageId}": messages.one,
    "GET /messages/{messageId}/comments": comments.listed,
    "POST /messages/{messageId}/comments": comments.send,
    "PUT /messages/{messageId}/comments": comments.edit,
    "DELETE /messages/{messageId}/comments": comments.delete,
    "GET /messages/{messageId}/comments/{commentId}": comments.one,
    "GET /videos/{videoToken}": chats.video,
    "POST /answers": chats.answer,
    "POST /uploads": uploads.server,
    "GET /subscriptions": hooks.subscriptions,
    "POST /subscriptions": hooks.subscribe,
    "DELETE /subscriptions": hooks.unsubscribe,
    "GET /updates": None,
}
ROOTS = {"me", "chats", "messages", "videos", "answers", "uploads", "subscriptions", "updates"}
# What the API says when it fails on purpose.
FAILURES = {"too_fast": MaxError(429, "too.many.requests", "Too many requests"), "internal": MaxError(500, "internal.error", "Internal error")}
WORDS = {"me", "admins", "members", "actions", "pin", "comments"}
THREAD = re.compile(r"w(mid\.[0-9a-f]{32})(?:_(mid\.[0-9a-f]{32}))?")


class MAXDialect(Dialect):
    """MAX's Bot API 0.0.30, with the comments that came in August 2026."""

    code: ClassVar[str] = "max"
    name: ClassVar[str] = "MAX"
    kinds: ClassVar[tuple[str, ...]] = ("bot",)
    closes: ClassVar[bool] = False  # comments are switched off for a whole channel only

    def opened(self, page: Page) -> None:
        """A bot of several pages hears about all of them in one line; a webhook given at the start is on record."""
        page.kept["hook"] = {"time": shapes.now_ms(), "types": None}
        for other in self.realm.pages.values():
            if other.tokens == page.tokens:
                page.updates = other.updates

    # Being called

    def method(self, request: Request) -> str:
        """ "VERB /way/{name}", "upload", or "unknown" for what MAX does not have."""
        if request.parts[:1] == ("upload",) and len(request.parts) == 2:
            return "upload"
        if not request.parts or request.parts[0] not in ROOTS:
            return ""
        return _match(request)[0] or "unknown"

    def answer(self, request: Request) -> Response:
        """MAX's JSON, or its error."""
        if request.parts[0] == "upload":
            self._count("upload")
            return uploads.receive(self.world, request.parts[1], request)
        name, path = _match(request)
        self._count(name or "unknown")
        try:
            return Response(200, self._carry_out(name, path, request))
        except MaxError as error:
            return error.response()

    def _carry_out(self, name: str, path: Mapping[str, str], request: Request) -> Any:
        with self.world.lock:
            if not name:
                raise MaxError(404, "not.found", "Requested resource is not found")
            call = admit(self.deeds, request, path, polls=name == "GET /updates")
            method = METHODS[name]
            if method:
                return method(call)
        return hooks.updates(call, self.courier)

    def _count(self, name: str) -> None:
        with self.world.lock:
            self.world.calls[name] += 1

    def failure(self, fault: str, request: Request) -> Response:
        """MAX has no words for floods, quotas and captchas."""
        if fault not in FAILURES:
            raise ValueError(f"MAX never says {fault}")
        return FAILURES[fault].response()

    def screen(self, parts: tuple[str, ...], query: Mapping[str, str]) -> str:
        """thread/<thread>, as the connector names it."""
        if len(parts) != 2 or parts[0] != "thread":
            return ""
        if found := THREAD.fullmatch(parts[1]):
            chat, number = names.parse(found[2] or found[1])
            return f"/max/wall/{names.owner(chat)[0]}#{'c' if found[2] else 'p'}{number}"
        if re.fullmatch(r"d\d+", parts[1]):
            page, person = names.owner(int(parts[1][1:]))
            return f"/max/dialogue/{page}?sel={quote(str(person))}"
        return ""

    # Calling

    def events(self, page: Page, deed: str, item: Item) -> list[Json]:
        """Posts and what people do in dialogues; a bot is not told of its own words, nor of comments (schema 0.0.30)."""
        if deed in ("said", "posted"):
            shapes.stamp(page, item)
        if isinstance(item, Post):
            return [hooks.posted(self.world, page, item)] if deed == "posted" else []
        if isinstance(item, Comment) or item.from_id < 0:
            return []
        return hooks.of_message(self.world, page, deed, item)

    def wants(self, page: Page, body: Json) -> bool:
        """A subscription may name the kinds of updates that it asks for."""
        types = page.kept.get("hook", {}).get("types")
        return types is None or body.get("update_type") in types

    def stray(self, page: Page, label: str, thing: Any) -> Json:
        """Names no page, as no update of MAX does."""
        return hooks.stray(label, thing)

    def headers(self, page: Page) -> dict[str, str]:
        """The subscription's secret."""
        return {"X-Max-Bot-Api-Secret": page.secret} if page.secret else {}

    def gave_up(self, page: Page) -> None:
        """A webhook that failed for too long (MAX: eight hours) is unsubscribed."""
        page.callback_url = ""

    # Names of ids

    def external_id(self, page: Page) -> str:
        """The channel's chat id."""
        return str(names.channel(page))

    def post_id(self, page: Page, post: int) -> str:
        """A post's mid."""
        return names.mid(names.channel(page), post)

    def post_number(self, page: Page, name: str) -> int:
        """The post behind a mid."""
        return names.parse(name)[1]

    def comment_id(self, page: Page, number: int) -> str:
        """ "c" and the comment's mid."""
        return f"c{names.mid(names.channel(page), number)}"

    def message_id(self, page: Page, number: int) -> str:
        """ "m" and the message's mid, which tells its dialogue."""
        return f"m{names.mid_of(page, page.messages[number])}"

    def comment_thread(self, page: Page, item: Comment) -> str:
        """The post and the comment that answers nothing."""
        return f"w{self.post_id(page, item.post_id)}_{names.mid(names.channel(page), item.opener)}"

    def message_thread(self, page: Page, peer: int) -> str:
        """The dialogue's chat id."""
        return f"d{names.dialogue(page, peer)}"

    def number(self, page: Page, name: str) -> int:
        """The comment or message behind "c…" or "m…"."""
        return names.parse(name[1:])[1]

    def place(self, page: Page, thread: str) -> tuple[int, int]:
        """(post, top comment) behind "w…", (0, person) behind "d…"."""
        if (found := THREAD.fullmatch(thread)) and found[2]:
            return names.parse(found[1])[1], names.parse(found[2])[1]
        if re.fullmatch(r"d\d+", thread):
            return 0, names.owner(int(thread[1:]))[1]
        raise ValueError(f"no such thread {thread!r}")


def _match(request: Request) -> tuple[str, dict[str, str]]:
    """The method of a request and the names in its path, ("", {}) for none."""
    for name in METHODS:
        verb, _, way = name.partition(" ")
        pattern = way.strip("/").split("/")
        if verb != request.verb or len(pattern) != len(request.parts):
            continue
        pairs = list(zip(pattern, request.parts, strict=True))
        # A word of the API is no name: /chats/{chatId}/members/me is its own method.
        if all((part not in WORDS and part) if wanted.startswith("{") else wanted == part for wanted, part in pairs):
            return name, {wanted[1:-1]: part for wanted, part in pairs if wanted.startswith("{")}
    return "", {}
