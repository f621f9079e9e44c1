from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gospult.desk.queries.rating import method_of
from gospult.desk.rating import Measure, Method, medians, score

DATA = {
    "code": "test", "title": "Проба", "from_date": "2026-01-01", "least_a_month": 2,
    "parts": [
        {"title": "Время", "points": 60, "measures": [{"figure": "median_worked", "full": 480, "zero": 1440}]},
        {"title": "Оценки", "points": 40, "least_marks": 5, "measures": [{"figure": "good_share", "full": 1, "zero": 0}]},
    ],
}  # fmt: skip
METHOD = Method.from_json(DATA)


def test_full_points_within_eight_hours_and_half_of_them_in_the_middle():
    assert score({"median_worked": 480, "marks": 9, "good_share": 1}, METHOD).points == 100
    assert score({"median_worked": 960, "marks": 9, "good_share": 1}, METHOD).points == 70


def test_silence_of_residents_leaves_the_part_out_and_says_so():
    found = score({"median_worked": 960, "marks": 4, "good_share": 0}, METHOD)
    assert found.points == 50
    assert "Оценки: данных мало, часть не учтена" in found.lines[1]


def test_each_point_explains_itself():
    assert score({"median_worked": 960, "marks": 0}, METHOD).lines[0] == "Время: 30 из 60 (медиана первой реакции 16 раб. ч — 30 из 60)."


def test_nothing_known_is_no_score():
    assert score({"median_worked": None, "marks": 0}, METHOD).points is None


def test_a_method_with_equal_borders_is_refused_with_one_sentence():
    broken = DATA | {"parts": [{"title": "Время", "points": 1, "measures": [{"figure": "late_share", "full": 0, "zero": 0}]}]}
    with pytest.raises(ValueError, match="границы совпадают"):
        Method.from_json(broken)


def test_two_cases_a_month_are_enough_and_a_quarter_asks_for_six():
    assert (METHOD.least(7), METHOD.least(30), METHOD.least(92)) == (2, 2, 6)


@given(st.floats(-1e6, 1e6), st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
def test_a_measure_never_earns_less_than_nothing_or_more_than_all(value, full, zero):
    if full != zero:
        assert 0 <= Measure("late_share", full, zero).earned(value) <= 1


def test_medians_pass_over_what_is_unknown():
    assert medians([{"a": 1}, {"a": None}, {"a": 4}, {"a": 2}], ["a"]) == {"a": 2.0}


def test_the_regions_method_is_read():
    assert method_of(date(2026, 11, 28)).least_a_month == 2
