"""Two people press at the same time: both have read the row before either has written. One is refused, one line is in the journal."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from gospult.accounts.models import Journal
from gospult.desk import actions
from gospult.desk.models import Answer, Case
from gospult.desk.testing import make_answer, make_case
from gospult.exchange.models import Outgoing
from gospult.exchange.testing import make_connection
from gospult.lib.errors import Refused
from gospult.registry.testing import make_body

pytestmark = pytest.mark.django_db
Press = Callable[[Any, Any], object]
URL = "https://vk.com/wall-1_1?reply=2"
CASE_MOVES = sorted((old, new) for old, news in Case.NEXT.items() for new in news)
ANSWER_MOVES = sorted((old, new) for old, news in Answer.NEXT.items() for new in news)


@pytest.fixture
def desk(page, body, operator) -> dict[str, Any]:
    make_connection(page, mode="full")
    return {"page": page, "body": body, "other": make_body(name="Другой орган"), "operator": operator}


def case_in(state: str, desk: dict[str, Any]) -> Case:
    """A case that has come to the state as people bring it there."""
    by, page = desk["operator"], desk["page"]
    case = make_case(page, f"Во дворе не горит фонарь, {state}", body=None if state == "new" else desk["body"], by=by)
    if state == "promised":
        actions.mark_published(answer=draft(case, desk, "interim"), url=URL, by=by)
    elif state in ("answered", "closed"):
        actions.mark_published(answer=draft(case, desk), url=URL, by=by)
    if state == "closed":
        actions.close(case=Case.objects.get(pk=case.pk), by=by)
    elif state == "merged":
        actions.merge(case=case, into=make_case(page, "Фонарь у подъезда погас"), by=by)
    found = Case.objects.get(pk=case.pk)
    assert found.state == state
    return found


def draft(case: Case, desk: dict[str, Any], kind: str = "final") -> Answer:
    promised = timezone.localdate() + timedelta(days=2) if kind == "interim" else None
    make_answer(case, by=desk["operator"], kind=kind, promised_date=promised)
    return Answer.objects.select_related("case").get(case=case, state="draft")


def press_case(new: str, case: Case, desk: dict[str, Any]) -> tuple[str, Callable[[], Any], Press]:
    """What a person presses to bring a case to a state: the journal's verb, how the two read the row, and the deed."""
    read = partial(Case.objects.get, pk=case.pk)
    back = case.state in ("answered", "closed")
    if new in ("answered", "promised"):
        answer = draft(case, desk, "final" if new == "answered" else "interim")
        reads = partial(Answer.objects.select_related("case").get, pk=answer.pk)
        return "answer_published_by_hand", reads, lambda row, who: actions.mark_published(answer=row, url=URL, by=who)
    if case.state == "merged":
        main = case.merged_into
        moved = list(main.message_set.filter(pk__in=main.events.get(kind="merged", data__source=case.pk).data["messages"]))
        return "case_split", partial(Case.objects.get, pk=main.pk), lambda row, who: actions.split(case=row, messages=moved, by=who)
    if new == "closed":
        how = "answered" if case.state == "answered" else "no_answer_needed"
        return "case_closed", read, lambda row, who: actions.close(case=row, closed_as=how, by=who)
    if new == "merged":
        into = make_case(desk["page"], "Другой фонарь у дома")
        return "case_merged", read, lambda row, who: actions.merge(case=row, into=into, by=who)
    if back:
        return "case_reopened", read, lambda row, who: actions.reopen(case=row, because="не сделано", by=who)
    if new == "new":
        return "case_bounced", read, lambda row, who: actions.bounce(case=row, why="не наше", by=who)
    return "case_routed", read, lambda row, who: actions.route(case=row, body=desk["other"], by=who)


# No button leads there; the model allows it to the machine and guards it the same way (the test of `move_to` below).
UNPRESSED = {("answered", "merged"), ("closed", "answered"), ("closed", "promised")}


@pytest.mark.parametrize(("old", "new"), [move for move in CASE_MOVES if move not in UNPRESSED])
def test_of_two_who_press_on_a_case_one_is_refused(desk, curator, old, new):
    case = case_in(old, desk)
    if new == "new" and old in ("answered", "closed", "merged"):
        Case.objects.filter(pk=case.pk).update(body=None)
    verb, read, press = press_case(new, Case.objects.get(pk=case.pk), desk)
    one, two = read(), read()
    before = Journal.objects.filter(verb=verb).count()
    press(one, desk["operator"])
    assert Case.objects.get(pk=case.pk).state == new
    with pytest.raises(Refused):
        press(two, curator)
    assert Case.objects.get(pk=case.pk).state == new
    assert [row.by for row in Journal.objects.filter(verb=verb).order_by("id")[before:]] == [desk["operator"]]


def answer_in(state: str, desk: dict[str, Any]) -> Answer:
    by = desk["operator"]
    answer = draft(make_case(desk["page"], f"Не вывозят снег со двора, {state}", body=desk["body"], by=by), desk)
    if state not in ("draft", "withdrawn"):
        actions.submit(answer=answer, by=by)
    if state in ("approved", "failed"):
        actions.approve(answer=answer, by=by)
    if state == "withdrawn":
        actions.close(case=Case.objects.get(pk=answer.case_id), closed_as="no_answer_needed", by=by)
    if state == "failed":
        Outgoing.objects.filter(answer=answer.pk).update(state="failed", needs_person=True, error="сеть отказала")
        actions.settle_due()
    found = Answer.objects.select_related("case").get(pk=answer.pk)
    assert found.state == state
    return found


ANSWER_PRESS: dict[tuple[str, str], tuple[str, Press]] = {
    ("draft", "checked"): ("answer_submitted", lambda row, who: actions.submit(answer=row, by=who)),
    ("draft", "withdrawn"): ("case_closed", lambda row, who: actions.close(case=row.case, closed_as="no_answer_needed", by=who)),
    ("checked", "approved"): ("answer_approved", lambda row, who: actions.approve(answer=row, by=who)),
    ("checked", "draft"): ("answer_returned", lambda row, who: actions.return_draft(answer=row, why="добавьте дату", by=who)),
    ("checked", "withdrawn"): ("case_closed", lambda row, who: actions.close(case=row.case, closed_as="no_answer_needed", by=who)),
    ("approved", "draft"): ("answer_withdrawn", lambda row, who: actions.withdraw(answer=row, by=who)),
    ("approved", "published"): ("answer_published_by_hand", lambda row, who: actions.mark_published(answer=row, url=URL, by=who)),
    ("failed", "approved"): ("answer_retried", lambda row, who: actions.retry(answer=row, by=who)),
    ("failed", "published"): ("answer_published_by_hand", lambda row, who: actions.mark_published(answer=row, url=URL, by=who)),
    ("failed", "draft"): ("answer_withdrawn", lambda row, who: actions.withdraw(answer=row, by=who)),
}
BY_MACHINE = {("approved", "failed"), ("approved", "withdrawn"), ("failed", "withdrawn")}  # the job that settles replies moves these
BY_UNDO = {("withdrawn", "draft"), ("withdrawn", "checked"), ("withdrawn", "failed")}  # with the press for many cases that withdrew it


def test_every_move_of_an_answer_is_pressed_or_the_machines():
    assert set(ANSWER_PRESS) | BY_MACHINE | BY_UNDO == set(ANSWER_MOVES)


@pytest.mark.parametrize(("old", "new"), sorted(ANSWER_PRESS))
def test_of_two_who_press_on_an_answer_one_is_refused(desk, curator, old, new):
    answer = answer_in(old, desk)
    verb, press = ANSWER_PRESS[(old, new)]
    one, two = (Answer.objects.select_related("case").get(pk=answer.pk) for _ in range(2))
    before = Journal.objects.filter(verb=verb).count()
    press(one, desk["operator"])
    assert Answer.objects.get(pk=answer.pk).state == new
    with pytest.raises(Refused):
        press(two, curator)
    assert Answer.objects.get(pk=answer.pk).state == new
    assert [row.by for row in Journal.objects.filter(verb=verb).order_by("id")[before:]] == [desk["operator"]]


@pytest.mark.parametrize(("old", "new"), [move for move in CASE_MOVES if move[0] != move[1]])
def test_a_case_moves_once_however_many_have_read_it(desk, old, new):
    case = case_in(old, desk)
    fields = {"merged_into": case_in("new", desk)} if new == "merged" else {"body": desk["body"]}
    one, two = Case.objects.get(pk=case.pk), Case.objects.get(pk=case.pk)
    one.move_to(new, **fields)
    with pytest.raises(Refused, match="только что изменил"):
        two.move_to(new, **fields)


@pytest.mark.parametrize(("old", "new"), ANSWER_MOVES)
def test_an_answer_moves_once_however_many_have_read_it(desk, old, new):
    answer = answer_in(old, desk)
    one, two = Answer.objects.get(pk=answer.pk), Answer.objects.get(pk=answer.pk)
    one.move_to(new)
    with pytest.raises(Refused, match="только что изменил"):
        two.move_to(new)
