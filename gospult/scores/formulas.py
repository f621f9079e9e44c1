"""The vocabulary of formulas: what an indicator makes of figures. Pure; a method's file chooses among these and writes none of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from itertools import pairwise

from .figures import FIGURES
from .saying import number

Figures = Mapping[str, Decimal | None]
HUNDRED = Decimal(100)


def rounded(value: Decimal, step: Decimal) -> Decimal:
    """Half up to a multiple of the step: 0.005 → 0.01; −0.005 → −0.01, away from zero on both sides."""
    return (value / step).quantize(Decimal(1), ROUND_HALF_UP) * step


@dataclass(frozen=True, slots=True)
class Value:
    """What a formula says: a number; else None and whether the indicator does not apply or is not known. `why` is for people."""

    number: Decimal | None
    why: str
    applies: bool = True


def unknown(figure: str) -> Value:
    """A figure that nobody has told: it is never taken for zero."""
    return Value(None, f"нет данных: {FIGURES[figure]}")


@dataclass(frozen=True, slots=True)
class Share:
    """`of` / (`over` − `minus`) × 100, at most `cap`. Nothing to divide by: the indicator does not apply."""

    of: str
    over: str
    minus: str = ""
    cap: Decimal = HUNDRED

    @property
    def asks(self) -> tuple[str, ...]:
        """Figures that it needs."""
        return tuple(name for name in (self.of, self.over, self.minus) if name)

    @property
    def bounds(self) -> tuple[Decimal, Decimal]:
        """The least and the greatest value."""
        return Decimal(0), self.cap

    def value(self, figures: Figures) -> Value:
        """The share in percent."""
        of, whole, less = figures.get(self.of), figures.get(self.over), figures.get(self.minus) if self.minus else Decimal(0)
        if of is None or whole is None or less is None:
            return unknown(next(name for name in self.asks if figures.get(name) is None))
        said = f"{number(whole)} − {number(less)}" if less else number(whole)
        if whole - less <= 0:
            return Value(None, f"не применяется: делить не на что ({said})", applies=False)
        share = of / (whole - less) * HUNDRED
        capped = min(share, self.cap)
        return Value(capped, f"{number(of)} из {said} = {number(rounded(share, Decimal('0.01')))} %" + _capped(share, self.cap))


@dataclass(frozen=True, slots=True)
class Ratio:
    """The sum of figures / `over` × 100 is a percent; `full` percent is 100 points, and at most `cap`."""

    sums: tuple[str, ...]
    over: str
    full: Decimal
    cap: Decimal = HUNDRED

    @property
    def asks(self) -> tuple[str, ...]:
        """Figures that it needs."""
        return (*self.sums, self.over)

    @property
    def bounds(self) -> tuple[Decimal, Decimal]:
        """The least and the greatest value."""
        return Decimal(0), self.cap

    def value(self, figures: Figures) -> Value:
        """Points; a share of no views at all is not defined, and nobody knows it."""
        for name in self.asks:
            if figures.get(name) is None:
                return unknown(name)
        summed = sum((figures[name] or Decimal(0) for name in self.sums), Decimal(0))
        over = figures[self.over] or Decimal(0)
        if over <= 0:
            return Value(None, f"нет данных: {FIGURES[self.over]} — ноль, доля не определена")
        percent = summed / over * HUNDRED
        points = percent * HUNDRED / self.full
        said = f"{number(summed)} / {number(over)} = {number(rounded(percent, Decimal('0.01')))} %; 100 баллов — при {number(self.full)} %"
        return Value(min(points, self.cap), said + _capped(points, self.cap))

    def lacking(self, figures: Figures) -> Decimal | None:
        """How many more of what is summed would give the cap; None where it is not known or reached."""
        over, known = figures.get(self.over), [figures.get(name) for name in self.sums]
        if not over or None in known:
            return None
        need = (self.cap * self.full / HUNDRED / HUNDRED * over).to_integral_value(ROUND_CEILING)
        lack = need - sum((one for one in known if one is not None), Decimal(0))
        return lack if lack > 0 else None


@dataclass(frozen=True, slots=True)
class Penalty:
    """A table of known points; between two of them on a straight line, outside them nobody has said."""

    figure: str
    points: tuple[tuple[Decimal, Decimal], ...]
    least: Decimal

    @property
    def asks(self) -> tuple[str, ...]:
        """Figures that it needs."""
        return (self.figure,)

    @property
    def bounds(self) -> tuple[Decimal, Decimal]:
        """The least and the greatest value."""
        return self.least, max(value for _, value in self.points)

    def value(self, figures: Figures) -> Value:
        """The penalty at the figure."""
        at = figures.get(self.figure)
        if at is None:
            return unknown(self.figure)
        first, last = self.points[0][0], self.points[-1][0]
        shown = rounded(at, Decimal("0.0001"))
        if not first <= at <= last:
            return Value(None, f"не подтверждено: {number(shown)} вне известных точек {number(first)}…{number(last)}")
        for (left, low), (right, high) in pairwise(self.points):
            if at <= right:
                return Value(low + (high - low) * (at - left) / (right - left), f"{FIGURES[self.figure]} = {number(shown)}")
        return Value(self.points[-1][1], f"{FIGURES[self.figure]} = {number(shown)}")


@dataclass(frozen=True, slots=True)
class Step:
    """From so much on (`strict`: above it) so many points; `mend` says in the imperative how to get there."""

    at: Decimal
    points: Decimal
    strict: bool = False
    mend: str = ""

    def reached(self, value: Decimal) -> bool:
        """Whether the value stands on this step."""
        return value > self.at if self.strict else value >= self.at


@dataclass(frozen=True, slots=True)
class Steps:
    """Points by the highest step that is reached, 0 below the first. Steps go from high to low."""

    figure: str
    steps: tuple[Step, ...]

    @property
    def asks(self) -> tuple[str, ...]:
        """Figures that it needs."""
        return (self.figure,)

    @property
    def bounds(self) -> tuple[Decimal, Decimal]:
        """The least and the greatest value."""
        return Decimal(0), self.steps[0].points

    def value(self, figures: Figures) -> Value:
        """Points of the step."""
        at = figures.get(self.figure)
        if at is None:
            return unknown(self.figure)
        found = next((step for step in self.steps if step.reached(at)), None)
        shown = f"{FIGURES[self.figure]}: {number(rounded(at, Decimal('0.01')))}"
        sign = "больше" if found and found.strict else "от"
        return Value(found.points if found else Decimal(0), f"{shown} ({sign} {number(found.at)})" if found else shown)


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a checklist."""

    figure: str
    points: Decimal
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Checklist:
    """The sum of what is there. While one line is not known, neither is the sum."""

    items: tuple[Item, ...]

    @property
    def asks(self) -> tuple[str, ...]:
        """Figures that it needs."""
        return tuple(item.figure for item in self.items)

    @property
    def bounds(self) -> tuple[Decimal, Decimal]:
        """The least and the greatest value."""
        return Decimal(0), sum((item.points for item in self.items), Decimal(0))

    def value(self, figures: Figures) -> Value:
        """Points of what is there."""
        for item in self.items:
            if figures.get(item.figure) is None:
                return unknown(item.figure)
        got = sum((item.points for item in self.items if figures[item.figure]), Decimal(0))
        lines = [f"{FIGURES[item.figure]}: {'есть' if figures[item.figure] else 'нет'}" for item in self.items]
        return Value(got, "; ".join(lines))


Formula = Share | Ratio | Penalty | Steps | Checklist


def _capped(value: Decimal, cap: Decimal) -> str:
    return f", не больше {number(cap)}" if value > cap else ""


def mean_of_days(spells: list[tuple[int, Decimal]], step: Decimal) -> Decimal:
    """The rounded mean of daily values, each held for so many days."""
    days = sum(count for count, _ in spells)
    return rounded(sum((count * value for count, value in spells), Decimal(0)) / days, step)
