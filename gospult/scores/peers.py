"""A page among its peers: the same sphere and status, a similar number of subscribers. Pure; fewer than enough peers say nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Peer:
    """A subject of the same sphere and status; size: subscribers."""

    key: int
    total: Decimal
    size: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Better than `share` percent of `number` peers (the subject is none of them) with `low` to `high` subscribers; `median` of their totals."""

    share: int
    number: int
    low: int
    high: int
    median: Decimal


def band(rows: Sequence[Peer], key: int, bands: int) -> list[Peer]:
    """The rows of the same quantile of size as the one with this key; rows of equal size are never parted."""
    ordered = sorted(rows, key=lambda row: (row.size, row.key))
    sizes = [row.size for row in ordered]
    bounds = [sizes[len(sizes) * cut // bands] for cut in range(1, bands)] if len(sizes) >= bands else []
    own = next((row.size for row in ordered if row.key == key), None)
    if own is None:
        return []
    place = sum(own >= bound for bound in bounds)
    return [row for row in ordered if sum(row.size >= bound for bound in bounds) == place]


def standing(rows: Sequence[Peer], key: int, *, bands: int, least: int) -> Standing | None:
    """How the row with this key stands among its band; None where it is not there or the others are fewer than `least`."""
    found = band(rows, key, bands)
    own = next((row.total for row in found if row.key == key), None)
    others = [row for row in found if row.key != key]
    if own is None or len(others) < least:
        return None
    totals = sorted(row.total for row in others)
    half = len(totals) // 2
    median = totals[half] if len(totals) % 2 else (totals[half - 1] + totals[half]) / 2
    below = sum(total < own for total in totals)
    return Standing(below * 100 // len(others), len(others), min(row.size for row in found), max(row.size for row in found), median)
