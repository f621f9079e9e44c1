"""HyperLogLog sketches of pages: unions of any pages at once, with the error that goes with them. Pure: arrays in, arrays out.

A register keeps the highest rank among the people that fell into it, and nothing of who they were. The estimator is Ertl's improved raw
estimate (O. Ertl, New cardinality estimation algorithms for HyperLogLog sketches, 2017, algorithm 6), right from nothing to billions.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf, log, sqrt

import numpy as np
from numpy.typing import NDArray

from .engine import Portions, Words

PRECISION = 14
REGISTERS = 1 << PRECISION  # one byte each
TOP = 64 - PRECISION + 1  # the highest rank
ERROR = 1.04 / sqrt(REGISTERS)  # standard error of a count, as a share of it: 0.8 %
SPARSE = 3  # bytes of a register that is kept with its number

Registers = NDArray[np.uint8]  # shape (REGISTERS,)


@dataclass(frozen=True)
class Estimate:
    """People, and the standard error beside them; both in people."""

    people: float
    error: float


def sketch(portions: Portions, pages: Sequence[int], number_of_pages: int) -> Registers:
    """Sketches of the named pages, in their order; shape (pages, REGISTERS)."""
    place = np.full(number_of_pages, -1, np.int64)
    place[list(pages)] = np.arange(len(pages))
    found = np.zeros(len(pages) * REGISTERS, np.uint8)
    for (of, people), _ in portions.chunks:
        at = place.take(of)
        here = at >= 0
        register, rank = hashed(people.compress(here))
        np.maximum.at(found, at.compress(here) * REGISTERS + register, rank)
    return found.reshape(len(pages), REGISTERS)


def hashed(people: Words) -> tuple[NDArray[np.int64], Registers]:
    """Register and rank of each keyed person: the upper bits choose, the zeros that follow them are counted."""
    mixed = _mixed(people)
    rest = mixed << np.uint64(PRECISION) | np.uint64(1 << (PRECISION - 1))
    # The exponent of a float tells the highest bit. Half a number at a time, for a whole one would be rounded up.
    upper, lower = rest >> np.uint64(32), rest & np.uint64(0xFFFFFFFF)
    length = np.where(upper > 0, 32 + np.frexp(upper.astype(np.float64))[1], np.frexp(lower.astype(np.float64))[1])
    return (mixed >> np.uint64(64 - PRECISION)).astype(np.int64), (65 - length).astype(np.uint8)


def _mixed(people: Words) -> Words:
    """Evenly spread numbers, one to one (the finalizer of splitmix64)."""
    mixed = people.copy()
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed ^= mixed >> np.uint64(shift)
        mixed *= np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(31))


def packed(registers: Registers) -> bytes:
    """A sketch as bytes: of a small page only the registers that are not empty, else all of them."""
    filled = np.flatnonzero(registers)
    if SPARSE * len(filled) >= REGISTERS:
        return registers.tobytes()
    return filled.astype("<u2").tobytes() + registers[filled].tobytes()


def union(sketches: Iterable[bytes]) -> Registers:
    """The sketch of everybody who is in any of them."""
    dense, numbers, ranks = [], [], []
    for one in sketches:
        if len(one) == REGISTERS:
            dense.append(np.frombuffer(one, np.uint8))
            continue
        cut = len(one) // SPARSE * 2
        numbers.append(np.frombuffer(one, "<u2", count=cut // 2))
        ranks.append(np.frombuffer(one, np.uint8, offset=cut))
    found = np.maximum.reduce(dense) if dense else np.zeros(REGISTERS, np.uint8)
    if numbers:
        np.maximum.at(found, np.concatenate(numbers), np.concatenate(ranks))
    return found


def estimate(registers: Registers) -> Estimate:
    """How many people a sketch holds."""
    counts = np.bincount(registers, minlength=TOP + 1).astype(float)
    z = REGISTERS * _tau(1 - counts[TOP] / REGISTERS)
    for rank in range(TOP - 1, 0, -1):
        z = 0.5 * (z + counts[rank])
    z += REGISTERS * _sigma(counts[0] / REGISTERS)
    people = REGISTERS * REGISTERS / (2 * log(2)) / z if z < inf else 0.0
    return Estimate(people, ERROR * people)


def overlap(one: Registers, other: Registers) -> Estimate:
    """How many people are in both: the sum of the two less their union. The errors of all three add up, so a small overlap is mostly error."""
    first, second, both = estimate(one), estimate(other), estimate(np.maximum(one, other))
    people = max(0.0, first.people + second.people - both.people)
    return Estimate(people, sqrt(first.error**2 + second.error**2 + both.error**2))


def _sigma(x: float) -> float:
    """Ertl's σ: what empty registers add."""
    if x == 1:
        return inf
    y, z, before = 1.0, x, -1.0
    while z != before:
        x, before = x * x, z
        z += x * y
        y += y
    return z


def _tau(x: float) -> float:
    """Ertl's τ: what registers at the highest rank add."""
    if x in (0, 1):
        return 0.0
    y, z, before = 1.0, 1 - x, -1.0
    while z != before:
        x, before = sqrt(x), z
        y *= 0.5
        z -= (1 - x) ** 2 * y
    return z / 3
