"""The pacer of a page's connector: it waits for the place that `booking` gives, or says when there will be one."""

import random
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from gospult.networks.base import NetworkError, TokenKind
from gospult.networks.registry import NETWORKS

from . import booking, vault
from .limits import Limits, Rate, limits
from .models import Task, Waiting

# Seconds that a call waits here for its place; after that it is told when to come again.
PATIENCE = {Task.REPLY: 5.0, Task.POLL: 5.0, Task.SWEEP: 10.0}
# How far ahead a place may be booked (s): so the queue before an answer is never longer than half a second of the others' calls.
AHEAD = {Task.REPLY: 5.0, Task.POLL: 0.5, Task.SWEEP: 0.5}
# Calls of one token that one reading of a page may make: a page with endless threads must not stand before the others.
TURN = {Task.POLL: 120}
TOO_FAST, FLOOD = 1.0, 60.0  # seconds, where the network does not say how long
GROWTH = 2.0  # of the pause with each flood refusal in a row
MADE: Counter[str] = Counter()  # network → calls of this process
WORTH_TELLING = 1.0  # seconds: shorter waits are no news for a screen
NOTICED = 0.05  # seconds: a block may have come while we waited for longer than that


@dataclass(frozen=True)
class Holder:
    """A token without the token: its fingerprint and the name that people gave it."""

    fingerprint: str
    label: str = ""


class TokenPacer:
    """Keeps the tokens of one connector within their quotas; see `gospult.networks.base.Pacer`. The counts are rows, shared by all."""

    def __init__(self, network: str, holders: Mapping[TokenKind, Holder], *, page: int | None, task: Task) -> None:
        self._network, self._page, self._task = network, page, Task(task)
        self._holders = holders
        self._limits = limits(network)
        self._taken: dict[str, int] = {}  # token kind → calls in this turn
        self._served: set[str] = set()  # token kinds of which nobody reads that we wait

    def before(self, kind: TokenKind, method: str, *, peer: str = "", inside: Mapping[str, int] | None = None) -> None:
        """Wait for the call's turn, or raise NetworkError with `retry_after`."""
        MADE[self._network] += 1
        if self._limits is None or kind not in self._holders:
            return
        self._take_turn(kind, method, max(1, sum((inside or {}).values())))
        ask = self._ask(self._limits, kind, method, peer, inside or {})
        end = time.monotonic() + PATIENCE[self._task]
        while True:
            wait = self._wait(ask, kind, method, end - time.monotonic())
            time.sleep(wait)
            if wait < NOTICED or not booking.blocked_for(ask):
                break
        self._tell_served(kind)

    def refused(self, kind: TokenKind, method: str, error: NetworkError, *, peer: str = "") -> None:
        """The network said that it was too much: 429 and 6 stop the token; a flood its method, longer each time; a quota too, or until midnight."""
        if self._limits is None or kind not in self._holders:
            return
        name, found = self._holders[kind].fingerprint, self._limits
        if error.fault == "quota" and error.retry_after is None:
            booking.close(name, method, found.day())
        elif error.fault in ("flood", "quota"):
            booking.block(name, _of_method(method), seconds=error.retry_after or FLOOD, reason=error.fault, growth=GROWTH)
        else:
            booking.block(name, "", seconds=error.retry_after or TOO_FAST, reason=error.fault)

    def _ask(self, found: Limits, kind: TokenKind, method: str, peer: str, inside: Mapping[str, int]) -> booking.Ask:
        carried = dict(inside) or {method: 1}
        return booking.Ask(
            fingerprint=self._holders[kind].fingerprint,
            task=self._task.value,
            buckets=_buckets(found, kind, peer),
            watched=["", *(_of_method(name) for name in {method, *carried})],
            methods=[method, *carried],
            day=found.day(),
            daily={name: calls for name, calls in carried.items() if name in found.daily},
            ahead=AHEAD[self._task],
            limits=found,
        )

    def _wait(self, ask: booking.Ask, kind: TokenKind, method: str, patience: float) -> float:
        """Seconds until the place that was taken; tries again while the network is only busy and our patience lasts."""
        end = time.monotonic() + patience
        while True:
            found = booking.book(ask)
            if not isinstance(found, booking.Refusal):
                if found >= WORTH_TELLING:
                    self._tell_waiting(kind, method, "too_fast", found)
                return found
            pause = found.seconds + random.uniform(0.01, 0.05)  # so that those who wait do not all come at once
            if time.monotonic() + pause > end:
                self._tell_waiting(kind, method, found.fault, found.seconds)
                raise self._error(method, found)
            time.sleep(pause)

    def _take_turn(self, kind: TokenKind, method: str, calls: int) -> None:
        taken = self._taken.get(kind, 0) + calls
        if taken > TURN.get(self._task, taken):
            raise NetworkError(f"{self._name}: очередь за другими страницами", fault="too_fast", retry_after=TOO_FAST)
        self._taken[kind] = taken

    def _error(self, method: str, found: booking.Refusal) -> NetworkError:
        text = "дневная квота ключа израсходована" if found.fault == "quota" else "ключу пока нельзя обращаться к сети"
        return NetworkError(f"{self._name}: {text} ({method})", fault=found.fault, retry_after=max(0.1, found.seconds))

    @property
    def _name(self) -> str:
        return NETWORKS[self._network].name if self._network in NETWORKS else self._network

    def _tell_waiting(self, kind: TokenKind, method: str, reason: str, seconds: float) -> None:
        if connection.in_atomic_block:  # a row about a page that nobody else sees yet cannot be kept apart from its transaction
            return
        self._served.discard(kind)
        now = timezone.now()
        row = Waiting(
            network=self._network, page_id=self._page, task=self._task, kind=kind, label=self._holders[kind].label, method=method[:60],
            reason=reason[:16], since=now, until=now + timedelta(seconds=seconds),
        )  # fmt: skip
        key, changed = ["network", "page", "task", "kind"], ["label", "method", "reason", "until"]
        Waiting.objects.bulk_create([row], update_conflicts=True, unique_fields=key, update_fields=changed)

    def _tell_served(self, kind: TokenKind) -> None:
        if kind in self._served or connection.in_atomic_block:
            return
        self._served.add(kind)
        Waiting.objects.filter(network=self._network, page=self._page, task=self._task, kind=kind).delete()


def _of_method(method: str) -> str:
    return f"method:{method}"[:80]


def _buckets(found: Limits, kind: str, peer: str) -> dict[str, Rate]:
    """The buckets that a call takes a place in; Telegram's chats of many people have ids below zero."""
    buckets: dict[str, Rate] = {}
    if peer and found.peer:
        buckets[_of_peer(peer)] = found.peer
    if peer and found.group and peer.startswith("-"):
        buckets[_of_peer(peer) + ":group"] = found.group
    if (rate := found.rate(kind)) is not None:
        buckets[""] = rate
    return buckets


def _of_peer(peer: str) -> str:
    return f"peer:{vault.fingerprint(peer)}"
