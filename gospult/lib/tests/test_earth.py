import pytest
from hypothesis import given
from hypothesis import strategies as st

from gospult.lib.earth import RADIUS, metres

places = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


# Coordinates and distances of the cities as encyclopaedias give them.
@pytest.mark.parametrize(
    ("one", "other", "km"),
    [((55.7558, 37.6173), (59.9343, 30.3351), 634), ((55.16, 61.40), (53.41, 58.98), 250), ((0.0, 179.5), (0.0, -179.5), 111)],
)
def test_known_distances(one, other, km):
    assert metres(one, other) / 1000 == pytest.approx(km, rel=0.01)


@given(places, places)
def test_there_is_as_far_as_back_and_nothing_is_farther_than_half_the_world(one, other):
    assert metres(one, other) == metres(other, one)
    assert 0 <= metres(one, other) <= 3.1416 * RADIUS
    assert metres(one, one) == 0
