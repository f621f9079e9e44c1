"""A score from figures by a method: components rounded first, then the total; a weight that does not apply is given to the others. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from .formulas import Figures, Value, mean_of_days, rounded
from .method import Indicator, Method
from .saying import number

CENT = Decimal("0.01")
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one subject on some days; `network` and `status` only of a page."""

    figures: Figures
    network: str = ""
    status: str = ""


Spells = Sequence[tuple[int, Facts]]  # so many days on end with the same facts


@dataclass(frozen=True, slots=True)
class Part:
    """A line of the score. value: of the formula, rounded; points: value × weight, as they went into the total; None: not known or not applied."""

    code: str
    title: str
    value: Decimal | None
    points: Decimal | None
    most: Decimal
    applies: bool
    why: str


class Memo:
    """What one method has given for facts so far: of thousands of pages and their mendings most have the same facts."""

    def __init__(self, method: Method) -> None:
        self.asks = method.asks
        self.lines = [(one, one.asks) for one in method.indicators]
        self.parts: dict[tuple[object, ...], Part] = {}
        self.days: dict[tuple[object, ...], tuple[list[Part], Decimal | None]] = {}


@dataclass(frozen=True, slots=True)
class Result:
    """total None: «не подтверждено», and the parts say why."""

    total: Decimal | None
    group: str
    parts: tuple[Part, ...]

    def part(self, code: str) -> Part:
        """The line of an indicator."""
        return next(one for one in self.parts if one.code == code)


def score(method: Method, facts: Facts) -> Result:
    """The score of facts that hold through the whole time."""
    return score_spells(method, [(1, facts)])


def score_spells(method: Method, spells: Spells, memo: Memo | None = None) -> Result:
    """The score of a month whose days differ: the rounded mean of the daily scores; days that are not known are no zeros.

    `memo` is shared by the pages of one method.
    """
    daily = _daily(method, spells, memo or Memo(method))
    if len(daily) == 1:
        parts = daily[0][1][0]
    else:
        parts = [_mean_part(daily, place) for place in range(len(method.indicators))]
    total = _mean_total(method, daily)
    group = method.group(total)
    return Result(total, group.code if group else "", tuple(parts))


def total_of(method: Method, spells: Spells, memo: Memo) -> Decimal | None:
    """Only the total of `score_spells`: what a mending gives needs no more."""
    return _mean_total(method, _daily(method, spells, memo))


Daily = Sequence[tuple[int, tuple[list[Part], Decimal | None]]]


def _daily(method: Method, spells: Spells, memo: Memo) -> Daily:
    return [(days, _day(method, facts, memo)) for days, facts in spells if days > 0]


def _mean_total(method: Method, daily: Daily) -> Decimal | None:
    if len(daily) == 1:
        total = daily[0][1][1]
    else:
        known = [(days, total) for days, (_, total) in daily if total is not None]
        enough = known and sum(days for days, _ in known) >= method.least_known * sum(days for days, _ in daily)
        total = mean_of_days(known, CENT) if enough else None
    return rounded(total, method.mean_step) if total is not None and method.mean_step else total


def _day(method: Method, facts: Facts, memo: Memo) -> tuple[list[Part], Decimal | None]:
    get = facts.figures.get
    key = (facts.network, facts.status, *map(get, memo.asks))
    if key not in memo.days:
        parts = [_known_part(one, (one.code, facts.network, facts.status, *map(get, asks)), facts, memo) for one, asks in memo.lines]
        memo.days[key] = parts, _total(method, parts)
    return memo.days[key]


def _known_part(one: Indicator, key: tuple[object, ...], facts: Facts, memo: Memo) -> Part:
    if key not in memo.parts:
        memo.parts[key] = _part(one, _value(one, facts))
    return memo.parts[key]


def _value(one: Indicator, facts: Facts) -> Value:
    if one.networks and facts.network and facts.network not in one.networks:
        return Value(None, "не применяется в этой сети", applies=False)
    if facts.status and facts.status in one.not_for:
        return Value(None, "не применяется к странице с этим статусом", applies=False)
    return one.formula.value(facts.figures)


def _part(one: Indicator, value: Value) -> Part:
    shown = None if value.number is None else rounded(value.number, CENT)
    points = None if shown is None else shown * one.weight
    return Part(one.code, one.title, shown, points, one.most, value.applies, value.why)


def _total(method: Method, parts: Sequence[Part]) -> Decimal | None:
    apart = [part for part, one in zip(parts, method.indicators, strict=True) if one.apart and part.applies]
    shared = [(part, one) for part, one in zip(parts, method.indicators, strict=True) if not one.apart and part.applies]
    if any(part.points is None for part in apart) or any(part.points is None and one.unknown == "unconfirmed" for part, one in shared):
        return None
    known = [part for part, _ in shared if part.points is not None]
    weight = sum((part.most for part in known), ZERO)
    if weight <= 0 or weight < method.least_known * sum((part.most for part, _ in shared), ZERO):
        return None
    points = sum((part.points or ZERO for part in known), ZERO) * method.whole / weight + sum((part.points or ZERO for part in apart), ZERO)
    return rounded(points * method.scale / method.whole if method.scale else points, method.step)


def _mean_part(daily: Daily, place: int) -> Part:
    rows = [(days, parts[place]) for days, (parts, _) in daily]
    first = rows[0][1]
    if all(part is first for _, part in rows):
        return first  # the same facts on all days, as most are
    values = [(days, part.value) for days, part in rows if part.value is not None]
    if not values:
        return first
    points = [(days, part.points) for days, part in rows if part.points is not None]
    whys = list(dict.fromkeys(part.why for _, part in rows))
    why = whys[0] if len(whys) == 1 else f"в среднем за {number(sum(days for days, _ in rows))} дн."
    return Part(first.code, first.title, mean_of_days(values, CENT), mean_of_days(points, CENT), first.most, True, why)
