"""Cards of all pages and a pass over their walls against the sandbox with its limits on, and what keeping the quotas costs a call."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any

from django.conf import settings
from django.db import connection

from gospult.exchange import actions, queries
from gospult.exchange.models import Card, Pace, Spending, Sweep, Task, Token
from gospult.exchange.testing import make_pacer
from gospult.lib.processes import stop
from gospult.networks.testing import SandboxClient
from gospult.registry.models import Page

from .country import COMMUNITY, FIRST, SERVICE, USERS
from .figures import database_mb, machine, peak_mb, say, spread, timed

REGION, COUNTRY = 6_885, 175_000
TARGET_S = {REGION: 10.0, COUNTRY: 60.0}
TARGET_CALLS = {REGION: 14, COUNTRY: 350}
CALLS, WORKERS = 2_000, 4
FAST = {"vk.service": 1_000_000.0, "vk.wall.get/day": 1_000_000.0}  # the cost of asking is measured, not the waiting
MOST_SECONDS = 600.0  # of the pass over the walls


def run() -> dict[str, Any]:
    """Calls and seconds of a region's and a country's cards, milliseconds of the pacer, the plan of the walls and the pass itself."""
    with _country(COUNTRY) as sandbox:
        _keep("community", COMMUNITY)
        cards = {f"cards_{REGION}": _cards(sandbox, REGION)}
        walls: dict[str, Any] = {"plan": _plans(), "pass": _walls(sandbox)}
        cards[f"cards_{COUNTRY}"] = _cards(sandbox, COUNTRY)
    found = {"machine": machine(), **cards, "pacer": _pacer(), "walls": walls, "peak_mb": peak_mb(), "database_mb": database_mb()}
    return found | {"enough": all(figures["enough"] for figures in (*cards.values(), walls["pass"]))}


@contextlib.contextmanager
def _country(number: int) -> Iterator[SandboxClient]:
    process = subprocess.Popen([sys.executable, "-m", "gospult.bench.country", str(number)], stdout=subprocess.PIPE)
    try:
        address = process.stdout.readline().decode().strip() if process.stdout else ""
        before, settings.NETWORKS = settings.NETWORKS, {"vk": {"base_url": f"{address}/vk/method/", "ca_file": ""}}
        yield SandboxClient(address)
        settings.NETWORKS = before
    finally:
        stop(process)


def _keep(kind: str, token: str) -> Token:
    return actions.keep_token(network="vk", page=None, kind=kind, token=token, label=token, by=None)


def _cards(sandbox: SandboxClient, number: int) -> dict[str, Any]:
    """A refreshment of so many cards: `requests` is what went over the wire."""
    have = Page.objects.count()
    rows = [Page(network="vk", external_id=str(FIRST + n), name=f"Школа № {n}", sort_name=f"школа {n}") for n in range(have, number)]
    Page.objects.bulk_create(rows, batch_size=5_000)
    before = sandbox.state()["calls"]
    seconds, row = timed(lambda: actions.refresh_cards("vk"))
    calls = _since(before, sandbox.state()["calls"])
    say(f"Карточки: {number} за {seconds:.1f} с, {calls}")
    read = Card.objects.filter(read_at__gte=row.started_at).count()
    enough = seconds <= TARGET_S[number] and calls.get("groups.getById", 0) <= TARGET_CALLS[number] and read == number
    return {
        "pages": number,
        "read": read,
        "state": row.state,
        "seconds": round(seconds, 2),
        "target_s": TARGET_S[number],
        "calls": calls,
        "enough": enough,
    }


def _since(before: dict[str, int], now: dict[str, int]) -> dict[str, int]:
    return {name: calls - before.get(name, 0) for name, calls in now.items() if calls > before.get(name, 0)}


def _plans() -> list[dict[str, Any]]:
    """What the planner says with one token and with two."""
    plans = []
    for token in USERS:
        _keep("user", token)
        plan = queries.plan_wall_pass("vk")
        say(f"Стены: {plan['text']}")
        plans.append(plan)
    return plans


def _walls(sandbox: SandboxClient) -> dict[str, Any]:
    """The pass over a region's walls with two tokens; the sandbox refuses whoever goes over its limits."""
    before = sandbox.state()["calls"]
    began = perf_counter()
    row = actions.start_sweep(network="vk", goal=Sweep.Goal.WALLS, by=None)
    while row.state == Sweep.State.RUNNING and perf_counter() - began < MOST_SECONDS:
        if not actions.sweep_due():
            break  # the network wants a pause: the day is not enough
        row.refresh_from_db()
    calls = _since(before, sandbox.state()["calls"])
    seconds = perf_counter() - began
    say(f"Стены: {row.done} за {seconds:.0f} с, {calls}")
    spent = sorted(Spending.objects.filter(method="wall.get").values_list("sweep", flat=True))
    refusals = Pace.objects.filter(strikes__gt=0).count()
    return {
        "pages": row.total, "done": row.done, "unread": row.unread, "state": row.state, "seconds": round(seconds, 1), "calls": calls,
        "calls_per_token": spent, "refusals": refusals, "enough": row.state == Sweep.State.DONE and not row.unread and not refusals,
    }  # fmt: skip


def _pacer() -> dict[str, Any]:
    """Milliseconds that a call waits for the database's word, alone and when four workers share one token."""
    before, settings.LIMITS = settings.LIMITS, FAST
    try:
        alone = _asked(CALLS)
        with ThreadPoolExecutor(WORKERS) as pool:
            began = perf_counter()
            together = [seconds for found in pool.map(lambda _: _asked(CALLS // WORKERS, close=True), range(WORKERS)) for seconds in found]
            rate = len(together) / (perf_counter() - began)
    finally:
        settings.LIMITS = before
    say(f"Квоты: {spread(alone)} одному, {rate:.0f} вызовов/с вместе")
    return {"calls": CALLS, "alone": spread(alone), "workers": WORKERS, "together": spread(together), "together_rate": round(rate)}


def _asked(calls: int, *, close: bool = False) -> list[float]:
    pacer = make_pacer("vk", SERVICE, task=Task.SWEEP)
    pacer.before("service", "wall.get")
    seconds = [timed(lambda: pacer.before("service", "wall.get"))[0] for _ in range(calls)]
    if close:  # the thread ends, and its connection with it
        connection.close()
    return seconds
