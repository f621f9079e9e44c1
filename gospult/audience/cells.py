"""Which cells a page counts in: territory × sphere × network with everything above them. Pure: arrays in, arrays out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
ALL = -1  # of a cell: every sphere
NOWHERE = -1  # a page without a territory counts in nothing


@dataclass(frozen=True)
class Places:
    """The tree of territories and the pages in it, all by index.

    parents   of each territory the index of the one above, -1 at the top; shape (territories,)
    territory, network   of each page; shape (pages,), -1 where a page has no territory
    spheres   of each page up to three
    """

    parents: Sequence[int]
    territory: Sequence[int]
    network: Sequence[int]
    spheres: Sequence[Sequence[int]]


@dataclass(frozen=True)
class Plan:
    """Pages cut into rows, rows gathered into cells.

    A row is a page in one of its spheres, or in «all spheres». Rows are numbered by (network, sphere, place in the tree, page): whoever
    sorts a person's rows finds each cell's rows side by side, at every depth of the tree.

    rows    of a page the numbers of its rows, -1 where there is none; shape (ways, pages), the first way is «all spheres»
    page, sphere, block   of a row: its page, its sphere (or ALL), its (network, sphere) as a number; shape (rows,)
    levels  of a row its cell at each depth, the deepest first; what is at a smaller depth itself has a number above `cells`; shape (depths, rows)
    cell_territory, cell_sphere, cell_network   what a cell is; shape (cells,)
    """

    rows: NDArray[np.int32]
    page: NDArray[np.int32]
    sphere: NDArray[np.int32]
    block: NDArray[np.uint16]
    levels: NDArray[np.int32]
    cell_territory: Ints
    cell_sphere: Ints
    cell_network: Ints

    @property
    def cells(self) -> int:
        """How many cells hold a page at all."""
        return len(self.cell_territory)

    def cells_of_rows(self, values: Ints) -> Ints:
        """Sums of a figure of rows over every cell; shape (cells,)."""
        found = np.zeros(self.cells, np.int64)
        for level in self.levels:
            found += np.bincount(level, weights=values, minlength=self.cells)[: self.cells].astype(np.int64)
        return found


def plan(places: Places) -> Plan:
    """The rows and cells of these pages. Raises ValueError where the tree has a circle."""
    parents, territory = np.asarray(places.parents, np.int64), np.asarray(places.territory, np.int64)
    above = ancestors(parents)
    order = _order(parents)
    page, sphere = _rows(territory, places.spheres)
    network = np.asarray(places.network, np.int64)[page] if len(page) else page
    sorting = np.lexsort((page, order[territory[page]], sphere, network))
    page, sphere, network = page[sorting], sphere[sorting], network[sorting]
    base = int(sphere.max(initial=0)) + 2
    block = network * base + sphere + 1
    cells, levels = _cells(block, above[:, territory[page]], len(parents))
    of_block, of_territory = np.divmod(cells, max(1, len(parents)))
    return Plan(
        rows=_of_pages(page, sphere, len(territory)), page=page.astype(np.int32), sphere=sphere.astype(np.int32),
        block=np.unique(block, return_inverse=True)[1].astype(np.uint16), levels=levels,
        cell_territory=of_territory, cell_sphere=of_block % base - 1, cell_network=of_block // base,
    )  # fmt: skip


def ancestors(parents: Ints) -> Ints:
    """Of each territory the one above it (or itself) at every depth, the deepest first; -1 below itself. Shape (depths, territories)."""
    climbing, found = np.arange(len(parents)), []
    while (climbing >= 0).any():
        found.append(climbing)
        if len(found) > 64:
            raise ValueError("территории стоят по кругу")
        climbing = np.where(climbing >= 0, parents[climbing], NOWHERE)
    paths = np.array(found, np.int64).reshape(len(found), len(parents))
    depth = (paths >= 0).sum(axis=0)
    above = np.full_like(paths, NOWHERE)
    for steps in range(len(found)):
        here = depth > steps
        above[len(found) - depth[here] + steps, here] = paths[steps, here]
    return above


def _order(parents: Ints) -> Ints:
    """The place of each territory when the tree is read from the top: a territory, then everything inside it."""
    children: dict[int, list[int]] = {}
    for number, parent in enumerate(parents.tolist()):
        children.setdefault(parent, []).append(number)
    order, stack, place = np.zeros(len(parents), np.int64), list(reversed(children.get(NOWHERE, []))), 0
    while stack:
        number = stack.pop()
        order[number], place = place, place + 1
        stack += reversed(children.get(number, []))
    return order


def _rows(territory: Ints, spheres: Sequence[Sequence[int]]) -> tuple[Ints, Ints]:
    """Page and sphere of every row: each page once in «all», and once in each of its spheres."""
    placed = np.flatnonzero(territory != NOWHERE)
    pairs = [(page, sphere) for page in placed.tolist() for sphere in dict.fromkeys(spheres[page])]
    found = np.array(pairs, np.int64).reshape(-1, 2)
    return np.concatenate([placed, found[:, 0]]), np.concatenate([np.full(len(placed), ALL), found[:, 1]])


def _cells(block: Ints, above: Ints, territories: int) -> tuple[Ints, NDArray[np.int32]]:
    """The cells (as block × territories + territory), and the cell of each row at each depth.

    A row that stands higher than a depth keeps at that depth a number of its own territory's, beyond the cells: so that rows of one cell
    are always rows of one cell at every smaller depth too.
    """
    codes = [block[there] * territories + level[there] for level in above if (there := level != NOWHERE).any()]
    cells = np.unique(np.concatenate(codes)) if codes else np.empty(0, np.int64)
    levels, lower = [], None
    for level in above[::-1]:
        at = np.searchsorted(cells, block * territories + np.where(level == NOWHERE, 0, level))
        lower = at if lower is None else np.where(level == NOWHERE, np.where(lower < len(cells), lower + len(cells), lower), at)
        levels.append(lower)
    return cells, np.array(levels[::-1], np.int32).reshape(len(levels), len(block))


def _of_pages(page: Ints, sphere: Ints, pages: int) -> NDArray[np.int32]:
    """Row numbers of each page, «all» first."""
    numbers, way = np.arange(len(page)), np.zeros(len(page), np.int64)
    by_page = np.lexsort((sphere, page))
    ordered = page[by_page]
    starts = np.searchsorted(ordered, ordered)
    way[by_page] = numbers - starts
    rows = np.full((int(way.max(initial=0)) + 1, pages), -1, np.int32)
    rows[way, page] = numbers
    return rows
