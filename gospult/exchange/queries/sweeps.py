"""What sweeps have before them, how far they are, and whether a day is enough."""

from datetime import datetime, timedelta
from math import ceil
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from gospult.lib.words import plural
from gospult.networks.registry import NETWORKS
from gospult.registry.models import Page

from ..limits import left, limits
from ..models import Sweep, Task, Token
from .budgets import REASONS, calls_left

PAST = timedelta(days=400)  # thirteen months: a year ago can be compared with
PAGES = ("страница", "страницы", "страниц")
WALL = {"vk": "wall.get"}  # the method with a daily limit that reading one wall calls once


def pages_to_sweep(network: str, goal: str, since: datetime) -> QuerySet[Page]:
    """Living pages that the network can name and that were not asked for since then, the longest ago first.

    Of the past only those are asked for whose wall is read and does not reach back far enough.
    """
    if goal == Sweep.Goal.HISTORY:
        short = Q(wall__read_at__isnull=False, wall__seen_since__gt=timezone.now() - PAST)
        due = Q(wall__deeper_at__isnull=True) | Q(wall__deeper_at__lt=since)
        rows = Page.objects.living().filter(short, due, network=network, external_id__isnull=False)
        return rows.order_by(F("wall__deeper_at").asc(nulls_first=True), "pk")
    mark = "card__tried_at" if goal == Sweep.Goal.CARDS else "wall__tried_at"
    named = Q(external_id__isnull=False) if goal == Sweep.Goal.WALLS else Q(external_id__isnull=False) | ~Q(handle="")
    rows = Page.objects.living().filter(named, Q(**{f"{mark}__isnull": True}) | Q(**{f"{mark}__lt": since}), network=network)
    return rows.order_by(F(mark).asc(nulls_first=True), "pk")


def sweeps() -> list[dict[str, Any]]:
    """The latest sweep of each network and goal: network, goal, goal_name, state, state_name, total, done, unread, percent, fault, why, times."""
    rows = Sweep.objects.order_by("network", "goal", "-started_at").distinct("network", "goal")
    return [
        {
            "sweep": row.pk,
            "network": row.network,
            "goal": row.goal,
            "goal_name": Sweep.Goal(row.goal).label,
            "state": row.state,
            "state_name": Sweep.State(row.state).label,
            "total": row.total,
            "done": min(row.done, row.total),
            "unread": row.unread,
            "percent": 100 if not row.total else min(100, 100 * row.done // row.total),
            "fault": row.fault,
            "why": REASONS.get(row.fault, row.fault),
            "not_before": row.not_before if row.fault else None,
            "started_at": row.started_at,
            "finished_at": row.finished_at,
        }
        for row in rows
    ]


def wall_calls_left(network: str) -> int | None:
    """Calls that sweeps over walls may still make today with all tokens together; None where there is no daily limit."""
    found, method = limits(network), WALL.get(network, "")
    if found is None or method not in found.daily:
        return None
    return sum(calls[method] for calls in calls_left(network, _readers(network), task=Task.SWEEP).values())


def plan_wall_pass(network: str) -> dict[str, Any]:
    """Whether all walls can be read today: pages, calls, tokens, left_today, a_day, fits, days (None: never), text for a person."""
    running = Sweep.objects.filter(network=network, goal=Sweep.Goal.WALLS, state=Sweep.State.RUNNING).first()
    pages = pages_to_sweep(network, Sweep.Goal.WALLS, running.started_at if running else timezone.now()).count()
    prints = _readers(network)
    found, method = limits(network), WALL.get(network, "")
    plan: dict[str, Any] = {"network": network, "pages": pages, "calls": pages, "tokens": len(prints)}
    if not prints:
        return plan | {"left_today": 0, "a_day": 0, "fits": pages == 0, "days": None if pages else 0, "text": _no_token(network, pages)}
    if found is None or method not in found.daily:
        return plan | {"left_today": None, "a_day": None, "fits": True, "days": 1, "text": f"{plural(pages, PAGES)}: дневного предела у сети нет."}
    left_today = wall_calls_left(network) or 0
    a_day = len(prints) * left(found, method, task=Task.SWEEP, own=0, total=0)
    rest = max(0, pages - left_today)
    days = None if rest and not a_day else 1 + ceil(rest / a_day) if rest else 1
    told = {"left_today": left_today, "a_day": a_day, "fits": not rest, "days": days}
    return plan | told | {"text": _told(pages, len(prints), left_today, rest, days)}


def wall_plans() -> list[dict[str, Any]]:
    """The plan of every network whose walls have a daily limit and that has pages."""
    have = set(Page.objects.living().values_list("network", flat=True))
    return [plan_wall_pass(network) for network in WALL if network in have]


def _readers(network: str) -> set[str]:
    """Fingerprints of the installation's tokens that read walls."""
    kind = NETWORKS.get(network)
    rows = Token.objects.filter(network=network, page=None).exclude(problem="auth").values_list("fingerprint", "kind")
    return {name for name, of in rows if kind is not None and "posts" in kind.can(frozenset({of}))}  # type: ignore[arg-type]


def _told(pages: int, tokens: int, left_today: int, rest: int, days: int | None) -> str:
    calls, keys = plural(pages, ("вызов", "вызова", "вызовов")), plural(tokens, ("ключ", "ключа", "ключей"))
    have = f"{plural(pages, PAGES)} — {calls}; сегодня осталось {left_today} на {keys}."
    if not rest:
        return f"{have} Обход успеет за сегодня."
    if days is None:
        return f"{have} Обход не закончится: дневной предел равен нулю."
    end = plural(days, ("день", "дня", "дней"))
    return f"{have} За сегодня обход не успеет: останется {plural(rest, PAGES)}, закончит за {end}. Добавьте ключ, чтобы успевать."


def _no_token(network: str, pages: int) -> str:
    name = NETWORKS[network].name if network in NETWORKS else network
    return f"{plural(pages, PAGES)}, но ключа, который читает стены, для сети «{name}» нет: добавьте его."
