"""Distances on the ground."""

import math
from dataclasses import dataclass

RADIUS = 6_371_009  # metres, the mean radius of the Earth (IUGG)


@dataclass(frozen=True, slots=True)
class Point:
    """The middle of a place: degrees north and east; `radius` is within how many metres of it the place may be, honestly."""

    name: str
    lat: float
    lon: float
    radius: int


def metres(one: tuple[float, float], other: tuple[float, float]) -> int:
    """The great-circle distance between two (latitude, longitude) in degrees, by the haversine formula; the Earth as a ball: within 0.6 %."""
    (lat1, lon1), (lat2, lon2) = ((math.radians(lat), math.radians(lon)) for lat, lon in (one, other))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return round(2 * RADIUS * math.asin(math.sqrt(min(1.0, half))))
