"""Which cells a page counts in: territory × sphere × network with everything above them. Pure: arrays in, arrays out."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
ALL = -1  # of a cell: every sphere
MOST_BITS = 64  # of the way down the tree
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

    A row is a page in one of its spheres, or in «all spheres». Rows are numbered by (whether in one sphere, network, sphere, place in the
    tree, page): whoever sorts a person's rows finds each cell's rows side by side, at every depth of the tree.

    rows    of a page the numbers of its rows, -1 where there is none; shape (ways, pages), the first way is «all spheres»
    spheres of a row of «all spheres» the numbers of its page's other rows; shape (ways - 1, rows of that kind)
    page, sphere   of a row: its page, its sphere (or ALL); shape (rows,)
    levels  of a row its cell at each depth, the deepest first; what is at a smaller depth itself has a number above `cells`; shape (depths, rows)
    leaf    of a row the number of its cell at the largest depth, in the order of rows; shape (rows,)
    code    of a row the way down the tree to its leaf, written in bits: two rows share the cell of a depth where nothing differs above its bit
    bits    of each depth that bit, the smallest depth first: cells of it are alike where codes differ by less than 1 << bit; shape (depths,)
    cell_territory, cell_sphere, cell_network   what a cell is; shape (cells,)
    """

    rows: NDArray[np.int32]
    spheres: NDArray[np.int32]
    page: NDArray[np.int32]
    sphere: NDArray[np.int32]
    levels: NDArray[np.int32]
    leaf: NDArray[np.int32]
    code: NDArray[np.uint32] | NDArray[np.uint64]
    bits: Sequence[int]
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
    """The rows and cells of these pages. Raises ValueError where the tree has a circle, or a way down it takes more than 64 bits."""
    parents, territory = np.asarray(places.parents, np.int64), np.asarray(places.territory, np.int64)
    above = ancestors(parents)
    order = _order(parents)
    page, sphere = _rows(territory, places.spheres)
    network = np.asarray(places.network, np.int64)[page] if len(page) else page
    sorting = np.lexsort((page, order[territory[page]], sphere, network, sphere != ALL))
    page, sphere, network = page[sorting], sphere[sorting], network[sorting]
    base = int(sphere.max(initial=0)) + 2
    block = network * base + sphere + 1
    cells, levels = _cells(block, above[:, territory[page]], len(parents))
    of_block, of_territory = np.divmod(cells, max(1, len(parents)))
    leaf, code, bits = _ways(levels)
    rows = _of_pages(page, sphere, len(territory))
    return Plan(
        rows=rows, spheres=np.ascontiguousarray(rows[1:, page[sphere == ALL]]), page=page.astype(np.int32), sphere=sphere.astype(np.int32),
        levels=levels, leaf=leaf, code=code, bits=bits,
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
    many = np.fromiter(map(len, spheres), np.int64, len(spheres))
    page, sphere = np.repeat(np.arange(len(spheres)), many), np.fromiter(chain.from_iterable(spheres), np.int64, int(many.sum()))
    base = int(sphere.max(initial=0)) + 1
    page, sphere = np.divmod(np.unique((page * base + sphere)[territory[page] != NOWHERE]), base)
    return np.concatenate([placed, page]), np.concatenate([np.full(len(placed), ALL), sphere])


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


def _ways(levels: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.uint32] | NDArray[np.uint64], list[int]]:
    """Leaf and code of each row, and the bit of each depth: a cell's code is its parent's with the cell's turn among the sisters behind it."""
    rows, parent = levels.shape[1], np.zeros(levels.shape[1], np.int64)
    codes, widths = [], []
    for level in levels[::-1]:
        new = np.ones(rows, np.bool_)
        new[1:] = level[1:] != level[:-1]
        cell = np.cumsum(new) - 1
        first = np.ones(rows, np.bool_)
        first[1:] = parent[1:] != parent[:-1]
        codes.append(cell - cell[np.maximum.accumulate(np.where(first, np.arange(rows), 0))])
        widths.append(int(codes[-1].max(initial=0)).bit_length())
        parent = cell
    below = [sum(widths[depth + 1 :]) for depth in range(len(widths))]
    if (width := sum(widths)) > MOST_BITS:
        raise ValueError("дерево территорий слишком ветвисто")
    code = np.zeros(rows, np.uint64)
    for turn, shift in zip(codes, below, strict=True):
        code |= turn.astype(np.uint64) << np.uint64(shift % MOST_BITS)
    return parent.astype(np.int32), code.astype(np.uint32) if width <= MOST_BITS // 2 else code, below


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
