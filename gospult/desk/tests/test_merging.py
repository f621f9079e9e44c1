from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gospult.accounts.models import Journal
from gospult.desk import actions
from gospult.desk.models import OPEN, Answer, Case, Message
from gospult.desk.testing import GOOD_ANSWER, make_answer, make_case, make_message, publish
from gospult.exchange.models import Outgoing
from gospult.exchange.testing import make_connection
from gospult.lib.errors import Refused

pytestmark = pytest.mark.django_db
TEXTS = ("Не горит фонарь", "Не вывозят мусор", "Яма во дворе", "Холодно в школе", "Автобус опоздал")
CLOCK = ("opened_at", "message_count", "first_due_at", "final_due_at", "next_due_at", "first_reaction_at", "late")


@pytest.fixture
def road(page, body, operator):
    make_connection(page, mode="full")
    return page


def make_cases(page, body, operator, count=4) -> list[Case]:
    """Cases of one author each, an hour apart; the first author has written twice."""
    start = timezone.now() - timedelta(days=1)
    for number in range(count):
        at = start + timedelta(hours=number)
        make_case(page, f"{TEXTS[number]}, дом {number}", author_id=str(number), thread_id=f"w{number}", body=body, by=operator, sent_at=at)
    make_message(page, "И ещё: второй фонарь тоже", author_id="0", thread_id="w0", sent_at=start + timedelta(minutes=5))
    return list(Case.objects.order_by("pk"))


def clock(case: Case) -> list[object]:
    found = Case.objects.get(pk=case.pk)
    return [getattr(found, name) for name in CLOCK]


def test_undo_of_a_merge_gives_both_cases_their_clocks_back(road, body, operator):
    one, two, *_ = make_cases(road, body, operator)
    before = clock(one), clock(two)
    actions.merge(case=one, into=two, by=operator)
    assert clock(two) != before[1]
    one.refresh_from_db()
    actions.unmerge(case=one, by=operator)
    assert (clock(one), clock(two)) == before
    assert (one.state, one.message_set.count(), two.message_set.count()) == ("routed", 2, 1)
    assert Journal.objects.filter(verb="case_unmerged", object_id=one.pk).count() == 1


def test_undo_leaves_in_the_main_case_what_was_merged_besides(road, body, operator):
    one, two, three, _ = make_cases(road, body, operator)
    for case in (two, three):
        actions.merge(case=case, into=one, by=operator)
    two.refresh_from_db()
    actions.unmerge(case=two, by=operator)
    assert {m.case_id for m in Message.objects.filter(author_id="2")} == {one.pk}


def test_undo_is_refused_when_the_answer_has_gone_to_everybody(road, body, operator):
    one, two, *_ = make_cases(road, body, operator)
    actions.merge(case=two, into=one, by=operator)
    two.refresh_from_db()
    actions.send(answer=make_answer(Case.objects.get(pk=one.pk), by=operator), by=operator)
    with pytest.raises(Refused, match="получили все"):
        actions.unmerge(case=two, by=operator)


def test_of_two_who_undo_a_merge_one_is_refused(road, body, operator, curator):
    one, two, *_ = make_cases(road, body, operator)
    actions.merge(case=two, into=one, by=operator)
    rows = [Case.objects.get(pk=two.pk) for _ in range(2)]
    actions.unmerge(case=rows[0], by=operator)
    with pytest.raises(Refused):
        actions.unmerge(case=rows[1], by=curator)
    assert Journal.objects.filter(verb="case_unmerged").count() == 1


def test_a_case_that_was_not_merged_has_nothing_to_undo(road, body, operator):
    one, *_ = make_cases(road, body, operator)
    with pytest.raises(Refused, match="ни с чем"):
        actions.unmerge(case=one, by=operator)


def test_a_merge_is_undone_by_a_button_and_not_by_a_stranger(client, road, body, operator, stranger):
    one, two, *_ = make_cases(road, body, operator)
    actions.merge(case=two, into=one, by=operator)
    client.force_login(stranger)
    assert client.post(reverse("desk:unmerge", args=[two.number])).status_code == 404
    client.force_login(operator)
    assert "Отменить объединение" in client.get(reverse("desk:case", args=[two.number])).content.decode()
    client.post(reverse("desk:unmerge", args=[two.number]))
    assert Case.objects.get(pk=two.pk).state == "routed"


DEEDS = st.lists(st.tuples(st.sampled_from(["merge", "split", "unmerge"]), st.integers(0, 9), st.integers(0, 9)), max_size=8)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS)
def test_whatever_is_merged_and_split_every_author_is_answered_once_and_clocks_are_kept(road, body, operator, deeds):
    with transaction.atomic():
        make_cases(road, body, operator)
        written = set(Message.objects.values_list("pk", "sent_at"))
        for deed in deeds:
            _do(*deed, operator)
        assert set(Message.objects.values_list("pk", "sent_at")) == written
        _look_at_clocks()
        _answer_all(operator)
        told = Counter(Message.objects.values_list("case", "author_id").get(pk=row.message) for row in Outgoing.objects.all())
        # Who was split into two problems has an answer to each; of one problem nobody hears twice, and nobody hears nothing.
        assert told == dict.fromkeys(Message.objects.values_list("case", "author_id"), 1)
        transaction.set_rollback(True)


ANSWERED_BETWEEN = st.lists(
    st.tuples(st.sampled_from(["merge", "split", "unmerge", "answer", "promise"]), st.integers(0, 9), st.integers(0, 9)), max_size=10
)  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=ANSWERED_BETWEEN)
def test_answers_given_between_merging_and_splitting_leave_nobody_out_and_tell_nobody_twice(road, body, operator, deeds):
    with transaction.atomic():
        make_cases(road, body, operator)
        for deed in deeds:
            _do(*deed, operator)
        _answer_all(operator)
        told = Counter(map(_told_to, _finals()))
        assert set(told.values()) == {1}  # no author hears the last word of one problem twice
        assert set(Message.objects.values_list("case", "author_id")) <= set(told)  # and everybody has heard that of his
        threads = dict(Message.objects.values_list("pk", "thread_id"))
        assert all(row.thread_id == threads[row.message] for row in Outgoing.objects.all())
        transaction.set_rollback(True)


def _finals() -> list[Outgoing]:
    return list(Outgoing.objects.filter(answer__in=Answer.objects.filter(kind="final").values("pk")))


def _told_to(row: Outgoing) -> tuple[int, str]:
    return Answer.objects.get(pk=row.answer).case_id, Message.objects.get(pk=row.message).author_id


def _say(case: Case, kind: str, number: int, by) -> None:
    """An answer that has reached its residents."""
    promised = timezone.localdate() + timedelta(days=2) if kind == "interim" else None
    publish(make_answer(case, by=by, kind=kind, promised_date=promised), by=by, external_id=f"c{9000 + 10 * number}")


def _do(what: str, first: int, second: int, by) -> None:
    """One deed on some of the cases; a refusal changes nothing and is a fair outcome."""
    cases = list(Case.objects.order_by("pk"))
    case, other = cases[first % len(cases)], cases[second % len(cases)]
    try:
        if what == "merge":
            actions.merge(case=case, into=other, by=by)
        elif what == "unmerge":
            actions.unmerge(case=case, by=by)
        elif what in ("answer", "promise") and case.state in OPEN:  # a second word to an answered case is a person's own wish
            with transaction.atomic():
                _say(case, "final" if what == "answer" else "interim", Outgoing.objects.count(), by)
        elif what == "split":
            said = list(case.message_set.order_by("pk"))
            actions.split(case=case, messages=said[second % (len(said) + 1) :][:1], by=by)
    except Refused:
        pass


def _look_at_clocks() -> None:
    """Each open case counts from the earliest of its messages, and no message stands in a case that is merged away."""
    for case in Case.objects.all():
        said = case.message_set.order_by("sent_at")
        assert said.exists() == (case.state != Case.State.MERGED)
        if case.state in OPEN:
            first = said[0].sent_at
            due = case.first_due_at
            assert (case.opened_at, case.message_count) == (first, said.count())
            assert due is None or due > first


def _answer_all(by) -> None:
    for case in Case.objects.filter(state__in=OPEN):
        if case.kind in ("gratitude", "spam", "not_for_us"):
            actions.set_kind(case=case, kind="problem", by=by)
        actions.send(answer=make_answer(Case.objects.get(pk=case.pk), by=by, text=GOOD_ANSWER), by=by)
    assert not Answer.objects.filter(state="draft").exists()
