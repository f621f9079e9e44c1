"""The time zone in which a page's days are counted: that of its body's territory, else of the nearest one above that has any."""

from collections.abc import Collection
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings

from gospult.registry.models import PageBody, Territory


def zones_of(pages: Collection[int]) -> dict[int, ZoneInfo]:
    """For each page its zone; the installation's where nobody knows better."""
    parents, own = dict[int, int | None](), dict[int, str]()
    for pk, parent, zone in Territory.objects.values_list("pk", "parent", "time_zone"):
        parents[pk], own[pk] = parent, zone
    links = PageBody.objects.filter(page__in=pages).order_by("page", "-shared", "-pk")
    territories = dict(links.values_list("page", "body__territory"))  # of several bodies the owner comes last and stays
    usual = ZoneInfo(settings.TIME_ZONE)
    known: dict[int | None, ZoneInfo] = {None: usual}
    for territory in set(territories.values()) - {None}:
        known[territory] = _zone(territory, parents, own) or usual
    return {page: known[territories.get(page)] for page in pages}


def _zone(territory: int | None, parents: dict[int, int | None], own: dict[int, str]) -> ZoneInfo | None:
    while territory is not None:
        if own.get(territory):
            try:
                return ZoneInfo(own[territory])
            except (ZoneInfoNotFoundError, ValueError):
                return None
        territory = parents.get(territory)
    return None
