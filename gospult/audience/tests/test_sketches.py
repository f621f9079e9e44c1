"""Sketches against the truth they stand for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gospult.audience.engine import Portions
from gospult.audience.sketches import ERROR, REGISTERS, TOP, estimate, hashed, overlap, packed, sketch, union


def people(number: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2**64, number, np.uint64)


def sketched(*pages: np.ndarray) -> np.ndarray:
    filled = Portions(number=4)
    for page, who in enumerate(pages):
        filled.add(np.full(len(who), page, np.uint32), who)
    return sketch(filled, range(len(pages)), len(pages))


@pytest.mark.parametrize("number", [0, 1, 10, 1_000, 40_000, 100_000, 1_000_000])
def test_the_printed_error_is_the_measured_one(number: int) -> None:
    off = [estimate(sketched(people(number, seed))[0]).people - number for seed in range(12)]
    assert np.sqrt(np.mean(np.square(off))) <= 1.6 * ERROR * number
    assert abs(np.mean(off)) <= 1.2 * ERROR * number


def test_a_rank_counts_the_zeros_after_the_register() -> None:
    numbers, ranks = hashed(people(400_000, 5))
    assert (numbers.min(), numbers.max()) == (0, REGISTERS - 1)
    assert [float(np.mean(ranks == rank)) for rank in (1, 2, 3)] == pytest.approx([0.5, 0.25, 0.125], abs=0.01)
    assert 15 < ranks.max() <= TOP


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 20_000), min_size=1, max_size=5), st.integers(0, 99))
def test_a_union_is_the_sketch_of_all(sizes: list[int], seed: int) -> None:
    pages = [people(size, seed + number) for number, size in enumerate(sizes)]
    rows = sketched(*pages)
    assert (union(packed(row) for row in rows) == sketched(np.concatenate(pages))[0]).all()


def test_small_pages_take_little_room() -> None:
    assert len(packed(sketched(people(1000, 1))[0])) < 3_100
    assert len(packed(sketched(people(100_000, 1))[0])) == REGISTERS


def test_an_overlap_comes_with_a_larger_error() -> None:
    both, one, other = people(30_000, 1), people(50_000, 2), people(60_000, 3)
    rows = sketched(np.concatenate([both, one]), np.concatenate([both, other]))
    found = overlap(*rows)
    assert abs(found.people - 30_000) < 3 * found.error
    assert found.error > estimate(rows[0]).error
