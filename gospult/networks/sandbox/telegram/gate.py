"""Everything that happens to a call before and around its method: the token, the pace, parameters of any form, error bodies."""

import json
import math
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gospult.networks.sandbox.deeds import Deeds
from gospult.networks.sandbox.telegram import names
from gospult.networks.sandbox.world import Page, World

PER_SECOND = 30  # calls of one bot
PER_CHAT = 1  # messages a second in one dialogue
PER_GROUP = 20  # messages a minute in one group or channel, short bursts among them
TOKEN = re.compile(r"\d+:[\w-]+|[a-z]+-token-\d+")  # the second form is what the sandbox gives when nobody asks for another


class BotError(Exception):
    """Bot API says no."""

    def __init__(self, status: int, words: str, **parameters: Any) -> None:
        super().__init__(words)
        self.status = status
        self.parameters = parameters


@dataclass(frozen=True)
class Call:
    """One call: whose bot asks, and with what."""

    deeds: Deeds
    page: Page  # whose bot it is
    params: Mapping[str, Any]
    files: Mapping[str, tuple[str, bytes, str]] = field(default_factory=dict)

    @property
    def world(self) -> World:
        return self.deeds.world

    def text(self, name: str) -> str:
        """A parameter as text, "" when it is missing."""
        value = self.params.get(name)
        return "" if value is None else str(value)

    def flag(self, name: str) -> bool:
        """A yes or no, however it was written."""
        return self.text(name).lower() in {"true", "1"}

    def number(self, name: str, default: int | None = None) -> int:
        """A whole-number parameter; error 400 when it is missing without a default or is no number."""
        text = self.text(name)
        if not text and default is not None:
            return default
        try:
            return int(text)
        except ValueError:
            raise bad(f'parameter "{name}" is required' if not text else f"invalid parameter {name}") from None

    def json(self, name: str) -> Any:
        """A parameter that is JSON, or text that holds it; None when it is missing; error 400 when it is none."""
        value = self.params.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise bad(f"can't parse {name} JSON object") from None

    def pace(self, chat: int) -> None:
        """Count a message into a chat; error 429 when it is too much."""
        if self.world.settings.rate_limits:
            most, seconds = (PER_GROUP, 60.0) if chat < 0 else (PER_CHAT, 1.0)
            _limit(self.world, f"chat {chat}", most, seconds)


Method = Callable[[Call], Any]


def bad(words: str) -> BotError:
    """Error 400."""
    return BotError(400, f"Bad Request: {words}")


def too_many(seconds: int) -> BotError:
    """Error 429 with the pause that it asks for."""
    return BotError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def admit(deeds: Deeds, token: str, *, counted: bool) -> Page:
    """The page whose bot has this token; error 401 or 404 for a wrong one, 429 for a bot that calls too often."""
    known = deeds.world.realm("telegram").tokens.get(token)
    if known is None:
        raise BotError(401, "Unauthorized") if TOKEN.fullmatch(token) else BotError(404, "Not Found")
    if counted and deeds.world.settings.rate_limits:
        _limit(deeds.world, f"bot {token}", PER_SECOND, 1.0)
    return deeds.world.realm("telegram").pages[min(known[1])]


def _limit(world: World, key: str, most: int, seconds: float) -> None:
    realm = world.realm("telegram")
    if realm.too_fast(key, most, seconds):
        raise too_many(max(1, math.ceil(seconds - (time.monotonic() - realm.recent[key][0]))))


def chat_of(call: Call, name: str = "chat_id") -> tuple[str, Page, int]:
    """What a chat id means: ("channel" or "group" or "private", its page, its id); a foreign channel is known by its handle only."""
    text, own = call.text(name), call.page
    if not text:
        raise bad("chat_id is empty")
    if text == str(names.channel_id(own)):
        return "channel", own, names.channel_id(own)
    if text == str(names.group_id(own)) and names.linked(own):
        return "group", own, names.group_id(own)
    if text.isdecimal() and int(text) in call.world.people:
        return "private", own, int(text)
    handle = text.removeprefix("@").lower() if text.startswith("@") else ""
    for page in call.world.realm("telegram").pages.values():
        if handle and page.handle.lower() == handle:
            return "channel", page, names.channel_id(page)
    raise bad("chat not found")


def own(call: Call, page: Page) -> None:
    """Error 403 when the bot is no member of this page's channel."""
    if page is not call.page:
        raise BotError(403, "Forbidden: bot is not a member of the channel chat")


def error_body(error: BotError) -> dict[str, Any]:
    """Bot API's error answer."""
    parameters = {"parameters": error.parameters} if error.parameters else {}
    return {"ok": False, "error_code": error.status, "description": str(error)} | parameters
