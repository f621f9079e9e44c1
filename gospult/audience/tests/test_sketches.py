"""Sketches against the truth they stand for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gospult.audience.engine import Portions
from gospult.audience.sketches import CROWD, LOWEST, PRECISION, REGISTERS, SPREAD, estimate, fold, hashed, overlap, precision, sketch, union

ERROR = SPREAD / REGISTERS**0.5


def people(number: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 2**64, number, np.uint64)


def sketched(*pages: np.ndarray) -> np.ndarray:
    filled = Portions(number=4)
    for page, who in enumerate(pages):
        filled.add(np.full(len(who), page, np.uint32), who)
    return sketch(filled, range(len(pages)), len(pages))


def kept(*pages: np.ndarray) -> list[bytes]:
    """As a build keeps them."""
    return [fold(row, precision(len(who)) or PRECISION).tobytes() for row, who in zip(sketched(*pages), pages, strict=True)]


@pytest.mark.parametrize("number", [0, 1, 10, 1_000, 40_000, 100_000, 1_000_000])
@pytest.mark.parametrize("bits", [PRECISION, 11, LOWEST])
def test_the_printed_error_is_the_measured_one(number: int, bits: int) -> None:
    counts = [estimate(union([fold(sketched(people(number, seed))[0], bits).tobytes()])) for seed in range(12)]
    off = [found.people - number for found in counts]
    assert np.sqrt(np.mean(np.square(off))) <= 1.6 * SPREAD / 2 ** (bits / 2) * number + 1e-6
    assert all(found.error == pytest.approx(SPREAD / 2 ** (bits / 2) * found.people) for found in counts)


def test_a_rank_counts_the_zeros_after_the_register() -> None:
    numbers, ranks = hashed(people(400_000, 5))
    assert (numbers.min(), numbers.max()) == (0, REGISTERS - 1)
    assert [float(np.mean(ranks == rank)) for rank in (1, 2, 3)] == pytest.approx([0.5, 0.25, 0.125], abs=0.01)
    assert 15 < ranks.max() <= 64 - PRECISION + 1


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 20_000), min_size=1, max_size=5), st.integers(0, 99), st.integers(LOWEST, PRECISION))
def test_a_union_of_folded_sketches_is_the_folded_sketch_of_all(sizes: list[int], seed: int, bits: int) -> None:
    pages = [people(size, seed + number) for number, size in enumerate(sizes)]
    found = union(fold(row, bits).tobytes() for row in sketched(*pages))
    assert (found[bits] == fold(sketched(np.concatenate(pages))[0], bits)).all()


def test_every_register_has_a_crowd() -> None:
    assert [precision(number) for number in (1_000, 1_023, 1_024, 4_096, 65_536, 10_000_000)] == [None, None, 8, 10, 14, 14]
    assert all(number >= CROWD << bits for number in range(100, 200_000, 97) if (bits := precision(number)) is not None)


def test_large_and_small_pages_together_keep_the_better_error() -> None:
    off, errors = [], []
    for seed in range(15):
        crowd = people(400_000, seed)
        dice = np.random.default_rng(seed)
        pages = [dice.choice(crowd, size, replace=False) for size in (150_000, 90_000, 40_000, *[3_000] * 10, *[1_200] * 10)]
        found = estimate(union(kept(*pages)))
        off.append(found.people - len(np.unique(np.concatenate(pages))))
        errors.append(found.error)
    assert np.sqrt(np.mean(np.square(off))) <= 1.5 * np.mean(errors)
    assert np.mean(errors) < 0.03 * 250_000  # the coarsest sketch alone would say 6.5 %


def test_an_overlap_comes_with_a_larger_error() -> None:
    both, one, other = people(30_000, 1), people(50_000, 2), people(60_000, 3)
    layers = [union([row]) for row in kept(np.concatenate([both, one]), np.concatenate([both, other]))]
    found = overlap(*layers)
    assert abs(found.people - 30_000) < 3 * found.error
    assert found.error > estimate(layers[0]).error


def test_nothing_chosen_is_nobody() -> None:
    assert estimate(union([])).people == 0
