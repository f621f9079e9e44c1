"""What page a link, a handle or an @name of any network means: pure thinking. Nothing of it is kept."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from . import folding

HOSTS = {
    "vk.com": "vk", "vk.ru": "vk", "vkontakte.ru": "vk", "vk.me": "vk", "vkvideo.ru": "vk", "vk.link": "vk",
    "ok.ru": "ok", "odnoklassniki.ru": "ok", "t.me": "telegram", "telegram.me": "telegram", "telegram.dog": "telegram", "max.ru": "max",
}  # fmt: skip
NETWORKS = ("vk", "ok", "telegram", "max")
# Parts of the path that only lead to the page: t.me/s/name, ok.ru/group/12, vkvideo.ru/video/@name.
PASSED = {"s", "group", "video", "clips", "channel", "c", "artist", "market"}
_ID = re.compile(r"(?:club|public|event|group)(\d{1,19})", re.IGNORECASE)
_OWNED = re.compile(r"(?:wall|album|photo|video|topic|market|clip|videos|photos|albums|app\d+_)-(\d{1,15})(?:_\d+)?.*", re.IGNORECASE)
_PERSONAL = re.compile(r"id\d+", re.IGNORECASE)
_HANDLE = re.compile(r"[a-z0-9_.\-]{2,64}", re.IGNORECASE)
_ELSEWHERE = {"feed", "search", "im", "login", "share", "join", "app", "away.php", "share.php", "groups", "addstickers", "proxy", "joinchat", "dk"}
# Letters that look alike, in the first place the Russian ones.
_TWINS = str.maketrans("авеёкмнорстухіьѕј0135", "abeekmhopctyxibsjoles")


@dataclass(frozen=True, slots=True)
class Link:
    """Where a link leads: `networks` it may be of, an id or a handle; `trouble` says why it is no page."""

    networks: tuple[str, ...] = NETWORKS
    external_id: str = ""
    handle: str = ""
    trouble: str = ""  # empty, personal, elsewhere, look_alike_host, foreign, unreadable
    host: str = ""


def read(text: str) -> Link:
    """A link as people paste it: with or without scheme, «m.», «www.», tails, a post instead of its page, @name, a bare name."""
    text = re.sub(r"[\s\u200b-\u200f\u2060\ufeff\u00ad<>«»\"]+", "", text)[:500].rstrip(".,;!)")
    if not text:
        return Link(trouble="empty")
    if found := re.match(r"tg://resolve\?domain=([A-Za-z0-9_]+)", text):
        return Link(("telegram",), handle=found[1].lower())
    if re.fullmatch(r"@?[A-Za-z0-9_\-]{2,64}", text) or (text.startswith("@") and _HANDLE.fullmatch(text[1:])):
        return _bare(text.removeprefix("@"))
    return _of_site(text)


def _bare(name: str) -> Link:
    if found := _ID.fullmatch(name):
        return Link(("vk", "ok"), external_id=found[1])
    if _PERSONAL.fullmatch(name):
        return Link(trouble="personal")
    return Link(external_id=name) if name.isdigit() else Link(handle=name.lower())


def _of_site(text: str) -> Link:
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = _host(parts.hostname or "")
    except ValueError:
        return Link(trouble="unreadable")
    name = re.sub(r"^(?:www|m|mobile|web|touch|new|l|away)\.", "", host)
    if name.endswith(".t.me"):
        return Link(("telegram",), handle=name.removesuffix(".t.me"))
    network = HOSTS.get(name)
    if not network:
        return _unknown_host(name, text)
    path = [unquote(part) for part in parts.path.split("/") if part]
    while path and path[0].lower() in PASSED and len(path) > 1:
        path = path[1:]
    return _page(network, path, parse_qs(parts.query), host)


def _host(host: str) -> str:
    """The name that people see: punycode is written out."""
    try:
        return ".".join(part.encode().decode("idna") if part.startswith("xn--") else part for part in host.lower().rstrip(".").split("."))
    except UnicodeError:
        return host.lower()


def _unknown_host(name: str, text: str) -> Link:
    if "." not in name or not re.search("[a-zа-я]", name):
        return Link(trouble="unreadable")
    bare = skeleton(name)
    near = [host for host in HOSTS if host not in ("vk.link",) and (skeleton(host) == bare or (len(host) > 4 and folding.slips(host, name, 1) == 1))]
    tricky = re.search(r"(?:^|[.\-])(?:vk|vkontakte|odnoklassniki|telegram|gosuslugi)(?:[.\-]|$)", name)
    return Link(trouble="look_alike_host" if near or tricky else "foreign", host=name)


def _page(network: str, path: list[str], query: dict[str, list[str]], host: str) -> Link:
    first = path[0] if path else ""
    told = first or next((value for key in ("w", "z", "domain", "resolve") for value in query.get(key, [])), "")
    if not told:
        return Link((network,), trouble="elsewhere", host=host)
    if first.lower() == "profile" or (network == "vk" and _PERSONAL.fullmatch(told)):
        return Link((network,), trouble="personal", host=host)
    if found := _ID.fullmatch(told) or _OWNED.fullmatch(told):
        return Link((network,), external_id=found[1], host=host)
    told = told.removeprefix("@")
    if network == "vk" and first.startswith("@"):
        told = told.partition("-")[0]  # an article of a page: vk.com/@page-title
    if told.isdigit():
        return Link((network,), external_id=told, host=host)
    if told.lower() in _ELSEWHERE or told.startswith("+") or not _HANDLE.fullmatch(told):
        return Link((network,), trouble="elsewhere" if _HANDLE.fullmatch(told.strip("+")) else "unreadable", host=host)
    return Link((network,), handle=told.lower(), host=host)


def skeleton(handle: str) -> str:
    """What the eye takes two names for: letters and digits that look alike are one, marks between them are none."""
    text = re.sub(r"[^a-z0-9а-яё]", "", handle.lower()).translate(_TWINS)
    text = re.sub(r"i", "l", text.replace("rn", "m").replace("vv", "w"))
    return re.sub(r"(.)\1", r"\1", re.sub(r"(?:off?lclal|off|real|ru|rus)$", "", text) or text)
