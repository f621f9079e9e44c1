"""Everything that happens to a call before its method: the session or the bot's token, the signature, permissions, the rate."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gospult.networks.sandbox.deeds import Deeds
from gospult.networks.sandbox.ok import names
from gospult.networks.sandbox.world import Page, Realm, World

Json = dict[str, Any]
USER, BOT = "user", "bot"
STEWARD = 574_829_000_900  # the person behind every session of the sandbox
# OK publishes no limits: the figures are the sandbox's own, the errors OK's.
PER_SECOND, PER_DAY = 10, 20_000
ERRORS = {
    1: "UNKNOWN : Unknown error",
    2: "SERVICE : Service is temporary unavailable",
    3: "METHOD : Method does not exist",
    7: "ACTION_BLOCKED : The action is temporarily blocked for the user",
    8: "FLOOD_BLOCKED : The method is blocked because of flood",
    10: "PERMISSION_DENIED : User must grant an access to permission",
    11: "LIMIT_REACHED : Method call limit reached",
    50: "NOT_ADMIN : The user has no administrator rights",
    100: "PARAM : Missing or invalid parameter",
    101: "PARAM_API_KEY : Application does not exist",
    103: "PARAM_SESSION_KEY : Invalid session key",
    104: "PARAM_SIGNATURE : Invalid signature",
    106: "PARAM_ENTITY_ID : Invalid discussion",
    160: "PARAM_GROUP_ID : Invalid group id",
    220: "PARAM_FIELDSET : Unknown field",
    300: "NOT_FOUND : Not found",
    453: "SESSION_REQUIRED : Session is required",
    456: "GROUP_RESTRICTION : The group restricts the operation",
    458: "PRIVACY_RESTRICTION : The user does not take messages",
    504: "PHOTO_IMAGE_CORRUPTED : The file is no image",
    511: "IDS_BLOCKED : Blocked by antispam",
    700: "COMMENT_NOT_FOUND : Comment is not found",
    702: "COMMENT_NOT_ACTIVE : Comment was deleted",
    705: "CHAT_NOT_FOUND : Chat is not found",
    2001: "GRAPH_PARAM_REQUEST : Invalid request",
}


class OkError(Exception):
    """OK says no."""

    def __init__(self, code: int, detail: str = "") -> None:
        super().__init__(f"{ERRORS[code]}{f': {detail}' if detail else ''}")
        self.code = code


def error_body(code: int, text: str = "") -> Json:
    """OK's error answer."""
    return {"error_code": code, "error_msg": text or ERRORS[code], "error_data": None}


@dataclass(frozen=True)
class Call:
    """One admitted call: who asks and with what."""

    deeds: Deeds
    pages: tuple[Page, ...]  # the groups that this token may act for
    params: Mapping[str, Any]

    @property
    def world(self) -> World:
        return self.deeds.world

    @property
    def realm(self) -> Realm:
        return self.world.realm("ok")

    def text(self, name: str, default: str | None = None) -> str:
        """A parameter; error 100 when it is missing without a default."""
        told = str(self.params.get(name) or "")
        if not told and default is None:
            raise OkError(100, name)
        return told or str(default)

    def number(self, name: str, default: int, *, most: int) -> int:
        """A whole-number parameter, cut to the most that OK gives."""
        told = self.text(name, str(default))
        if not told.isdecimal():
            raise OkError(100, name)
        return min(int(told), most)

    def group(self, name: str) -> Page:
        """The group that a parameter names; error 160 when there is none."""
        page = names.page_of(self.realm, self.text(name))
        if page is None:
            raise OkError(160)
        return page

    def own(self, page: Page, *permissions: str, office: bool = True) -> Page:
        """A group that this session may act for; error 10 without the application's permission, 50 without the office."""
        self.permitted(*permissions)
        if page not in self.pages or (office and page.kept.get("office") not in {"ADMIN", "MODERATOR"}):
            raise OkError(50)
        return page

    def permitted(self, *permissions: str) -> None:
        """Error 10 when the application was not granted these permissions."""
        lacking = set(permissions) - self.granted()
        if lacking:
            raise OkError(10, " ".join(sorted(lacking)))

    def granted(self) -> set[str]:
        """What the application behind the session was granted."""
        return set(self.pages[0].kept.get("granted", ())) if self.pages else set()

    def fields(self, known: set[str]) -> set[str]:
        """What is asked in `fields`, in small letters; error 220 for a field that OK does not know."""
        asked = {word.strip().lower() for word in self.text("fields").split(",")}
        if unknown := asked - known:
            raise OkError(220, " ".join(sorted(unknown)))
        return asked

    def cut(self, found: Sequence[Any], *, default: int, most: int) -> tuple[list[Any], Json]:
        """One page of a list behind an anchor, and the anchor of the next."""
        anchor, count = self.text("anchor", "0"), self.number("count", default, most=most)
        start = int(anchor) if anchor.isdecimal() else 0
        shown = list(found[start : start + count])
        return shown, {"anchor": str(start + len(shown)), "has_more": start + len(shown) < len(found)}


Method = Callable[[Call], Any]


def admit(deeds: Deeds, whole: Mapping[str, str], method: str, params: Mapping[str, Any]) -> Call:
    """Let a REST call in or raise OK's error; `whole` tells the stored session behind an access token."""
    token = str(params.get("access_token") or params.get("session_key") or "")
    if not params.get("application_key"):
        raise OkError(101)
    if not token:
        raise OkError(453)
    known = deeds.world.realm("ok").tokens.get(whole.get(token, ""))
    if known is None or known[0] != USER:
        raise OkError(103)
    key, secret = whole[token].partition(":")[0], whole[token].rpartition(":")[2]
    if params["application_key"] != key:
        raise OkError(101)
    if str(params.get("sig", "")) != signature(params, secret):
        raise OkError(104)
    _pace(deeds.world, token, method)
    return Call(deeds, _pages(deeds, known[1]), params)


def admit_bot(deeds: Deeds, method: str, query: Mapping[str, str], params: Mapping[str, Any]) -> Call:
    """Let a graph call in or raise OK's error: the bot's token stands in the address."""
    token = query.get("access_token", "")
    known = deeds.world.realm("ok").tokens.get(token)
    if known is None or known[0] != BOT:
        raise OkError(103)
    _pace(deeds.world, token, method)
    return Call(deeds, _pages(deeds, known[1]), params)


def signature(params: Mapping[str, Any], secret: str) -> str:
    """What `sig` must be: lower-case MD5 of the sorted parameters without the session, and of its secret."""
    lines = sorted(f"{key}={value}" for key, value in params.items() if key not in {"sig", "access_token", "session_key"})
    return hashlib.md5("".join([*lines, secret]).encode("utf-8", "replace"), usedforsecurity=False).hexdigest().lower()


def _pages(deeds: Deeds, numbers: set[int]) -> tuple[Page, ...]:
    known = deeds.world.realm("ok").pages
    return tuple(known[number] for number in sorted(numbers) if number in known)


def _pace(world: World, token: str, method: str) -> None:
    if not world.settings.rate_limits:
        return
    realm = world.realm("ok")
    if realm.too_fast(token, PER_SECOND):
        raise OkError(8)
    realm.spent[f"{token} {method}"] += 1
    if realm.spent[f"{token} {method}"] > PER_DAY:
        raise OkError(11)
