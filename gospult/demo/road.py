"""One run down the road: residents speak, staff works, processes die on the way, and at its end both sides are compared."""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection
from django.test import override_settings

from .counting import Verdict
from .crowd import Crowd
from .evidence import compare, unfinished, unheard
from .person import look
from .residents import Line
from .staff import Staff
from .stage import Stage
from .wall import keys, open_pages, subscribe_pages

T = TypeVar("T")
BURST = 12  # lines said in one turn of the loop
CALM = 2  # so many times in a row nothing may be left to do


def say(text: str) -> None:
    """A word for a person, on stderr."""
    print(text, file=sys.stderr, flush=True)


@dataclass
class Progress:
    """How far a run is; `share` goes from 0 to 1 with the replies that the sandbox has published."""

    stage: Stage
    said: int = 0
    published: int = 0
    expected: int = 1
    left: dict[str, int] = field(default_factory=dict)

    @property
    def share(self) -> float:
        return min(1.0, self.published / self.expected)


Harm = Callable[[Progress], None]


def travel(stage: Stage, lines: Sequence[Line], *, harm: Harm, seconds: float, seed: int = 1) -> tuple[dict[str, int], Verdict]:
    """Lead the lines down the road; gives the counts and the faults found. What is unfinished after `seconds` shows in them."""
    open_pages(stage.sandbox)
    stage.ready()
    subscribe_pages(stage.sandbox, stage.url)
    stage.go_wrong()
    crowd, progress = Crowd(stage.sandbox, lines, seed=seed), Progress(stage, expected=int(len(lines) * 0.75))
    # Nobody presses «Отменить» here, so an answer leaves at once.
    with override_settings(UNDO_SECONDS=0):
        _until_done(stage, crowd, progress, harm, time.monotonic() + seconds, seed)
    return _patiently(lambda: compare(stage.sandbox, keys()))


def _until_done(stage: Stage, crowd: Crowd, progress: Progress, harm: Harm, deadline: float, seed: int) -> None:
    staff, calm, last, known_as = _patiently(lambda: Staff(seed=seed)), 0, 0.0, _patiently(keys)
    while calm < CALM and time.monotonic() < deadline:
        crowd.step(BURST)
        done = _once_more(staff.step)
        harm(progress)
        stage.tend(say)
        if time.monotonic() - last < 0.5 and done:
            continue
        last = time.monotonic()
        _once_more(lambda: look(stage.sandbox, known_as, by=staff.operator))
        ledger = stage.sandbox.ledger()
        reacted = crowd.react(ledger)
        progress.published, progress.said = sum(1 for entry in ledger if entry["by"] == "api"), crowd.spoken
        left = _once_more(unfinished)
        progress.left = {"database": 1} if left is None else left
        quiet = crowd.finished and not reacted and not progress.left and not done and stage.sandbox.wait_quiet(0.2)
        if quiet and (missing := _once_more(lambda: unheard(stage.sandbox, known_as))) != 0:
            quiet, progress.left = False, {"unheard": missing or 1}
        calm = calm + 1 if quiet else 0
        time.sleep(0.2)
    if calm < CALM:
        say(f"Время вышло, не закончено: {progress.left}")
    _once_more(staff.close_answered)


def _once_more(work: Callable[[], T]) -> T | None:
    """The work's result, or None when the database was away: the next turn tries again."""
    try:
        return work()
    except (OperationalError, InterfaceError):
        connection.close()
        time.sleep(0.2)
        return None


def _patiently(work: Callable[[], T], seconds: float = 30.0) -> T:
    """The work's result, waiting for a database that is being restarted."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return work()
        except (OperationalError, InterfaceError):
            connection.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
