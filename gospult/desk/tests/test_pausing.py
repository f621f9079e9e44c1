"""A case on pause: reason, day, limit, and the clock that goes on by itself."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from gospult.accounts.models import Journal
from gospult.desk import actions, queries
from gospult.desk.models import Case
from gospult.desk.testing import make_answer, make_case, publish
from gospult.exchange.testing import make_connection
from gospult.lib.errors import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(page, body, operator) -> Case:
    make_connection(page, mode="full")
    return make_case(page, body=body, by=operator)


def soon(days: int = 3):
    return timezone.localdate() + timedelta(days=days)


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def test_a_paused_case_owes_nothing_until_its_day_is_over_and_then_goes_on_by_itself(case, operator):
    due = case.next_due_at
    actions.pause(case=case, reason="житель пришлёт адрес", until=soon(), by=operator)
    assert (fresh(case).next_due_at, fresh(case).paused_until) == (None, soon())
    assert actions.resume_due() == 0
    Case.objects.update(paused_until=timezone.localdate() - timedelta(days=1))
    assert (actions.resume_due(), actions.resume_due()) == (1, 0)
    assert fresh(case).paused_until is None
    assert fresh(case).next_due_at >= due


def test_the_explanation_names_the_pause_the_version_and_the_calendar(case, operator):
    actions.pause(case=case, reason="ждём адрес", until=soon(), by=operator)
    lines = queries.clock_basis(fresh(case))
    assert lines[0].startswith("Сроки «")
    assert "Asia/Yekaterinburg" in lines[1]
    assert lines[2].endswith(": ждём адрес")
    assert "на паузе: срок не идёт" in queries.clock_lines(fresh(case))[0]["lines"]


def test_a_person_resumes_before_the_day(case, operator):
    actions.pause(case=case, reason="ждём", until=soon(), by=operator)
    actions.resume(case=fresh(case), by=operator)
    assert fresh(case).next_due_at
    with pytest.raises(Refused, match="уже не на паузе"):
        actions.resume(case=fresh(case), by=operator)


def test_an_answer_ends_the_pause(case, operator):
    actions.pause(case=case, reason="ждём", until=soon(), by=operator)
    publish(make_answer(case, by=operator), by=operator)
    actions.resume_due()
    assert (fresh(case).paused_until, fresh(case).state, fresh(case).events.filter(kind="resumed").count()) == (None, "answered", 0)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"reason": " "}, "Напишите, чего ждём"),
        ({"until": timezone.localdate() - timedelta(days=1)}, "уже прошёл"),
        ({"until": timezone.localdate() + timedelta(days=90)}, "Все паузы вместе не дольше, чем 10 рабочих дней"),
    ],
)
def test_a_bad_pause_is_refused_in_one_sentence(case, operator, fields, words):
    with pytest.raises(Refused, match=words):
        actions.pause(**{"case": case, "reason": "ждём", "until": soon(), **fields}, by=operator)
    assert fresh(case).paused_until is None


def test_an_overdue_a_promised_and_an_answered_case_are_not_paused(case, operator, page):
    Case.objects.filter(pk=case.pk).update(state="promised")
    with pytest.raises(Refused, match="обещана дата"):
        actions.pause(case=fresh(case), reason="ждём", until=soon(), by=operator)
    old = make_case(page, "Не горит фонарь", sent_at=timezone.now() - timedelta(days=30))
    with pytest.raises(Refused, match="Срок уже прошёл"):
        actions.pause(case=old, reason="ждём", until=soon(), by=operator)
    actions.close(case=old, closed_as="no_answer_needed", by=operator)
    with pytest.raises(Refused, match="срок не идёт"):
        actions.pause(case=old, reason="ждём", until=soon(), by=operator)


def test_of_two_who_pause_one_is_refused_and_one_line_is_written(case, operator, curator):
    one, two = fresh(case), fresh(case)
    actions.pause(case=one, reason="ждём", until=soon(), by=operator)
    with pytest.raises(Refused, match="уже на паузе"):
        actions.pause(case=two, reason="ждём", until=soon(), by=curator)
    assert Journal.objects.filter(verb="case_paused").count() == 1


def test_the_buttons_pause_and_resume(client, operator, case):
    client.force_login(operator)
    text = client.post(reverse("desk:pause", args=[case.number]), {"reason": "ждём", "until": soon().isoformat()}, follow=True).content.decode()
    assert "Снять с паузы" in text
    assert "на паузе до" in text
    assert "Остановить срок" in client.post(reverse("desk:resume", args=[case.number]), follow=True).content.decode()


@pytest.mark.parametrize("name", ["pause", "resume"])
def test_stranger_gets_404(client, stranger, case, name):
    client.force_login(stranger)
    assert client.post(reverse(f"desk:{name}", args=[case.number]), {"reason": "x", "until": soon().isoformat()}).status_code == 404
    assert fresh(case).paused_until is None
