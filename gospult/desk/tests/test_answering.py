from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from gospult.accounts.models import Journal
from gospult.desk import actions
from gospult.desk.models import Answer, Case
from gospult.desk.testing import GOOD_ANSWER, make_answer, make_case, make_message, publish
from gospult.exchange.models import Outgoing
from gospult.exchange.testing import make_connection, make_incoming
from gospult.lib.errors import Refused

pytestmark = pytest.mark.django_db
RUBBISH = "Добрый день, уже вторую неделю не вывозят мусор из контейнеров во дворе, баки переполнены"


@pytest.fixture
def case(page, body, operator):
    make_connection(page)
    return make_case(
        page, RUBBISH, thread_id="w1_5", author_id="7", external_id="c5", body=body, by=operator, sent_at=timezone.now() - timedelta(hours=1)
    )


def test_a_draft_is_one_whoever_writes(case, operator, executor):
    first = make_answer(case, by=executor, text="раз")
    second = make_answer(case, by=operator, text="два")
    assert first.pk == second.pk
    assert Answer.objects.get().text == "два"


def test_the_way_of_an_answer(case, operator, executor):
    answer = make_answer(case, by=executor)
    actions.submit(answer=answer, by=executor)
    actions.return_draft(answer=answer, why="Добавьте дату", by=operator)
    actions.submit(answer=answer, by=executor)
    actions.approve(answer=answer, by=operator)
    row = Outgoing.objects.get()
    assert (row.reply_to, row.thread_id, row.text, row.state) == ("c5", "w1_5", GOOD_ANSWER, "ready")
    row.move_to("claimed")
    row.move_to("sent", external_id="c77", sent_at=timezone.now())
    actions.settle_due()
    case.refresh_from_db()
    answer.refresh_from_db()
    assert (answer.state, case.state, case.next_due_at) == ("published", "answered", None)
    verbs = list(Journal.objects.filter(object_type="desk.answer").order_by("id").values_list("verb", flat=True))
    assert verbs == ["answer_submitted", "answer_returned", "answer_submitted", "answer_approved"]


def test_an_answer_is_not_published_before_the_network_gave_its_id(case, operator):
    answer = actions.send(answer=make_answer(case, by=operator), by=operator)
    Outgoing.objects.update(state="unknown")
    actions.settle_due()
    answer.refresh_from_db()
    assert answer.state == "approved"


def test_a_failed_reply_makes_the_answer_failed_and_a_person_sends_it_again(case, operator):
    answer = actions.send(answer=make_answer(case, by=operator), by=operator)
    Outgoing.objects.update(state="failed", needs_person=True, error="комментарии закрыты")
    actions.settle_due()
    answer.refresh_from_db()
    assert answer.state == "failed"
    actions.retry(answer=answer, by=operator)
    assert (Outgoing.objects.get().state, answer.state) == ("ready", "approved")


def test_the_undo_takes_the_answer_back_and_a_second_approval_sends_it_once(case, operator):
    answer = actions.send(answer=make_answer(case, by=operator), by=operator)
    actions.withdraw(answer=answer, by=operator)
    assert (answer.state, Outgoing.objects.count()) == ("draft", 0)
    actions.send(answer=answer, by=operator)
    assert Outgoing.objects.get().state == "ready"


def test_an_answer_that_is_leaving_cannot_be_withdrawn(case, operator):
    answer = actions.send(answer=make_answer(case, by=operator), by=operator)
    Outgoing.objects.update(state="claimed")
    with pytest.raises(Refused):
        actions.withdraw(answer=answer, by=operator)


def test_two_who_approve_at_once_send_one_reply(case, operator):
    answer = actions.submit(answer=make_answer(case, by=operator), by=operator)
    same = Answer.objects.get(pk=answer.pk)
    actions.approve(answer=answer, by=operator)
    with pytest.raises(Refused):
        actions.approve(answer=same, by=operator)
    assert Outgoing.objects.count() == 1
    assert Journal.objects.filter(verb="answer_approved").count() == 1


def test_an_interim_answer_promises_a_date_and_moves_the_final_clock(case, operator):
    with pytest.raises(Refused):
        actions.submit(answer=make_answer(case, by=operator, kind="interim"), by=operator)
    day = timezone.localdate() + timedelta(days=3)
    text = "Здравствуйте! Проверим график вывоза мусора и ответим до " + day.strftime("%d.%m.%Y") + ". Отдел благоустройства, 8 351 000-00-00."
    publish(make_answer(case, by=operator, kind="interim", promised_date=day, text=text), by=operator)
    case.refresh_from_db()
    assert case.state == "promised"
    assert timezone.localdate(case.next_due_at) <= day
    number = case.message_set.get().number
    assert Outgoing.objects.get().text.endswith(f"Номер сообщения {number[:4]} {number[4:8]} {number[8:]}, ход работы: {settings.STATUS_URL}")
    assert case.first_reaction_at


def test_every_author_is_answered_once_in_his_own_thread(case, page, body, operator):
    second = make_case(page, "Мусор не вывозят, у подъезда гора пакетов", thread_id="w2_9", author_id="8", external_id="c9", body=body, by=operator)
    actions.merge(case=second, into=case, by=operator)
    make_message(page, "адрес Кирова 5", thread_id="w1_5", author_id="7", external_id="c6")
    actions.send(answer=make_answer(case, by=operator), by=operator)
    assert sorted(Outgoing.objects.values_list("thread_id", "reply_to")) == [("w1_5", "c6"), ("w2_9", "c9")]


def test_one_of_two_who_is_not_satisfied_is_answered_again_and_the_other_is_left_in_peace(case, page, body, operator):
    second = make_case(page, "Мусор не вывозят, у подъезда гора пакетов", thread_id="w2_9", author_id="8", external_id="c9", body=body, by=operator)
    actions.merge(case=second, into=case, by=operator)
    make_incoming(page, "Вывезли", by_page=True, author_id="", thread_id="w2_9", reply_to="c9", external_id="c10")
    actions.take_waiting()
    publish(make_answer(case, by=operator), by=operator)
    make_message(page, "Ничего не вывезли, мусор лежит как лежал", thread_id="w1_5", author_id="7", external_id="c12")
    case.refresh_from_db()
    assert case.state == "routed"
    again = actions.send(answer=make_answer(case, by=operator, text=GOOD_ANSWER + " Проверили ещё раз."), by=operator)
    assert list(Outgoing.objects.filter(answer=again.pk).values_list("reply_to", flat=True)) == ["c12"]


def test_a_native_answer_becomes_the_answer_and_stops_the_clock(case, page, operator):
    make_answer(case, by=operator, text="черновик")
    make_incoming(page, "Здравствуйте, вывезли сегодня", by_page=True, author_id="", thread_id="w1_5", reply_to="c5", external_id="c6")
    actions.take_waiting()
    case.refresh_from_db()
    assert (case.state, case.next_due_at) == ("answered", None)
    assert sorted(case.answers.values_list("state", flat=True)) == ["native", "withdrawn"]
    with pytest.raises(Refused):
        actions.approve(answer=actions.submit(answer=make_answer(case, by=operator), by=operator), by=operator)


@pytest.mark.parametrize(("seconds", "state", "answers"), [(1, "routed", 0), (2, "routed", 0), (3, "answered", 1), (600, "answered", 1)])
def test_an_autoresponder_s_reply_to_a_direct_message_is_no_answer(page, body, operator, seconds, state, answers):
    asked = timezone.now() - timedelta(hours=1)
    case = make_case(page, RUBBISH, kind="dm", external_id="m5", thread_id="d77", author_id="77", sent_at=asked, body=body, by=operator)
    replied = asked + timedelta(seconds=seconds)
    make_incoming(page, "Спасибо за обращение!", by_page=True, author_id="", kind="dm", thread_id="d77", external_id="m6", sent_at=replied)
    actions.take_waiting()
    case.refresh_from_db()
    assert (case.state, case.answers.count(), case.next_due_at is None) == (state, answers, bool(answers))
    assert case.events.filter(kind="page_said").count() == 1 - answers


def test_an_autoresponder_s_reply_in_comments_does_not_exist(case, page):
    """Under a post only a person replies, however quickly."""
    message = case.message_set.get()
    make_incoming(page, "Вывезли", by_page=True, author_id="", thread_id="w1_5", reply_to="c5", external_id="c6", sent_at=message.sent_at)
    actions.take_waiting()
    case.refresh_from_db()
    assert case.state == "answered"


def test_a_native_answer_that_the_page_deletes_brings_the_case_back(case, page, operator):
    make_incoming(page, "Вывезем", by_page=True, author_id="", thread_id="w1_5", reply_to="c5", external_id="c6")
    actions.take_waiting()
    make_incoming(page, "", external_id="c6", action="deleted", event_id="e9", thread_id="", author_id="")
    actions.take_waiting()
    case.refresh_from_db()
    assert (case.state, case.next_due_at is not None) == ("routed", True)
    assert case.message_set.count() == 1
    actions.send(answer=make_answer(case, by=operator), by=operator)
    assert Outgoing.objects.get().reply_to == "c5"


def test_our_own_reply_coming_back_is_no_native_answer(case, page, operator):
    publish(make_answer(case, by=operator), by=operator, external_id="c88")
    make_incoming(page, GOOD_ANSWER, by_page=True, author_id="", thread_id="w1_5", reply_to="c5", external_id="c880")
    actions.take_waiting()
    assert not case.answers.filter(state="native").exists()


def test_a_reply_of_the_page_waits_while_ours_has_no_outcome(case, page, operator):
    actions.send(answer=make_answer(case, by=operator), by=operator)
    Outgoing.objects.update(state="claimed")
    make_incoming(page, GOOD_ANSWER, by_page=True, author_id="", thread_id="w1_5", reply_to="c5", external_id="c99")
    assert actions.take_waiting() == 0
    Outgoing.objects.update(state="sent", external_id="c99", sent_at=timezone.now())
    assert actions.take_waiting() == 1
    assert not case.answers.filter(state="native").exists()


def test_a_native_answer_to_one_of_two_authors_leaves_the_other_waiting(case, page, body, operator):
    second = make_case(page, "Мусор не вывозят, у подъезда гора пакетов", thread_id="w2_9", author_id="8", external_id="c9", body=body, by=operator)
    actions.merge(case=second, into=case, by=operator)
    make_incoming(page, "Вывезли", by_page=True, author_id="", thread_id="w2_9", reply_to="c9", external_id="c10")
    actions.take_waiting()
    case.refresh_from_db()
    assert case.state == "routed"
    actions.send(answer=make_answer(case, by=operator), by=operator)
    assert Outgoing.objects.get().thread_id == "w1_5"


def test_a_page_that_is_only_read_is_answered_by_hand_with_a_proof(page, body, operator):
    case = make_case(page, RUBBISH, body=body, by=operator)
    answer = actions.submit(answer=make_answer(case, by=operator), by=operator)
    with pytest.raises(Refused):
        actions.approve(answer=answer, by=operator)
    with pytest.raises(Refused):
        actions.mark_published(answer=answer, url="готово", by=operator)
    actions.mark_published(answer=answer, url="https://vk.com/wall-1_2?reply=3", by=operator)
    case.refresh_from_db()
    assert (answer.state, case.state) == ("published", "answered")


def test_an_unfilled_placeholder_is_never_published(case, operator):
    with pytest.raises(Refused):
        actions.submit(
            answer=make_answer(case, by=operator, text="Здравствуйте, {имя}! Вывезем мусор до 30 ноября, отдел благоустройства."), by=operator
        )


def test_a_case_is_closed_returned_and_counted(case, operator):
    with pytest.raises(Refused):
        actions.close(case=case, by=operator)
    publish(make_answer(case, by=operator), by=operator)
    case.refresh_from_db()
    actions.return_for_rework(case=case, why="Нет фото", by=operator)
    assert (case.state, case.next_due_at is not None) == ("routed", True)
    publish(make_answer(case, by=operator, text=GOOD_ANSWER + " Фото приложили."), by=operator, external_id="c95")
    case.refresh_from_db()
    actions.close(case=case, by=operator)
    assert (case.state, case.reviews.filter(good=True).count(), case.reviews.filter(good=False).count()) == ("closed", 1, 1)


def test_not_ours_returns_the_case_to_the_operator_with_a_reason(case, executor):
    with pytest.raises(Refused):
        actions.bounce(case=case, why=" ", by=executor)
    actions.bounce(case=case, why="Это региональная дорога", by=executor)
    assert (case.state, case.body) == ("new", None)


def test_merging_takes_the_earliest_clock_and_splitting_gives_the_case_back(case, page, body, operator):
    early = make_case(
        page, "Гора пакетов с мусором у подъезда", thread_id="w2_9", author_id="8", body=body, by=operator, sent_at=timezone.now() - timedelta(days=2)
    )
    actions.merge(case=early, into=case, by=operator)
    assert case.opened_at == early.opened_at
    assert Case.objects.get(pk=early.pk).state == "merged"
    back = actions.split(case=case, messages=list(case.message_set.filter(author_id="8")), by=operator)
    assert (back.pk, back.state) == (early.pk, "routed")
    assert case.message_set.count() == 1
    case.refresh_from_db()
    assert case.next_due_at > early.opened_at + timedelta(days=1)
    assert case.opened_at > back.opened_at


def test_a_closed_case_is_not_merged(case, page, operator):
    other = make_case(page, "Гора пакетов с мусором у подъезда", thread_id="w2_9", author_id="8")
    actions.close(case=other, closed_as="no_answer_needed", by=operator)
    with pytest.raises(Refused):
        actions.merge(case=other, into=case, by=operator)


def test_thanks_get_a_clock_when_a_person_says_it_is_a_problem(page, operator):
    case = make_case(page, "Спасибо огромное дворникам, всё чисто, вы молодцы!")
    actions.set_kind(case=case, kind="problem", by=operator)
    assert (case.state, case.next_due_at is not None) == ("new", True)


def test_an_answer_to_a_case_that_was_closed_meanwhile_is_not_submitted(case, operator, executor):
    answer = make_answer(case, by=executor)
    assert answer.case.state == "routed"  # as the executor's screen knows it
    actions.close(case=Case.objects.get(pk=case.pk), closed_as="no_answer_needed", by=operator)
    Answer.objects.update(state="draft")  # the draft's transaction began before the closing could see it
    with pytest.raises(Refused, match="закрыто"):
        actions.submit(answer=answer, by=executor)


def test_a_native_answer_that_was_heard_before_the_question_counts(page, operator):
    now = timezone.now()
    make_incoming(page, "Уже вывезли.", by_page=True, external_id="c9", thread_id="w1_5", reply_to="c5", author_id="-1", sent_at=now)
    actions.take_waiting()
    case = make_case(page, RUBBISH, external_id="c5", thread_id="w1_5", author_id="7", sent_at=now - timedelta(minutes=5))
    case.refresh_from_db()
    assert (case.state, case.answers.get().state) == ("answered", "native")


def test_after_a_return_for_rework_the_page_s_old_reply_does_not_hold_back_the_new_answer(case, page, body, operator):
    make_incoming(page, "Уже вывезли.", by_page=True, external_id="c9", thread_id="w1_5", reply_to="c5", author_id="-1")
    actions.take_waiting()
    case.refresh_from_db()
    actions.return_for_rework(case=case, why="Не вывезли", by=operator)
    actions.send(answer=make_answer(case, by=operator), by=operator)
    assert Outgoing.objects.get().after >= case.events.get(kind="returned").at


def test_an_answer_that_failed_is_taken_back_mended_and_goes_out_anew(case, operator):
    answer = fail(actions.send(answer=make_answer(case, by=operator), by=operator))
    actions.withdraw(answer=answer, by=operator)
    actions.send(answer=make_answer(case, by=operator, text=GOOD_ANSWER + " Без ссылки."), by=operator)
    row = Outgoing.objects.get()
    assert (row.state, row.text) == ("ready", GOOD_ANSWER + " Без ссылки.")


def test_an_answer_that_has_reached_somebody_is_not_taken_back(case, page, body, operator):
    second = make_case(page, "Мусор не вывозят, у подъезда гора пакетов", thread_id="w2_9", author_id="8", external_id="c9", body=body, by=operator)
    actions.merge(case=second, into=case, by=operator)
    answer = actions.send(answer=make_answer(case, by=operator), by=operator)
    Outgoing.objects.filter(thread_id="w2_9").update(state="sent", external_id="c70", sent_at=timezone.now())
    fail(answer)
    with pytest.raises(Refused, match="части жителей"):
        actions.withdraw(answer=answer, by=operator)


def test_an_unknown_outcome_that_needs_a_person_is_a_trouble_and_can_be_repeated(case, operator):
    answer = actions.send(answer=make_answer(case, by=operator), by=operator)
    Outgoing.objects.update(state="unknown", needs_person=True)
    actions.settle_due()
    answer.refresh_from_db()
    assert answer.state == "failed"
    actions.retry(answer=answer, by=operator)
    assert (answer.state, Outgoing.objects.get().state) == ("approved", "ready")


def test_an_answer_that_only_waits_for_approval_cannot_be_sent_once_more(case, operator):
    answer = actions.submit(answer=make_answer(case, by=operator), by=operator)
    with pytest.raises(Refused):
        actions.retry(answer=answer, by=operator)
    assert Answer.objects.get().state == "checked"


def test_publishing_by_hand_settles_the_replies_that_nobody_knew_about(case, operator):
    answer = actions.send(answer=make_answer(case, by=operator), by=operator)
    Outgoing.objects.update(state="unknown", needs_person=True)
    actions.settle_due()
    answer.refresh_from_db()
    actions.mark_published(answer=answer, url="https://vk.com/wall-1_2?reply=3", by=operator)
    assert (answer.state, Outgoing.objects.get().state) == ("published", "withdrawn")


def test_a_reply_that_is_leaving_is_not_published_by_hand_as_well(case, operator):
    answer = actions.send(answer=make_answer(case, by=operator), by=operator)
    Outgoing.objects.update(state="claimed")
    with pytest.raises(Refused, match="уходит"):
        actions.mark_published(answer=answer, url="https://vk.com/wall-1_2?reply=3", by=operator)


def test_replies_that_wait_for_one_of_theirs_do_not_hold_other_answers_back(case, page, body, operator):
    second = make_case(page, "Мусор не вывозят, у подъезда гора пакетов", thread_id="w2_9", author_id="8", external_id="c9", body=body, by=operator)
    actions.merge(case=second, into=case, by=operator)
    actions.send(answer=make_answer(case, by=operator), by=operator)
    Outgoing.objects.filter(thread_id="w2_9").update(state="unknown")
    Outgoing.objects.filter(thread_id="w1_5").update(state="sent", external_id="c70", sent_at=timezone.now())
    other = make_case(page, "Не горит фонарь у школы на улице Кирова", thread_id="w3_1", author_id="9", external_id="c3", body=body, by=operator)
    done = actions.send(answer=make_answer(other, by=operator), by=operator)
    Outgoing.objects.filter(answer=done.pk).update(state="sent", external_id="c71", sent_at=timezone.now())
    assert actions.settle_due(limit=1) == 1
    other.refresh_from_db()
    assert other.state == "answered"


def test_a_draft_that_a_native_answer_has_withdrawn_is_not_brought_back_by_typing(case, operator, monkeypatch):
    draft = make_answer(case, by=operator)
    monkeypatch.setattr(actions.answering, "_in_work", lambda case: draft)  # read a moment before
    Answer.objects.update(state="withdrawn")
    actions.save_draft(case=case, text="ещё слово", by=operator)
    assert Answer.objects.get().state == "withdrawn"


def test_an_answer_to_a_case_that_was_closed_meanwhile_is_not_approved(case, operator):
    answer = actions.submit(answer=make_answer(case, by=operator), by=operator)
    assert answer.case.state == "routed"
    Case.objects.update(state="closed")
    with pytest.raises(Refused, match="закрыто"):
        actions.approve(answer=answer, by=operator)


def fail(answer):
    Outgoing.objects.filter(answer=answer.pk, state="ready").update(state="failed", needs_person=True)
    actions.settle_due()
    answer.refresh_from_db()
    assert answer.state == "failed"
    return answer
