"""The score of a body by a dated method of the region: points for time, quality and residents' marks, each explained. Pure; no database.

A measure earns its share of the part's points on a straight line from `zero` (nothing) to `full` (all). A part that
nothing is known of is left out and the rest is scaled to 100, so that nobody is punished for silence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

NAMES = {
    "median_worked": "медиана первой реакции", "p90_worked": "девять из десяти первых реакций", "late_share": "с опозданием",
    "reopened_share": "открыто снова", "returned_share": "возвращено контролем", "broken_share": "обещание нарушено",
    "moved_share": "обещание перенесено", "postponed_share": "отложено", "repeated_share": "повторно", "good_share": "оценки 4 и 5",
}  # fmt: skip
MONTH = 30.4375  # days


@dataclass(frozen=True, slots=True)
class Measure:
    """Points on the line from `zero` to `full`, in the figure's own unit: minutes, or a share from 0 to 1."""

    figure: str
    full: float
    zero: float
    weight: float = 1.0

    def earned(self, value: float) -> float:
        """The share of the points, 0 to 1."""
        return min(1.0, max(0.0, (value - self.zero) / (self.full - self.zero)))


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the score; with fewer than `least_marks` marks nothing is said by marks."""

    title: str
    points: float
    measures: tuple[Measure, ...]
    least_marks: int = 0


@dataclass(frozen=True, slots=True)
class Method:
    """How bodies are rated from a day on."""

    code: str
    title: str
    source: str
    from_date: date
    least_a_month: float
    parts: tuple[Part, ...]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Method":
        """The method of a region's file; ValueError says in Russian what is wrong with it."""
        parts = tuple(_part(row) for row in data["parts"])
        if not parts or sum(part.points for part in parts) <= 0:
            raise ValueError("В методике рейтинга нет ни одного балла: задайте части и их вес.")
        return cls(data["code"], data["title"], data.get("source", ""), date.fromisoformat(data["from_date"]), float(data["least_a_month"]), parts)

    def least(self, days: int) -> int:
        """How many cases a body must have in so many days to be rated."""
        return max(1, round(self.least_a_month * max(1.0, days / MONTH)))


def _part(row: Mapping[str, Any]) -> Part:
    measures = tuple(Measure(m["figure"], float(m["full"]), float(m["zero"]), float(m.get("weight", 1))) for m in row["measures"])
    for measure in measures:
        if measure.figure not in NAMES:
            raise ValueError(f"В методике рейтинга неизвестный показатель «{measure.figure}»: исправьте файл.")
        if measure.full == measure.zero or measure.weight <= 0:
            raise ValueError(f"У показателя «{NAMES[measure.figure]}» границы совпадают или вес не больше нуля: исправьте файл.")
    return Part(row["title"], float(row["points"]), measures, int(row.get("least_marks", 0)))


@dataclass(frozen=True, slots=True)
class Score:
    """`points` of 100; `lines` say in Russian where they come from. None when nothing is known."""

    points: float | None
    lines: tuple[str, ...]


def points(figures: Mapping[str, Any], method: Method) -> float | None:
    """The score alone, for thousands of bodies at once."""
    earned = whole = 0.0
    for part in method.parts:
        known = _known(figures, part)
        if known:
            earned, whole = earned + _share(known) * part.points, whole + part.points
    return round(100 * earned / whole, 1) if whole else None


def score(figures: Mapping[str, Any], method: Method) -> Score:
    """The score that follows from a body's figures, with its lines."""
    lines = []
    for part in method.parts:
        known = _known(figures, part)
        if not known:
            lines.append(f"{part.title}: данных мало, часть не учтена, остальные пересчитаны на 100.")
            continue
        weight = sum(m.weight for m, _ in known)
        details = [_line(m, value, part.points * m.weight / weight) for m, value in known]
        lines.append(f"{part.title}: {_number(_share(known) * part.points)} из {_number(part.points)} ({'; '.join(details)}).")
    return Score(points(figures, method), tuple(lines))


def _known(figures: Mapping[str, Any], part: Part) -> list[tuple[Measure, float]]:
    if figures.get("marks", 0) < part.least_marks:
        return []
    return [(m, float(figures[m.figure])) for m in part.measures if figures.get(m.figure) is not None]


def _share(known: Sequence[tuple[Measure, float]]) -> float:
    return sum(m.earned(value) * m.weight for m, value in known) / sum(m.weight for m, _ in known)


def _line(measure: Measure, value: float, points: float) -> str:
    hours = measure.figure.endswith("_worked")
    said = f"{_number(value / 60)} раб. ч" if hours else f"{_number(100 * value)} %"
    return f"{NAMES[measure.figure]} {said} — {_number(measure.earned(value) * points)} из {_number(points)}"


def _number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".").replace(".", ",")


def medians(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> dict[str, float | None]:
    """The middle value of each figure over the bodies that have it; for «как у других», without names."""
    found: dict[str, float | None] = {}
    for name in names:
        values = sorted(float(row[name]) for row in rows if row[name] is not None)
        half = len(values) // 2
        found[name] = None if not values else values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2
    return found
