"""Unique people, as the audience room has counted them: subscriptions are never called people."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from gospult.accounts.models import Person
from gospult.audience.queries import headline
from gospult.registry.models import Territory

from .scope import Asked

EVERYBODY = Person(is_superuser=True)  # whoever has the command line has the database


@dataclass(frozen=True, slots=True)
class People:
    """`values` by the codes of the catalogue: one number in one network, a span across networks, where nobody can be recognised."""

    values: dict[str, float | None]
    known: int
    of: int
    as_of: datetime


def people(asked: Asked) -> People | None:
    """None for a branch of bodies, while nothing was counted in the days of the period, and where it may not be shown."""
    place = None if asked.body else asked.territory or Territory.objects.filter(level="region").order_by("pk").first()
    found = headline(asked.user or EVERYBODY, place) if place else None
    if found is None or not asked.period.since <= timezone.localdate(found.as_of) <= asked.period.until:
        return None
    one = found.whole
    if one.people_from is None:
        return None
    values: dict[str, float | None] = {"people": one.people_from} if one.exact else {"people_from": one.people_from, "people_to": one.people_to}
    values = {code: value for code, value in values.items() if value is not None}
    if one.share:
        values["people_share"] = one.share[0]
    return People(values, one.read, one.pages, found.as_of)
