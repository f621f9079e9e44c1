import pytest
from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.urls import reverse

from gospult.desk import actions, queries
from gospult.desk.models import Case, Message, Word
from gospult.desk.queries import searching, spelling
from gospult.desk.queries.spelling import distance
from gospult.desk.testing import make_case, make_message
from gospult.registry.testing import make_body, make_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def said(page) -> dict[str, Case]:
    """What residents write, often enough to be a vocabulary."""
    texts = {"мусор": "Не вывозят мусор", "отопление": "Нет отопления", "автобус": "Опоздал автобус", "отчёт": "Где отчёт о ремонте"}
    found = {}
    for word, text in texts.items():
        for number in range(3):
            found[word] = make_case(page, f"{text}, дом {number}", author_id=f"{word}{number}")
    actions.gather_words(force=True)
    return found


def words(search: str) -> tuple[set[str], tuple[str, ...]]:
    """The first word of what was found, and what was looked for besides."""
    rows, meant = queries.search_page(Case.objects.all(), search, 0, 100)
    return {case.headline.split(",")[0] for case in rows}, meant.also


@pytest.mark.parametrize(
    ("typed", "found", "also"),
    [
        ("мусора", "Не вывозят мусор", ()),
        ("мусорр", "Не вывозят мусор", ("мусор",)),
        ("МУСРО", "Не вывозят мусор", ("мусор",)),
        ("отопленее", "Нет отопления", ()),
        ("атопление", "Нет отопления", ("отопления",)),
        ("автобу", "Опоздал автобус", ("автобус",)),
        ("vecjh", "Не вывозят мусор", ("мусор",)),
        ("fdnj,ec", "Опоздал автобус", ("автобус",)),
        ("отчета", "Где отчёт о ремонте", ()),
        ('"опоздал автобус"', "Опоздал автобус", ()),
        ("«опоздал автобус»", "Опоздал автобус", ()),
        ("мусорр вывозят", "Не вывозят мусор", ("мусор",)),
    ],
)
def test_a_search_finds_what_was_meant_and_says_so(said, typed, found, also):
    assert words(typed) == ({found}, also)


@pytest.mark.parametrize("typed", ['"автобус опоздал"', "мусор автобус", "зебра", "", "на", "---", "'", '"', "зебра'); --", "\\", "|&!:*", "1" * 200])
def test_what_nobody_has_said_finds_nothing(said, typed):
    assert words(typed)[0] == set()


def test_a_word_that_residents_write_is_not_mended(said, page):
    make_case(page, "Мусорр у подъезда", author_id="9")
    assert words("мусорр") == ({"Мусорр у подъезда"}, ())


def test_numbers_of_a_case_and_of_a_message_are_found(said):
    case = said["мусор"]
    for number in (case.number, Message.objects.get(case=case).number):
        assert list(Case.objects.filter(searching.condition(number))) == [case]


def test_every_message_of_a_case_is_searched_and_the_hit_is_shown_escaped(client, operator, page):
    case = make_case(page, "Не горит фонарь", author_id="1", thread_id="w1")
    make_message(page, "Ещё & <b>качели</b> сломаны \x02", author_id="1", thread_id="w1")
    client.force_login(operator)
    text = client.get(reverse("desk:queue"), {"q": "качелей"}).content.decode()
    assert case.number in text
    assert "<mark>качели</mark>" in text
    assert "<b>качели" not in text


def test_the_screen_says_what_was_looked_for_besides(client, operator, said):
    client.force_login(operator)
    assert "Искали также: мусор" in client.get(reverse("desk:queue"), {"q": "мусорр"}).content.decode()


def test_a_search_shows_nobody_anothers_case(client, stranger, said):
    client.force_login(stranger)
    assert said["мусор"].number not in client.get(reverse("desk:queue"), {"q": "мусор"}).content.decode()


def test_a_walk_finds_what_the_index_finds_page_by_page(monkeypatch, operator, said, page):
    other = make_case(make_page(body=make_body(name="Другой"), network="ok"), "Мусор и здесь", author_id="z")
    rows = Case.objects.exclude(pk=other.pk)
    by_index = [queries.search_page(rows, "мусор", start, start + 2)[0] for start in (0, 2)]
    monkeypatch.setattr(searching, "COMMON", 1)
    monkeypatch.setattr(searching, "PORTION", 2)
    assert [queries.search_page(rows, "мусор", start, start + 2)[0] for start in (0, 2)] == by_index
    monkeypatch.setattr(searching, "FARTHEST", 1)
    assert [queries.search_page(rows, "мусор", start, start + 2)[0] for start in (0, 2)] == by_index


def test_rare_words_are_not_kept_and_words_are_forgotten_with_their_messages(page, said):
    make_case(page, "Житель Редкофамильный", author_id="r")
    actions.gather_words(force=True)
    assert not Word.objects.filter(word="редкофамильный").exists()
    Message.objects.filter(text__contains="мусор").update(text="")
    actions.gather_words(force=True)
    assert not Word.objects.filter(word="мусор").exists()


def test_words_are_gathered_when_messages_have_grown_and_not_else(said, page):
    assert not actions.gather_words()
    for number in range(20):
        make_case(page, f"Новое слово {number}", author_id=f"n{number}")
    assert actions.gather_words()


@pytest.mark.parametrize(
    ("a", "b", "slips"), [("мусор", "мусор", 0), ("мусорр", "мусор", 1), ("мусро", "мусор", 1), ("", "ab", 2), ("кот", "том", 2)]
)
def test_slips_are_counted(a, b, slips):
    assert distance(a, b) == slips


def test_what_nobody_has_said_is_looked_up_by_the_index_of_words_alone(page, said):
    """Of three million messages the planner would read each to find none."""
    with spelling.by_bitmap(), connection.cursor() as cursor:
        sql, params = spelling.said(SearchQuery("0050000", config="russian")).values("case")[:1].query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql}", params)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "message_words" in plan
    assert "Seq Scan" not in plan
