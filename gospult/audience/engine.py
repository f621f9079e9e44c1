"""Exact distinct people of every cell, in one pass over people cut into portions. Pure: arrays in, arrays out.

Everything of one person lies in one portion, so portions add up. Inside a portion each pair becomes one 64-bit word: the upper bits of
the person, the number of the page's row below them. Sorted words hold a person's rows side by side in the order of the tree, so one figure
of each word tells everything: how many depths of the tree it shares with the word before it. People of a cell are its subscriptions less
the words that share the cell with the word before. Rows of single spheres are sorted in the same way, but only of people who follow more
than one page of a network: nobody else can come twice. Upper bits alone may take two people for one: the portion looks at the whole
numbers beside it, and where two are alike in their upper bits it gives its people numbers of their own.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .cells import Ints, Plan

Words = NDArray[np.uint64]
Pairs = tuple[NDArray[np.uint32], Words]  # page index, keyed person, of the same length
Depths = NDArray[np.uint8]  # of each word how many depths of the tree it shares with another
PORTIONS = 256  # at most
PAIRS_A_PORTION = 200_000
GROUP = 4  # portions that are added up together
BLOCK = 131_072  # pairs: what the processor keeps near
FULL = np.uint64(2**64 - 1)


@dataclass(frozen=True)
class Counts:
    """What was counted.

    people    distinct people of each cell; shape (cells,)
    subscriptions   pairs of each cell; shape (cells,)
    members   pairs of each page; shape (pages,)
    alone     people who follow only this page of its cell, for each row of «all spheres» at each depth, the deepest first; shape (depths, rows)
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

    @property
    def total(self) -> int:
        """How many pairs there are."""
        return sum(len(people) for (_, people), _ in self.chunks)

    def add(self, pages: NDArray[np.uint32], people: Words) -> None:
        """Take a chunk of pairs; the arrays themselves are left alone. Threads may add side by side."""
        kept = np.empty(len(pages), np.uint32), np.empty(len(pages), np.uint64)
        ends = [self._put(slice(begin, begin + BLOCK), pages, people, kept) for begin in range(0, len(pages), BLOCK)]
        self.chunks.append((kept, np.array(ends, np.int64).reshape(-1, self.number + 1)))

    def _put(self, block: slice, pages: NDArray[np.uint32], people: Words, kept: Pairs) -> Ints:
        """Sort a block by portions into its place; returns where each portion ends."""
        portion = (people[block] & np.uint64(self.number - 1)).astype(np.uint8)
        order = np.argsort(portion, kind="stable")  # a counting sort
        pages[block].astype(np.uint32, copy=False).take(order, out=kept[0][block], mode="clip")
        people[block].take(order, out=kept[1][block], mode="clip")
        return np.cumsum(np.bincount(portion + np.int64(1), minlength=self.number + 1)) + block.start

    def get(self, portion: int) -> Pairs:
        """All pairs of a portion."""
        cut = [(kept, slice(*ends)) for kept, blocks in self.chunks for ends in blocks[:, portion : portion + 2].tolist()]
        pages, people = [kept[0][there] for kept, there in cut], [kept[1][there] for kept, there in cut]
        return np.concatenate([np.empty(0, np.uint32), *pages]), np.concatenate([np.empty(0, np.uint64), *people])


def portions_for(pairs: int) -> Portions:
    """Empty portions, as many as so many pairs want."""
    return Portions(number=min(PORTIONS, 1 << max(0, pairs // PAIRS_A_PORTION).bit_length()))


def count(portions: Portions, plan: Plan, *, threads: int = 2, step: Callable[[int], None] = lambda done: None) -> Counts:
    """People and subscriptions of every cell. `step` hears how many portions are done, and may raise to stop.

    Takes some 100 ns of one core a pair (2 cores side by side), and above the portions themselves some 60 MB a thread.
    """
    depths = len(plan.levels) + 1
    again, pages, people = np.zeros((_leaves(plan), depths), np.int64), np.zeros((plan.spheres.shape[1], depths), np.int64), 0
    groups = [range(begin, min(begin + GROUP, portions.number)) for begin in range(0, portions.number, GROUP)]
    with ThreadPoolExecutor(threads) as pool:  # numpy lets the threads run side by side
        for found, group in zip(_in_turn(pool, portions, plan, groups, threads + 1), groups, strict=True):
            again += found.again
            pages += found.pages
            people += found.people
            step(group.stop)
    return _counts(plan, again, pages, people)


def _counts(plan: Plan, again: Ints, pages: Ints, distinct: int) -> Counts:
    members = np.zeros(plan.rows.shape[1], np.int64)
    members[plan.page[: len(pages)]] = pages.sum(axis=1)
    subscriptions = plan.cells_of_rows(members[plan.page])
    row = np.searchsorted(plan.leaf, np.arange(len(again)))  # one of each leaf
    told = np.zeros(2 * plan.cells, np.int64)
    for depth, level in enumerate(plan.levels[::-1]):
        np.add.at(told, level[row], again[:, depth + 1 :].sum(axis=1))
    alone = pages.cumsum(axis=1)[:, -2::-1].T
    return Counts(
        people=subscriptions - told[: plan.cells],
        subscriptions=subscriptions,
        members=members,
        alone=np.where(plan.levels[:, : len(pages)] < plan.cells, alone, 0),
        distinct=distinct,
    )


@dataclass
class _Found:
    """What some portions say.

    again    of each leaf of the tree, how many words share so many depths with the word before; those that share none are not looked at
    pages    of each page's row, how many people share so many depths with another page of theirs, whichever shares most
    people   how many there are
    """

    again: Ints
    pages: Ints
    people: int


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
    depths, again, pages, people = len(plan.levels) + 1, list[Ints](), list[Ints](), 0
    for number in group:
        words, distinct = _words(*portions.get(number), plan)
        row, before = _shared(words, plan)
        again.append(_again(row, before, plan))
        before[:-1] = np.maximum(before[:-1], before[1:])  # now with the word before or after
        pages.append(row * depths + before[:-1])
        several = before[:-1] > 0
        row, before = _shared(_of_spheres(words.compress(several), row.compress(several), plan), plan)
        again.append(_again(row, before, plan))
        people += distinct
    return _Found(_sum(again, _leaves(plan), depths), _sum(pages, plan.spheres.shape[1], depths), people)


def _words(pages: NDArray[np.uint32], people: Words, plan: Plan) -> tuple[Words, int]:
    """Person and row of every pair, each once and sorted, and how many people there are."""
    row = plan.rows[0].take(pages)
    if len(row) and row.min() < 0:  # a page without a territory is in no cell
        row, people = row.compress(row >= 0), people.compress(row >= 0)
    bits, keys = np.uint64(_bits(plan)), np.sort(people)
    change = keys[1:] ^ keys[:-1]
    distinct = min(1, len(keys)) + int(np.count_nonzero(change))
    if ((change - 1) < (np.uint64(1) << bits) - 1).any():  # two people share their upper bits: 0 less 1 is a large number
        people = np.unique(people, return_inverse=True)[1].astype(np.uint64) << bits
    words = people & (FULL << bits)
    words |= row.astype(np.uint64)
    words.sort()
    return (words if (words[1:] != words[:-1]).all() else np.unique(words)), distinct


def _shared(words: Words, plan: Plan) -> tuple[Ints, Depths]:
    """The row of each word, and how many depths it shares with the word before; that has one 0 more at the end."""
    bits = np.uint64(_bits(plan))
    row = (words & ~(FULL << bits)).view(np.int64)
    code = plan.code.take(row)
    way = code[1:] ^ code[:-1]
    depths = np.zeros(len(words) + 1, np.uint8)
    for bit in plan.bits:
        depths[1:-1] += way < (1 << bit)
    depths[1:-1] *= (words[1:] ^ words[:-1]) < (np.uint64(1) << bits)  # one person
    return row, depths


def _again(row: Ints, before: Depths, plan: Plan) -> Ints:
    """Where the words that share something stand in a table of leaves and depths."""
    there = before[: len(row)] > 0
    return plan.leaf.take(row.compress(there)) * np.int64(len(plan.levels) + 1) + before[: len(row)].compress(there)


def _of_spheres(words: Words, row: Ints, plan: Plan) -> Words:
    """The words of the same people in the spheres of their pages, sorted."""
    upper, parts = words & (FULL << np.uint64(_bits(plan))), [np.empty(0, np.uint64)]
    for rows in plan.spheres:
        other = rows.take(row)
        there = other >= 0
        if not there.all():  # who has no second sphere has no third either
            other, row, upper = other.compress(there), row.compress(there), upper.compress(there)
        parts.append(upper | other.astype(np.uint64))
    found = np.concatenate(parts)
    found.sort()
    return found


def _sum(places: list[Ints], rows: int, depths: int) -> Ints:
    """How often each place of a table comes."""
    return np.bincount(np.concatenate(places), minlength=rows * depths).reshape(rows, depths)


def _leaves(plan: Plan) -> int:
    return int(plan.leaf.max(initial=-1)) + 1


def _bits(plan: Plan) -> int:
    return max(1, len(plan.page).bit_length())


def distinct(portions: Portions, chosen: Sequence[Sequence[int]], pages: int) -> list[int]:
    """Distinct people of each set of pages; the pages of a set must be of one network."""
    inside = np.zeros((len(chosen), pages), np.bool_)
    for number, numbers in enumerate(chosen):
        inside[number, list(numbers)] = True
    found = [0] * len(chosen)
    for portion in range(portions.number) if chosen else ():
        of, people = portions.get(portion)
        for number, mask in enumerate(inside):
            keys = np.sort(people.compress(mask.take(of)))
            found[number] += min(1, len(keys)) + int(np.count_nonzero(keys[1:] != keys[:-1]))
    return found
