"""Replies on their way to each network and what the installation's tokens may still ask today, for the screen «Очереди к сетям»."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Min, Q
from django.utils import timezone

from gospult.networks.registry import NETWORKS

from ..limits import limits
from ..models import Outgoing, Task, Token
from .budgets import calls_left

State = Outgoing.State
HANGS = timedelta(seconds=15)  # a call that takes longer will hardly be answered


def queue_counts() -> list[dict[str, Any]]:
    """For each network: replies that leave now, wait for their hour, have an unknown outcome, need a person; since when the oldest waits.

    `silent`: replies that the network has left without an answer, for the time being.
    """
    now = timezone.now()
    hanging = Q(state=State.CLAIMED, claimed_at__lt=now - HANGS)
    unanswered = Q(state__in=[State.READY, State.UNKNOWN], needs_person=False, fault__in=["down", "timeout"])
    open_ones = Outgoing.objects.filter(Q(state__in=[State.READY, State.CLAIMED, State.UNKNOWN]) | Q(needs_person=True))
    counted = open_ones.values("page__network").annotate(
        now=Count("pk", filter=Q(state=State.READY, not_before__lte=now) | Q(state=State.CLAIMED)),
        later=Count("pk", filter=Q(state=State.READY, not_before__gt=now)),
        unknown=Count("pk", filter=Q(state=State.UNKNOWN, needs_person=False)),
        person=Count("pk", filter=Q(needs_person=True)),
        silent=Count("pk", filter=hanging | unanswered),
        since=Min("created_at"),
    )
    known = {row["page__network"]: row for row in counted.order_by()}
    empty = {"now": 0, "later": 0, "unknown": 0, "person": 0, "silent": 0, "since": None}
    return [{"network": code, "name": kind.name, **empty, **known.get(code, {})} for code, kind in NETWORKS.items()]


def token_budgets() -> list[dict[str, Any]]:
    """Calls that the installation's own tokens may still make today, by method with a daily limit: the fewest first."""
    rows = []
    for code, kind in NETWORKS.items():
        found = limits(code)
        tokens = list(Token.objects.filter(network=code, page=None).exclude(fingerprint=""))
        left = calls_left(code, [token.fingerprint for token in tokens], task=Task.SWEEP)
        for token in tokens:
            for method, calls in left[token.fingerprint].items():
                most = found.daily[method] if found else 0
                rows.append({"name": kind.name, "kind": token.kind, "label": token.label, "method": method, "left": calls, "most": most})
    return sorted(rows, key=lambda row: row["left"])
