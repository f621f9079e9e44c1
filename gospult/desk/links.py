"""Links of other systems to messages in the networks. Pure: an address in, the page, post and utterance that it names out."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

VK_WALL = re.compile(r"wall-(\d+)_(\d+)")
VK_DM = re.compile(r"/gim(\d+)")
TELEGRAM = re.compile(r"^/(?:s/)?(?:c/(\d+)|(\w+))/(\d+)$")
OK_TOPIC = re.compile(r"/group/(\d+)/topic/(\d+)")
MAX_POST = re.compile(r"^/(?:c/)?(-?[\w.]+)/([\w-]+)$")


@dataclass(frozen=True)
class Named:
    """What an address names; an empty field is not named.

    page    the page's id, or its handle with «@» before it
    said    external_id of the utterance; thread  beginning of its thread's id
    """

    network: str
    page: str
    said: str = ""
    thread: str = ""


def read(address: str) -> Named | None:
    """What the address names, None for addresses of anything else."""
    try:
        parts = urlsplit(address.strip() if "//" in address else f"https://{address.strip()}")
    except ValueError:
        return None
    host, query = (parts.hostname or "").removeprefix("www.").removeprefix("m."), parse_qs(parts.query)
    reader = {"vk.com": _vk, "vk.ru": _vk, "t.me": _telegram, "telegram.me": _telegram, "ok.ru": _ok, "max.ru": _max}.get(host)
    return reader(parts.path, query) if reader else None


def _first(query: dict[str, list[str]], name: str) -> str:
    return query.get(name, [""])[0]


def _vk(path: str, query: dict[str, list[str]]) -> Named | None:
    if dialogue := VK_DM.search(path):
        peer = _first(query, "sel")
        return Named("vk", dialogue[1], thread=f"d{peer}") if peer.isdecimal() else None
    wall = VK_WALL.search(path) or VK_WALL.search(_first(query, "w"))
    if wall is None:
        return None
    reply, top = _first(query, "reply") or _reply_in(_first(query, "w")), _first(query, "thread")
    if not reply:
        return Named("vk", wall[1], thread=f"w{wall[2]}_")
    return Named("vk", wall[1], said=f"c{reply}", thread=f"w{wall[2]}_{top}" if top else f"w{wall[2]}_")


def _reply_in(where: str) -> str:
    """«wall-1_2_r3» is the old way of naming a comment."""
    found = re.search(r"_r(\d+)", where)
    return found[1] if found else ""


def _telegram(path: str, query: dict[str, list[str]]) -> Named | None:
    place = TELEGRAM.match(path.rstrip("/"))
    if place is None:
        return None
    comment = _first(query, "comment")
    if place[1]:
        number = comment or place[3]
        return Named("telegram", "", said=f"c{place[1]}_{number}")
    return Named("telegram", f"@{place[2].lower()}")


def _ok(path: str, query: dict[str, list[str]]) -> Named | None:
    topic = OK_TOPIC.search(path)
    return Named("ok", topic[1], thread=f"w{topic[2]}") if topic else None


def _max(path: str, query: dict[str, list[str]]) -> Named | None:
    post = MAX_POST.match(path.rstrip("/"))
    if post is None:
        return None
    page = post[1] if re.fullmatch(r"-?\d+", post[1]) else f"@{post[1].lower()}"
    return Named("max", page)
