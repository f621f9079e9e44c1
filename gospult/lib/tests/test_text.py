"""Plain text, fingerprints and shortening."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gospult.lib import text


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("<p>Нет&nbsp;воды</p><br/>второй день", "Нет воды второй день"),
        ("<span style=`color:rgb(5,5,5);`>Яма</span>", "Яма"),
        ("до\x00ма\x07 хол\u200bодно", "дома холодно"),
        ("температура <18 и >10 &lt;", "температура <18 и >10 <"),
        ("<!-- скрыто -->видно", "видно"),
        ("строка\r\n\tвторая", "строка вторая"),
        (None, ""),
    ],
)
def test_plain_keeps_what_a_person_sees(raw, clean):
    assert text.plain(raw) == clean


@given(st.text())
def test_plain_never_lets_a_nul_or_a_lone_surrogate_through(raw):
    clean = text.plain(raw)
    assert "\x00" not in clean
    clean.encode("utf-8")


def test_a_hundred_kilobytes_of_brackets_are_not_slow():
    assert text.plain("<!--" * 25_000 + "<p" * 20_000)
    assert text.normalise("[club1|" * 14_000)


def test_copies_of_one_message_have_one_fingerprint():
    copies = ["Ещё раз: НЕТ воды!!!", "<p>еще раз нет   воды</p>", "[club123|Администрация], ещё раз нет воды 😡"]
    assert len({text.fingerprint(c) for c in copies[:2]}) == 1
    assert text.fingerprint(copies[2]) == text.fingerprint(copies[0])
    assert text.fingerprint("нет газа") != text.fingerprint("нет воды")


def test_a_fingerprint_is_stable_between_runs_and_versions():
    assert text.fingerprint("нет воды") == "bd2eecf3ccd5eed9"


def test_texts_without_words_have_no_fingerprint_so_they_are_not_merged():
    assert text.fingerprint("👍👍") == text.fingerprint("") == text.fingerprint("[id1|Имя]") == ""


def test_lemmas_are_dictionary_forms_without_yo():
    assert text.lemmas("Ёлки стоят") == ["елка", "стоять"]


def test_words_know_their_places():
    source = "Яма: улица Кирова"
    assert [source[w.start : w.end] for w in text.words(source)] == ["Яма", "улица", "Кирова"]


def test_shorten_cuts_between_words():
    assert text.shorten("Не горят фонари", 12) == "Не горят…"
    assert text.shorten("Коротко", 12) == "Коротко"
    assert text.shorten("оченьдлинноеслово", 6) == "очень…"


@given(st.text(), st.integers(min_value=0, max_value=40))
def test_shorten_never_exceeds_the_limit(raw, limit):
    assert len(text.shorten(raw, limit)) <= limit
