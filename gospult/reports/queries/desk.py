"""The desk's part of a report: counted by the very conditions of the rating of bodies."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from gospult.desk.models import OPEN, Case, Kind
from gospult.desk.queries.rating import Percentiles, conditions

from .scope import Asked

MESSAGES = {"messages": Q(), "processed": ~Q(state__in=OPEN), "answered_messages": Q(first_elapsed__isnull=False)}
RATED = ("cases", "answered", "late")
CUT = ("cases", "answered", "late")


def behind(asked: Asked, code: str) -> QuerySet[Case]:
    """The cases behind a figure; those of a median are the ones that it is taken from."""
    if code in MESSAGES:
        return asked.opened().filter(MESSAGES[code])
    if code == "thanks":
        return asked.opened().filter(kind=Kind.GRATITUDE)
    if code == "on_time":
        return asked.rated().exclude(conditions()["late"])
    return asked.rated().filter(conditions()["answered" if code.startswith("reaction") else code])


def desk(asked: Asked) -> dict[str, Any]:
    """Values by the codes of the catalogue; where nothing at all came in nothing is known, and a share of nothing is None."""
    asks = conditions()
    sums = {name: Sum("message_count", filter=asked_of) for name, asked_of in MESSAGES.items()}
    opened = asked.opened().order_by().aggregate(**sums, thanks=Count("pk", filter=Q(kind=Kind.GRATITUDE)), n=Count("pk"))
    if not opened["n"]:
        return {}
    rated = asked.rated().order_by().aggregate(
        **{name: Count("pk", filter=asks[name]) for name in RATED}, worked=Percentiles("first_worked"), elapsed=Percentiles("first_elapsed")
    )  # fmt: skip
    values = {name: opened[name] or 0 for name in (*MESSAGES, "thanks")}
    values |= {"cases": rated["cases"], "answered": rated["answered"], "on_time": on_time(rated)}
    return values | {"reaction": (rated["elapsed"] or [None])[0], "reaction_worked": (rated["worked"] or [None])[0]}


def on_time(row: Mapping[str, Any]) -> float | None:
    """Percent of the cases that are not late; None where there are none."""
    return 100 * (1 - row["late"] / row["cases"]) if row["cases"] else None


def cut(asked: Asked, field: str) -> dict[Any, dict[str, Any]]:
    """Counts by a field of the case: «topic__group», «body__territory»."""
    asks = conditions()
    rows = asked.rated().order_by().values(field).annotate(**{name: Count("pk", filter=asks[name]) for name in CUT})
    return {row[field]: row for row in rows}
