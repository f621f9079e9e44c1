"""Everything that happens to a VK call before and around its method: version, token, its kind, the rate, injected faults."""

import time
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from typing import Any

from gospult.networks.sandbox.deeds import Deeds
from gospult.networks.sandbox.world import Page, Realm, World

COMMUNITY, USER, SERVICE = "community", "user", "service"
PER_SECOND = {COMMUNITY: 20, USER: 3, SERVICE: 3}
A_DAY = {"wall.get": 5000}  # calls of a method per token; those inside `execute` count too
FLOOD, FLOOD_SECONDS = 10, 60.0  # VK tells no figures: the same words in one place so often are too much
BITS = {"photos": 4, "messages": 4096, "wall": 8192, "manage": 262144}
EVERYTHING = sum(BITS.values())
NO_SCOPE = "Access denied: no access to call this method. It cannot be called with current scopes."
KIND_REFUSED = {
    COMMUNITY: (27, "Group authorization failed: method is unavailable with group auth."),
    SERVICE: (28, "Application authorization failed: method is unavailable with service token."),
    USER: (15, "Access denied: method is unavailable with user token."),
}


class VkError(Exception):
    """VK says no."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True)
class Call:
    """One call: who asks and with what."""

    deeds: Deeds
    kind: str
    token: str
    pages: Set[int]  # the pages that this token may act for
    params: Mapping[str, str]

    @property
    def world(self) -> World:
        return self.deeds.world

    @property
    def realm(self) -> Realm:
        return self.world.realm("vk")

    def number(self, name: str, default: int | None = None, *, most: int | None = None) -> int:
        """A whole-number parameter; error 100 when it is missing without a default or is no number."""
        text = self.params.get(name, "")
        if not text and default is not None:
            return default
        try:
            value = int(text)
        except ValueError:
            raise undefined(name) from None
        return value if most is None else min(value, most)

    def text(self, name: str, *, most: int = 4096) -> str:
        """A text parameter that may not be missing or longer."""
        value = self.params.get(name, "")
        if not value or len(value) > most:
            raise undefined(name)
        return value

    def flag(self, name: str) -> int:
        """A yes or no as VK takes it."""
        return int(self.params.get(name, "0").lower() in ("1", "true"))

    @property
    def mask(self) -> int:
        """What the token was given: everything, unless the page's `extra` says otherwise in token_permissions{kind: mask}."""
        told = (page.extra.get("token_permissions", {}).get(self.kind) for number in self.pages if (page := self.realm.pages.get(number)))
        return next((mask for mask in told if mask is not None), EVERYTHING)

    def once_more(self, place: str, text: str) -> None:
        """The same words in the same place; error 9 when that is too often."""
        if self.world.settings.rate_limits and self.realm.too_fast(f"{self.token} {place} {text}", FLOOD, FLOOD_SECONDS):
            raise VkError(9, "Flood control")

    def wall(self) -> Page:
        """The page whose wall `owner_id` names."""
        page = self.realm.pages.get(-self.number("owner_id"))
        if page is None:
            raise undefined("owner_id")
        return page

    def own(self, number: int) -> Page:
        """A page that this token may act for; error 15 otherwise."""
        if number not in self.pages or number not in self.realm.pages:
            raise VkError(15, "Access denied: no access to this group")
        return self.realm.pages[number]


Method = Callable[[Call], Any]


def undefined(name: str) -> VkError:
    """VK's error 100 for a parameter."""
    return VkError(100, f"One of the parameters specified was missing or invalid: {name} is undefined")


def admit(deeds: Deeds, params: Mapping[str, str]) -> Call:
    """Let a request in or raise VK's error: its version, its token, the token's pace."""
    world = deeds.world
    if not params.get("v"):
        raise VkError(8, "Invalid request: v (version) is required")
    realm, token = world.realm("vk"), params.get("access_token", "")
    known = realm.tokens.get(token)
    if known is None:
        raise VkError(5, "User authorization failed: invalid access_token (4).")
    kind, pages = known
    if world.settings.rate_limits and realm.too_fast(token, PER_SECOND[kind]):
        raise VkError(6, "Too many requests per second")
    return Call(deeds, kind, token, pages, params)


def permit(call: Call, name: str, kinds: tuple[str, ...], scope: str) -> None:
    """Let a token call a method: its kind, its rights, its quota of the day."""
    if call.kind not in kinds:
        raise VkError(*KIND_REFUSED[call.kind])
    if scope and not call.mask & BITS[scope]:
        raise VkError(15, NO_SCOPE)
    if name in A_DAY and call.world.settings.rate_limits:
        key = f"{name} {call.token} {int(time.time()) // 86400}"
        if call.realm.spent[key] >= A_DAY[name]:
            raise VkError(29, "Rate limit reached")
        call.realm.spent[key] += 1


def error_body(code: int, text: str, params: Mapping[str, str]) -> dict[str, Any]:
    """VK's error answer: it repeats the parameters, never the token."""
    shown = [{"key": key, "value": value} for key, value in params.items() if key != "access_token"]
    return {"error": {"error_code": code, "error_msg": text, "request_params": shown}}
