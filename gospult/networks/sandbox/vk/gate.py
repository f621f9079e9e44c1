"""Everything that happens to a VK call before and around its method: version, token, its kind, the rate, injected faults."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gospult.networks.sandbox.deeds import Deeds
from gospult.networks.sandbox.world import Page, Realm, World

COMMUNITY, USER, SERVICE = "community", "user", "service"
PER_SECOND = {COMMUNITY: 20, USER: 3, SERVICE: 3}
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
    pages: frozenset[int]  # the pages that this token may act for
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


def admit(deeds: Deeds, kinds: tuple[str, ...], params: Mapping[str, str]) -> Call:
    """Let a call in or raise VK's error; `kinds` are the token kinds that its method takes."""
    world = deeds.world
    if not params.get("v"):
        raise VkError(8, "Invalid request: v (version) is required")
    realm, token = world.realm("vk"), params.get("access_token", "")
    known = realm.tokens.get(token)
    if known is None:
        raise VkError(5, "User authorization failed: invalid access_token (4).")
    kind, pages = known
    if kind not in kinds:
        raise VkError(*KIND_REFUSED[kind])
    if world.settings.rate_limits and realm.too_fast(token, PER_SECOND[kind]):
        raise VkError(6, "Too many requests per second")
    return Call(deeds, kind, frozenset(pages), params)


def error_body(code: int, text: str, params: Mapping[str, str]) -> dict[str, Any]:
    """VK's error answer: it repeats the parameters, never the token."""
    shown = [{"key": key, "value": value} for key, value in params.items() if key != "access_token"]
    return {"error": {"error_code": code, "error_msg": text, "request_params": shown}}
