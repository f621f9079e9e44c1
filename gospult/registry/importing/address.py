"""Which page an address means. `/club123` has an id, `/club_art.school` is a handle, `/public` alone means nothing."""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

HOSTS = {"vk.com": "vk", "vk.ru": "vk", "vkontakte.ru": "vk", "ok.ru": "ok", "odnoklassniki.ru": "ok", "t.me": "telegram", "max.ru": "max"}
WITH_ID = re.compile(r"(?:club|public|event)(\d{1,15})", re.IGNORECASE)
WITHOUT_ID = re.compile(r"(?:club|public|event)", re.IGNORECASE)
PERSONAL = re.compile(r"id\d+", re.IGNORECASE)
# Pieces of the network's site that are not pages: a post, an album, the search.
ELSEWHERE = re.compile(
    r"(?:wall|album|photo|video|topic|market|clip|app)-?\d+(?:_\d+)?|feed|search|im|login|groups|share\.php|away\.php", re.IGNORECASE
)
HANDLE = re.compile(r"[A-Za-z0-9_.\-]{2,64}")

Trouble = Literal["", "empty", "zero", "without_id", "personal", "unreadable"]


@dataclass(frozen=True)
class Address:
    """`external_id` and `handle` are "" when the address does not tell them; `trouble` says why there is no page."""

    network: str = "vk"
    external_id: str = ""
    handle: str = ""
    url: str = ""
    trouble: Trouble = ""


def parse(text: str) -> Address:
    """Read an address as people write it: with or without scheme, with «m.», «@», a query or a slash at the end."""
    text = text.strip()
    if not text:
        return Address(trouble="empty")
    if text in ("0", "0.0"):
        return Address(trouble="zero", url=text)
    network, path = _split(text)
    if not network:
        return Address(trouble="unreadable", url=text)
    return _vk(text, path) if network == "vk" else _other(network, text, path)


def _split(text: str) -> tuple[str, list[str]]:
    """Network and the parts of the path."""
    if text.startswith("@"):
        return "vk", [text[1:]]
    try:
        parts = urlsplit(text if "//" in text else f"https://{text}")
    except ValueError:
        return "", []
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    return HOSTS.get(host, ""), [part for part in parts.path.split("/") if part]


def _vk(text: str, path: list[str]) -> Address:
    part = path[0] if path else ""
    if found := WITH_ID.fullmatch(part):
        number = int(found[1])
        return Address(external_id=str(number), url=text) if number > 1 else Address(trouble="without_id", url=text)
    if WITHOUT_ID.fullmatch(part):
        return Address(trouble="without_id", url=text)
    if PERSONAL.fullmatch(part):
        return Address(trouble="personal", url=text)
    if not HANDLE.fullmatch(part) or ELSEWHERE.fullmatch(part):
        return Address(trouble="unreadable", url=text)
    return Address(handle=part, url=text)


def _other(network: str, text: str, path: list[str]) -> Address:
    if path and path[0].lower() == "profile":
        return Address(network=network, trouble="personal", url=text)
    part = path[1] if len(path) > 1 and path[0].lower() == "group" else path[0] if path else ""
    if not HANDLE.fullmatch(part):
        return Address(network=network, trouble="unreadable", url=text)
    return Address(network=network, external_id=part, url=text) if part.isdigit() else Address(network=network, handle=part, url=text)
