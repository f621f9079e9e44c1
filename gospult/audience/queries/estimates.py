"""People of pages chosen on the spot, from sketches, with the error that belongs to them."""

from collections.abc import Collection
from dataclasses import dataclass

import psycopg
from django.conf import settings
from django.db import connection

from gospult.registry.models import Page
from gospult.registry.models.access import User

from ..models import PageShare, territories_of
from ..sketches import Layers, estimate, overlap, union

ASKED = """
SELECT share.subscriptions, sketch.registers FROM audience_pageshare share LEFT JOIN audience_sketch sketch USING (page_id)
WHERE share.page_id = ANY(%s)
"""
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
    return _told(_kept(pages), len(pages))


def common(one: Collection[int], other: Collection[int]) -> tuple[Chosen, Chosen, int | None, int]:
    """Two sets of pages of one network; people who are in both (None: too few to be told from none) and the error of that."""
    first, second = _kept(one), _kept(other)
    found = overlap(first.layers, second.layers)
    told = round(found.people) if found.people >= max(FIT * found.error, settings.AUDIENCE_PEOPLE) else None
    return _told(first, len(one)), _told(second, len(other)), told, round(found.error)


def pages_of(user: User, *, network: str, territory: str = "", sphere: int | None = None) -> list[int]:
    """Keys of the counted pages of a network in a territory (its path) and a sphere, as far as the person may see them."""
    found = PageShare.objects.filter(territories_of(user, "territory__"), page__network=network, territory__path__startswith=territory)
    if sphere:
        found = found.filter(page__bodies__spheres=sphere)
    return list(found.values_list("page", flat=True).distinct())


def of_one_network(pages: Collection[Page]) -> bool:
    """Whether people of these pages can be counted together at all."""
    return len({page.network for page in pages}) == 1


@dataclass(frozen=True)
class _Kept:
    """What is known of some pages: the union of their sketches, how many have one, subscriptions of all and of those without."""

    layers: Layers
    sketched: int
    subscriptions: int
    small: int


def _kept(pages: Collection[int]) -> _Kept:
    """In one statement, read as bytes: as text the sketches would be twice as long."""
    connection.ensure_connection()
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(ASKED, [list(pages)], binary=True)
        rows = cursor.fetchall()
    sketches = [registers for _, registers in rows if registers is not None]
    small = sum(number for number, registers in rows if registers is None)
    return _Kept(union(sketches), len(sketches), sum(number for number, _ in rows), small)


def _told(kept: _Kept, pages: int) -> Chosen:
    found = estimate(kept.layers)
    shown = kept.sketched >= settings.AUDIENCE_PAGES and found.people >= settings.AUDIENCE_PEOPLE
    people, error = (round(found.people), round(found.error)) if shown else (None, None)
    return Chosen(people, error, kept.subscriptions, pages, kept.sketched, kept.small)
