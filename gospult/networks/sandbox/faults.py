"""Faults: planned one by one by a test, or drawn by chance with a seed."""

import random
from typing import Any, Literal, get_args

from gospult.networks.sandbox.world import World

Fault = Literal[
    "too_fast", "internal", "http_500_before", "http_500_after", "dropped_before", "dropped_after", "slow_after", "garbled_after",
    "flood", "quota", "captcha", "strange",
]  # fmt: skip
FAULTS: tuple[Fault, ...] = get_args(Fault)
# Those that chance may bring: the others stop a token for long, and a network says them only to who overdoes it, or they are a reader's nightmare.
CHANCE: tuple[Fault, ...] = FAULTS[: FAULTS.index("flood")]
STRANGE: tuple[Any, ...] = (None, "", "https://[x", [], {}, [[]], [{}], True, -1, 10**30, 1.5)


class Faults:
    """Says before each call which fault, if any, befalls it; counts in the world's `faults`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.reset()

    def reset(self) -> None:
        """Throw the dice anew from the seed."""
        self._dice = random.Random(self.world.settings.seed)

    def plan(self, kind: str, method: str, times: int) -> None:
        """The next `times` calls of the method ("" = any) meet this fault; ValueError for an unknown one."""
        if kind not in FAULTS:
            raise ValueError(f"unknown fault {kind!r}")
        self.world.planned += [{"kind": kind, "method": method}] * times

    def draw(self, method: str) -> Fault | None:
        """The fault of this call."""
        with self.world.lock:
            fault = self._planned(method)
            if fault is None and self._dice.random() < self.world.settings.chaos:
                fault = self._dice.choice(CHANCE)
            if fault:
                self.world.faults[fault] += 1
            return fault

    def strange(self, body: Any) -> Any:
        """The answer with one part of it strange."""
        keys = list(body) if isinstance(body, dict) else range(len(body)) if isinstance(body, list) else ()
        if not keys or self._dice.random() < 0.2:
            return self._dice.choice(STRANGE)
        copy, key = body.copy(), self._dice.choice(keys)
        copy[key] = self.strange(copy[key])
        return copy

    def _planned(self, method: str) -> Any:
        for number, plan in enumerate(self.world.planned):
            if plan["method"] in ("", method):
                return self.world.planned.pop(number)["kind"]
        return None
