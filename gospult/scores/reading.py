"""Reads a method's file place by place, so that a fault is told with the place where it stands."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from .figures import FIGURES
from .formulas import Checklist, Formula, Item, Penalty, Ratio, Share, Step, Steps

SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")


class Broken(Exception):
    """What is wrong and where; `method.read` adds the file."""

    def __init__(self, place: str, what: str) -> None:
        super().__init__(place, what)
        self.place, self.what = place, what


class Reader:
    """An object of the file and the way to it: «indicators[2].weight»."""

    def __init__(self, data: Any, place: str) -> None:
        if not isinstance(data, Mapping):
            raise Broken(place or "начало файла", "здесь должен быть объект { … }")
        self.data, self.place = data, place

    def at(self, name: str) -> str:
        """The place of a key."""
        return f"{self.place}.{name}" if self.place else name

    def broken(self, name: str, what: str) -> Broken:
        """The error at a key."""
        return Broken(self.at(name), what)

    def has(self, name: str) -> bool:
        """Whether the key is there with a value."""
        return self.data.get(name) is not None

    def text(self, name: str, default: str | None = None) -> str:
        """A text; an empty one only where there is a default."""
        value = self.data.get(name, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise self.broken(name, "нужен текст")
        return value

    def slug(self, name: str) -> str:
        """A code: Latin letters, digits, hyphens."""
        value = self.text(name)
        if not SLUG.fullmatch(value):
            raise self.broken(name, f"«{value}» не годится: латинские буквы, цифры и дефис")
        return value

    def flag(self, name: str, default: bool) -> bool:
        """true or false."""
        value = self.data.get(name, default)
        if not isinstance(value, bool):
            raise self.broken(name, "нужно true или false")
        return value

    def number(self, name: str, default: Decimal | None = None, *, above: int | None = None, most: int | None = None) -> Decimal:
        """A number above the one bound and at most the other."""
        return self._number(name, self.data.get(name, default), above, most)

    def _number(self, name: str, value: Any, above: int | None = None, most: int | None = None) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite():
            raise self.broken(name, "нужно число")
        made = Decimal(value)
        if abs(made) > 10**9 or (above is not None and made <= above) or (most is not None and made > most):
            bounds = [f"больше {above}" if above is not None else "", f"не больше {most}" if most is not None else ""]
            raise self.broken(name, f"{made} не годится, нужно число {' и '.join(filter(None, bounds)) or 'меньше миллиарда'}")
        return made

    def day(self, name: str) -> date:
        """A date like 2026-05-27."""
        try:
            return date.fromisoformat(self.text(name))
        except ValueError as error:
            raise self.broken(name, "нужна дата вида 2026-05-27") from error

    def words(self, name: str, default: Sequence[str] = (), *, among: Iterable[str] = ()) -> list[str]:
        """A list of words, each one of `among` where that is given."""
        value, known = self.data.get(name, list(default)), list(among)
        if not isinstance(value, list) or any(not isinstance(word, str) for word in value):
            raise self.broken(name, "нужен список слов")
        for word in value:
            if known and word not in known:
                raise self.broken(name, f"«{word}» не годится, есть {', '.join(filter(None, known))}")
        return value

    def figure(self, name: str) -> str:
        """The name of a figure that is known."""
        value = self.text(name)
        if value not in FIGURES:
            raise self.broken(name, f"показателя «{value}» нет, есть {', '.join(FIGURES)}")
        return value

    def part(self, name: str) -> "Reader":
        """An object inside; an empty one where there is none."""
        return Reader(self.data.get(name, {}), self.at(name))

    def rows(self, name: str) -> list["Reader"]:
        """A list of objects; an empty one where there is none."""
        value = self.data.get(name, [])
        if not isinstance(value, list):
            raise self.broken(name, "нужен список [ … ]")
        return [Reader(one, f"{self.at(name)}[{number}]") for number, one in enumerate(value, start=1)]

    def pairs(self, name: str) -> tuple[tuple[Decimal, Decimal], ...]:
        """A list of pairs of numbers whose first ones rise."""
        value = self.data.get(name)
        if not isinstance(value, list) or len(value) < 2 or any(not isinstance(one, list) or len(one) != 2 for one in value):
            raise self.broken(name, "нужны хотя бы две пары чисел [[…, …], …]")
        made = tuple((self._number(name, left), self._number(name, right)) for left, right in value)
        if any(one[0] >= two[0] for one, two in pairwise(made)):
            raise self.broken(name, "первые числа пар должны расти")
        return made

    def unique(self, name: str, codes: Sequence[str]) -> None:
        """No code twice."""
        for code in codes:
            if codes.count(code) > 1:
                raise self.broken(name, f"«{code}» стоит дважды")


def formula(row: Reader) -> Formula:
    """The formula of an indicator by its `kind`."""
    kind = row.text("kind")
    if kind not in KINDS:
        raise row.broken("kind", f"вида «{kind}» нет, есть {', '.join(KINDS)}")
    return KINDS[kind](row)


def _share(row: Reader) -> Share:
    return Share(row.figure("of"), row.figure("over"), row.figure("minus") if row.has("minus") else "", row.number("cap", Decimal(100), above=0))


def _ratio(row: Reader) -> Ratio:
    sums = row.words("sums", among=FIGURES)
    if not sums:
        raise row.broken("sums", "назовите, что складывать")
    return Ratio(tuple(sums), row.figure("over"), row.number("full", above=0), row.number("cap", Decimal(100), above=0))


def _penalty(row: Reader) -> Penalty:
    points, least = row.pairs("points"), row.number("least")
    if any(value > 0 or value < least for _, value in points):
        raise row.broken("points", f"штраф должен лежать от {least} до 0")
    return Penalty(row.figure("figure"), points, least)


def _steps(row: Reader) -> Steps:
    steps = tuple(Step(one.number("at"), one.number("points"), one.flag("strict", False), one.text("mend", "")) for one in row.rows("steps"))
    if not steps:
        raise row.broken("steps", "нужна хотя бы одна ступень")
    for higher, lower in pairwise(steps):
        if higher.at <= lower.at or higher.points <= lower.points:
            raise row.broken("steps", "ступени идут от большей к меньшей, и порогом, и баллами")
    if steps[-1].points <= 0:
        raise row.broken("steps", "балл ступени больше нуля")
    return Steps(row.figure("figure"), steps)


def _checklist(row: Reader) -> Checklist:
    items = tuple(Item(one.figure("figure"), one.number("points", above=0), one.text("mend", "")) for one in row.rows("items"))
    if not items:
        raise row.broken("items", "нужна хотя бы одна строка")
    row.unique("items", [one.figure for one in items])
    return Checklist(items)


KINDS: dict[str, Callable[[Reader], Formula]] = {"share": _share, "ratio": _ratio, "penalty": _penalty, "steps": _steps, "checklist": _checklist}
