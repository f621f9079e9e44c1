"""Counts become rows: what may be shown, and nothing else."""

from typing import Any

import numpy as np
from django.conf import settings
from django.db import transaction

from gospult.accounts import journal

from ..cells import ALL, NOWHERE, Ints, ancestors
from ..engine import Counts, Portions, distinct
from ..hiding import FEW, Name, Size, hidden
from ..models import Build, Cell, PageShare, Selection, SelectionCount, Sketch
from ..registered import Registered
from ..sketches import fold, precision, sketch

BATCH = 2000
SKETCHES_AT_ONCE = 2000


@transaction.atomic
def publish(*, build: Build, known: Registered, portions: Portions, counts: Counts) -> None:
    """The build is done: its cells, what each page adds, sketches and selections replace what the build before it said of pages."""
    read = counts.members > 0
    cells = _cells(build, known, counts, read)
    Cell.objects.bulk_create(cells, batch_size=BATCH)
    PageShare.objects.all().delete()
    PageShare.objects.bulk_create(_shares(build, known, counts), batch_size=BATCH)
    Sketch.objects.all().delete()
    sketched = _sketches(build, known, portions, counts)
    selections = _selections(build, known, portions, counts)
    build.move_to(Build.State.DONE)
    journal.write(
        None, "audience_build_done", build, pages=int(read.sum()), pairs=portions.total, cells=len(cells),
        hidden=sum(cell.hidden for cell in cells), sketches=sketched, selections=selections,
    )  # fmt: skip


def _cells(build: Build, known: Registered, counts: Counts, read: Any) -> list[Cell]:
    plan = known.plan
    names: list[Name] = list(zip(plan.cell_network.tolist(), plan.cell_sphere.tolist(), plan.cell_territory.tolist(), strict=True))
    pages, seen = plan.cells_of_rows(np.ones(len(plan.page), np.int64)), plan.cells_of_rows(read[plan.page].astype(np.int64))
    figures = (counts.people, seen, counts.subscriptions, _largest(known, counts))
    sizes = {name: Size(*figure) for name, *figure in zip(names, *(figure.tolist() for figure in figures), strict=True) if figure[1]}
    secret = hidden(sizes, known.places.parents, people=settings.AUDIENCE_PEOPLE, pages=settings.AUDIENCE_PAGES)
    return [
        Cell(
            build=build, network=known.networks[network], sphere_id=None if sphere == ALL else known.spheres[sphere],
            territory_id=known.territories[territory], pages=pages[number], read=seen[number], hidden=(at := (network, sphere, territory)) in secret,
            people=None if at in secret or at not in sizes else counts.people[number],
            subscriptions=None if at in secret or at not in sizes else counts.subscriptions[number],
        )
        for number, (network, sphere, territory) in enumerate(names)
    ]  # fmt: skip


def _largest(known: Registered, counts: Counts) -> Ints:
    """Subscribers of the largest page of each cell."""
    found = np.zeros(2 * known.plan.cells, np.int64)
    for level in known.plan.levels:
        np.maximum.at(found, level, counts.members[known.plan.page])
    return found[: known.plan.cells]


def _shares(build: Build, known: Registered, counts: Counts) -> list[PageShare]:
    """Of each page that is large enough, the people whom no other page of the municipality (of the whole tree) reaches."""
    depth = len(known.plan.levels) - 1
    above = ancestors(np.array(known.places.parents, np.int64))
    found = []
    for page, key in enumerate(known.pages):
        row, members, territory = known.plan.rows[0][page], int(counts.members[page]), known.places.territory[page]
        if row < 0 or members < settings.AUDIENCE_PEOPLE:
            continue
        near = max(0, depth - 1) if above[max(0, depth - 1), territory] != NOWHERE else depth
        alone = [_told(int(counts.alone[at, row]), members) for at in (near, depth)]
        where = known.territories[territory]
        found.append(PageShare(build=build, page_id=key, territory_id=where, subscriptions=members, only_near=alone[0], only_here=alone[1]))
    return found


def _told(alone: int, members: int) -> int | None:
    """Nothing where all subscribers, or none of them, would be told about at once."""
    return alone if min(alone, members - alone) >= FEW else None


def _sketches(build: Build, known: Registered, portions: Portions, counts: Counts) -> int:
    """Of each page that is large enough, with as many registers as it may have."""
    large = np.flatnonzero(counts.members >= settings.AUDIENCE_SKETCH).tolist()
    bits = {page: allowed for page in large if (allowed := precision(int(counts.members[page]))) is not None}
    pages = list(bits)
    for begin in range(0, len(pages), SKETCHES_AT_ONCE):
        part = pages[begin : begin + SKETCHES_AT_ONCE]
        rows = zip(part, sketch(portions, part, len(known.pages)), strict=True)
        made = [Sketch(build=build, page_id=known.pages[page], registers=fold(row, bits[page]).tobytes()) for page, row in rows]
        Sketch.objects.bulk_create(made, batch_size=200)
    return len(pages)


def _selections(build: Build, known: Registered, portions: Portions, counts: Counts) -> int:
    """Exact people of every saved selection, network by network; pages with too few subscribers stay out."""
    index, wanted = {key: page for page, key in enumerate(known.pages)}, []
    large = {known.pages[page] for page in np.flatnonzero(counts.members >= settings.AUDIENCE_PEOPLE).tolist()}
    for selection in Selection.objects.prefetch_related("pages"):
        for network in known.networks:
            pages = [index[page.pk] for page in selection.pages.all() if page.network == network and page.pk in large]
            if pages:
                wanted.append((selection, network, pages))
    people = distinct(portions, [pages for _, _, pages in wanted], len(known.pages))
    SelectionCount.objects.bulk_create(
        [
            _selected(build, selection, network, counts.members[pages], found)
            for (selection, network, pages), found in zip(wanted, people, strict=True)
        ]
    )
    return len(wanted)


def _selected(build: Build, selection: Selection, network: str, members: Ints, people: int) -> SelectionCount:
    size = Size(people, len(members), int(members.sum()), int(members.max()))
    shown = size.pages >= settings.AUDIENCE_PAGES and people >= settings.AUDIENCE_PEOPLE and not size.uniform
    return SelectionCount(
        selection=selection, build=build, network=network, pages=size.pages,
        subscriptions=size.subscriptions if shown else None, people=people if shown else None,
    )  # fmt: skip
