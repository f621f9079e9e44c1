"""A country's subscriptions, made up and always the same: pages of skewed sizes whose people are those who live around them."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import gcd

import numpy as np
from numpy.typing import NDArray

from gospult.audience.cells import Places

CHUNK = 2_000_000  # pairs of one file
SIZES = {
    # With second spheres and two networks these are about 29,600 places × spheres × networks at the lowest level.
    "country": {"pages": 175_000, "pairs": 110_000_000, "people": 46_000_000, "cells": 7_950, "regions": 85},
    "region": {"pages": 7_000, "pairs": 3_800_000, "people": 1_600_000, "cells": 1_500, "regions": 1},
    "small": {"pages": 700, "pairs": 200_000, "people": 90_000, "cells": 200, "regions": 2},
}
SPHERES = 20
LIVE = 0.675  # people who live somewhere, for each key that is seen: the same person has a key in every network


@dataclass(frozen=True)
class World:
    """places: what the pages are; size: subscribers of each page; lowest, span: whose neighbours they are, in numbers of people."""

    places: Places
    size: NDArray[np.int64]
    lowest: NDArray[np.int64]
    span: NDArray[np.int64]

    @property
    def pairs(self) -> int:
        return int(self.size.sum())


def world(*, pages: int, pairs: int, people: int, cells: int, regions: int, seed: int = 1) -> World:
    """So many pages with together about so many pairs; `people` are those who follow at least one.

    cells  the lowest places × first spheres of pages; second spheres and networks make nearly four times as many of them
    """
    dice = np.random.default_rng(seed)
    towns = max(regions, cells // 13)
    settlements = towns * 4
    parents = [-1] + [0] * regions + [1 + t % regions for t in range(towns)] + [1 + regions + s % towns for s in range(settlements)]
    place, sphere = _cells(dice, cells, towns, settlements)
    cell = np.concatenate([np.arange(cells), (cells * dice.random(max(0, pages - cells)) ** 2).astype(np.int64)])[:pages]
    territory = 1 + regions + place[cell]
    more = dice.random((2, pages)) < [[0.25], [0.05]]
    spheres = [
        sorted({int(s), *([int(s + 1) % SPHERES] if a else []), *([int(s + 7) % SPHERES] if b else [])})
        for s, a, b in zip(sphere[cell], *more, strict=True)
    ]
    town = np.where(place < towns, place, (place - towns) % towns)[cell]
    live = int(people * LIVE)
    size, lowest, span = _people(dice, town, towns, live, pairs)
    network = (dice.random(pages) < 0.25).astype(np.int64)
    return World(Places(parents, territory.tolist(), network.tolist(), spheres), size, lowest, span)


def _cells(dice: np.random.Generator, cells: int, towns: int, settlements: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Different (place, sphere), more of them in towns than in their settlements."""
    places = np.where(dice.random(cells * 4) < 0.6, dice.integers(0, towns, cells * 4), towns + dice.integers(0, settlements, cells * 4))
    codes = np.unique(places * SPHERES + dice.integers(0, SPHERES, cells * 4))
    return tuple(np.divmod(np.sort(dice.permutation(codes)[:cells]), SPHERES))  # type: ignore[return-value]


def _people(dice: np.random.Generator, town: NDArray[np.int64], towns: int, live: int, pairs: int) -> tuple[NDArray[np.int64], ...]:
    """A town's people are a stretch of numbers; its pages are followed from there and from half a town on either side."""
    weight = dice.pareto(1.3, len(town)) + 0.15
    share = np.bincount(town, weights=weight, minlength=towns)
    home = np.maximum(50, live * share / share.sum()).astype(np.int64)
    start = np.cumsum(home) - home
    span = (home * 1.3).astype(np.int64)[town]
    size, most = np.zeros(len(town), np.int64), span * 9 // 10
    while (missing := pairs - int(size.sum())) > len(town) // 10:  # what the largest cannot take goes to the others
        free = np.where(size < most, weight, 0)
        size = np.minimum(size + np.ceil(missing * free / free.sum()).astype(np.int64), most)
    return size, start[town], span


def chunks(world: World, seed: int = 1) -> Iterator[tuple[NDArray[np.uint32], NDArray[np.uint64]]]:
    """The pairs in files' worth, mixed as they would come; people under keyed numbers."""
    dice = np.random.default_rng(seed)
    order = dice.permutation(len(world.size))
    ends = np.cumsum(world.size[order])
    cuts = np.searchsorted(ends, np.arange(CHUNK, int(ends[-1]) + CHUNK, CHUNK) if len(ends) else [])
    for pages in np.split(order, np.unique(np.minimum(cuts + 1, len(order)))):
        if len(pages):
            yield _pairs(world, pages, dice)


def _pairs(world: World, pages: NDArray[np.int64], dice: np.random.Generator) -> tuple[NDArray[np.uint32], NDArray[np.uint64]]:
    """Of each page different people: every so-manieth of its stretch, going round."""
    size, span = world.size[pages], world.span[pages]
    step = np.array([_coprime(int(dice.integers(1, width)), int(width)) for width in span])
    page, first = np.repeat(pages, size), np.repeat(np.cumsum(size) - size, size)
    turn = np.arange(len(page)) - first
    person = np.repeat(world.lowest[pages], size) + (np.repeat(dice.integers(0, span), size) + turn * np.repeat(step, size)) % np.repeat(span, size)
    network = np.asarray(world.places.network)[page]
    return page.astype(np.uint32), _keyed((person * 2 + network).astype(np.uint64))


def _coprime(step: int, width: int) -> int:
    while gcd(step, width) != 1:
        step += 1
    return step


def _keyed(people: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Evenly spread numbers in the place of people, as a key would give them (the finalizer of splitmix64)."""
    mixed = people ^ np.uint64(0x5DEECE66D5DEECE6)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed ^= mixed >> np.uint64(shift)
        mixed *= np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(31))
