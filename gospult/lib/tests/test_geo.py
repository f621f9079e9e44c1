"""Places in the words of residents, on the demo region."""

import pytest

from gospult.lib import regions
from gospult.lib.geo import house_after


@pytest.fixture(scope="module")
def places():
    return regions.load("chelyabinsk").gazetteer()


def first(places, text, home=None):
    found = places.find(text, home)
    return (found[0].territory, found[0].street, found[0].house) if found else None


@pytest.mark.parametrize(
    ("text", "home", "expected"),
    [
        ("чебаркуль кирова 12 нет воды", None, ("chebarkul", "Кирова", "12")),
        ("на кирова 12а темно", "m-miass", ("miass", "Кирова", "12а")),
        ("магнитка, карла маркса 153", "74", ("magnitogorsk", "Карла Маркса", "153")),
        ("Челябинск, Свердловский проспект, д. 62", None, ("chelyabinsk", "Свердловский проспект", "62")),
        ("ул. Гагарина 15 корп. 2", "m-kopeysk", ("kopeysk", "Гагарина", "15 к. 2")),
        ("в Верхнем Уфалее по Якушева 3/1", None, ("ufaley", "Якушева", "3/1")),
        ("Коркино, 30 лет ВЛКСМ, 5", None, ("korkino-s", "30 лет ВЛКСМ", "5")),
        ("у нас на чмз вонь", "74", ("chelyabinsk", "", "")),
        ("магнитогорский трамвай", None, ("magnitogorsk", "", "")),
        ("в Троицком районе", "74", ("m-troitsk-mo", "", "")),
    ],
)
def test_a_place_is_found_as_people_write_it(places, text, home, expected):
    assert first(places, text, home) == expected


def test_an_ambiguous_street_is_decided_by_the_page_and_else_admitted(places):
    assert first(places, "Яма на кирова 12", "m-zlatoust") == ("zlatoust", "Кирова", "12")
    unsure = places.find("Яма на кирова 12", "74")[0]
    assert unsure.territory is None
    assert unsure.confidence < 0.5


def test_two_towns_in_one_sentence_are_not_decided_silently(places):
    assert places.find("дорога из Чесмы в Варну", "74")[0].territory is None
    assert places.find("дорога из Чесмы в Варну", "m-varna")[0].territory == "varna-s"


def test_a_street_named_after_a_town_is_not_the_town(places):
    assert first(places, "улица Троицкая 4", "m-korkino") == ("korkino-s", "Троицкая", "4")
    assert first(places, "на Копейском шоссе авария", "m-chelyabinsk")[0] == "chelyabinsk"


def test_ordinary_words_are_not_streets_without_a_mark(places):
    assert first(places, "в день победы и мира всем труда", "m-chelyabinsk") is None


def test_a_town_of_another_region_with_a_telephone_is_no_place(places):
    assert places.find("Пермь г, +70000000000, нет воды", "74") == []


def test_a_street_outside_our_list_is_taken_with_less_trust(places):
    place = places.find("ул. Неведомая 7", "m-miass")[0]
    assert (place.territory, place.street, place.house) == ("m-miass", "Неведомая", "7")
    assert place.confidence < 0.7


@pytest.mark.parametrize("tail", [" 2 часа стоим", " 40 минут", " 5 раз", " 2-й год", " 100 рублей", " 15:30", " 2 подъезд", ""])
def test_other_numbers_are_not_houses(tail):
    assert house_after("на Кирова" + tail, 9)[0] == ""


@pytest.mark.parametrize(
    ("tail", "house"),
    [
        (" 12", "12"),
        (", д. 12а", "12а"),
        (" 12/1", "12/1"),
        (" д.7 к 3", "7 к. 3"),
        (" 5 не горит", "5"),
        (" 12 А", "12а"),
        (" 12 в подъезде", "12"),
        (" 12 а вода", "12"),
        (" 12к2", "12 к. 2"),
        (" 12, подъезд грязный", "12"),
        (" 12 подъезд 3", "12"),
    ],
)
def test_houses_are_read_in_all_their_writings(tail, house):
    assert house_after("на Кирова" + tail, 9)[0] == house


def test_the_path_goes_up_to_the_region(places):
    assert places.path("roza") == ("roza", "m-korkino", "74")
    assert places.path("nowhere") == ()


def test_places_carry_the_words_they_were_read_from(places):
    text = "Уже неделю на Кирова 12 нет света"
    start, end = places.find(text, "m-miass")[0].span
    assert text[start:end] == "Кирова 12"
