import pytest
from hypothesis import given
from hypothesis import strategies as st

from gospult.reports import wording


def plain(text):
    return text.replace("\u202f", " ").replace("\xa0", " ")


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (3_800_000, 1_300_000, "почти в три раза"), (6885, 1467, "почти в пять раз"), (3_800_000, 1_000_000, "почти в четыре раза"),
        (115, 55, "более чем вдвое"), (200, 100, "вдвое"),
        (149, 100, "почти в полтора раза"),
        (299, 100, "в три раза"), (310, 100, "более чем в три раза"), (1200, 100, "в 12 раз"), (2100, 100, "в 21 раз"),
        (120, 100, ""), (90, 100, ""), (5, 0, ""), (250, 100, "в два с половиной раза"), (9.5, 1, "почти в десять раз"), (2.2, 1, "в 2,2 раза"),
    ],
)  # fmt: skip
def test_ratio_in_words(now, before, said):
    assert plain(wording.ratio(now, before)) == said


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_a_ratio_never_says_more_than_there_is(now, before):
    said = wording.ratio(now, before)
    if said.startswith("более чем"):
        assert now > before
    if now <= before:
        assert said == ""


@pytest.mark.parametrize(
    ("count", "unit", "said"),
    [(1, "страниц", "1 страница"), (6885, "страниц", "6 885 страниц"), (21, "обращений", "21 обращение"), (112, "записей", "112 записей"),
     (22, "человек", "22 человека"), (0, "сообщений", "0 сообщений")],
)  # fmt: skip
def test_a_count_takes_its_noun(count, unit, said):
    assert plain(wording.counted(count, unit)) == said


def test_millions_are_said_as_people_say_them():
    assert plain(wording.large(3_812_000, "подписок")) == "3,8 млн подписок"
    assert plain(wording.large(115_000_000, "подписок")) == "115 млн подписок"
    assert plain(wording.large(868_056, "подписок")) == "868 056 подписок"


@pytest.mark.parametrize(
    ("count", "words", "round_one"), [(25_431, "более ", 25_000), (600_000, "", 600_000), (31, "", 31), (1_049, "более ", 1_000)]
)
def test_more_than_a_round_figure(count, words, round_one):
    assert wording.over(count) == (words, round_one)


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [(88.0, "%", "88 %"), (87.95, "%", "88 %"), (87.94, "%", "87,9 %"), (3.514, "%%", "3,51 %"),
     (None, "%", "нет данных"), (0, "страниц", "0"),
     (130, "мин", "2 ч 10 мин"), (0, "мин", "0 мин"), (60, "мин", "1 ч"), (5040, "мин", "3,5 сут."), (-12, "страниц", "−12"),
     (97.365, "балл", "97,37")],
)  # fmt: skip
def test_a_figure_is_shown_with_its_unit(value, unit, said):
    assert plain(wording.number(value, unit)) == said


def test_a_change_is_said_in_points_or_pieces():
    assert plain(wording.changed(88, 61)) == "на 27 п. п. больше"
    assert plain(wording.changed(61, 88)) == "на 27 п. п. меньше"
    assert wording.changed(50, 50) == "столько же"
    assert plain(wording.changed(6885, 1467, "страниц")) == "на 5 418 больше"


def test_a_list_is_joined():
    assert [wording.joined(part) for part in ([], ["а"], ["а", "б"], ["а", "б", "в"])] == ["", "а", "а и б", "а, б и в"]
