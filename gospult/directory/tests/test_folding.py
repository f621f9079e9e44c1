import pytest
from hypothesis import given
from hypothesis import strategies as st

from gospult.directory import folding
from gospult.directory.describing import Facts, describe
from gospult.directory.lexicon import lexicon


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Школа№012", ["школа", "12"]),
        ("12-я школа", ["12", "школа"]),
        ("Д/С «Ёлочка»", ["детсад", "елочка"]),
        ("Октябрьский р-н", ["октябрьский", "район"]),
        ('МБОУ "СОШ №1"\x00', ["мбоу", "сош", "1"]),
        ("дшi", ["дши"]),
    ],
)
def test_a_text_is_cut_into_words_and_numbers(text, pieces):
    assert folding.pieces(text) == pieces


@pytest.mark.parametrize(
    ("noun", "adjective"),
    [("тамбовка", "тамбовский"), ("тында", "тындинский"), ("зея", "зейский"), ("аша", "ашинский"), ("миасс", "миасский"), ("варна", "варненский"),
     ("касли", "каслинский"), ("сатка", "саткинский"), ("златоуст", "златоустовский"), ("чебаркуль", "чебаркульский"), ("челябинск", "челябинский")],
)  # fmt: skip
def test_a_place_and_its_adjective_share_a_root(noun, adjective):
    assert set(folding.roots(noun)) & set(folding.roots(adjective))


@pytest.mark.parametrize(("typed", "meant"), [("irjkf", "школа"), (",b,kbjntrf", "библиотека"), ("[jr", "хок")])
def test_the_other_layout_is_read(typed, meant):
    assert folding.other_layout(typed) == meant


@pytest.mark.parametrize(
    ("typed", "meant"), [("shkola", "школа"), ("krasnaya", "красная"), ("detskiy", "детский"), ("sportshkola", "спортшкола"), ("tyndy", "тынды")]
)
def test_latin_letters_are_read_by_sound(typed, meant):
    assert folding.sounded(typed) == meant


def test_slips_are_counted():
    assert [folding.slips("школа", other) for other in ("школа", "шкла", "шокла", "шкота", "школка", "больница")] == [0, 1, 1, 1, 1, 4]


def test_two_ways_to_write_one_name_have_one_core():
    long = describe(Facts('МУНИЦИПАЛЬНОЕ ОБЩЕОБРАЗОВАТЕЛЬНОЕ УЧРЕЖДЕНИЕ "СРЕДНЯЯ ОБЩЕОБРАЗОВАТЕЛЬНАЯ ШКОЛА № 12"'))
    assert long.core == describe(Facts("МБОУ СОШ №12")).core != describe(Facts("МБОУ СОШ №13")).core


def test_the_body_that_a_name_begins_with_is_its_kind():
    terms = describe(Facts("Финансовое управление администрации города")).terms
    assert "K:finance" in terms
    assert "K:admin" not in terms
    assert "k:admin" in terms


def test_every_kind_that_another_one_is_like_is_there():
    kinds = lexicon().kinds
    assert {code for kind in kinds.values() for code, _ in kind.like} <= set(kinds)


@given(st.text())
def test_no_text_breaks_the_cutting(text):
    for piece in folding.pieces(text):
        folding.roots(folding.lemma(piece))
    folding.sounded(text)
    folding.other_layout(text)
