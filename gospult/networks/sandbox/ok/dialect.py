"""OK: signed methods under /ok/fb.do and /ok/api/, the graph API under /ok/graph/me/, webhooks of messages, pictures under /ok/upload/."""

import hashlib
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from gospult.networks.sandbox.dialect import Dialect, Item, Json, Request, Response
from gospult.networks.sandbox.ok import graph, names, rest, shapes
from gospult.networks.sandbox.ok.gate import BOT, USER, OkError, admit, admit_bot, error_body
from gospult.networks.sandbox.world import Comment, Message, Page, World, now

if TYPE_CHECKING:
    from gospult.networks.sandbox.deeds import Deeds
    from gospult.networks.sandbox.events import Courier

# What the API says when it fails on purpose: our word → OK's code.
FAILURES = {"too_fast": 8, "internal": 2, "flood": 7, "quota": 11, "captcha": 511}
THREAD = re.compile(r"w(\d+)_([A-Za-z0-9+/]+)")


class OKDialect(Dialect):
    """OK as its documentation of 2017 and today's public clients show it."""

    code: ClassVar[str] = "ok"
    name: ClassVar[str] = "Одноклассники"
    kinds: ClassVar[tuple[str, ...]] = (USER, BOT)

    def __init__(self, world: World, deeds: "Deeds", courier: "Courier") -> None:
        super().__init__(world, deeds, courier)
        self._sessions: dict[str, str] = {}  # access token → the whole stored session

    def opened(self, page: Page) -> None:
        """A session becomes three parts; `extra` may tell what the application was `granted` and the steward's `office`."""
        if token := page.tokens.get(USER):
            page.tokens[USER] = whole = token if token.count(":") > 1 else _session(token)
            self._sessions[whole.partition(":")[2].rpartition(":")[0]] = whole
        page.kept["granted"] = list(page.extra.pop("granted", (rest.VALUABLE, rest.GROUP, rest.PHOTO)))
        page.kept["office"] = page.extra.pop("office", "ADMIN")
        page.kept["subscriptions"] = [{"time": now() * 1000, "url": page.callback_url}] if page.callback_url else []

    # Being called

    def method(self, request: Request) -> str:
        """The method's name as OK's documentation has it, or "upload"."""
        match request.parts:
            case ["fb.do"]:
                return str(request.params().get("method") or "fb.do")
            case ["api", group, name]:
                return f"{group}.{name}"
            case ["graph", "me", name, *_]:
                return f"graph.user.{name}" + (".post" if name == "messages" and request.verb == "POST" else "")
            case ["upload", _key]:
                return "upload"
            case _:
                return ""

    def answer(self, request: Request) -> Response:
        """What the method gives, or OK's error object; OK says both with HTTP 200."""
        try:
            return Response(200, self._carry_out(request))
        except OkError as error:
            return Response(200, error_body(error.code, str(error)))

    def _carry_out(self, request: Request) -> Any:
        if request.parts[0] == "upload":
            return graph.receive(self.world, request.parts[1], next((content for file, content, _ in request.multipart().values() if file), b""))
        name = self.method(request)
        with self.world.lock:
            if request.parts[0] == "graph":
                return self._graph(name, request)
            if "access_token" in request.query:
                self.world.calls["token_in_address"] += 1
            self.world.calls[name if name in rest.METHODS else "unknown"] += 1
            call = admit(self.deeds, self._sessions, name, request.params())
            if name not in rest.METHODS:
                raise OkError(3)
            return rest.METHODS[name](call)

    def _graph(self, name: str, request: Request) -> Any:
        self.world.calls[name if name in graph.METHODS else "unknown"] += 1
        path = {"chat_id": request.parts[3]} if len(request.parts) > 3 else {}
        call = admit_bot(self.deeds, name, request.query, {**request.params(), **path})
        if name not in graph.METHODS:
            raise OkError(3)
        return graph.METHODS[name](call)

    def failure(self, fault: str, request: Request) -> Response:
        """OK tells everything with HTTP 200 and an error object."""
        return Response(200, error_body(FAILURES[fault]))

    def screen(self, parts: tuple[str, ...], query: Mapping[str, str]) -> str:
        """group/<id>, group/<id>/topic/<topic>, group/<id>/messages?chat=<chat>."""
        page = names.page_of(self.realm, parts[1]) if len(parts) > 1 and parts[0] == "group" else None
        match parts[2:] if page else ["nowhere"]:
            case []:
                return f"/ok/wall/{page.id}" if page else ""
            case ["topic", told] if page and (found := names.place(self.realm, told)):
                return f"/ok/wall/{page.id}#p{found[1]}"
            case ["messages"] if page and re.fullmatch(r"C[0-9a-f]{6,16}", query.get("chat", "")):
                return f"/ok/dialogue/{page.id}?sel={names.peer(query['chat'])}"
            case _:
                return ""

    # Calling

    def events(self, page: Page, deed: str, item: Item) -> list[Json]:
        """OK tells only what others wrote in the group's chats: no comments, no edits, no deletions, not the group's own words."""
        if deed != "said" or not isinstance(item, Message) or item.from_id < 0:
            return []
        return [{"webhookType": "MESSAGE_CREATED", **shapes.message(self.world, page, item)}]

    def stray(self, page: Page, label: str, thing: Any) -> Json:
        """A webhook body of another type."""
        return {"webhookType": label, "payload": thing, "timestamp": now() * 1000}

    def gave_up(self, page: Page) -> None:
        """After 8 hours of failures (`give_up_after`) OK takes the subscription away without a word."""
        graph.forget(page, page.callback_url)

    # Names of ids

    def external_id(self, page: Page) -> str:
        """A long number."""
        return names.group(page)

    def post_id(self, page: Page, post: int) -> str:
        """A topic's long number."""
        return names.topic(page, post)

    def post_number(self, page: Page, name: str) -> int:
        """The post behind a topic's number; ValueError when there is none."""
        found = names.place(self.realm, name)
        if not found or found[0] is not page:
            raise ValueError(f"no such topic {name!r}")
        return found[1]

    def comment_id(self, page: Page, number: int) -> str:
        """ "c" and Base64."""
        return f"c{names.comment(page, number)}"

    def message_id(self, page: Page, number: int) -> str:
        """ "m", the chat and the message in hex."""
        return f"m{names.message(page, number)}"

    def comment_thread(self, page: Page, item: Comment) -> str:
        """ "w", the topic and the comment that opens the thread."""
        return f"w{names.topic(page, item.post_id)}_{names.comment(page, item.opener)}"

    def message_thread(self, page: Page, peer: int) -> str:
        """ "d" and the chat."""
        return f"d{names.chat(peer)}"

    def number(self, page: Page, name: str) -> int:
        """The comment or message behind "c…" or "m…"; ValueError when it is no such name."""
        return names.comment_number(name[1:]) if name[:1] == "c" else names.message_number(name[1:])

    def place(self, page: Page, thread: str) -> tuple[int, int]:
        """(post, top comment) behind "w…", (0, person) behind "d…"; ValueError when it is no such thread."""
        if found := THREAD.fullmatch(thread):
            return self.post_number(page, found[1]), names.comment_number(found[2])
        return 0, names.peer(thread.removeprefix("d"))


def _session(token: str) -> str:
    """A stored session of three parts, made of any word."""
    digest = hashlib.md5(token.encode(), usedforsecurity=False).hexdigest()
    return f"CBA{digest[:8].upper()}BABABABA:-s-{token}:{digest}"
