"""The two links of ПОС that an official page carries in its menu: which are right, what is wrong with the others. Pure.

The template is `domain.md` §4.6 of the service's own guide: `form/?opaId=…` and `og/org-activities?reg_code=…` (or `mun_code=…`), each with
where it stands, the region and the ОГРН. Real menus hold links with blanks inside the names of parameters: they open a page, and no visit is counted.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote

State = Literal["correct", "invalid", "count", "missing"]
STATES: dict[State, str] = {
    "correct": "оба виджета верны",
    "invalid": "виджеты есть, но с ошибкой",
    "count": "виджетов не два",
    "missing": "виджетов нет",
}
FORM, PLACES = "form", "places"
KINDS = {FORM: "«Решаем вместе» (форма сообщения)", PLACES: "«Обсуждаем вместе» (опросы и голосования)"}
PATHS = {FORM: "form/", PLACES: "og/org-activities"}
HOST = "https://pos.gosuslugi.ru/"
# The name of a parameter without what a clumsy hand puts into it → the right name.
NAMES = {name.replace("_", "").lower(): name for name in ("opaId", "reg_code", "mun_code", "utm_source", "utm_medium", "utm_campaign")}
SOURCES = {"opaId": "vk", "reg_code": "vk1", "mun_code": "vk2"}
MEDIUMS = {"111", "711", "7114"}  # besides the two digits of a region
VALUES = {"opaId": r"\d+", "reg_code": r"\d{2}", "mun_code": r"\d{8}", "utm_source": "vk|vk1|vk2", "utm_medium": r"\d{2}|111|711|7114"}
VALUES["utm_campaign"] = r"\d{13}"

FAULTS = {
    "blank_in_name": "Пробел внутри имени параметра.",
    "blank_in_value": "Пробел внутри значения параметра.",
    "blank_in_path": "Пробел внутри адреса.",
    "name": "Имя параметра написано с ошибкой.",
    "value": "Значение параметра не того вида.",
    "lacking": "Не хватает параметра.",
    "extra": "Лишний параметр.",
    "repeated": "Параметр назван дважды.",
    "path": "Адрес обрезан или ведёт на другой раздел ПОС.",
    "scheme": "Адрес должен начинаться с https://pos.gosuslugi.ru/.",
    "same": "Обе ссылки одинаковы: нужны форма сообщения и опросы.",
    "same_kind": "Обе ссылки ведут в один раздел: нужны форма сообщения и опросы.",
    "other_ogrn": "Указан ОГРН другой организации: обращения уйдут ей.",
    "other_region": "Указан код другого региона.",
    "one": "В меню одна ссылка на ПОС, нужны две.",
    "many": "Ссылок на ПОС больше двух.",
    "none": "В меню нет ни одной ссылки на ПОС.",
}

BLANK = re.compile(r"\s|\u200b|\ufeff")
OURS = re.compile(r"(?:(https?):)?(?://)?(?:www\.)?pos\.gosuslugi\.ru(?::\d+)?(?:/|(?=\?)|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Owner:
    """What is known of whose page it is: ОГРН of its bodies, two digits of the region, eight of the municipality; empty is «not known»."""

    ogrns: frozenset[str] = frozenset()
    region: str = ""
    municipality: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """`link` is the address as it stands in the menu, "" for a fault of the menu as a whole; `what` names the parameter."""

    kind: str
    link: str = ""
    what: str = ""

    @property
    def text(self) -> str:
        """The fault as a sentence for a person."""
        said = FAULTS[self.kind]
        return f"{said[:-1]}: {self.what}." if self.what else said


@dataclass(frozen=True, slots=True)
class Proposal:
    """The right link; `lacks` are the parameters that nobody knows yet: then `url` shows where they belong."""

    kind: str
    url: str
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """One link of ПОС as it was understood: `kind` is "" when its section cannot be told."""

    url: str
    kind: str
    values: dict[str, str]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of a page's widgets. `right` proposes both links unless the page is correct."""

    state: State
    links: tuple[Link, ...] = ()
    faults: tuple[Fault, ...] = ()
    right: tuple[Proposal, ...] = ()
    valid: int = field(default=0)  # 0, 1 or 2 valid links of different sections

    @property
    def text(self) -> str:
        """The state in words."""
        return STATES[self.state]


def check(urls: Iterable[str], owner: Owner | None = None) -> Verdict:
    """The verdict on the addresses of a menu; those that lead elsewhere than to ПОС do not count."""
    owner = owner or Owner()
    links = tuple(_link(url, owner) for url in urls if _is_ours(url))
    faults = tuple(fault for link in links for fault in link.faults) + _together(links)
    valid = len({link.kind for link in links if not link.faults})
    state: State = "missing" if not links else "count" if len(links) != 2 else "invalid" if faults else "correct"
    right = () if state == "correct" else tuple(_proposal(kind, links, owner) for kind in (FORM, PLACES))
    return Verdict(state, links, faults, right, valid)


def _is_ours(url: str) -> bool:
    return bool(OURS.match(_tight(url)))


def _tight(url: str) -> str:
    return BLANK.sub("", unquote(url))


def _together(links: Sequence[Link]) -> tuple[Fault, ...]:
    """What is wrong with the links beside one another."""
    if len(links) != 2:
        return (Fault("none" if not links else "one" if len(links) == 1 else "many"),)
    first, second = links
    if first.kind != second.kind or not first.kind:
        return ()
    return (Fault("same" if first.values == second.values else "same_kind", second.url),)


def _link(url: str, owner: Owner) -> Link:
    where, _, query = url.partition("?")
    kind, faults = _section(url, where)
    values, more = _parameters(url, query, kind)
    faults += more + _foreign(url, values, owner)
    return Link(url, kind, values, tuple(dict.fromkeys(faults)))


def _section(url: str, where: str) -> tuple[str, list[Fault]]:
    tight = OURS.sub("", _tight(where), count=1)
    faults = [Fault("blank_in_path", url)] if BLANK.search(unquote(where.strip())) or where != where.strip() else []
    if not where.strip().lower().startswith(HOST[:-1]):
        faults.append(Fault("scheme", url))
    for kind, path in PATHS.items():
        if re.sub(r"[\W_]", "", tight.lower()) == re.sub(r"[\W_]", "", path):  # «og/org activities» is understood, and wrong
            exact = tight == path or bool(faults)
            return kind, faults if exact else [*faults, Fault("path", url)]
    return "", [*faults, Fault("path", url)]


def _parameters(url: str, query: str, kind: str) -> tuple[dict[str, str], list[Fault]]:
    values: dict[str, str] = {}
    faults: list[Fault] = []
    for piece in filter(None, query.replace("&amp;", "&").split("&")):
        raw_name, _, raw_value = piece.partition("=")
        told, value = unquote(raw_name), unquote(raw_value)
        name = NAMES.get(re.sub(r"[\W_]", "", told).lower(), "")
        faults += _named(url, told, name)
        if not name:
            continue
        if BLANK.search(value):
            faults.append(Fault("blank_in_value", url, name))
        if name in values:
            faults.append(Fault("repeated", url, name))
        values.setdefault(name, _tight(raw_value))
    faults += [Fault("value", url, name) for name, value in values.items() if not re.fullmatch(VALUES[name], value, re.ASCII)]
    return values, faults + [Fault("lacking", url, name) for name in _needed(kind, values) if name not in values] + _alien(url, kind, values)


def _named(url: str, told: str, name: str) -> list[Fault]:
    if told == name:
        return []
    if BLANK.search(told):
        return [Fault("blank_in_name", url, name)]
    return [Fault("name", url, name) if name else Fault("extra", url, told[:40])]


def _needed(kind: str, values: dict[str, str]) -> tuple[str, ...]:
    place = "mun_code" if "mun_code" in values else "reg_code"
    first = {FORM: ("opaId",), PLACES: (place,)}.get(kind, ())
    return (*first, "utm_source", "utm_medium", "utm_campaign") if kind else ()


def _alien(url: str, kind: str, values: dict[str, str]) -> list[Fault]:
    """Parameters of the other section."""
    others = {FORM: ("reg_code", "mun_code"), PLACES: ("opaId",)}.get(kind, ())
    both = ("reg_code",) if kind == PLACES and {"reg_code", "mun_code"} <= set(values) else ()
    return [Fault("extra", url, name) for name in (*others, *both) if name in values]


def _foreign(url: str, values: dict[str, str], owner: Owner) -> list[Fault]:
    faults = []
    if owner.ogrns and (ogrn := values.get("utm_campaign", "")) and ogrn not in owner.ogrns:
        faults.append(Fault("other_ogrn", url))
    told = (values.get("reg_code", ""), values.get("mun_code", "")[:2], _plain_region(values.get("utm_medium", "")))
    if owner.region and any(code and code != owner.region for code in told):
        faults.append(Fault("other_region", url))
    return faults


def _plain_region(medium: str) -> str:
    return "" if medium in MEDIUMS else medium


def _proposal(kind: str, links: Sequence[Link], owner: Owner) -> Proposal:
    """What is known of the owner, then what the links themselves tell and what is of the right kind."""
    of_kind = [link for link in links if link.kind == kind] + [link for link in links if not link.kind]
    place = "opaId" if kind == FORM else "mun_code" if owner.municipality or _told("mun_code", of_kind) else "reg_code"
    ogrn = _told("utm_campaign", links)
    known = {
        "opaId": _told("opaId", of_kind),
        "reg_code": owner.region or _told("reg_code", links) or _plain_region(_told("utm_medium", links)),
        "mun_code": _told("mun_code", links) or owner.municipality,
        "utm_source": SOURCES[place],
        "utm_medium": owner.region or _told("utm_medium", links) or _told("reg_code", links),
        "utm_campaign": ogrn if not owner.ogrns or ogrn in owner.ogrns else min(owner.ogrns),
    }
    names = (place, "utm_source", "utm_medium", "utm_campaign")
    query = "&".join(f"{name}={known[name] or '…'}" for name in names)
    return Proposal(kind, f"{HOST}{PATHS[kind]}?{query}", tuple(name for name in names if not known[name]))


def _told(name: str, links: Sequence[Link]) -> str:
    found = (link.values.get(name, "") for link in links)
    return next((value for value in found if re.fullmatch(VALUES[name], value, re.ASCII)), "")
