"""The ladder: before the term, at its end, and up the chain, in working hours only. Whoever has been told of a rung is not told again."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils import timezone

from gospult.accounts.models import Person, Role
from gospult.alerts.models import Alert
from gospult.lib import regions

from ..models import OPEN, Case
from ..queries import deadlines_for
from ..queries.people import executors, holders, stewards
from .telling import about, tell_all

AHEAD = timedelta(days=5)  # two working hours before a term may be this long ago in days of the calendar
BEHIND = timedelta(days=30)  # who has not heard by then will not hear from the ladder


@dataclass(frozen=True)
class Rung:
    """hours  working hours after the term, negative before it; who: executor, steward, curator, head, operator"""

    code: str
    hours: float
    kind: str
    who: tuple[str, ...]


@lru_cache(maxsize=4)
def ladder(region: str) -> tuple[Rung, ...]:
    """The region's rungs, lowest first; none where the region has set none."""
    path = regions.default_root() / region / "escalation.json"
    if not path.exists():
        return ()
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["rungs"]
    return tuple(sorted((Rung(r["code"], float(r["hours"]), r["kind"], tuple(r["who"])) for r in rows), key=lambda rung: rung.hours))


def escalate(*, now: datetime | None = None) -> int:
    """Everybody whom the ladder has reached is told, once for a rung of a term; returns how many rungs were climbed."""
    now = now or timezone.now()
    due = Case.objects.filter(state__in=OPEN, next_due_at__lt=now + AHEAD, next_due_at__gt=now - BEHIND)
    rows = list(due.select_related("body__territory", "page", "topic", "territory").order_by("next_due_at"))
    reached = [(case, rung) for case in rows for rung in _reached(case, now)]
    keys = {_key(case, rung) for case, rung in reached}
    told = set(Alert.objects.filter(key__in=keys).values_list("key", flat=True).distinct())
    fresh = [(case, rung) for case, rung in reached if _key(case, rung) not in told]
    for case, rung in fresh:
        tell_all(_people(case, rung), key=_key(case, rung), kind=rung.kind, text=_text(case, rung), case=case)
    return len(fresh)


def _key(case: Case, rung: Rung) -> str:
    return f"{rung.code}/{case.pk}/{case.next_due_at:%y%m%d%H%M}"


def _reached(case: Case, now: datetime) -> list[Rung]:
    """The rungs whose moment has come, while somebody works; after the term those before it say nothing new."""
    if case.next_due_at is None:
        return []
    calendar = deadlines_for(case)[1]
    if not calendar.worked(now - timedelta(minutes=1), now):
        return []
    over = now >= case.next_due_at
    rungs = [rung for rung in ladder(settings.REGION) if rung.hours >= 0 or not over]
    return [rung for rung in rungs if calendar.add(case.next_due_at, timedelta(hours=rung.hours)) <= now]


def _people(case: Case, rung: Rung) -> list[Person]:
    found: list[Person] = []
    for who in rung.who:
        if who == "executor":
            found += executors(case.body)
        elif who == "steward":
            found += stewards(case.page)
        elif who == "operator" or case.body:
            found += holders(Role(who), case.body if who != "operator" else None)
    return found


def _text(case: Case, rung: Rung) -> str:
    if rung.hours < 0:
        return f"Скоро срок: {about(case)}."
    return f"Срок прошёл: {about(case)}." + (f" Отвечает {case.body}." if case.body else " Орган не выбран.")
