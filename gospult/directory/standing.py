"""What each network is by law in this region on a day: a dated file, so that the order of pages is no opinion of the code."""

import json
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.conf import settings
from django.utils import timezone

from gospult.lib import regions
from gospult.lib.regions import RegionError

# In the order in which pages are shown to a resident.
STATUSES = {
    "mandatory": "обязательная по закону",
    "mandatory_region": "обязательная в регионе",
    "allowed": "дополнительная",
    "no_ads": "реклама запрещена",
    "slowed": "работает с ограничениями",
    "unavailable": "недоступна",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """The status of a network from a day on."""

    network: str
    status: str
    since: date
    basis: str

    @property
    def words(self) -> str:
        """The status as a resident reads it."""
        return STATUSES[self.status]


def standings(day: date | None = None) -> dict[str, Standing]:
    """Network → its latest status in force on the day."""
    day = day or timezone.localdate()
    found: dict[str, Standing] = {}
    for one in _read(settings.REGION):
        if one.since <= day and (one.network not in found or found[one.network].since <= one.since):
            found[one.network] = one
    return found


def place(network: str) -> tuple[int, int, str]:
    """What to sort pages by: the legal status of their network, then its place in the region's file."""
    known = standings()
    if network not in known:
        return (len(STATUSES), 0, network)
    return (list(STATUSES).index(known[network].status), list(known).index(network), network)


@lru_cache(maxsize=4)
def _read(region: str) -> tuple[Standing, ...]:
    path = regions.default_root() / region / "networks.json"
    if not path.exists():
        return ()
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["networks"]
        made = tuple(Standing(row["network"], row["status"], date.fromisoformat(row["from"]), row.get("basis", "")) for row in rows)
    except (ValueError, KeyError, TypeError) as error:
        raise RegionError(f"Файл {path.name} региона {region} не читается: {error}.") from error
    for one in made:
        if one.status not in STATUSES:
            raise RegionError(f"В файле {path.name} региона {region} статус «{one.status}», есть: {', '.join(STATUSES)}.")
    return made
