"""The kill suite: residents' messages go down the road while worker, web and database are killed at random.

`python -m gospult.demo.chaos --kills 50 --seed 7 [--report docs/chaos.md]`, on a database server of its own,
with fsync on. Exit code 0 only when nothing was lost, nothing was said twice and every kill took place.
"""

import argparse
import json
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gospult.lib import embedded
from gospult.lib.embedded.home import cluster_folder
from gospult.lib.errors import Refused

if TYPE_CHECKING:
    from .road import Progress

FAULTS = 0.05
TARGETS = {"worker": 9, "web": 7, "database": 4}  # what is killed, how often
PAUSE = (0.3, 1.6)  # seconds between two kills
LINES_A_KILL = 14  # so many messages a kill, so that there is a road to kill on
SECONDS = 420.0
HEADING = "## Processes that are killed"
TITLE = "# Chaos: what was tried, and what came of it\n"


def run(*, kills: int, seed: int, seconds: float = SECONDS, logs: Path | None = None) -> dict[str, Any]:
    """Lead messages down the road with so many SIGKILLs; the keys of `demo --once` and `killed_by`, `seed`, `faults`."""
    with own_server() as home:
        from .fill import fill
        from .residents import fixed
        from .road import travel
        from .stage import Stage

        began = time.monotonic()
        with Stage(chaos=FAULTS, seed=seed, logs=logs or home) as stage:
            fill()
            reaper = Reaper(home, kills, seed)
            lines = fixed(seed, times=1 + kills * LINES_A_KILL // 200)[: max(40, kills * LINES_A_KILL)]
            figures, verdict = travel(stage, lines, harm=reaper.harm, seconds=seconds, seed=seed)
        told = {"killed": sum(reaper.killed.values()), "killed_by": dict(reaper.killed), "seed": seed, "unfinished": reaper.left}
        found = {"faults": [*verdict.lost, *verdict.doubled, *verdict.unknown]}
        return {**figures, **told, "seconds": round(time.monotonic() - began, 1), **found}


class Reaper:
    """Kills one of the processes every now and then; the same seed draws the same victims."""

    def __init__(self, home: Path, kills: int, seed: int) -> None:
        self.home, self.kills = home, kills
        self.dice = random.Random(seed)
        self.killed: Counter[str] = Counter()
        self.left: dict[str, int] = {}
        self.next_at = 0.0

    def harm(self, progress: "Progress") -> None:
        """One look at the clock."""
        self.left = progress.left
        if not progress.said or sum(self.killed.values()) >= self.kills or time.monotonic() < self.next_at:
            return
        target = self.dice.choices(list(TARGETS), weights=list(TARGETS.values()))[0]
        if target == "database":
            self._kill_database()
        elif progress.stage.alive(target):
            progress.stage.kill(target, whole=self.dice.random() < 0.5)
        else:
            return  # still dead from the last time
        self.killed[target] += 1
        self.next_at = time.monotonic() + self.dice.uniform(*PAUSE)

    def _kill_database(self) -> None:
        os.kill(int((cluster_folder(self.home) / "data" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        if embedded.ensure(self.home) != os.environ["DATABASE_URL"]:
            raise Refused("Порт базы заняла другая программа, пока она поднималась: повторите прогон.")


@contextmanager
def own_server() -> Iterator[Path]:
    """A home and a server that are there only for this process, migrated; Django is set up for them."""
    home = Path(tempfile.mkdtemp(prefix="gospult-chaos-"))
    os.environ |= {"GOSPULT_HOME": str(home), "DJANGO_SETTINGS_MODULE": "gospult.settings", "GOSPULT_DEMO": "1"}
    os.environ["DATABASE_URL"] = embedded.start(home)
    try:
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        yield home
    finally:
        folder = cluster_folder(home).resolve()
        embedded.release(home)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


def report(result: dict[str, Any]) -> str:
    """The result as the page docs/chaos.md."""
    rows = "\n".join(f"| {name} | {value} |" for name, value in result.items() if name not in ("faults", "killed_by", "unfinished"))
    by = ", ".join(f"{name} {number}" for name, number in sorted(result["killed_by"].items()))
    return f"""{HEADING}

`make chaos` leads residents' messages down the whole road (sandbox → webhook → desk → executor → approval → delivery → sandbox)
while worker, web server and PostgreSQL (its postmaster) are killed with SIGKILL at random moments, and 5 % of the network's calls
and events go wrong. Afterwards the database is compared with the sandbox's own ledger (`gospult/demo/counting.py`): nothing may be
lost, nothing may be said twice, every unknown outcome must be resolved or stand before a person.

Last run: {time.strftime("%Y-%m-%d")}, {machine()}, fsync on, short waits (`gospult/demo/stage.py`).

| count | |
|---|---|
{rows}

Killed: {by}. Faults found: {len(result["faults"])}.

To repeat it: `python -m gospult.demo.chaos --kills {result["killed"]} --seed {result["seed"]}`. The seed draws the messages, the
victims and the network's faults; the moments of the kills depend on the machine's speed, so no two runs are quite alike.
"""


def keep_section(path: Path, heading: str, text: str) -> None:
    """Put a section into a page in place of its former one; the page begins with TITLE."""
    page = path.read_text(encoding="utf-8") if path.exists() else ""
    kept = [part for part in re.split(r"^(?=## )", page, flags=re.MULTILINE)[1:] if part.split("\n", 1)[0] != heading]
    path.write_text("\n".join([TITLE, *(f"{part.strip()}\n" for part in sorted([*kept, text], reverse=True))]), encoding="utf-8")


def machine() -> str:
    """Cores, memory and Python of this machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GB, Python {sys.version_info.major}.{sys.version_info.minor}"


def main(arguments: list[str] | None = None) -> int:
    """Run the suite, print its result as JSON on stdout."""
    parser = argparse.ArgumentParser(prog="python -m gospult.demo.chaos")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10_000))
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--report", type=Path, help="write the result as a page")
    parser.add_argument("--logs", type=Path, help="folder for the logs of the processes")
    chosen = parser.parse_args(arguments)
    print(f"seed {chosen.seed}", file=sys.stderr)
    result = run(kills=chosen.kills, seed=chosen.seed, seconds=chosen.seconds, logs=chosen.logs)
    print(json.dumps(result, ensure_ascii=False))
    if chosen.report:
        keep_section(chosen.report, HEADING, report(result))
    return 1 if result["faults"] or result["unfinished"] or result["killed"] < chosen.kills else 0


if __name__ == "__main__":
    sys.exit(main())
