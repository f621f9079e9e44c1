"""A formal appeal beside a case: its terms, its steps, its queue; and the answer ready to be pasted elsewhere."""

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from gospult.accounts.models import Journal
from gospult.desk import actions, queries
from gospult.desk.actions.foreign import take_foreign
from gospult.desk.checker import check
from gospult.desk.handover_terms import LAPSED, LATE, MET, OVERDUE, RUNNING, Dates, Terms, next_due, terms_of, terms_on
from gospult.desk.layouts import Row
from gospult.desk.models import Case, Foreign, Handover
from gospult.desk.queries.handovers import OFFER, POS_LINK, pack_of
from gospult.desk.testing import GOOD_ANSWER, make_answer, make_case, publish
from gospult.exchange.testing import make_connection
from gospult.lib.errors import Refused

RULE = Terms(date(2006, 11, 2), "59-ФЗ", "", register=3, forward=7, answer=30, longer=30)
DAY = date(2026, 11, 2)
db = pytest.mark.django_db


def days(number: int) -> date:
    return DAY + timedelta(days=number)


def test_each_term_is_counted_in_calendar_days_from_its_own_event():
    assert [(t.name, t.due) for t in terms_of(Dates(DAY), RULE)] == [("Зарегистрировать", days(3))]
    dues = [(t.due, t.optional) for t in terms_of(Dates(DAY, registered=days(2)), RULE)]
    assert dues == [(days(3), False), (days(9), True), (days(32), False)]
    assert terms_of(Dates(DAY, registered=days(2), extended=days(20)), RULE)[-1].due == days(62)


def test_a_forwarded_appeal_is_registered_again_and_answered_from_then():
    dates = Dates(DAY, registered=days(1), forwarded=days(6))
    assert [t.due for t in terms_of(dates, RULE)] == [days(3), days(8), days(9)]
    assert next_due(dates, RULE) == days(9)
    assert next_due(Dates(DAY, registered=days(1), forwarded=days(6), again=days(8)), RULE) == days(38)


def test_a_term_is_kept_on_its_last_day_and_the_optional_one_is_never_overdue():
    register, forward, answer = terms_of(Dates(DAY, registered=days(4)), RULE)
    assert register.state_at(days(9)) == LATE
    assert (forward.state_at(days(11)), forward.state_at(days(12))) == (RUNNING, LAPSED)
    assert (answer.state_at(days(34)), answer.state_at(days(35))) == (RUNNING, OVERDUE)
    assert terms_of(Dates(DAY, registered=days(3)), RULE)[0].state_at(DAY) == MET


@given(registered=st.integers(0, 90), forwarded=st.none() | st.integers(0, 90), again=st.integers(0, 90), extended=st.booleans())
def test_what_is_owed_next_is_never_before_what_has_happened(registered, forwarded, again, extended):
    at = days(registered)
    there = None if forwarded is None else at + timedelta(days=forwarded)
    dates = Dates(DAY, at, there, there and there + timedelta(days=again), at if extended else None)
    due = next_due(dates, RULE)
    assert due == (dates.again or at) + timedelta(days=60 if extended else 30)
    assert next_due(Dates(DAY, at, answered=at), RULE) is None


def test_the_region_names_the_law_its_days_come_from():
    rule = terms_on(DAY)
    assert (rule.register, rule.forward, rule.answer, rule.longer) == (3, 7, 30, 30)
    assert "59-ФЗ" in rule.source
    assert terms_on(date(2000, 1, 1)) == rule


@pytest.fixture
def case(page, body, operator) -> Case:
    make_connection(page, mode="full")
    return make_case(page, body=body, by=operator, sent_at=timezone.now() - timedelta(days=60))


def ago(number: int) -> date:
    return timezone.localdate() - timedelta(days=number)


def handed(case: Case, by, *, at: int = 10, number: str = "ОГ-1") -> Handover:
    return actions.hand_over(case=case, way="law", handed=ago(at), number=number, by=by)


def fresh(row: Handover) -> Handover:
    return Handover.objects.get(pk=row.pk)


@db
def test_a_handover_has_its_own_clock_and_the_case_keeps_its_own(case, operator):
    due = case.next_due_at
    row = handed(case, operator)
    assert (row.state, row.due_date) == ("registered", ago(10) + timedelta(days=30))
    kept = Case.objects.get(pk=case.pk)
    assert (kept.next_due_at, kept.state) == (due, "routed")
    assert Journal.objects.filter(verb="case_handed_over").count() == 1


@db
def test_an_appeal_goes_its_whole_way(case, operator):
    row = handed(case, operator, at=40, number="")
    assert (row.state, row.due_date) == ("handed", ago(37))
    actions.register_handover(handover=row, number="А-7", on=ago(38), by=operator)
    actions.forward_handover(handover=fresh(row), to="Администрация города", on=ago(35), by=operator)
    assert fresh(row).due_date == ago(32)
    actions.register_handover(handover=fresh(row), number="Б-9", on=ago(33), by=operator)
    assert fresh(row).due_date == ago(3)
    actions.extend_handover(handover=fresh(row), on=ago(5), by=operator)
    assert fresh(row).due_date == ago(-27)
    actions.answer_handover(handover=fresh(row), on=ago(1), by=operator)
    done = fresh(row)
    assert (done.state, done.due_date, done.number, done.again_number) == ("answered", None, "А-7", "Б-9")


@db
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"handed": timezone.localdate() + timedelta(days=1)}, "ещё не наступил"),
        ({"handed": timezone.localdate() - timedelta(days=90)}, "Укажите день не раньше"),
    ],
)
def test_a_day_that_cannot_be_is_refused(case, operator, fields, words):
    with pytest.raises(Refused, match=words):
        actions.hand_over(**{"case": case, "way": "pos", "number": "1", **fields}, by=operator)
    assert not Handover.objects.exists()


@db
def test_what_cannot_follow_is_refused_in_one_sentence(case, operator):
    row = handed(case, operator, at=50)
    with pytest.raises(Refused, match="продлевают до его конца"):
        actions.extend_handover(handover=fresh(row), on=ago(1), by=operator)
    actions.extend_handover(handover=fresh(row), on=ago(30), by=operator)
    with pytest.raises(Refused, match="второй раз"):
        actions.extend_handover(handover=fresh(row), on=ago(29), by=operator)
    with pytest.raises(Refused, match="уже «на рассмотрении»"):
        actions.register_handover(handover=fresh(row), number="2", on=ago(1), by=operator)
    with pytest.raises(Refused, match="почему запись снимается"):
        actions.drop_handover(handover=fresh(row), why=" ", by=operator)


@db
def test_of_two_who_hand_over_and_of_two_who_mark_the_answer_one_is_refused(case, operator, curator):
    row = handed(case, operator)
    with pytest.raises(Refused, match="уже записано"):
        handed(case, curator)
    one, two = fresh(row), fresh(row)
    actions.answer_handover(handover=one, on=ago(0), by=operator)
    with pytest.raises(Refused, match="Обновите страницу"):
        actions.answer_handover(handover=two, on=ago(0), by=curator)
    assert Journal.objects.filter(verb="handover_answered").count() == 1
    handed(case, operator, number="ОГ-2")


@db
def test_overdue_appeals_are_a_view_with_a_count_until_they_are_answered(case, operator, stranger):
    row = handed(case, operator, at=50)
    assert (queries.counts(operator)["handed_late"], queries.counts(operator)["handed"]) == (1, 0)
    assert list(queries.queue(operator, "handed_late")) == [case]
    assert queries.counts(stranger)["handed_late"] == 0
    actions.answer_handover(handover=row, on=ago(0), by=operator)
    assert queries.counts(operator)["handed_late"] == 0


@db
def test_the_offer_leads_to_pos_and_promises_no_registration(case):
    assert POS_LINK in OFFER
    assert [r.text for r in check(OFFER) if r.level == "block"] == []
    assert "зарегистрир" not in OFFER


@db
def test_the_pack_holds_the_published_answer_and_nothing_of_the_resident(case, operator):
    assert pack_of(case) == []
    publish(make_answer(case, by=operator), by=operator)
    pack = {piece["id"]: piece["value"] for piece in pack_of(case)}
    assert pack["pack-text"] == GOOD_ANSWER
    assert pack["pack-date"].startswith(f"{timezone.localdate():%d.%m.%Y}")


@db
def test_the_screen_hands_over_marks_a_step_and_tells_a_refusal_there(client, operator, case):
    client.force_login(operator)
    post = {"way": "pos", "number": "П-5", "handed": ago(2).isoformat(), "link": ""}
    text = client.post(reverse("desk:hand_over", args=[case.number]), post, follow=True).content.decode()
    assert "В ПОС № П-5" in text
    row = Handover.objects.get()
    step = {"handover": row.pk, "was": "registered", "on": ago(1).isoformat()}
    address = reverse("desk:handover_step", args=[case.number, "answer"])
    assert "больше ничего не ждём" in client.post(address, step, follow=True).content.decode()
    assert "Обновите страницу" in client.post(address, step, follow=True).content.decode()
    assert "Официальное обращение в ПОС № П-5" in client.get(reverse("desk:case", args=[case.number])).content.decode()


@db
def test_a_case_entered_elsewhere_by_hand_is_found_by_the_next_export(client, operator, case):
    client.force_login(operator)
    address = reverse("desk:entered", args=[case.number])
    assert "Записано: ИМ № 77-1" in client.post(address, {"system": "im", "there": " 77-1 "}, follow=True).content.decode()
    assert "Инцидент Менеджмент № 77-1 уже есть" in client.post(address, {"system": "im", "there": "77-1"}, follow=True).content.decode()
    assert "цифры и буквы без пробелов" in client.post(address, {"system": "im", "there": "семь семь"}, follow=True).content.decode()
    later = Row(2, "77-1", datetime(2026, 11, 20), None, datetime(2026, 11, 21), "Иные слова", "Ответили там", "", "Решено", "", "")
    take_foreign(system="im", rows=[later])
    assert [(row.case, row.answered_at is not None) for row in Foreign.objects.all()] == [(case, True)]


@db
@pytest.mark.parametrize(("name", "args"), [("hand_over", []), ("handover_step", ["answer"]), ("beside", []), ("entered", [])])
def test_stranger_gets_404(client, stranger, case, name, args):
    client.force_login(stranger)
    address = reverse(f"desk:{name}", args=[case.number, *args])
    assert (client.get(address) if name == "beside" else client.post(address, {})).status_code == 404


@db
def test_a_steward_reads_and_may_not_hand_over(client, steward, case):
    client.force_login(steward)
    assert "Записать" not in client.get(reverse("desk:beside", args=[case.number])).content.decode()
    assert client.post(reverse("desk:hand_over", args=[case.number]), {}).status_code == 403
