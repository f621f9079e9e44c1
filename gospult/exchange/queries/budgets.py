"""What the tokens have left, and who waits for them."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from ..limits import left, limits
from ..models import Pace, Spending, Task, Token, Waiting
from ..pacing import MADE


def roomiest(network: str, rows: Iterable[Token], *, task: Task) -> dict[str, Token]:
    """Of each kind the token with most left: not refused by the network, not blocked, the fewest calls made today."""
    kinds: dict[str, list[Token]] = {}
    for row in rows:
        kinds.setdefault(row.kind, []).append(row)
    several = [row for same in kinds.values() if len(same) > 1 for row in same]
    worth = _worth(network, several, task) if several else {}
    return {kind: max(same, key=lambda row: (worth.get(row.pk, ()), -row.pk)) for kind, same in kinds.items()}


def _worth(network: str, rows: Iterable[Token], task: Task) -> dict[int, tuple[Any, ...]]:
    """What speaks for a token, the most important first."""
    prints = [row.fingerprint for row in rows]
    now = timezone.now()
    busy = {pace.fingerprint: pace for pace in Pace.objects.filter(fingerprint__in=prints, bucket="")}
    calls = calls_left(network, prints, task=task)
    found = {}
    for row in rows:
        pace = busy.get(row.fingerprint)
        free = pace is None or pace.blocked_until is None or pace.blocked_until <= now
        most = min(calls[row.fingerprint].values(), default=0)
        found[row.pk] = (not row.problem, most > 0, free, most, -pace.free_at.timestamp() if pace else 0.0)
    return found


def calls_left(network: str, fingerprints: Iterable[str], *, task: Task) -> dict[str, dict[str, int]]:
    """Fingerprint → method with a daily limit → calls that the task may still make today."""
    found = limits(network)
    if found is None:
        return {name: {} for name in fingerprints}
    rows = {(row.fingerprint, row.method): row for row in Spending.objects.filter(fingerprint__in=fingerprints, day=found.day())}

    def remaining(name: str, method: str) -> int:
        row = rows.get((name, method))
        if row is None:
            return left(found, method, task=task, own=0, total=0)
        return 0 if row.closed else left(found, method, task=task, own=getattr(row, task), total=row.reply + row.poll + row.sweep)

    return {name: {method: remaining(name, method) for method in found.daily} for name in fingerprints}


REASONS = {
    "too_fast": "ключ занят: сеть разрешает столько-то вызовов в секунду",
    "flood": "сеть сочла вызовы слишком частыми и просит подождать",
    "quota": "дневная квота ключа израсходована",
}


def waiting() -> list[dict[str, Any]]:
    """Who waits for a place and why, the longest first: page, page_name, network, task, token, method, reason, why, since, until."""
    rows = Waiting.objects.select_related("page").order_by("since")
    return [
        {
            "page": row.page_id,
            "page_name": row.page.name if row.page else "",
            "network": row.network,
            "task": row.task,
            "task_name": Task(row.task).label,
            "token": f"{row.kind} {row.label}".strip(),
            "method": row.method,
            "reason": row.reason,
            "why": REASONS.get(row.reason, row.reason),
            "since": row.since,
            "until": row.until,
        }
        for row in rows
    ]


def calls_made(network: str = "") -> int:
    """Calls to a network, or to all, that this process has begun."""
    return MADE[network] if network else MADE.total()
