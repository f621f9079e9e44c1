from datetime import date

import pytest

from gospult.reports.periods import months_back, period

TODAY = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("kind", "day", "title", "within"),
    [
        ("week", date(2026, 11, 18), "неделя с 16 по 22 ноября 2026 года", "за неделю с 16 по 22 ноября 2026 года"),
        ("week", date(2025, 12, 30), "неделя с 29 декабря 2025 года по 4 января 2026 года", "за неделю с 29 декабря 2025 года по 4 января 2026 года"),
        ("month", date(2026, 2, 28), "февраль 2026 года", "в феврале 2026 года"),
        ("year", date(2025, 7, 1), "2025 год", "в 2025 году"),
    ],
)
def test_a_period_has_words(kind, day, title, within):
    made = period(kind, TODAY, day)
    assert (made.title, made.within) == (title, within)


def test_free_days_are_named_and_checked():
    assert period("period", TODAY, date(2026, 11, 2), date(2026, 11, 14)).title == "со 2 по 14 ноября 2026 года"
    assert period("period", TODAY, date(2026, 11, 2), date(2026, 11, 2)).title == "2 ноября 2026 года"
    with pytest.raises(ValueError, match="позже последнего"):
        period("period", TODAY, date(2026, 11, 2), date(2026, 11, 1))
    with pytest.raises(ValueError, match="первый и последний"):
        period("period", TODAY, date(2026, 11, 2))


@pytest.mark.parametrize("kind", ["week", "month", "year", "period"])
@pytest.mark.parametrize("day", [date(2027, 1, 1), date(2099, 1, 1), date.max, date(2005, 12, 31), date.min])
def test_what_has_not_come_and_what_was_before_the_networks_is_refused_in_words(kind, day):
    with pytest.raises(ValueError, match="ещё не"):
        period(kind, TODAY, day, date.max if day > TODAY else TODAY)


def test_a_year_before_keeps_the_shape():
    assert period("month", TODAY, date(2024, 2, 10)).year_before().until == date(2023, 2, 28)
    assert period("month", TODAY, date(2025, 2, 10)).year_before().until == date(2024, 2, 29)
    week = period("week", TODAY, date(2026, 11, 18)).year_before()
    assert (week.since.weekday(), week.until.weekday(), week.since) == (0, 6, date(2025, 11, 17))


def test_a_running_month_is_compared_with_the_same_days():
    cut = period("month", TODAY).cut_year_before()
    assert (cut.since, cut.until) == (date(2025, 11, 1), date(2025, 11, 28))
    cut = period("week", TODAY).cut_year_before()
    assert (cut.since.weekday(), cut.since, cut.until) == (0, date(2025, 11, 24), date(2025, 11, 29))


def test_days_to_come_are_refused():
    assert period("month", TODAY, date(2026, 11, 30)).since == date(2026, 11, 1)
    for kind in ("week", "month", "year"):
        with pytest.raises(ValueError, match="ещё не начались"):
            period(kind, TODAY, date(2027, 1, 4))


def test_months_are_only_those_of_whole_ones():
    assert period("period", TODAY, date(2026, 9, 10), date(2026, 11, 20)).months() == []
    assert period("period", TODAY, date(2026, 9, 1), date(2026, 10, 31)).months() == [date(2026, 9, 1), date(2026, 10, 1)]
    assert period("year", TODAY).months()[-1] == date(2026, 11, 1)
    assert period("week", TODAY).months() == []


def test_months_back_cross_the_year():
    assert months_back(date(2026, 1, 1), 3) == [date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1)]
