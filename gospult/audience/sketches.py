"""HyperLogLog sketches of pages: unions of any pages at once, with the error that goes with them. Pure: arrays in, arrays out.

A register keeps the highest rank among the people that fell into it, and nothing of who they were. Where few people share a register,
somebody who knows other pages of a person could recognise the person's register; so a sketch has at most one register for CROWD
subscribers (docs/audience.md), and smaller pages are told less exactly.

The estimator is Ertl's improved raw estimate (O. Ertl, New cardinality estimation algorithms for HyperLogLog sketches, 2017, algorithm 6).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, log, sqrt

import numpy as np
from numpy.typing import NDArray

from .engine import Portions, Words

PRECISION, LOWEST = 14, 8  # bits that choose a register: of the largest pages, and of the smallest that have a sketch at all
REGISTERS = 1 << PRECISION  # one byte each
CROWD = 4  # subscribers for a register, at least
SPREAD = 1.04  # standard error of a count, times the root of the number of registers, as a share of it

Registers = NDArray[np.uint8]
Layers = Mapping[int, Registers]  # precision → the union of the sketches of that precision


@dataclass(frozen=True)
class Estimate:
    """People, and the standard error beside them; both in people."""

    people: float
    error: float


def precision(subscribers: int) -> int | None:
    """The precision that a page of so many subscribers may have, None where it may have no sketch."""
    bits = (subscribers // CROWD).bit_length() - 1
    return None if bits < LOWEST else min(bits, PRECISION)


def sketch(portions: Portions, pages: Sequence[int], number_of_pages: int) -> Registers:
    """Sketches of the named pages at the highest precision, in their order, to be folded; shape (pages, REGISTERS)."""
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


def fold(registers: Registers, bits: int) -> Registers:
    """The same people with fewer registers."""
    cut = (len(registers).bit_length() - 1) - bits
    if cut <= 0:
        return registers
    groups = registers.reshape(1 << bits, 1 << cut)
    ranks = np.array([0, *(cut - number.bit_length() + 1 for number in range(1, 1 << cut))], np.uint8)
    found = np.where(groups > 0, ranks, np.uint8(0))
    found[:, 0] = np.where(groups[:, 0] > 0, groups[:, 0] + np.uint8(cut), 0)
    return found.max(axis=1)


def union(sketches: Iterable[bytes]) -> Layers:
    """Everybody who is in any of these sketches."""
    sizes: dict[int, list[bytes]] = {}
    for one in sketches:
        sizes.setdefault(len(one), []).append(one)
    return {
        size.bit_length() - 1: np.maximum.reduce(np.frombuffer(b"".join(rows), np.uint8).reshape(len(rows), size))
        for size, rows in sorted(sizes.items(), reverse=True)
    }


def together(one: Layers, other: Layers) -> Layers:
    """Everybody who is in either."""
    found = dict(one)
    for bits, registers in other.items():
        found[bits] = np.maximum(found[bits], registers) if bits in found else registers
    return dict(sorted(found.items(), reverse=True))


def estimate(layers: Layers) -> Estimate:
    """How many people there are: those of the finest sketches, and what each coarser layer adds to them by its own measure."""
    people = variance = 0.0
    before: Registers | None = None
    for bits, registers in layers.items():
        finer = fold(before, bits) if before is not None else np.zeros(len(registers), np.uint8)
        before = np.maximum(finer, registers)
        whole, known = _count(before), _count(finer)
        people += max(0.0, whole - known)
        variance += SPREAD**2 / len(registers) * max(0.0, whole**2 - known**2)
    return Estimate(people, sqrt(variance))


def overlap(one: Layers, other: Layers) -> Estimate:
    """How many people are in both: the sum of the two less their union. The errors of all three add up, so a small overlap is mostly error."""
    first, second, both = estimate(one), estimate(other), estimate(together(one, other))
    people = max(0.0, first.people + second.people - both.people)
    return Estimate(people, sqrt(first.error**2 + second.error**2 + both.error**2))


def _count(registers: Registers) -> float:
    number = len(registers)
    top = 64 - (number.bit_length() - 1) + 1  # the highest rank
    counts = np.bincount(registers, minlength=top + 1).astype(float)
    z = number * _tau(1 - counts[top] / number)
    for rank in range(top - 1, 0, -1):
        z = 0.5 * (z + counts[rank])
    z += number * _sigma(counts[0] / number)
    return number * number / (2 * log(2)) / z if z < inf else 0.0


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
