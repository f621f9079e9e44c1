"""A method of scoring as a dated file of the region. Pure but for reading the files; a broken one is refused by one sentence."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from gospult.lib.errors import Refused

from .formulas import Formula
from .reading import Broken, Reader, formula

SUBJECTS = {"municipality": "муниципалитет", "body": "организация", "page": "страница", "network": "вся сеть"}
STATUSES = {"active", "flagship", "card", "not_counted", ""}
SHEET = {"posts": "записей", "likes": "отметок «нравится»", "comments": "комментариев", "reposts": "репостов", "views": "просмотров"}


@dataclass(frozen=True)
class Indicator:
    """A line of a score: what the formula gives, times `weight`.

    apart         it is added as it is (a penalty): its weight is never given to others
    unknown       "unconfirmed": without it there is no score; "leave_out": the others are scaled up and the reason is shown
    networks, not_for   it applies only to pages of these networks, and not to pages of these statuses; elsewhere its weight goes to the others
    """

    code: str
    title: str
    short: str
    formula: Formula
    weight: Decimal
    apart: bool
    unknown: str
    networks: frozenset[str]
    not_for: frozenset[str]
    mend: str

    @cached_property
    def most(self) -> Decimal:
        """The greatest points."""
        return self.bounds[1]

    @cached_property
    def asks(self) -> tuple[str, ...]:
        """The figures that its formula needs."""
        return self.formula.asks

    @property
    def bounds(self) -> tuple[Decimal, Decimal]:
        """The least and the greatest points."""
        low, high = self.formula.bounds
        return low * self.weight, high * self.weight


@dataclass(frozen=True, slots=True)
class Group:
    """From so many points on; `tone` is one of late, soon, fine, wait."""

    code: str
    title: str
    at: Decimal
    tone: str


@dataclass(frozen=True, slots=True)
class PageRules:
    """Which pages count and when a page counts as regular or designed.

    networks      the networks whose pages count at all, empty for all of them
    leave_out     statuses that leave every denominator; `exempt`: whether pages of exempt bodies count
    cards         statuses that count as «визитки»: pages without a norm
    posts         posts that each week of the month must have
    least_days    a week belongs to the month that holds so many of its days: 4 gives it to exactly one month, 7 keeps whole weeks only
    by_norm       a week whose norm was lowered (holidays) asks for no more than that norm
    designed_from percent of design from which a page counts as designed
    least_coverage   with fewer pages known than this share a figure is not known
    """

    networks: frozenset[str]
    leave_out: frozenset[str]
    cards: frozenset[str]
    exempt: bool
    posts: int
    least_days: int
    by_norm: bool
    designed_from: int
    least_coverage: Decimal


@dataclass(frozen=True)
class Method:
    """How is scored from a day on.

    step, scale   the total is rounded half up to `step`; with a scale the points are given in percents of the greatest sum × scale / 100
    mean_step     None, or the step to which the mean of daily scores is rounded
    least_known   with less than this share of the weights known there is no score
    sheet         columns of a sheet that is filled and not scored: such a method has no indicators
    official      the column of published results that tells what this method gave, "" where none does
    bands, least_peers   how many bands of size peers are cut into; with fewer peers nothing is compared
    """

    code: str
    title: str
    source: str
    note: str
    from_date: date
    until: date | None
    subjects: frozenset[str]
    indicators: tuple[Indicator, ...]
    groups: tuple[Group, ...]
    step: Decimal
    scale: Decimal | None
    mean_step: Decimal | None
    least_known: Decimal
    pages: PageRules
    sheet: tuple[str, ...]
    official: str
    bands: int
    least_peers: int

    @cached_property
    def whole(self) -> Decimal:
        """The greatest sum of the weights that may be given to others."""
        return sum((one.bounds[1] for one in self.indicators if not one.apart), Decimal(0))

    @property
    def bounds(self) -> tuple[Decimal, Decimal]:
        """The least and the greatest total."""
        low, high = (sum((one.bounds[side] for one in self.indicators), Decimal(0)) for side in (0, 1))
        return (low * self.scale / self.whole, high * self.scale / self.whole) if self.scale else (low, high)

    @property
    def asks(self) -> tuple[str, ...]:
        """The figures that it needs, each once, in the order of its indicators."""
        return tuple(dict.fromkeys(name for one in self.indicators for name in one.formula.asks))

    def group(self, total: Decimal | None) -> Group | None:
        """The group of a total; None where there is no total or no groups."""
        return None if total is None else next((one for one in self.groups if total >= one.at), None)

    def in_force(self, day: date) -> bool:
        """Whether the day lies within its dates."""
        return self.from_date <= day and (self.until is None or day < self.until)


def read(path: Path) -> Method:
    """The method of a file. Refused, naming the file and the place, when it cannot be used."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except json.JSONDecodeError as error:
        raise Refused(f"Файл методики {path.name} не читается: строка {error.lineno}, знак {error.colno} — это не JSON.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"Файл методики {path.name} не открывается: проверьте, что это текст в UTF-8.") from error
    try:
        return _method(Reader(data, ""))
    except Broken as error:
        raise Refused(f"Файл методики {path.name}, {error.place}: {error.what}.") from error


def _method(row: Reader) -> Method:
    indicators = tuple(_indicator(one) for one in row.rows("indicators"))
    sheet = tuple(row.words("sheet", among=SHEET))
    if bool(indicators) == bool(sheet):
        raise row.broken("indicators", "нужны либо показатели (indicators), либо столбцы ведомости (sheet)")
    row.unique("indicators", [one.code for one in indicators])
    groups = tuple(_group(one) for one in row.rows("groups"))
    if list(groups) != sorted(groups, key=lambda one: -one.at):
        raise row.broken("groups", "группы идут от большего порога к меньшему")
    made = Method(
        code=row.slug("code"), title=row.text("title"), source=row.text("source"), note=row.text("note", ""), from_date=row.day("from_date"),
        until=row.day("until") if row.has("until") else None, subjects=frozenset(row.words("subjects", among=SUBJECTS)), indicators=indicators,
        groups=groups, official=row.text("official", ""), step=row.number("step", Decimal("0.01"), above=0),
        scale=row.number("scale", above=0) if row.has("scale") else None,
        mean_step=row.number("mean_step", above=0) if row.has("mean_step") else None,
        least_known=row.number("least_known", Decimal("0.5")), pages=_pages(row.part("pages")), sheet=sheet,
        bands=int(row.number("bands", Decimal(4), above=0)), least_peers=int(row.number("least_peers", Decimal(10), above=1)),
    )  # fmt: skip
    if not made.subjects:
        raise row.broken("subjects", f"назовите, кого считает методика: {', '.join(SUBJECTS)}")
    if indicators and made.whole <= 0:
        raise row.broken("indicators", "ни один показатель не даёт баллов")
    if made.until and made.until <= made.from_date:
        raise row.broken("until", "конец действия не позже начала")
    return made


def _indicator(row: Reader) -> Indicator:
    unknown = row.text("unknown", "unconfirmed")
    if unknown not in ("unconfirmed", "leave_out"):
        raise row.broken("unknown", f"«{unknown}» не годится, есть unconfirmed и leave_out")
    made = Indicator(
        code=row.slug("code"), title=row.text("title"), short=row.text("short", row.text("title")), formula=formula(row),
        weight=row.number("weight", Decimal(1), above=0), apart=row.flag("apart", False), unknown=unknown, networks=frozenset(row.words("networks")),
        not_for=frozenset(row.words("not_for", among=STATUSES)), mend=row.text("mend", ""),
    )  # fmt: skip
    if made.formula.bounds[0] < 0 and not made.apart:
        raise row.broken("apart", 'штраф складывается отдельно: поставьте "apart": true')
    return made


def _group(row: Reader) -> Group:
    tone = row.text("tone", "wait")
    if tone not in ("late", "soon", "fine", "wait"):
        raise row.broken("tone", f"«{tone}» не годится, есть late, soon, fine, wait")
    return Group(row.slug("code"), row.text("title"), row.number("at"), tone)


def _pages(row: Reader) -> PageRules:
    return PageRules(
        networks=frozenset(row.words("networks")),
        leave_out=frozenset(row.words("leave_out", ["not_counted"], among=STATUSES)), cards=frozenset(row.words("cards", ["card"], among=STATUSES)),
        exempt=row.flag("exempt", False), posts=int(row.number("posts", Decimal(3), above=0)),
        least_days=int(row.number("least_days", Decimal(4), above=0, most=7)), by_norm=row.flag("by_norm", False),
        designed_from=int(row.number("designed_from", Decimal(100), above=0, most=100)),
        least_coverage=row.number("least_coverage", Decimal("0.9"), most=1),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Library:
    """The methods of a region by code, and a sentence on each file that cannot be used."""

    methods: Mapping[str, Method]
    broken: Mapping[str, str]

    def get(self, code: str) -> Method:
        """The method of this code. Refused when there is none or its file is broken."""
        if code in self.methods:
            return self.methods[code]
        if code in self.broken:
            raise Refused(self.broken[code])
        raise Refused(f"Методики «{code}» нет. Есть: {', '.join(self.methods) or 'ни одной'}.")


def library(folder: Path) -> Library:
    """All files of a folder; the code of a method is the name of its file."""
    methods: dict[str, Method] = {}
    broken: dict[str, str] = {}
    for path in sorted(folder.glob("*.json")):
        try:
            made = read(path)
            if made.code != path.stem:
                raise Refused(f"Файл методики {path.name}, code: написано «{made.code}», а файл называется иначе.")
            methods[made.code] = made
        except Refused as no:
            broken[path.stem] = str(no)
    return Library(methods, broken)


def of_json(data: Any) -> Method:
    """The method of JSON that is at hand, numbers as Decimal; for tests of what a change of a file would do."""
    return _method(Reader(data, ""))
