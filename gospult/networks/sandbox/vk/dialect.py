"""VK: methods under /vk/method/, Callback events, Long Poll under /vk/longpoll/, pictures under /vk/upload/."""

import re
import secrets
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

from gospult.networks.sandbox.dialect import Dialect, Item, Json, Request, Response
from gospult.networks.sandbox.vk import api, hooks, longpoll, photos, shapes
from gospult.networks.sandbox.vk.execute import Several
from gospult.networks.sandbox.vk.gate import error_body
from gospult.networks.sandbox.world import Comment, Message, Page, Post

VERSION = "5.199"
# What the API says when it fails on purpose: our word → VK's code and text.
FAILURES = {
    "too_fast": (6, "Too many requests per second"),
    "internal": (10, "Internal server error"),
    "flood": (9, "Flood control"),
    "captcha": (14, "Captcha needed"),
    "quota": (29, "Rate limit reached"),
}
COMMENT_EVENTS = {"said": "wall_reply_new", "edited": "wall_reply_edit", "restored": "wall_reply_restore"}
CLIENT = {"button_actions": ["text"], "keyboard": True, "inline_keyboard": True, "carousel": True, "lang_id": 0}


class VKDialect(Dialect):
    """VK of API 5.199."""

    code: ClassVar[str] = "vk"
    name: ClassVar[str] = "ВКонтакте"
    kinds: ClassVar[tuple[str, ...]] = ("community", "user", "service")
    accepts: ClassVar[str] = "ok"

    def opened(self, page: Page) -> None:
        """The Callback server as a steward would have set it."""
        hooks.opened(page)

    def method(self, request: Request) -> str:
        """The name of the method, "a_check" of Long Poll, or "upload"."""
        match request.parts:
            case ["method", name]:
                return name
            case ["upload", _key]:
                return "upload"
            case ["longpoll", page] if page.isdecimal():
                return "a_check"
            case _:
                return ""

    def answer(self, request: Request) -> Response:
        """`response` or `error`; the upload server answers in its own way."""
        if request.parts[0] == "upload":
            picture = next((content for file, content, _ in request.multipart().values() if file), b"")
            return Response(200, photos.receive(self.world, picture))
        if request.parts[0] == "longpoll":
            page = self.realm.pages.get(int(request.parts[1]))
            return Response(200, longpoll.check(self.courier, page, request.params()) if page else {"failed": 2})
        if "access_token" in request.query:
            self.world.calls["token_in_address"] += 1
        body = api.answer(self.deeds, request.parts[1], request.params())
        whole = body.get("response")
        return Response(200, whole.told() if isinstance(whole, Several) else body)

    def failure(self, fault: str, request: Request) -> Response:
        """VK tells everything with HTTP 200 and an error object; of a captcha also where its picture is."""
        body = error_body(*FAILURES[fault], request.params())
        if fault == "captcha":
            body["error"] |= {"captcha_sid": secrets.token_hex(6), "captcha_img": f"{self.world.base_url}/files/photo.jpg"}
        return Response(200, body)

    def screen(self, parts: tuple[str, ...], query: Mapping[str, str]) -> str:
        """wall-<page>_<post>?reply=<comment> and gim<page>?sel=<person>."""
        if found := re.fullmatch(r"wall-(\d+)_\d+", "/".join(parts)):
            return f"/vk/wall/{found[1]}#c{quote(query.get('reply', ''))}"
        if found := re.fullmatch(r"gim(\d+)", "/".join(parts)):
            return f"/vk/dialogue/{found[1]}?sel={quote(query.get('sel', ''))}"
        return ""

    def events(self, page: Page, deed: str, item: Item) -> list[Json]:
        """Callback bodies; VK tells nothing about deleted messages."""
        if isinstance(item, Post):
            return [self.stray(page, "wall_post_new", shapes.post(self.world, page, item))] if deed == "posted" else []
        found = self._of_comment(page, deed, item) if isinstance(item, Comment) else self._of_message(page, deed, item)
        return [self.stray(page, *found)] if found else []

    def _of_comment(self, page: Page, deed: str, item: Comment) -> tuple[str, Json]:
        if deed == "deleted":
            who = {"deleter_id": item.from_id, "user_id": abs(item.from_id)}
            return "wall_reply_delete", {"owner_id": -page.id, "id": item.id, "post_id": item.post_id, **who}
        return COMMENT_EVENTS[deed], shapes.comment(self.world, page, item)

    def _of_message(self, page: Page, deed: str, item: Message) -> tuple[str, Json] | None:
        shape = shapes.message(self.world, page, item)
        if deed == "said" and item.from_id > 0:
            return "message_new", {"message": shape, "client_info": CLIENT}
        return {"said": ("message_reply", shape), "edited": ("message_edit", shape)}.get(deed)

    def stray(self, page: Page, label: str, thing: Any) -> Json:
        """Every Callback body names its page and carries a key of its own."""
        body = {"type": label, "object": thing, "group_id": page.id, "event_id": secrets.token_hex(20), "v": VERSION}
        return body | ({"secret": page.secret} if page.secret else {})

    def wants(self, page: Page, body: Json) -> bool:
        """What the page's Callback server was told to get by groups.setCallbackSettings."""
        return hooks.wants(page, body["type"])

    def gave_up(self, page: Page) -> None:
        """VK stops sending to a server that failed for too long."""
        hooks.gave_up(page)

    def handshake(self, page: Page) -> Json:
        """The confirmation of a Callback server."""
        body: Json = {"type": "confirmation", "group_id": page.id, "event_id": secrets.token_hex(20), "v": VERSION}
        return body | ({"secret": page.secret} if page.secret else {})
