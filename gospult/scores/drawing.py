"""Where dots and lines stand in the pictures of scores, in percents of the width; the templates draw them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from .method import Method
from .saying import MINUS, month_name, number

HEIGHT, TOP = 96, 10  # of the lines, in pixels
STYLES = (("", "none"), ("soon", "6 4"), ("fine", "2 3"), ("wait", "10 3"), ("late", "4 2"))  # tone and dash of each line


@dataclass(frozen=True, slots=True)
class Dot:
    """x in percents of the width, y in pixels from above; `said` is its title."""

    x: float
    y: float
    said: str


@dataclass(frozen=True, slots=True)
class Strip:
    """Two rows of dots on one axis: ours and the published ones; marks are the thresholds of the groups and the ends."""

    ours: Sequence[Dot]
    official: Sequence[Dot]
    marks: Sequence[tuple[float, str]]


def strip(method: Method, ours: Sequence[tuple[str, Decimal]], official: Sequence[tuple[str, Decimal]]) -> Strip | None:
    """The distribution of totals; None where there is nothing to draw."""
    values = [value for _, value in (*ours, *official)]
    if not values:
        return None
    bounds = [one.at for one in method.groups if one.at > method.bounds[0]]
    low, high = _ends([*values, *bounds], method.bounds[1])

    def x(value: Decimal) -> float:
        return round(2 + 96 * float((value - low) / (high - low)), 2)

    def dots(rows: Sequence[tuple[str, Decimal]], y: float) -> list[Dot]:
        return [Dot(x(value), y, f"{name}: {number(value)}") for name, value in sorted(rows, key=lambda row: row[1])]

    return Strip(dots(ours, 26), dots(official, 64), [(x(one), number(one)) for one in (low, *reversed(bounds), high)])


def _ends(values: Sequence[Decimal], most: Decimal) -> tuple[Decimal, Decimal]:
    """The axis from a multiple of five below everything to the greatest score."""
    low = (min(values) // 5) * 5 if min(values) >= 0 else -((-min(values)) // 5 + 1) * 5
    return (low - 5 if low >= most else low), most


@dataclass(frozen=True, slots=True)
class Line:
    """A line of months: pieces between neighbours that are both known, a dot on each known month; tone and dash tell it from the others."""

    title: str
    tone: str
    dash: str
    pieces: Sequence[tuple[Dot, Dot]]
    dots: Sequence[Dot]
    last: str


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines on one axis. low, high: its ends as text; months: names under the first, the middle and the last."""

    lines: Sequence[Line]
    low: str
    high: str
    months: Sequence[tuple[float, str, str]]


def lines(months: Sequence[date], rows: Sequence[tuple[str, Sequence[Decimal | None]]]) -> Lines | None:
    """The pictures of several rows of totals over the same months; None where nothing is known."""
    values = [value for _, row in rows for value in row if value is not None]
    if not values:
        return None
    low, high = (min(values) // 10) * 10, max(max(values), Decimal(100))
    low = low if low < high else low - 10

    def dot(place: int, value: Decimal) -> Dot:
        y = TOP + (HEIGHT - 2 * TOP) * float((high - value) / (high - low))
        return Dot(_across(place, len(months)), round(y, 1), f"{month_name(months[place])}: {number(value)}")

    drawn = [
        _line(title, STYLES[place % len(STYLES)], [None if value is None else dot(at, value) for at, value in enumerate(row)], row)
        for place, (title, row) in enumerate(rows)
    ]
    named = [(0, "start"), (len(months) // 2, "middle"), (len(months) - 1, "end")]
    under = [(_across(place, len(months)), side, month_name(months[place])) for place, side in named]
    return Lines([one for one in drawn if one.dots], number(low), number(high), under)


def _across(place: int, number_of_months: int) -> float:
    return round(1 + 96 * place / max(1, number_of_months - 1), 2)


def _line(title: str, style: tuple[str, str], dots: Sequence[Dot | None], row: Sequence[Decimal | None]) -> Line:
    pieces = [(one, two) for one, two in pairwise(dots) if one and two]
    last = next((number(value) for value in reversed(row) if value is not None), MINUS)
    return Line(title, *style, pieces, [dot for dot in dots if dot], last)
