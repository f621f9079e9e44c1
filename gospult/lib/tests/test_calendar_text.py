"""A calendar written by a person."""

import pytest

from gospult.lib import calendar_text as text
from gospult.lib.calendar import Calendar


def test_days_are_read_a_line_each():
    assert text.days_of("01.01.2026 праздник\n\n03.11.2026 9:00 – 17:00 короткий день\n09.01.2026 выходной перенос\n05.05.2026") == {
        "2026-01-01": {"hours": [], "note": "праздник"},
        "2026-11-03": {"hours": ["09:00-17:00"], "note": "короткий день"},
        "2026-01-09": {"hours": [], "note": "перенос"},
        "2026-05-05": {"hours": []},
    }


def test_a_stretch_is_every_day_of_it():
    days = text.days_of("30.12.2026–02.01.2027 каникулы")
    assert list(days) == ["2026-12-30", "2026-12-31", "2027-01-01", "2027-01-02"]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("завтра", "Строка 1: «завтра» начинается не с даты"),
        ("01.01.2026\n31.02.2026", "Строка 2: «31.02.2026» нет в календаре"),
        ("05.01.2026-01.01.2026", "Строка 1: кончается раньше"),
        ("01.01.2026\n01.01.2026 праздник", "Строка 2: 01.01.2026 уже есть выше"),
        ("01.01.2020-01.01.2026", "больше года"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(lines, words):
    with pytest.raises(ValueError, match=words):
        text.days_of(lines)


def test_what_is_written_reads_back_the_same():
    data = {
        "zone": "UTC",
        "week": text.week_of({"mon": "9:00-13:00, 14:00-18:00"}),
        "days": text.days_of("03.11.2026 09:00-17:00 короткий\n04.11.2026 праздник"),
    }
    assert data["week"]["mon"] == ["09:00-13:00", "14:00-18:00"]
    assert text.days_of(text.day_lines(data, 2026)) == data["days"]
    assert text.week_of(text.week_texts(data)) == data["week"]
    assert Calendar.from_json(data).days


def test_a_year_is_replaced_and_other_years_stay():
    data = {"days": {"2025-01-01": {"hours": []}, "2026-01-01": {"hours": []}}}
    assert list(text.with_days(data, 2026, text.days_of("02.01.2026"))["days"]) == ["2025-01-01", "2026-01-02"]
