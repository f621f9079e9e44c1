from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from gospult.accounts.models import Journal
from gospult.desk import actions, queries
from gospult.desk.models import Lease, Presence
from gospult.desk.testing import GOOD_ANSWER, make_answer, make_case
from gospult.exchange.testing import make_connection
from gospult.lib.errors import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(page, body, operator):
    make_connection(page, mode="full")
    return make_case(page, body=body, by=operator)


def url(name, case):
    return reverse(f"desk:{name}", args=[case.number])


def write(client, person, case, text=GOOD_ANSWER, **fields):
    client.force_login(person)
    return client.post(url("draft", case), {"text": text, "kind": "final", **fields}).content.decode()


def test_who_looks_is_seen_by_the_others_and_not_by_himself(client, case, operator, executor):
    client.force_login(executor)
    assert "Смотрит" not in client.post(url("presence", case)).content.decode()
    client.force_login(operator)
    assert "Смотрит executor" in client.post(url("presence", case)).content.decode()


def test_who_has_left_is_not_seen_and_is_forgotten_after_a_day(case, operator, executor):
    actions.look(case=case, by=executor)
    Presence.objects.update(seen_at=timezone.now() - timedelta(minutes=1))
    assert queries.others_at(case, operator) == []
    Presence.objects.update(seen_at=timezone.now() - timedelta(days=2))
    actions.look(case=case, by=operator)
    assert [row.person for row in Presence.objects.all()] == [operator]


def test_looking_twice_is_one_row(case, executor):
    actions.look(case=case, by=executor)
    actions.look(case=case, by=executor)
    assert Presence.objects.count() == 1


def test_who_writes_is_named_beside_the_answer(client, case, operator, executor):
    write(client, executor, case)
    client.force_login(operator)
    assert "Пишет executor" in client.post(url("presence", case)).content.decode()
    assert "Пишет executor" in client.get(url("case", case)).content.decode()


def test_a_colleague_who_writes_is_not_written_over_even_by_who_has_seen_his_words(client, case, operator, executor):
    write(client, executor, case)
    html = write(client, operator, case, "Совсем другое", seen=case.answers.get().saved_at.isoformat())
    assert "Сейчас пишет executor" in html
    assert case.answers.get().text == GOOD_ANSWER


def test_a_colleague_does_not_publish_under_a_writing_hand(client, case, operator, executor):
    write(client, executor, case)
    answer = case.answers.get()
    client.force_login(operator)
    client.post(url("answer", case), {"text": answer.text, "kind": "final", "do": "approve", "seen": answer.saved_at.isoformat()})
    assert case.answers.get().state == "draft"


def test_the_draft_is_taken_over_by_a_button_and_the_first_writer_is_told(client, case, operator, executor):
    write(client, executor, case)
    client.force_login(operator)
    client.post(url("take_over", case), {"of": executor.pk})
    assert "Сохранено" in write(client, operator, case, "Здравствуйте! Моё слово.", seen=case.answers.get().saved_at.isoformat())
    html = write(client, executor, case, "И моё", seen=timezone.now().isoformat())
    assert "Сейчас пишет operator" in html
    assert case.answers.get().text == "Здравствуйте! Моё слово."
    row = Journal.objects.get(verb="draft_taken_over")
    assert (row.by, row.data) == (operator, {"of": executor.pk})


def test_of_two_who_take_a_draft_from_one_hand_one_is_refused(case, operator, executor, curator):
    actions.hold(case=case, by=executor)
    actions.take_over(case=case, of=executor, by=operator)
    with pytest.raises(Refused, match="больше не пишет"):
        actions.take_over(case=case, of=executor, by=curator)
    assert queries.writer_of(case) == operator
    assert Journal.objects.filter(verb="draft_taken_over").count() == 1


def test_a_hand_that_rests_leaves_the_draft_free(case, operator, executor):
    actions.hold(case=case, by=executor)
    Lease.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert queries.writer_of(case) is None
    actions.hold(case=case, by=operator)
    assert queries.writer_of(case) == operator


def test_a_draft_that_was_handed_in_is_free_at_once(client, case, executor):
    client.force_login(executor)
    client.post(url("answer", case), {"text": GOOD_ANSWER, "kind": "final", "do": "submit"})
    assert case.answers.get().state == "checked"
    assert queries.writer_of(case) is None


def test_take_over_refuses_a_free_draft(client, case, operator, executor):
    make_answer(case, by=executor)
    client.force_login(operator)
    html = client.post(url("take_over", case), {"of": executor.pk}, follow=True).content.decode()
    assert "больше не пишет" in html


@pytest.mark.parametrize("name", ["presence", "take_over"])
def test_stranger_gets_404_and_leaves_no_trace(client, case, stranger, executor, name):
    actions.hold(case=case, by=executor)
    client.force_login(stranger)
    assert client.post(url(name, case), {"of": executor.pk}).status_code == 404
    assert not Presence.objects.exists()
    assert queries.writer_of(case) == executor
