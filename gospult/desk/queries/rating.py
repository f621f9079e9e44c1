"""The rating of bodies: one query for the screen, XLSX and JSON, counted by the database; every figure opens its rows."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db.models import Aggregate, Avg, Count, FloatField, Q, QuerySet
from django.utils import timezone

from gospult.lib import regions
from gospult.registry.models import Body
from gospult.registry.models.access import EVERYTHING, User
from gospult.registry.queries import scope_q

from ..models import BY_LOT, OPEN, READS, SCORED, WITHOUT_CLOCK, Case, Inspection, Mark
from ..rating import Method, medians, points, score
from .quality import least_reviewed

PEERS = 5  # fewer bodies than these would not be anonymous
COUNTED = ("late", "postponed", "moved", "broken", "repeated", "reopened", "returned")
SHOWN = ("points", "median_worked", "p90_worked", *(f"{name}_share" for name in COUNTED), "mark", "good_share", "quality")


UNJUDGED: dict[str, Any] = {"inspected": 0, "quality": None}


class Percentiles(Aggregate):
    """The median and the 90th percentile in one sort."""

    function = "percentile_cont"
    template = "percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = ArrayField(FloatField())


@dataclass(frozen=True, slots=True)
class Asked:
    """A rating of the cases that came in from the first day to the last, of a body and all below it (None: of everything)."""

    since: date
    until: date
    branch: int | None = None

    @property
    def days(self) -> int:
        """How many days, both ends counted."""
        return (self.until - self.since).days + 1


def conditions() -> dict[str, Q]:
    """What each figure asks of a case; the lists behind the figures ask the same."""
    now = timezone.now()
    return {
        "cases": Q(),
        "answered": Q(first_elapsed__isnull=False),
        "late": Q(late=True) | Q(state__in=OPEN, next_due_at__lt=now),
        "postponed": Q(promises__gt=0),
        "moved": Q(promises__gt=1),
        "broken": Q(broken__gt=0) | Q(promised_date__lt=timezone.localdate()),
        "repeated": Q(repeated=True),
        "reopened": Q(reopened__gt=0),
        "returned": Q(returned__gt=0),
        "marks": Q(marks__value__isnull=False),
        "good": Q(marks__value__gte=4),
        "inspected": Q(inspections__state__in=SCORED, inspections__why__in=BY_LOT),
    }


def opened_cases(asked: Asked) -> QuerySet[Case]:
    """Everything that came in on these days, thanks and spam too; what went into another case counts there."""
    start, end = (timezone.make_aware(datetime.combine(day, time.min)) for day in (asked.since, asked.until + timedelta(days=1)))
    return Case.objects.filter(opened_at__gte=start, opened_at__lt=end).exclude(state=Case.State.MERGED)


def rated() -> Q:
    """What a rating asks of a case that was opened: a problem or question of a body, neither thanks nor spam."""
    return Q(body__isnull=False) & ~Q(kind__in=WITHOUT_CLOCK)


def rated_cases(asked: Asked) -> QuerySet[Case]:
    """The cases that a rating counts; what went into another case counts there."""
    return opened_cases(asked).filter(rated())


def rows_behind(user: User, asked: Asked, figure: str, body: int) -> QuerySet[Case]:
    """The cases behind a figure of a body, as far as the person may see them; newest first."""
    rows = rated_cases(asked).filter(conditions()[figure], body=body, body__in=bodies_of(user, asked))
    return rows.filter(pk__in=Case.objects.in_scope_of(user)).distinct().select_related("topic", "body", "territory").order_by("-opened_at", "-pk")


def bodies_of(user: User, asked: Asked) -> QuerySet[Body]:
    """The bodies whose figures the person may see, inside the branch that was asked for. A page's steward is no body."""
    bodies = Body.objects.filter(scope_q(user, body_field="", page_field=None, roles=READS))
    if asked.branch:
        branch = Body.objects.filter(pk=asked.branch).first()
        bodies = bodies.under(branch) if branch else bodies.none()
    return bodies


def sees_all(user: User) -> bool:
    """Whether the person reads the whole region."""
    return scope_q(user, body_field="", page_field=None, roles=READS) == EVERYTHING


def rating(user: User, asked: Asked) -> dict[str, Any]:
    """{"method", "least", "rated", "unrated", "peers", "peers_count", "cases", "answered", "least_reviewed"}: rows are dicts, best first."""
    method = method_of(asked.until)
    whole = sees_all(user) and not asked.branch
    rows = _rows(asked, None if whole else bodies_of(user, asked), method)
    least = method.least(asked.days)
    rated = [row for row in rows if row["cases"] >= least]
    others = rated if whole else [row for row in _rows(Asked(asked.since, asked.until), None, method) if row["cases"] >= least]
    return {
        "method": method,
        "least": least,
        "rated": sorted(rated, key=lambda row: (-(row["points"] or 0), row["name"])),
        "unrated": sorted((row for row in rows if row["cases"] < least), key=lambda row: row["name"]),
        "peers": medians(others, SHOWN) if len(others) >= PEERS else None,
        "peers_count": len(others),
        "cases": sum(row["cases"] for row in rows),
        "answered": sum(row["answered"] for row in rows),
        "least_reviewed": least_reviewed(),
    }


def _rows(asked: Asked, bodies: QuerySet[Body] | None, method: Method) -> list[dict[str, Any]]:
    cases, marks = rated_cases(asked), Mark.objects.filter(value__isnull=False, case__in=rated_cases(asked))
    if bodies is not None:
        cases, marks = cases.filter(body__in=bodies), marks.filter(case__body__in=bodies)
    known = conditions()
    counts = {name: Count("pk", filter=known[name]) for name in ("answered", *COUNTED)}
    figures = cases.order_by().values("body").annotate(
        cases=Count("pk"), worked=Percentiles("first_worked"), elapsed=Percentiles("first_elapsed"), **counts
    )  # fmt: skip
    voices = marks.order_by().values("case__body").annotate(n=Count("pk"), mean=Avg("value"), good=Count("pk", filter=Q(value__gte=4)))
    heard = {row["case__body"]: row for row in voices}
    judged = _judged(cases)
    found = list(figures)
    names = _names(row["body"] for row in found)
    return [_row(row, heard.get(row["body"]), names[row["body"]], method) | judged.get(row["body"], UNJUDGED) for row in found]


def _judged(cases: QuerySet[Case]) -> dict[int, dict[str, Any]]:
    """Answers of these cases reviewed by lot and their mean score, by body; no score where they are too few. Shown, not in the points."""
    rows = Inspection.objects.filter(state__in=SCORED, why__in=BY_LOT, case__in=cases).order_by().values("case__body")
    least = max(1, least_reviewed())
    counted = rows.annotate(n=Count("pk"), mean=Avg("score"))
    return {row["case__body"]: {"inspected": row["n"], "quality": float(row["mean"]) if row["n"] >= least else None} for row in counted}


def _names(bodies: Iterable[int]) -> dict[int, str]:
    return {pk: short or name for pk, short, name in Body.objects.filter(pk__in=list(bodies)).values_list("pk", "short_name", "name")}


def _row(row: Mapping[str, Any], voice: Mapping[str, Any] | None, name: str, method: Method) -> dict[str, Any]:
    """The figures of a body: minutes, counts, shares from 0 to 1, the score."""
    (median, p90), (median_elapsed, p90_elapsed) = row["worked"] or (None, None), row["elapsed"] or (None, None)
    made: dict[str, Any] = {
        "body": row["body"], "name": name, "cases": row["cases"], "answered": row["answered"], "median_worked": median, "p90_worked": p90,
        "median_elapsed": median_elapsed, "p90_elapsed": p90_elapsed, "marks": voice["n"] if voice else 0,
        "mark": float(voice["mean"]) if voice else None, "good_share": voice["good"] / voice["n"] if voice else None,
    }  # fmt: skip
    for figure in COUNTED:
        made |= {figure: row[figure], f"{figure}_share": row[figure] / row["cases"]}
    return made | {"in_time_share": 1 - made["late_share"], "points": points(made, method)}


def explained(rows: Iterable[dict[str, Any]], method: Method) -> list[dict[str, Any]]:
    """The rows with the lines of their scores: only for those that are shown."""
    return [row | {"lines": list(score(row, method).lines)} for row in rows]


def method_of(day: date) -> Method:
    """The method in force on a day: the latest begun; before the first one, the first."""
    methods = _methods(settings.REGION)
    return next((m for m in reversed(methods) if m.from_date <= day), methods[0])


@lru_cache(maxsize=4)
def _methods(region: str) -> tuple[Method, ...]:
    files = sorted((regions.default_root() / region / "ratings").glob("*.json"))
    return tuple(sorted((Method.from_json(json.loads(f.read_text(encoding="utf-8"))) for f in files), key=lambda m: m.from_date))
