"""The benchmarks by name, and one report of them all."""

from importlib import import_module
from typing import Any

from gospult.lib.errors import Refused

BENCHES = {
    "intake": "gospult.bench.intake",  # events of the networks a second
    "desk": "gospult.bench.desk",  # the queue at 450,000 cases
    "clocks": "gospult.bench.clocks",  # a million clocks counted anew
    "rating": "gospult.bench.rating",  # the rating of 7,000 bodies
    "scores": "gospult.bench.scores",  # a month of 7,000 pages by each method
    "registry": "gospult.bench.registry",  # import of 7,000 rows
    "lists": "gospult.bench.lists",  # every list of pages, bodies, territories at 175,000 pages
    "dashboard": "gospult.bench.dashboard",  # «Пульт» at 7,000 pages × 13 months, a report in each format
    "audience": "gospult.bench.audience",  # exact people of a country, beside DuckDB, and of pages chosen on the spot
    "search": "gospult.bench.search",  # hit@1 and milliseconds of the directory at 175,000 names
    "networks": "gospult.bench.networks",  # cards of 6,885 and 175,000 pages, a pass over walls, the cost of quotas
}


def run(name: str | None = None) -> dict[str, Any]:
    """Run one benchmark, or all of them, in the current (throw-away) database: name → figures. Refused when there is no such name."""
    if name is not None and name not in BENCHES:
        raise Refused(f"Замера «{name}» нет. Есть: {', '.join(BENCHES)}.")
    names = [name] if name else list(BENCHES)
    return {one: import_module(BENCHES[one]).run() for one in names}
