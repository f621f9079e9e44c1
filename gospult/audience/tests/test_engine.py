"""The engine against plain sets and against DuckDB."""

from collections.abc import Iterator

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gospult.audience.cells import ALL, Places, ancestors, plan
from gospult.audience.engine import Counts, Portions, count, portions_for

Pairs = list[tuple[int, int]]
SPHERES = 4
FEW = settings(max_examples=150, deadline=None)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Places, Pairs, int]:
    territories = draw(st.integers(1, 8))
    parents = [-1] + [draw(st.integers(-1, number - 1)) for number in range(1, territories)]
    pages = draw(st.integers(1, 9))
    territory = draw(st.lists(st.integers(-1, territories - 1), min_size=pages, max_size=pages))
    network = draw(st.lists(st.integers(0, 2), min_size=pages, max_size=pages))
    spheres = draw(st.lists(st.lists(st.integers(0, SPHERES - 1), max_size=3), min_size=pages, max_size=pages))
    # Few people on many pages; some whose keys differ in the lowest bit only, and some at the very top.
    people = st.one_of(st.integers(0, 6), st.integers(2**64 - 3, 2**64 - 1), st.integers(0, 2**64 - 1))
    pairs = draw(st.lists(st.tuples(st.integers(0, pages - 1), people), max_size=60))
    return Places(parents, territory, network, spheres), pairs, draw(st.sampled_from([1, 2, 8]))


def counted(places: Places, pairs: Pairs, portions: int = 1) -> Counts:
    filled = Portions(number=portions)
    for begin in range(0, len(pairs), 13):
        part = pairs[begin : begin + 13]
        filled.add(np.array([page for page, _ in part], np.uint32), np.array([person for _, person in part], np.uint64))
    return count(filled, plan(places))


def above(places: Places, territory: int) -> Iterator[int]:
    while territory >= 0:
        yield territory
        territory = places.parents[territory]


def by_sets(places: Places, pairs: Pairs) -> dict[tuple[int, int, int], dict[int, set[int]]]:
    """(network, sphere, territory) → person → the pages that the person follows there."""
    found: dict[tuple[int, int, int], dict[int, set[int]]] = {}
    for page, person in pairs:
        for territory in above(places, places.territory[page]):
            for sphere in {ALL, *places.spheres[page]}:
                found.setdefault((places.network[page], sphere, territory), {}).setdefault(person, set()).add(page)
    return found


@FEW
@given(worlds())
def test_every_cell_holds_each_person_once(world: tuple[Places, Pairs, int]) -> None:
    places, pairs, portions = world
    found, cells, expected = plan(places), counted(places, pairs, portions), by_sets(places, pairs)
    names = list(zip(found.cell_network.tolist(), found.cell_sphere.tolist(), found.cell_territory.tolist(), strict=True))
    assert {name: people for name, people in zip(names, cells.people.tolist(), strict=True) if people} == {n: len(s) for n, s in expected.items()}
    subscriptions = dict(zip(names, cells.subscriptions.tolist(), strict=True))
    assert all(subscriptions[name] == sum(map(len, people.values())) for name, people in expected.items())
    assert len(set(names)) == len(names)


@FEW
@given(worlds())
def test_who_follows_only_this_page_of_a_cell_is_counted(world: tuple[Places, Pairs, int]) -> None:
    places, pairs, portions = world
    found, cells, expected = plan(places), counted(places, pairs, portions), by_sets(places, pairs)
    for page, row in enumerate(found.rows[0].tolist()):
        depths = ancestors(np.array(places.parents))[:, places.territory[page]] if row >= 0 else np.array([])
        for depth, territory in enumerate(depths.tolist()):
            people = expected.get((places.network[page], ALL, territory), {})
            assert cells.alone[depth, row] == sum(1 for pages in people.values() if pages == {page})


@FEW
@given(worlds())
def test_roll_ups_lie_between_the_largest_part_and_the_sum(world: tuple[Places, Pairs, int]) -> None:
    places, pairs, portions = world
    found, cells = plan(places), counted(places, pairs, portions)
    names = list(zip(found.cell_network.tolist(), found.cell_sphere.tolist(), found.cell_territory.tolist(), strict=True))
    people, subscriptions = dict(zip(names, cells.people.tolist(), strict=True)), dict(zip(names, cells.subscriptions.tolist(), strict=True))
    for (network, sphere, territory), total in people.items():
        parts = [people.get((network, sphere, child), 0) for child, parent in enumerate(places.parents) if parent == territory]
        own = [int(cells.members[page]) for page, where in enumerate(places.territory) if where == territory
               and places.network[page] == network and (sphere == ALL or sphere in places.spheres[page])]  # fmt: skip
        assert max([0, *parts, *own]) <= total <= sum(parts) + sum(own)
        assert subscriptions[network, sphere, territory] >= total


def test_a_pair_told_twice_counts_once() -> None:
    places = Places([-1], [0, 0], [0, 0], [[0], [1]])
    cells = counted(places, [(0, 7), (0, 7), (1, 7), (1, 9)])
    assert cells.members.tolist() == [1, 2]
    assert sorted(cells.people.tolist()) == [1, 2, 2]


def test_people_with_the_same_upper_bits_stay_two() -> None:
    places = Places([-1], [0], [0], [[]])
    assert counted(places, [(0, 2**63), (0, 2**63 + 1), (0, 2**63 + 2)]).people.tolist() == [3]


def test_no_pages_and_no_pairs_are_no_error() -> None:
    assert counted(Places([-1], [], [], []), []).people.tolist() == []
    assert counted(Places([-1, 0], [1, -1], [0, 0], [[1], []]), []).people.tolist() == [0] * 4


def test_a_circle_of_territories_is_an_error() -> None:
    with pytest.raises(ValueError, match="по кругу"):
        plan(Places([1, 0], [0], [0], [[]]))


def test_a_tree_that_no_code_can_hold_is_an_error() -> None:
    parents = [-1] + [4 * (number // 4) - (0 if number % 4 else 4) for number in range(1, 161)]  # forty depths of four
    with pytest.raises(ValueError, match="ветвисто"):
        plan(Places(parents, list(range(161)), [0] * 161, [[]] * 161))


def test_people_alike_in_their_upper_bits_are_two() -> None:
    places = Places([-1, 0, 0], [1, 2, 2], [0, 0, 0], [[0], [1], [0, 1]])
    cells = counted(places, [(0, 1 << 40), (1, (1 << 40) + 1), (2, 1 << 40), (2, (1 << 40) + 1)])
    assert (cells.distinct, cells.people.max(), cells.members.tolist()) == (2, 2, [1, 1, 2])


def test_a_build_can_be_stopped_between_portions() -> None:
    filled = portions_for(10_000_000)
    filled.add(np.zeros(100, np.uint32), np.arange(100, dtype=np.uint64))
    with pytest.raises(KeyboardInterrupt):
        count(filled, plan(Places([-1], [0], [0], [[]])), step=_stop)


def _stop(done: int) -> None:
    raise KeyboardInterrupt


def test_half_a_million_pairs_agree_with_duckdb() -> None:
    dice = np.random.default_rng(3)
    pages, territories = 400, 60
    parents = [-1] + [0] * 9 + [1 + number % 9 for number in range(territories - 10)]
    where, network = dice.integers(1, territories, pages), dice.integers(0, 2, pages)
    places = Places(parents, where.tolist(), network.tolist(), [[int(page) % SPHERES] for page in range(pages)])
    page, person = dice.integers(0, pages, 500_000).astype(np.uint32), dice.integers(0, 2**63, 80_000, np.uint64)[dice.integers(0, 80_000, 500_000)]
    filled = portions_for(len(page))
    filled.add(page, person)
    found, cells = plan(places), count(filled, plan(places))
    table, pairs = {"page": np.arange(pages), "territory": where, "network": network}, {"page": page, "person": person}
    rows = duckdb.sql('SELECT network, territory, page % 4, count(DISTINCT person) FROM pairs JOIN "table" USING (page) GROUP BY ALL').fetchall()
    assert (len(pairs), len(table)) == (2, 3)  # DuckDB has read them by their names
    names = zip(found.cell_network.tolist(), found.cell_territory.tolist(), found.cell_sphere.tolist(), strict=True)
    ours = dict(zip(names, cells.people.tolist(), strict=True))
    lowest = {(n, t, s): people for n, t, s, people in rows if t >= 10}
    assert lowest
    assert all(ours[name] == people for name, people in lowest.items())
