"""Every network under faults of every sort: residents' deeds come in, replies go out, and nothing may be lost or said twice.

`python -m gospult.demo.faults --network vk|ok|telegram|max|all --events 10000 --replies 1000 [--report docs/chaos.md]`, on a database
server of its own, with fsync on. Sandbox, web server and worker are real processes; the worker does the jobs of the exchange only, and
the replies are enqueued to what the exchange has recorded: it is the exchange and the connectors that are tried here, the desk has
`gospult.demo.chaos`. Exit code 0 only when nothing was lost, nothing was doubled and no outcome stayed open without a person.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gospult.networks.registry import NETWORKS

from .chaos import FAULTS, keep_section, machine, own_server

SECONDS = 600.0  # of one network
PAGES = 40
HEADING = "## Faults of every sort"


def run(networks: Sequence[str], *, events: int, replies: int, chaos: float, seed: int, pages: int, seconds: float, logs: Path | None = None) -> Any:
    """The figures of each network, one after another on one server."""
    with own_server() as home:
        from .trial import trial

        return [
            trial(network, events=events, replies=replies, chaos=chaos, seed=seed, pages=pages, seconds=seconds, logs=logs or home)
            for network in networks
        ]


def is_clean(result: dict[str, Any]) -> bool:
    """Whether a network's run kept the promise, and was long enough to make it."""
    broken = result["lost"] or result["doubled"] or result["open"] or result["unfinished"]
    return not broken and result["events"] >= result["wanted_events"] and result["replies"] >= result["wanted_replies"]


def report(results: Sequence[dict[str, Any]], *, chaos: float) -> str:
    """The results as a section of docs/chaos.md."""
    names = ("events", "utterances", "replies", "sent", "withdrawn", "met_unknown", "read_back", "repeated_safely", "shown_to_person",
             "lost", "doubled", "open", "seconds", "seed")  # fmt: skip
    head = "| | " + " | ".join(NETWORKS[result["network"]].name for result in results) + " |\n|---|" + "---|" * len(results)
    rows = [f"| {WORDS[name]} | " + " | ".join(f"{result[name]}" for result in results) + " |" for name in names]
    kinds = sorted({kind for result in results for kind in result["faults"]})
    rows += [f"| fault: {kind.replace('_', ' ')} | " + " | ".join(f"{result['faults'].get(kind, 0)}" for result in results) + " |" for kind in kinds]
    return f"""{HEADING}

`python -m gospult.demo.faults --network all` sends residents' comments, messages, files, edits and deletions and the pages' own answers through each
network's sandbox to `gospult web` (webhooks) and `gospult worker` (polling, delivery, reading back; the jobs of the exchange only), and has replies
delivered to a part of what was recorded. From the first deed on {chaos:.0%} of the calls and events go wrong in every way the sandbox knows; the
networks' quotas are on. Then the rows are compared with the sandbox's own ledger. *Lost*: an utterance, an edit or a page's own answer that we do not
have, a proof that the network does not know, a reply that never left and that nobody was told of. *Doubled*: the same words twice, or a reply after
the page's own answer of which we knew. *Open*: an unknown outcome that was neither found out nor shown to a person.

Last run: {time.strftime("%Y-%m-%d")}, {machine()}, fsync on, {results[0]["pages"]} pages a network, short waits (`gospult/demo/stage.py`),
one network after another.

{head}
{chr(10).join(rows)}

Telegram shows no history to a bot: an unknown outcome cannot be read back there, so every one of them stands before a person.
Deletions that a network told us of: {", ".join(f"{NETWORKS[r['network']].name} {r['deletions_heard']} of {r['deletions']}" for r in results)}.
"""


WORDS = {
    "events": "events", "utterances": "of them utterances of residents", "replies": "replies", "sent": "sent with the network's proof",
    "withdrawn": "withdrawn: the page had answered by itself", "met_unknown": "unknown outcomes met",
    "read_back": "found by reading back after the first try",
    "repeated_safely": "found at a later try, or repeated under the network's guard",
    "shown_to_person": "shown to a person", "lost": "**lost**", "doubled": "**doubled**", "open": "**open**", "seconds": "seconds", "seed": "seed",
}  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Run the trial, print its results as JSON on stdout."""
    parser = argparse.ArgumentParser(prog="python -m gospult.demo.faults")
    parser.add_argument("--network", choices=[*NETWORKS, "all"], default="all")
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--replies", type=int, default=1_000)
    parser.add_argument("--chaos", type=float, default=FAULTS)
    parser.add_argument("--pages", type=int, default=PAGES)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10_000))
    parser.add_argument("--seconds", type=float, default=SECONDS, help="bound for each network")
    parser.add_argument("--report", type=Path, help="keep the results as a section of this page")
    parser.add_argument("--logs", type=Path, help="folder for the logs of the processes")
    chosen = parser.parse_args(arguments)
    print(f"seed {chosen.seed}", file=sys.stderr)
    networks = list(NETWORKS) if chosen.network == "all" else [chosen.network]
    size = {name: getattr(chosen, name) for name in ("events", "replies", "chaos", "seed", "pages", "seconds", "logs")}
    results = run(networks, **size)
    print(json.dumps(results, ensure_ascii=False))
    if chosen.report:
        keep_section(chosen.report, HEADING, report(results, chaos=chosen.chaos))
    return 0 if all(map(is_clean, results)) else 1


if __name__ == "__main__":
    sys.exit(main())
