"""Everything that happens to a MAX call before and around its method: token, rate, permissions, errors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gospult.networks.sandbox.deeds import Deeds
from gospult.networks.sandbox.dialect import Request, Response
from gospult.networks.sandbox.max import names
from gospult.networks.sandbox.world import Page, Realm, World

PER_SECOND = 30
PER_CHAT = 2
Json = dict[str, Any]


class MaxError(Exception):
    """MAX says no."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.code = code

    def response(self) -> Response:
        """MAX's error body; a refusal for speed says when to come back."""
        headers = {"Retry-After": "1"} if self.status == 429 else {}
        return Response(self.status, {"code": self.code, "message": str(self)}, headers=headers)


@dataclass(frozen=True)
class Call:
    """One call: who asks, where and with what."""

    deeds: Deeds
    pages: Mapping[int, Page]  # that this bot serves
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def world(self) -> World:
        return self.deeds.world

    @property
    def realm(self) -> Realm:
        return self.world.realm("max")

    @property
    def page(self) -> Page:
        """The page whose bot asks: the first of several."""
        return self.pages[min(self.pages)]

    def number(self, name: str, default: int, *, least: int = 0, most: int = 1 << 62) -> int:
        """A whole number of the query within its bounds."""
        text = self.query.get(name, "")
        if not text:
            return default
        try:
            value = int(text)
        except ValueError:
            raise invalid(f"{name} is not a number") from None
        if not least <= value <= most:
            raise invalid(f"{name}: must be between {least} and {most}")
        return value

    def place(self, chat: int) -> tuple[Page, int]:
        """(page, person) behind a chat id, person 0 for the channel; refuses chats of other bots and those that are not there."""
        number, person = names.owner(chat)
        page = self.realm.pages.get(number)
        if page is None or (person and person not in page.dialogues):
            raise MaxError(404, "chat.not.found", f"Chat {chat} not found")
        if number not in self.pages:
            raise MaxError(403, "chat.denied", f"Invalid chatId: {chat}")
        return page, person

    def chat(self) -> tuple[Page, int]:
        """The chat of the path."""
        return self.place(self._whole(self.path["chatId"]))

    def channel(self, *permissions: str) -> Page:
        """The channel of the path, where the bot needs these permissions."""
        page, person = self.chat()
        if person:
            raise MaxError(403, "access.denied", "Method is available for chats and channels only")
        return self.granted(page, *permissions)

    def granted(self, page: Page, *permissions: str) -> Page:
        """The page, when its bot has these permissions there."""
        own = page.extra.get("permissions")
        if own is not None and not set(permissions) <= set(own):
            raise MaxError(403, "access.denied", "You don't have permissions to access this resource")
        return page

    def found(self, name: str) -> tuple[Page, int, int]:
        """(page, person, number) behind a message id; the person is 0 in a channel."""
        try:
            chat, number = names.parse(name)
        except ValueError:
            raise invalid("message_id: unknown format") from None
        return *self.place(chat), number

    def slow_down(self, chat: int) -> None:
        """The limit of a chat."""
        if self.world.settings.rate_limits and self.realm.too_fast(f"chat {chat}", PER_CHAT):
            raise MaxError(429, "too.many.requests", "Too many requests to this chat")

    @staticmethod
    def _whole(text: str) -> int:
        try:
            return int(text)
        except ValueError:
            raise MaxError(404, "chat.not.found", "Chat not found") from None


Method = Callable[[Call], Any]


def invalid(text: str) -> MaxError:
    """MAX's 400 for a request that it cannot read."""
    return MaxError(400, "proto.payload", text)


def admit(deeds: Deeds, request: Request, path: Mapping[str, str], *, polls: bool) -> Call:
    """Let a call in or raise MAX's error; long polling is not counted among the calls of a second."""
    world = deeds.world
    realm, token = world.realm("max"), request.headers.get("Authorization") or ""
    if "access_token" in request.query:
        world.calls["token_in_address"] += 1
        raise MaxError(401, "verify.token", "access_token in query is not supported, use Authorization header")
    known = realm.tokens.get(token)
    if known is None:
        raise MaxError(401, "verify.token", "Invalid access_token")
    if world.settings.rate_limits and not polls and realm.too_fast(token, PER_SECOND):
        raise MaxError(429, "too.many.requests", "Too many requests")
    body = request.json() if request.body else {}
    if not isinstance(body, dict):
        raise invalid("Body is not a JSON object")
    return Call(deeds, {number: realm.pages[number] for number in known[1]}, path, request.query, body)
