"""The little language of phrases."""

import pytest

from gospult.lib import text
from gospult.lib.patterns import Patterns, one_slip


def found(phrase, source, **options):
    return [h.phrase for h in Patterns([(phrase, 1)], **options).find(text.words(source))] == [phrase]


@pytest.mark.parametrize(
    ("phrase", "source", "expected"),
    [
        ("дорога", "по дорогам", True),
        ("фонар*", "фонарный столб", True),
        ("=кирова", "кировым", False),
        ("горит|светит", "не светит", True),
        ("не горит", "горит не фонарь", False),
        ("фонарь + не горит", "не горит у нас вечером фонарь", True),
        ("фонарь + не горит", "фонарь стоит тут уже целых пять долгих лет и не горит", False),
        ("елка", "Ёлку поставили", True),
    ],
)
def test_a_phrase_is_found_as_its_writing_says(phrase, source, expected):
    assert found(phrase, source) is expected


def test_one_slip_of_the_finger_is_repaired_only_where_asked():
    assert found("автобус*", "атобус не пришел", repairs=True)
    assert not found("автобус*", "атобус не пришел")


def test_a_known_word_is_never_repaired_into_another():
    assert not found("корова", "корона", repairs=True)


@pytest.mark.parametrize(("one", "other"), [("атобус", "автобус"), ("мусар", "мусор"), ("лютк", "люкт"), ("люкк", "люк")])
def test_one_slip_is_one_letter(one, other):
    assert one_slip(one, other)
    assert one_slip(other, one)


def test_two_slips_or_none_are_not_one():
    assert not one_slip("втобу", "автобус")
    assert not one_slip("люк", "люк")


def test_an_empty_phrase_matches_nothing():
    assert Patterns([("", 1), (" + ", 2)]).find(text.words("что угодно")) == []
