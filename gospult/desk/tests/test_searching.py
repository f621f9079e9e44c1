import pytest
from django.urls import reverse

from gospult.desk import actions, queries
from gospult.desk.models import Case, Message, Word
from gospult.desk.queries import searching
from gospult.desk.queries.spelling import distance
from gospult.desk.testing import make_case, make_message

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


def found(search: str) -> set[Case]:
    return set(queries.search_page(Case.objects.all(), search, 0, 100)[0])


@pytest.mark.parametrize(
    ("typed", "first", "also"),
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
def test_a_search_finds_what_was_meant_and_says_so(said, typed, first, also):
    assert words(typed) == ({first}, also)


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


def test_words_of_a_case_follow_its_messages(said, page):
    case, other = said["мусор"], said["автобус"]
    message = Message.objects.get(case=case)
    Message.objects.filter(pk=message.pk).update(text="Не вывозят снег")
    assert found("вывозят снег") == {case}
    Message.objects.filter(pk=message.pk).update(case=other)
    assert found("снег") == {other}
    message.delete()
    assert found("снег") == set()


def test_words_of_one_case_may_stand_in_several_messages_but_a_phrase_may_not(said, page):
    case = make_case(page, "Опять не горит", author_id="1", thread_id="w1")
    make_message(page, "фонарь у школы", author_id="1", thread_id="w1")
    assert found("горит фонарь") == {case}
    assert found('"горит фонарь"') == set()
    assert found('"фонарь у школы"') == {case}


def test_pages_of_a_search_are_the_newest_first_and_do_not_overlap(said):
    pages = [queries.search_page(Case.objects.all(), "мусор", start, start + 2)[0] for start in (0, 2)]
    assert [case for page in pages for case in page] == list(Case.objects.filter(headline__contains="мусор").order_by("-opened_at", "-pk"))


def test_a_case_of_more_words_than_a_row_holds_still_takes_messages(page):
    case = make_case(page, "Первое слово", author_id="1", thread_id="w1")
    for part in range(3):
        text = " ".join(f"слово{part}х{number}" for number in range(30_000))
        Message.objects.filter(pk=make_message(page, f"ещё {part}", author_id="1", thread_id="w1").pk).update(text=text)
    assert found("первое") == {case}


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


@pytest.mark.parametrize(("seldom", "narrow"), [(100, 100), (0, 100), (0, 0)])
def test_words_said_seldom_or_often_are_found_alike(monkeypatch, said, seldom, narrow):
    monkeypatch.setattr(searching, "SELDOM", seldom)
    monkeypatch.setattr(searching, "NARROW", narrow)
    assert found("мусор") == set(Case.objects.filter(headline__contains="мусор"))
    assert found("зебра") == set()
