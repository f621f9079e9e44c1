"""`gospult demo --once`: a fixed set of messages down the whole road, with faults of the network and one killed worker."""

import tempfile
import time
from pathlib import Path
from typing import Any

from gospult.exchange.models import Outgoing

from .fill import fill
from .residents import fixed
from .road import Progress, say, travel
from .stage import Stage

FAULTS = 0.05  # share of calls and events that go wrong
SECONDS = 150.0  # a bound for slow machines; two cores need less than a minute
SEED = 2026


def run(*, seed: int = SEED, seconds: float = SECONDS) -> dict[str, Any]:
    """Fill the database, lead the messages down the road, compare with the sandbox's ledger; the keys of design.md §4."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="gospult-once-") as folder, Stage(chaos=FAULTS, seed=seed, logs=Path(folder)) as stage:
        fill(say=say)
        say("Жители пишут, исполнители отвечают, сеть сбоит…")
        figures, verdict = travel(stage, fixed(seed), harm=kill_worker_once, seconds=seconds, seed=seed)
        for line in (*verdict.lost, *verdict.doubled, *verdict.unknown):
            say(line)
        return {**figures, "killed": stage.killed, "seconds": round(time.monotonic() - began, 1)}


def kill_worker_once(progress: Progress) -> None:
    """SIGKILL the worker in the middle of the road, while a reply is on its way if one can be met."""
    if progress.stage.killed or progress.share < 0.3:
        return
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline and not Outgoing.objects.filter(state=Outgoing.State.CLAIMED).exists():
        time.sleep(0.005)
    progress.stage.kill("worker")
    say("Рабочий процесс убит (SIGKILL) посреди отправки.")
