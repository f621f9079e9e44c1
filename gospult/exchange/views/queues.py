"""The queues to the networks: who waits and why, what is left of the day, and how the sweeps go."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from gospult.lib.errors import Refused
from gospult.networks.registry import NETWORKS

from .. import actions, queries
from ..models import Sweep
from ..queries.queues import queue_counts, token_budgets
from .access import Request, connecting


@require_safe
@connecting
def queues(request: Request) -> HttpResponse:
    context = {
        "tab": "queues", "networks": queue_counts(), "waiting": queries.waiting()[:100], "budgets": token_budgets(),
        "troubled": queries.troubled_tokens()[:100], "sweeps": [_named(row) for row in queries.sweeps()], "plans": queries.wall_plans(),
    }  # fmt: skip
    return render(request, "exchange/queues.html", context)


def _named(row: dict[str, Any]) -> dict[str, Any]:
    network = NETWORKS.get(row["network"])
    return row | {"name": network.name if network else row["network"]}


@require_POST
@connecting
def stop(request: Request, pk: int) -> HttpResponse:
    return _done(request, pk, actions.stop_sweep, "Обход остановится после порции, которую читает. Прочитанное сохранено.")


@require_POST
@connecting
def resume(request: Request, pk: int) -> HttpResponse:
    return _done(request, pk, actions.resume_sweep, "Обход продолжится с того места, где остановился.")


def _done(request: Request, pk: int, act: Callable[..., None], words: str) -> HttpResponse:
    sweep = get_object_or_404(Sweep, pk=pk)
    try:
        act(sweep=sweep, by=request.user)
        messages.success(request, words)
    except Refused as no:
        messages.error(request, str(no))
    return redirect("exchange:queues")
