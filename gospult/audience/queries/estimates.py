"""People of pages chosen on the spot, from sketches, with the error that belongs to them."""

from collections.abc import Collection
from dataclasses import dataclass

import psycopg
from django.conf import settings
from django.db import connection
from django.db.models import Sum

from gospult.registry.models import Page
from gospult.registry.models.access import User

from ..models import PageShare, Sketch, territories_of
from ..sketches import Layers, estimate, overlap, union

FIT = 2  # errors: an overlap below that is not told from none


@dataclass(frozen=True)
class Chosen:
    """People of some pages of one network.

    people, error     an estimate and its standard error; None where nobody, or too few, would be counted
    subscriptions     of all the pages
    pages, sketched   chosen; large enough to have a sketch: only these are in the estimate
    small             subscriptions of the pages without a sketch: people are at most so many more
    """

    people: int | None
    error: int | None
    subscriptions: int
    pages: int
    sketched: int
    small: int


def chosen(pages: Collection[int]) -> Chosen:
    """People of the pages with these keys, all of one network."""
    return _told(_registers(pages), pages)


def common(one: Collection[int], other: Collection[int]) -> tuple[Chosen, Chosen, int | None, int]:
    """Two sets of pages of one network; people who are in both (None: too few to be told from none) and the error of that."""
    first, second = _registers(one), _registers(other)
    found = overlap(first, second)
    told = round(found.people) if found.people >= max(FIT * found.error, settings.AUDIENCE_PEOPLE) else None
    return _told(first, one), _told(second, other), told, round(found.error)


def pages_of(user: User, *, network: str, territory: str = "", sphere: int | None = None) -> list[int]:
    """Keys of the counted pages of a network in a territory (its path) and a sphere, as far as the person may see them."""
    found = PageShare.objects.filter(territories_of(user, "territory__"), page__network=network, territory__path__startswith=territory)
    if sphere:
        found = found.filter(page__bodies__spheres=sphere)
    return list(found.values_list("page", flat=True).distinct())


def of_one_network(pages: Collection[Page]) -> bool:
    """Whether people of these pages can be counted together at all."""
    return len({page.network for page in pages}) == 1


def _registers(pages: Collection[int]) -> Layers:
    """The union of the pages' sketches; read as bytes, for as text they would be twice as long."""
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute("SELECT registers FROM audience_sketch WHERE page_id = ANY(%s)", [list(pages)], binary=True)
        return union(row[0] for row in cursor.fetchall())


def _told(layers: Layers, pages: Collection[int]) -> Chosen:
    found = estimate(layers)
    rows = PageShare.objects.filter(page__in=pages)
    large = rows.filter(page__in=Sketch.objects.filter(page__in=pages).values("page"))
    total, sketched = (part.aggregate(sum=Sum("subscriptions"))["sum"] or 0 for part in (rows, large))
    shown = large.count() >= settings.AUDIENCE_PAGES and found.people >= settings.AUDIENCE_PEOPLE
    people, error = (round(found.people), round(found.error)) if shown else (None, None)
    return Chosen(people, error, total, len(pages), large.count(), total - sketched)
