"""The methods of this installation's region; its files are read once a process."""

from datetime import date
from functools import lru_cache

from django.conf import settings

from gospult.lib import regions

from .method import Library, Method, library


def methods() -> Library:
    """All methods of the region, and a sentence on each broken file."""
    return _read(settings.REGION)


def method(code: str) -> Method:
    """The method of this code. Refused when there is none or its file is broken."""
    return methods().get(code)


def scored(day: date | None = None) -> list[Method]:
    """The methods that give a score, in force on the day where one is given."""
    return [one for one in methods().methods.values() if one.indicators and (day is None or one.in_force(day))]


@lru_cache(maxsize=4)
def _read(region: str) -> Library:
    return library(regions.default_root() / region / "methods")
