"""How long the rating of bodies takes: a month, a quarter and half a year of 100,000 cases, for the region and for one body."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from gospult.accounts.models import Role
from gospult.desk.models import Case
from gospult.desk.queries.rating import Asked, rating
from gospult.registry.models import Body
from gospult.registry.testing import make_person

from .crowd import busiest_page, fill
from .figures import database_mb, machine, peak_mb, say, spread, timed

ROUNDS = 7
TARGET_MS = 300.0
PERIODS = {"month": 30, "quarter": 91, "half a year": 182}


def run() -> dict[str, Any]:
    """p50, p95, p99 in milliseconds of each period for an operator and for an executor; `p95_ms` is that of the slowest."""
    seconds, _ = timed(fill)
    body = busiest_page().bodies.first()
    people = {"operator": make_person(username="operator", role=Role.OPERATOR)}
    people["executor"] = make_person(username="executor", role=Role.EXECUTOR, body=body)
    today, found = timezone.localdate(), {}
    for role, person in people.items():
        for name, days in PERIODS.items():
            asked = Asked(today - timedelta(days=days), today)
            rating(person, asked)  # warms the caches
            found[f"{role}: {name}"] = spread(timed(_made(person, asked))[0] for _ in range(ROUNDS))
            say(f"Рейтинг: {role}, {name}, p95 {found[f'{role}: {name}']['p95_ms']} мс")
    p95 = max(float(one["p95_ms"]) for one in found.values())
    return {
        "machine": machine(), "size": {"cases": Case.objects.count(), "bodies": Body.objects.count(), "rounds": ROUNDS}, "p95_ms": p95,
        "target_ms": TARGET_MS, "enough": p95 <= TARGET_MS, "periods": found, "fill_s": round(seconds, 1), "peak_mb": peak_mb(),
        "database_mb": database_mb(),
    }  # fmt: skip


def _made(person: Any, asked: Asked) -> Callable[[], object]:
    return lambda: rating(person, asked)
