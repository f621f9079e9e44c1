"""The desk's part of a report: counted by the very conditions of the rating of bodies."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Aggregate, Count, Q, QuerySet, Sum

from gospult.desk.models import OPEN, Case, Kind
from gospult.desk.queries.rating import Percentiles, conditions, rated

from .scope import Asked

MESSAGES = {"messages": Q(), "processed": ~Q(state__in=OPEN), "answered_messages": Q(first_elapsed__isnull=False)}
RATED = ("cases", "answered", "late")
CUT = ("cases", "answered", "late")
# Figure → what is counted for it.
NEEDS: dict[str, tuple[str, ...]] = {
    **{name: (name,) for name in (*MESSAGES, "thanks", "cases", "answered")}, "on_time": ("cases", "late"), "reaction": ("elapsed",),
    "reaction_worked": ("worked",),
}  # fmt: skip


def behind(asked: Asked, code: str) -> QuerySet[Case]:
    """The cases behind a figure; those of a median are the ones that it is taken from."""
    if code in MESSAGES:
        return asked.opened().filter(MESSAGES[code])
    if code == "thanks":
        return asked.opened().filter(kind=Kind.GRATITUDE)
    if code == "on_time":
        return asked.rated().exclude(conditions()["late"])
    return asked.rated().filter(conditions()["answered" if code.startswith("reaction") else code])


def desk(asked: Asked, codes: Collection[str] = tuple(NEEDS)) -> dict[str, Any]:
    """Values of these codes of the catalogue; where nothing at all came in nothing is known, and a share of nothing is None.

    One statement reads the cases once: those that the rating counts are told apart inside.
    """
    needed = {name for code in codes for name in NEEDS[code]}
    asked_for = {name: made for name, made in _aggregates().items() if name in needed}
    row = asked.opened().order_by().aggregate(opened=Count("pk"), **asked_for)
    return {code: _value(code, row) for code in codes} if row["opened"] else {}


def _aggregates() -> dict[str, Aggregate]:
    asks, counts = conditions(), rated()
    return {
        **{name: Sum("message_count", filter=asked_of) for name, asked_of in MESSAGES.items()},
        **{name: Count("pk", filter=counts & asks[name]) for name in RATED},
        "thanks": Count("pk", filter=Q(kind=Kind.GRATITUDE)),
        "worked": Percentiles("first_worked", filter=counts), "elapsed": Percentiles("first_elapsed", filter=counts),
    }  # fmt: skip


def _value(code: str, row: Mapping[str, Any]) -> Any:
    if code == "on_time":
        return on_time(row)
    return (row[NEEDS[code][0]] or [None])[0] if code.startswith("reaction") else row[code] or 0


def on_time(row: Mapping[str, Any]) -> float | None:
    """Percent of the cases that are not late; None where there are none."""
    return 100 * (1 - row["late"] / row["cases"]) if row["cases"] else None


def cut(asked: Asked, field: str) -> dict[Any, dict[str, Any]]:
    """Counts by a field of the case: «topic__group», «body__territory»."""
    asks = conditions()
    rows = asked.rated().order_by().values(field).annotate(**{name: Count("pk", filter=asks[name]) for name in CUT})
    return {row[field]: row for row in rows}
