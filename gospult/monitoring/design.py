"""The design checklist of a page from its card: code → True, False or None for «cannot be told». Pure, but for reading the region's file once.

What a network does not show at all is None, never a fault of the page. The mark, the connection and the QR code are not readable: they come
from the export or from a person.
"""

import json
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings

from gospult.lib import regions
from gospult.lib.regions import RegionError
from gospult.networks.base import PageCard

from .widgets import Verdict

ITEMS = {
    "name": "название близко к официальному",
    "subject": "верная тематика",
    "avatar": "аватар",
    "cover": "обложка",
    "description": "описание",
    "address": "адрес с точкой на карте",
    "phone": "телефон",
    "email": "почта",
    "site": "сайт",
    "hours": "часы работы",
    "widgets": "два виджета ПОС",
    "sector": "отраслевая кнопка",
    "comments": "комментарии открыты",
    "messages": "сообщения открыты",
}
# What each network shows at all; of a network that is not here only the name is judged.
SHOWN: dict[str, frozenset[str]] = {
    "vk": frozenset(ITEMS),
    "ok": frozenset(ITEMS) - {"widgets", "sector", "subject", "hours", "email"},
    "telegram": frozenset({"name", "avatar", "description", "phone", "email", "site", "comments"}),
    "max": frozenset({"name", "avatar", "description", "phone", "email", "site"}),
}
PHONE = re.compile(r"(?:\+7|\b8)[\s(–-]*\d{3,5}[\s)–-]*\d{1,3}(?:[\s–-]*\d{2}){1,2}|\b\d-\d{2}-\d{2}\b|\b\d{2,3}-\d{2}-\d{2}\b")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w{2,}")
SITE = re.compile(r"https?://\S+|\bwww\.\S+|\b[\w-]+\.(?:ru|рф|su|com|org)\b", re.IGNORECASE)
CLOSE = 0.6  # of the words of a page's name stand in the official one
STEM = 5  # letters

# Abbreviations of official names, by what they are short for.
SHORT = {
    "сош": "средняя общеобразовательная школа", "оош": "основная общеобразовательная школа", "ош": "общеобразовательная школа",
    "мбоу": "муниципальное бюджетное общеобразовательное учреждение", "маоу": "муниципальное автономное общеобразовательное учреждение",
    "мбдоу": "муниципальное бюджетное дошкольное образовательное учреждение",
    "мадоу": "муниципальное автономное дошкольное образовательное учреждение", "доу": "дошкольное образовательное учреждение",
    "дс": "детский сад", "гбуз": "государственное бюджетное учреждение здравоохранения",
    "гауз": "государственное автономное учреждение здравоохранения", "црб": "центральная районная больница", "гб": "городская больница",
    "гкб": "городская клиническая больница", "рб": "районная больница", "дк": "дом культуры", "сдк": "сельский дом культуры",
    "цбс": "централизованная библиотечная система", "дши": "детская школа искусств", "дюсш": "детско-юношеская спортивная школа",
    "сш": "спортивная школа", "цдт": "центр детского творчества", "мо": "муниципальное образование", "го": "городской округ",
    "мр": "муниципальный район", "мо мвд": "отдел мвд", "минздрав": "министерство здравоохранения", "минобр": "министерство образования",
    "мкдоу": "муниципальное казённое дошкольное образовательное учреждение", "кцсон": "комплексный центр социального обслуживания населения",
    "ддт": "дом детского творчества", "мфц": "многофункциональный центр",
}  # fmt: skip
EMPTY = frozenset(
    [
        "и",
        "в",
        "на",
        "по",
        "при",
        "для",
        "г",
        "гор",
        "город",
        "село",
        "с",
        "п",
        "пос",
        "о",
        "официальная",
        "официальный",
        "страница",
        "группа",
        "сообщество",
        "им",
        "имени",
        "россия",
    ]
)


@dataclass(frozen=True, slots=True)
class Button:
    """A button that a sphere's pages carry; `bodies` are word beginnings of names that it concerns, () for all of the sphere."""

    code: str
    name: str
    spheres: frozenset[str]
    bodies: tuple[str, ...]
    titles: tuple[str, ...]
    links: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sectors:
    """The region's buttons and the words of a right subject by sphere."""

    buttons: tuple[Button, ...] = ()
    subjects: Mapping[str, tuple[str, ...]] = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Bodies:
    """Whose page it is: names and short names of its bodies, their territories' names, codes of their spheres."""

    names: Sequence[str] = ()
    places: Sequence[str] = ()
    spheres: Set[str] = frozenset()


def marks(network: str, card: PageCard, bodies: Bodies, verdict: Verdict, sectors: Sectors) -> dict[str, bool | None]:
    """The checklist of a card, every code of ITEMS."""
    text = card.description
    found: dict[str, bool | None] = {
        "name": close_name(card.name, bodies),
        "subject": _subject(card.subject, bodies, sectors),
        "avatar": bool(card.avatar_url),
        "cover": bool(card.cover_url),
        "description": bool(text.strip()),
        "address": card.located if network == "vk" else bool(card.address),
        "phone": bool(card.phone or PHONE.search(text)),
        "email": bool(card.email or EMAIL.search(text)),
        "site": bool(card.site or SITE.search(text)),
        "hours": card.hours,
        "widgets": verdict.valid == 2,
        "sector": _sector(card.menu_links, bodies, sectors),
        "comments": card.comments_open,
        "messages": card.messages_open,
    }
    shown = SHOWN.get(network, frozenset({"name"}))
    return {code: value if code in shown else None for code, value in found.items()}


def close_name(name: str, bodies: Bodies) -> bool | None:
    """Whether a page's name is made of the official one: most of its words stand there, and no number is another; None when that is not known."""
    told = _words(name)
    if not told or not any(bodies.names):
        return None
    official = {word for text in (*bodies.names, *bodies.places) for word in _words(text)}
    if any(word.isdecimal() and word not in official for word in told):
        return False
    return sum(word in official for word in told) >= CLOSE * len(told)


@lru_cache(maxsize=8192)
def _words(text: str) -> frozenset[str]:
    lower = text.lower().replace("ё", "е")
    words = re.findall(r"\d+|[а-яa-z]+", lower)
    words = [part for word in words for part in SHORT.get(word, word).replace("-", " ").split()]
    return frozenset(word if word.isdecimal() else word[:STEM] for word in words if word not in EMPTY)


def _subject(subject: str, bodies: Bodies, sectors: Sectors) -> bool | None:
    words = [word for sphere in bodies.spheres for word in (sectors.subjects or {}).get(sphere, ())]
    if not words or not subject:
        return None
    return any(word in subject.lower() for word in words)


def button(bodies: Bodies, sectors: Sectors) -> Button | None:
    """The button that pages of these bodies carry, None when the region asks for none."""
    names = " ".join(bodies.names).lower().replace("ё", "е")
    for row in sectors.buttons:
        if row.spheres & bodies.spheres and (not row.bodies or any(word in names for word in row.bodies)):
            return row
    return None


def _sector(links: Sequence[tuple[str, str]], bodies: Bodies, sectors: Sectors) -> bool | None:
    wanted = button(bodies, sectors)
    if wanted is None:
        return None
    titles = [title.lower().replace("ё", "е") for title, _ in links]
    return any(word in title for word in wanted.titles for title in titles) or any(word in url.lower() for word in wanted.links for _, url in links)


def sectors() -> Sectors:
    """What this installation's region asks of spheres; empty where it has no such file."""
    return _read(settings.REGION)


@lru_cache(maxsize=4)
def _read(region: str) -> Sectors:
    path = regions.default_root() / region / "sectors.json"
    if not path.is_file():
        return Sectors((), {})
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        subjects = {str(sphere): tuple(map(str.lower, words)) for sphere, words in told.get("subjects", {}).items()}
        return Sectors(tuple(_button(row) for row in told["buttons"]), subjects)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RegionError(f"Файл sectors.json региона не читается: {error}.") from error


def _button(row: Mapping[str, Any]) -> Button:
    bodies, titles, links = (tuple(str(word).lower().replace("ё", "е") for word in row.get(key, ())) for key in ("bodies", "titles", "links"))
    return Button(str(row["code"]), str(row["name"]), frozenset(row["spheres"]), bodies, titles, links)
