from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from gospult.desk import actions
from gospult.desk.actions.copying import wording
from gospult.desk.marks import read
from gospult.desk.models import Case, Mark
from gospult.desk.testing import GOOD_ANSWER, make_answer, make_case, make_message, make_topic, publish
from gospult.exchange.testing import make_connection
from gospult.lib import regions

MARKS = [
    ("5", 5), ("1.", 1), ("5 из 5", 5), ("4/5", 4), ("двойка", 2), ("Пятёрка!", 5), ("Оценка: 3", 3), ("ставлю 5", 5), ("на 4", 4), ("5+", 5),
    ("★★★★☆", 4), ("⭐️⭐️", 2), ("5️⃣", 5), ("Спасибо, 5", 5), ("5 баллов", 5), ("[club1|Управление], 5", 5),
]  # fmt: skip
OTHER = ["", "0", "6", "10", "5 из 10", "дом 5", "5 подъезд", "12", "во дворе 3 ямы", "когда?", "☆☆☆", "спасибо", "55"]


@pytest.mark.parametrize(("text", "value"), MARKS)
def test_a_mark_is_read(text, value):
    heard = read(text)
    assert heard is not None
    assert heard.value == value


@pytest.mark.parametrize("text", OTHER)
def test_a_number_among_words_is_no_mark(text):
    assert read(text) is None


@pytest.mark.parametrize("text", ["Не решено", "Так ничего и не сделали, ничего не изменилось", "Спасибо, но проблема не решена", "воз и ныне там"])
def test_not_done_is_heard_before_thanks(text):
    heard = read(text)
    assert heard is not None
    assert heard.solved is False


@given(st.text(max_size=60))
def test_reading_any_words_never_fails(text):
    heard = read(text)
    assert heard is None or heard.value is None or 1 <= heard.value <= 5


def ago(minutes):
    return timezone.now() - timedelta(minutes=minutes)


@pytest.fixture
def case(page, body, operator, db) -> Case:
    make_topic()
    make_connection(page, mode="full")
    found = make_case(page, body=body, by=operator, author_id="77", thread_id="w1", external_id="c1", sent_at=ago(180))
    publish(make_answer(found, by=operator), by=operator)
    found.answers.update(published_at=ago(120))
    found.events.filter(kind="answer_published").update(at=ago(120))
    return Case.objects.get(pk=found.pk)


def say(page, text, number=2, **fields):
    late = {"sent_at": ago(60 - number)}
    return make_message(page, text, **{"author_id": "77", "thread_id": "w1", "external_id": f"c{number}", **late, **fields})


def fresh(case):
    return Case.objects.get(pk=case.pk)


def test_five_in_the_thread_closes_the_case_and_is_nothing_to_sort(page, case):
    said = say(page, "5")
    mark = Mark.objects.get()
    assert (mark.value, mark.source, mark.author, said.case) == (5, "thread", case.message_set.get(external_id="c1"), case)
    assert (fresh(case).state, fresh(case).closed_as, Case.objects.count()) == ("closed", "thanked", 1)


@pytest.mark.parametrize("text", ["2", "двойка", "Ничего не изменилось"])
def test_a_bad_mark_opens_the_case_with_a_new_clock(page, case, text):
    say(page, text)
    assert (fresh(case).state, fresh(case).reopened) == ("routed", 1)
    assert fresh(case).next_due_at is not None
    assert Mark.objects.get().bad


def test_three_is_counted_and_opens_nothing(page, case):
    say(page, "3")
    assert (fresh(case).state, Mark.objects.get().value) == ("answered", 3)


def test_of_two_marks_of_one_resident_the_later_counts(page, case):
    say(page, "3")
    say(page, "5", 3)
    assert [m.value for m in Mark.objects.all()] == [5]


def test_an_older_mark_that_comes_late_changes_nothing(page, case):
    say(page, "5", 9)
    say(page, "1", 3)
    assert [m.value for m in Mark.objects.all()] == [5]
    assert fresh(case).reopened == 0


def test_an_edited_mark_is_the_later_word(page, case):
    said = say(page, "5")
    say(page, "2", action="edited", event_id="e1", external_id=said.external_id, sent_at=ago(9))
    assert Mark.objects.get().value == 2


def test_thanks_are_a_confirmation_without_a_number(page, case):
    say(page, "Спасибо большое, всё убрали!")
    assert [(m.value, m.solved) for m in Mark.objects.all()] == [(None, True)]
    assert fresh(case).closed_as == "thanked"


def test_a_number_that_answers_our_question_is_no_mark(page, body, operator, case):
    case.answers.update(text="Здравствуйте! Какой у вас подъезд?")
    say(page, "2")
    assert not Mark.objects.exists()
    assert fresh(case).state == "answered"


def test_after_two_weeks_a_number_is_no_mark(page, case, settings):
    case.answers.update(published_at=timezone.now() - timedelta(days=settings.MARK_DAYS + 1))
    say(page, "1")
    assert not Mark.objects.exists()


def test_a_mark_without_an_answer_is_none(page, body, operator):
    make_connection(page, mode="full")
    waiting = make_case(page, body=body, by=operator, author_id="77", thread_id="w1", external_id="c1")
    say(page, "5")
    assert not Mark.objects.exists()
    assert fresh(waiting).message_count == 2


def test_the_body_answers_again_after_a_bad_mark(page, case, operator):
    say(page, "2")
    answer = make_answer(fresh(case), by=operator, text=GOOD_ANSWER + " Ещё раз проверили.")
    publish(answer, by=operator, external_id="again")
    assert fresh(case).state == "answered"


# The invitation


def invited(monkeypatch, text):
    region = regions.load("chelyabinsk")
    monkeypatch.setitem(region.settings, "marks", {"invitation": "Оцените ответ от 1 до 5, номер {номер}."})
    return text


@pytest.mark.django_db
def test_the_invitation_stands_only_where_the_region_asks_for_it(case, monkeypatch):
    answer, message = case.answers.get(), case.message_set.get()
    assert wording(answer, message) == answer.text
    invited(monkeypatch, "")
    assert "Оцените ответ от 1 до 5" in wording(answer, message)


@pytest.mark.django_db
def test_after_a_refusal_nobody_is_asked_to_mark(case, monkeypatch):
    answer, message = case.answers.get(), case.message_set.get()
    answer.text = "Здравствуйте! К сожалению, не можем продлить маршрут в этом году."
    invited(monkeypatch, "")
    assert "Оцените" not in wording(answer, message)


def test_unknown_number_of_a_mark_is_refused_by_the_action(case):
    with pytest.raises(actions.marking.Refused, match="от 1 до 5"):
        actions.give_mark(message=case.message_set.get(), value=9)
