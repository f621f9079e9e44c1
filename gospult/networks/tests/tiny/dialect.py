"""Its double in the sandbox."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from gospult.networks.sandbox.dialect import Dialect, Item, Json, Request, Response
from gospult.networks.sandbox.world import Page, Post

FAILURES = {"too_fast": 429, "internal": 500}


class TinyDialect(Dialect):
    """Two methods, one shape of events, ids as the defaults name them."""

    code: ClassVar[str] = "tiny"
    name: ClassVar[str] = "Кроха"
    kinds: ClassVar[tuple[str, ...]] = ("bot",)

    def method(self, request: Request) -> str:
        return request.parts[0] if request.parts[0] in ("card", "reply") else ""

    def answer(self, request: Request) -> Response:
        with self.world.lock:
            self.world.calls[request.parts[0]] += 1
            token = str(request.headers.get("Authorization", ""))
            if token not in self.realm.tokens:
                return Response(401, {})
            if self.world.settings.rate_limits and self.realm.too_fast(token, 10):
                return Response(429, {})
            carry_out: Callable[[Any, Page], Response] = self._card if request.parts[0] == "card" else self._reply
            return carry_out(request.json(), self.realm.pages[min(self.realm.tokens[token][1])])

    def _card(self, asked: Any, _own: Page) -> Response:
        pages = [self.realm.pages[int(name)] for name in asked["pages"] if int(name) in self.realm.pages]
        return Response(200, {"pages": [{"id": p.id, "name": p.name, "members": p.members, "about": p.description} for p in pages]})

    def _reply(self, asked: Any, page: Page) -> Response:
        (post, place), answered = self.place(page, asked["thread"]), asked["reply_to"]
        number, guard = self.number(page, answered) if answered else 0, asked["guard"]
        if (not post and place in page.denied) or (post and page.posts[post].closed):
            return Response(403, {})
        if ("guard", guard) not in page.guarded:
            if post:
                made = self.deeds.page_comments(page, post, asked["text"], by="api", reply_to=number or place, guard=guard)
                page.guarded["guard", guard] = made.id
            else:
                wrote = self.deeds.page_writes(page, place, asked["text"], by="api", reply_to=number, guard=guard)
                page.guarded["guard", guard] = wrote.id
        return Response(200, {"id": f"{'c' if post else 'm'}{page.guarded['guard', guard]}"})

    def failure(self, fault: str, request: Request) -> Response:
        return Response(FAILURES[fault], {})

    def screen(self, parts: tuple[str, ...], query: Mapping[str, str]) -> str:
        page = next(iter(self.realm.pages.values()), None)
        if page is None or parts[0] != "thread":
            return ""
        post, place = self.place(page, parts[1])
        return f"/tiny/wall/{page.id}#c{place}" if post else f"/tiny/dialogue/{page.id}?sel={place}"

    def events(self, page: Page, deed: str, item: Item) -> list[Json]:
        if isinstance(item, Post):
            return []
        name, thread, answered = self._names(page, item)
        told = {"id": name, "thread": thread, "author": item.from_id, "own": item.from_id < 0, "at": item.at, "reply_to": answered}
        files = [{"kind": thing.kind, "id": thing.number, "url": self.world.address(thing)} for thing in item.things]
        return [self.stray(page, deed, told | ({"text": ""} if deed == "deleted" else {"text": item.text, "files": files}))]

    def _names(self, page: Page, item: Any) -> tuple[str, str, str]:
        if hasattr(item, "peer_id"):
            answered = self.message_id(page, item.reply_to) if item.reply_to else ""
            return self.message_id(page, item.id), self.message_thread(page, item.peer_id), answered
        answered = self.comment_id(page, item.reply_to) if item.reply_to else ""
        return self.comment_id(page, item.id), self.comment_thread(page, item), answered

    def stray(self, page: Page, label: str, thing: Any) -> Json:
        return {"type": label, "object": thing, "page": page.id, "secret": page.secret}
