"""Exact distinct people of every cell, in one pass over people cut into portions. Pure: arrays in, arrays out.

Everything of one person lies in one portion, so portions add up. Inside a portion each pair becomes one 64-bit word per row of its page:
the upper bits of the person, the number of the row below them. Sorted words hold a person's rows side by side in the order of the tree,
so a person is new in a cell exactly where the cell or the person changes. Upper bits alone may take two people for one: the portion
counts its people in full beside it, and where the two counts differ it gives them numbers of their own.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .cells import ALL, Ints, Plan

Words = NDArray[np.uint64]
Pairs = tuple[NDArray[np.uint32], Words]  # page index, keyed person, of the same length
PORTIONS = 256  # at most
PAIRS_A_PORTION = 200_000
GROUP = 4  # portions that are added up together
CHUNK = 500_000  # pairs: what the processor keeps near


@dataclass(frozen=True)
class Counts:
    """What was counted.

    people    distinct people of each cell; shape (cells,)
    subscriptions   pairs of each cell; shape (cells,)
    members   pairs of each page; shape (pages,)
    alone     people who follow only this page of its cell, for each row at each depth of the tree, the deepest first; shape (depths, rows)
    distinct  different keys in all cells together; over several networks that is no number of people
    """

    people: Ints
    subscriptions: Ints
    members: Ints
    alone: Ints
    distinct: int


@dataclass
class Portions:
    """Pairs by portions of people; grows by `add`, and holds 12 bytes a pair.

    People are cut by the lower bits of their keys: evenly spread keys give even portions, any others only take longer.
    """

    number: int = PORTIONS
    chunks: list[tuple[Pairs, Ints]] = field(default_factory=list)
    total: int = 0

    def add(self, pages: NDArray[np.uint32], people: Words) -> None:
        """Take a chunk of pairs; the arrays themselves are left alone. Threads may add side by side."""
        for begin in range(0, len(pages), CHUNK):
            self._add(pages[begin : begin + CHUNK], people[begin : begin + CHUNK])

    def _add(self, pages: NDArray[np.uint32], people: Words) -> None:
        portion = (people & np.uint64(self.number - 1)).astype(np.uint8)
        order = np.argsort(portion, kind="stable")  # a counting sort
        ends = np.concatenate([[0], np.cumsum(np.bincount(portion, minlength=self.number))])
        self.chunks.append(((pages.astype(np.uint32, copy=False).take(order), people.take(order)), ends))
        self.total += len(pages)

    def get(self, portion: int) -> Pairs:
        """All pairs of a portion."""
        cut = [(pages[ends[portion] : ends[portion + 1]], people[ends[portion] : ends[portion + 1]]) for (pages, people), ends in self.chunks]
        return np.concatenate([np.empty(0, np.uint32), *(one for one, _ in cut)]), np.concatenate([np.empty(0, np.uint64), *(one for _, one in cut)])


def portions_for(pairs: int) -> Portions:
    """Empty portions, as many as so many pairs want."""
    return Portions(number=min(PORTIONS, 1 << max(0, pairs // PAIRS_A_PORTION).bit_length()))


def count(portions: Portions, plan: Plan, *, threads: int = 2, step: Callable[[int], None] = lambda done: None) -> Counts:
    """People and subscriptions of every cell. `step` hears how many portions are done, and may raise to stop.

    Takes 70 ns of one core a pair (2 cores side by side), and above the portions themselves some 20 MB a thread and 8 bytes a row and depth.
    """
    people, single = np.zeros(2 * plan.cells, np.int64), np.zeros(len(plan.page), np.int64)
    alone, members, distinct = np.zeros(plan.levels.shape, np.int64), np.zeros(plan.rows.shape[1], np.int64), 0
    groups = [range(begin, min(begin + GROUP, portions.number)) for begin in range(0, portions.number, GROUP)]
    with ThreadPoolExecutor(threads) as pool:  # numpy lets the threads run side by side
        for found, group in zip(_in_turn(pool, portions, plan, groups, threads + 1), groups, strict=True):
            people += _sum(found.cells, len(people))
            single += _sum(found.single, len(single))
            members += _sum(found.pages, len(members))
            for depth, rows in enumerate(found.alone):
                alone[depth] += _sum(rows, len(single))
            distinct += found.distinct
            step(group.stop)
    return _counts(plan, people, single, alone, members, distinct)


def _counts(plan: Plan, people: Ints, single: Ints, alone: Ints, members: Ints, distinct: int) -> Counts:
    everywhere = plan.rows[0]
    if len(plan.page):
        members = members + np.where(everywhere >= 0, single.take(everywhere, mode="clip"), 0)
    return Counts(
        people=people[: plan.cells] + plan.cells_of_rows(single),
        subscriptions=plan.cells_of_rows(members[plan.page]),
        members=members,
        alone=np.where(plan.levels < plan.cells, alone + single, 0),
        distinct=distinct,
    )


@dataclass
class _Found:
    """What some portions say, not yet added up.

    cells    a cell for every person in it who has several rows of a network and sphere
    single   the row of every person who has one row of a network and sphere: it counts at every depth
    alone    of the former, at each depth, the row of every person who has one row of the cell
    pages    the page of every pair of the former
    """

    cells: list[NDArray[Any]]
    single: list[NDArray[Any]]
    pages: list[NDArray[Any]]
    alone: list[list[NDArray[Any]]]
    distinct: int = 0


def _in_turn(pool: ThreadPoolExecutor, portions: Portions, plan: Plan, groups: list[range], ahead: int) -> Iterator[_Found]:
    """Results one after another; no more than `ahead` groups are in memory at the same time."""
    waiting: deque[Future[_Found]] = deque()
    for group in groups:
        waiting.append(pool.submit(_group, portions, group, plan))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _group(portions: Portions, group: range, plan: Plan) -> _Found:
    found = _Found([], [], [], [[] for _ in plan.levels])
    for number in group:
        _portion(*portions.get(number), plan, found)
    return found


def _portion(pages: NDArray[np.uint32], people: Words, plan: Plan, found: _Found) -> None:
    """A portion's share of everything."""
    if len(lost := plan.rows[0] < 0) and lost.any():  # a page without a territory is in no cell
        placed = ~lost.take(pages)
        pages, people = pages.compress(placed), people.compress(placed)
    bits = np.uint64(_bits(plan))
    words, distinct = _words(pages, people, plan)
    row = (words & np.uint64((1 << int(bits)) - 1)).view(np.int64)
    first = _changes(words >> bits)
    first |= _changes(plan.block.take(row))
    single = first & _next(first)
    many = ~single
    found.single.append(row.compress(single))
    found.distinct += distinct
    _climb(row.compress(many), first.compress(many), plan, found)


def _climb(row: Ints, first: NDArray[np.bool_], plan: Plan, found: _Found) -> None:
    """Count those who have several rows of a network and sphere, at every depth; who is counted once is one row at the next depth up.

    first  where a person's rows of a network and sphere begin
    """
    found.pages.append(plan.page.take(row.compress(plan.sphere.take(row) == ALL)))
    alone = np.ones(len(row), np.bool_)
    for level, rows in zip(plan.levels, found.alone, strict=True):
        cell = level.take(row)
        new = _changes(cell)
        new |= first
        alone &= new
        alone &= _next(new)
        rows.append(row.compress(alone))
        found.cells.append(cell.compress(new))
        row, first, alone = row.compress(new), first.compress(new), alone.compress(new)


def _words(pages: NDArray[np.uint32], people: Words, plan: Plan) -> tuple[Words, int]:
    """Person and row of every pair, each once and sorted, and how many people there are."""
    bits = np.uint64(_bits(plan))
    distinct = int(np.count_nonzero(_changes(np.sort(people))))
    words = _joined(pages, people >> bits << bits, plan)
    if np.count_nonzero(_changes(words >> bits)) != distinct:  # two people share their upper bits
        numbers = np.unique(people, return_inverse=True)[1].astype(np.uint64)
        words = _joined(pages, numbers << bits, plan)
    return words, distinct


def _joined(pages: NDArray[np.uint32], upper: Words, plan: Plan) -> Words:
    """Words of pairs whose people are already in the upper bits."""
    parts = [np.empty(0, np.uint64)]
    for rows in plan.rows:
        row = rows.take(pages)
        there = row >= 0
        if not there.all():  # who has no second sphere has no third either
            row, pages, upper = row.compress(there), pages.compress(there), upper.compress(there)
        parts.append(upper | row.astype(np.uint64))
    words = np.concatenate(parts)
    words.sort()
    new = _changes(words)
    return words if new.all() else words.compress(new)


def _sum(numbers: list[NDArray[Any]], length: int) -> Ints:
    """How often each number comes."""
    return np.bincount(np.concatenate([np.empty(0, np.int64), *numbers]), minlength=length)


def _bits(plan: Plan) -> int:
    return max(1, len(plan.page).bit_length())


def _changes(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Where a value is not the one before it; the first is always new."""
    found = np.ones(len(values), np.bool_)
    np.not_equal(values[1:], values[:-1], out=found[1:])
    return found


def _next(first: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether the one after it is the first of its group: then it is the last of its own."""
    found = np.ones(len(first), np.bool_)
    found[:-1] = first[1:]
    return found


def distinct(portions: Portions, chosen: Sequence[Sequence[int]], pages: int) -> list[int]:
    """Distinct people of each set of pages; the pages of a set must be of one network."""
    inside = np.zeros((len(chosen), pages), np.bool_)
    for number, numbers in enumerate(chosen):
        inside[number, list(numbers)] = True
    found = [0] * len(chosen)
    for portion in range(portions.number) if chosen else ():
        of, people = portions.get(portion)
        for number, mask in enumerate(inside):
            found[number] += int(np.count_nonzero(_changes(np.sort(people.compress(mask.take(of))))))
    return found
