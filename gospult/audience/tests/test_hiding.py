from hypothesis import given, settings
from hypothesis import strategies as st

from gospult.audience.cells import ALL
from gospult.audience.hiding import Size, hidden

TREE = [-1, 0, 0, 0, 1, 1]  # a region, three municipalities, two settlements in the first


def size(people, pages=5, subscriptions=None, largest=None):
    return Size(people, pages, subscriptions or people * 2, largest if largest is not None else people // 2)


def secret(**cells):
    """Cells of all spheres of one network, by territory `t0`…"""
    named = {(0, ALL, int(name[1:])): found for name, found in cells.items()}
    return {territory for _, _, territory in hidden(named, TREE, people=100, pages=2)}


def test_few_people_or_few_pages_are_hidden():
    assert secret(t0=size(9000, pages=30), t1=size(90), t2=size(80), t3=size(4000)) == {1, 2}
    assert secret(t0=size(9000, pages=30), t1=size(900, pages=1), t2=size(800, pages=1), t3=size(4000)) == {1, 2}


def test_a_lonely_hidden_cell_gets_the_smallest_for_company():
    assert secret(t0=size(9000, pages=30), t1=size(90), t2=size(5000), t3=size(4000)) == {1, 3}


def test_what_lies_inside_a_hidden_cell_is_hidden():
    assert secret(t0=size(9000, pages=30), t1=size(2000, pages=12), t2=size(90), t3=size(4000), t4=size(1500), t5=size(1400)) == {1, 2, 4, 5}


def test_a_cell_of_the_same_pages_is_hidden_with_it():
    assert secret(t0=size(9000, pages=30), t1=size(90, pages=5), t2=size(95), t3=size(4000), t4=size(90, pages=5)) == {1, 2, 4}


def test_a_sphere_cannot_be_had_from_all_spheres():
    cells = {(0, ALL, 1): size(5000, pages=9), (0, 1, 1): size(60), (0, 2, 1): size(2000), (0, 3, 1): size(3000)}
    assert hidden(cells, TREE, people=100, pages=2) == {(0, 1, 1), (0, 2, 1)}


def test_pages_that_nobody_shares_tell_too_much():
    assert secret(t0=size(9000, pages=30), t1=size(1000, subscriptions=1004), t2=size(3000), t3=size(4000)) == {1, 2}
    assert secret(t0=size(9000, pages=30), t1=size(1000, largest=995), t2=size(3000), t3=size(4000)) == {1, 2}


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(1, 4)), min_size=6, max_size=6))
def test_no_hidden_cell_stands_alone_among_its_neighbours(figures):
    cells = {(0, ALL, territory): size(people, pages) for territory, (people, pages) in enumerate(figures)}
    found = hidden(cells, TREE, people=100, pages=2)
    for above in (0, 1):
        below = [(0, ALL, territory) for territory, parent in enumerate(TREE) if parent == above]
        lonely = [name for name in below if name in found]
        assert (0, ALL, above) in found or len(lonely) != 1
        assert (0, ALL, above) not in found or len(lonely) == len(below)
