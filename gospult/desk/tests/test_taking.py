from datetime import timedelta

import pytest
from django.utils import timezone

from gospult.desk import actions
from gospult.desk.actions import taking
from gospult.desk.models import Case, Message
from gospult.desk.testing import make_answer, make_case, make_message, make_rule, make_topic, message_of, publish
from gospult.exchange.models import Incoming
from gospult.exchange.testing import make_connection, make_incoming
from gospult.lib import regions
from gospult.networks.base import Attachment

pytestmark = pytest.mark.django_db
RUBBISH = "Добрый день, уже вторую неделю не вывозят мусор из контейнеров во дворе, баки переполнены"


def test_a_message_becomes_a_case_with_a_number_and_a_clock(page):
    message = make_message(page, RUBBISH)
    case = message.case
    assert (case.kind, case.state, case.message_count) == ("problem", "new", 1)
    assert case.next_due_at > message.sent_at
    assert message.number == Incoming.objects.get().number


def test_the_same_revision_taken_twice_is_one_message(page):
    row = make_incoming(page, RUBBISH)
    actions.take_waiting()
    Incoming.objects.update(taken_at=None)
    actions.take_waiting()
    assert (Message.objects.count(), Case.objects.count()) == (1, 1)
    assert message_of(row).case.message_count == 1


def test_an_edit_that_comes_before_the_words_wins_over_them(page):
    make_incoming(page, "новый текст про мусор", external_id="c5", action="edited", event_id="e2")
    make_incoming(page, "старый текст", external_id="c5")
    actions.take_waiting()
    assert Message.objects.get().text == "новый текст про мусор"


def test_a_deletion_that_comes_before_the_words_stays_a_deletion(page):
    make_incoming(page, "", external_id="c5", action="deleted", event_id="e2", author_id="")
    make_incoming(page, RUBBISH, external_id="c5")
    actions.take_waiting()
    message = Message.objects.get()
    assert message.deleted_at
    assert message.text == RUBBISH
    assert message.case.closed_as == "deleted"


def test_a_deleted_message_closes_its_case_and_keeps_its_text(page):
    case = make_case(page, RUBBISH, external_id="c5", thread_id="w1_5")
    make_incoming(page, "", external_id="c5", thread_id="w1_5", action="deleted", event_id="e2")
    actions.take_waiting()
    case.refresh_from_db()
    assert (case.state, case.closed_as, case.next_due_at) == ("closed", "deleted", None)
    assert Message.objects.get().text == RUBBISH


def test_a_restored_message_reopens_its_case_without_counting_against_quality(page):
    case = make_case(page, RUBBISH, external_id="c5", thread_id="w1_5")
    for action in ("deleted", "restored"):
        make_incoming(page, RUBBISH, external_id="c5", thread_id="w1_5", action=action, event_id=action)
    actions.take_waiting()
    case.refresh_from_db()
    assert (case.state, case.reopened) == ("new", 0)


def test_an_edit_sorts_the_case_again_until_a_person_has_decided(page, body, operator):
    case = make_case(page, "Когда работает музей?", external_id="c5", thread_id="w1_5")
    make_incoming(page, RUBBISH, external_id="c5", thread_id="w1_5", action="edited", event_id="e2")
    actions.take_waiting()
    case.refresh_from_db()
    assert case.kind == "problem"
    actions.set_kind(case=case, kind="suggestion", by=operator)
    actions.route(case=case, body=body, by=operator)
    make_incoming(page, "Спасибо большое, всё вывезли", external_id="c5", thread_id="w1_5", action="edited", event_id="e3")
    actions.take_waiting()
    case.refresh_from_db()
    assert case.kind == "problem" or case.kind == "suggestion"
    assert case.state == "routed"


def test_a_second_message_of_the_author_in_the_thread_joins_the_case(page):
    case = make_case(page, RUBBISH, thread_id="w1_5", author_id="7")
    more = make_message(page, "адрес Кирова 5", thread_id="w1_5", author_id="7")
    assert more.case == case
    case.refresh_from_db()
    assert case.message_count == 2


def test_another_person_in_the_same_thread_gets_a_case_of_his_own(page):
    case = make_case(page, RUBBISH, thread_id="w1_5", author_id="7")
    assert make_message(page, "А у нас на остановке не горят фонари, темно", thread_id="w1_5", author_id="8").case != case


def test_the_same_long_text_joins_the_open_case_and_a_short_one_is_only_linked(page):
    first, second = make_message(page, RUBBISH), make_message(page, RUBBISH.upper())
    assert second.duplicate_of == first
    assert second.case == first.case
    short, again = make_message(page, "нет воды"), make_message(page, "Нет воды!")
    assert again.duplicate_of == short
    assert again.case != short.case


def test_gratitude_is_counted_without_a_clock(page):
    case = make_case(page, "Спасибо огромное дворникам, всё чисто, вы молодцы!")
    assert (case.kind, case.state, case.next_due_at) == ("gratitude", "closed", None)


def test_a_photo_without_words_goes_to_a_person(page):
    case = make_case(page, "", attachments=[Attachment(kind="photo", url="https://example.org/1.jpg")])
    assert (case.kind, case.state, case.wordless) == ("", "new", True)


def test_no_rule_leaves_the_case_to_the_operator_and_only_suggests_the_owner(page, body):
    case = make_case(page, RUBBISH)
    assert (case.body, case.suggested_body, case.state) == (None, body, "new")


def test_a_rule_gives_the_case_to_its_body(page, body):
    verdict = make_message(page, RUBBISH).verdict
    topic = make_topic(verdict["topic"], group_code="other")
    make_rule(body, topic=topic)
    from gospult.desk.queries.thinking import forget

    forget()
    case = make_case(page, "Не вывозят мусор, баки переполнены, крысы бегают по двору")
    assert (case.body, case.state) == (body, "routed")
    assert "Правило" in case.events.get(kind="routed").data["why"]


def test_a_word_of_thanks_after_the_answer_closes_the_case(page, body, operator):
    case = answered(page, body, operator)
    make_message(page, "Спасибо большое, всё вывезли!", thread_id="w1_5", author_id="7")
    case.refresh_from_db()
    assert (case.state, case.closed_as, case.reopened) == ("closed", "thanked", 0)


def test_a_complaint_after_the_answer_reopens_the_case(page, body, operator):
    case = answered(page, body, operator)
    make_message(page, "Ничего не вывезли, мусор лежит как лежал, контейнеры переполнены", thread_id="w1_5", author_id="7")
    case.refresh_from_db()
    assert (case.state, case.reopened) == ("routed", 1)
    assert case.next_due_at > timezone.now() - timedelta(minutes=1)


def test_under_the_answer_any_words_are_about_the_answer_but_a_dialogue_may_turn_to_something_else(page, body, operator):
    case = answered(page, body, operator)
    make_message(page, "А на дороге у дома яма, колесо пробил!", thread_id="w1_5", author_id="7")
    case.refresh_from_db()
    assert (case.state, case.reopened) == ("routed", 1)
    actions.load_classifier(region=regions.load("chelyabinsk"))
    talk = {"kind": "dm", "thread_id": "d9", "author_id": "9"}
    first = make_case(
        page, RUBBISH + " и собаки бегают", external_id="m1", body=body, by=operator, sent_at=timezone.now() - timedelta(hours=1), **talk
    )
    publish(make_answer(first, by=operator), by=operator, external_id="m8")
    assert make_message(page, "А ещё не горит фонарь на улице, темно", external_id="m2", **talk).case != first


def answered(page, body, operator):
    make_connection(page)
    case = make_case(page, RUBBISH, thread_id="w1_5", author_id="7", body=body, by=operator, sent_at=timezone.now() - timedelta(hours=1))
    publish(make_answer(case, by=operator), by=operator)
    case.refresh_from_db()
    assert case.state == "answered"
    return case


def test_a_row_that_hits_a_bug_does_not_stop_the_others(page, monkeypatch):
    make_incoming(page, "первый")
    make_incoming(page, RUBBISH)
    original = actions.taking._take_resident

    def fails_once(row):
        if row.text == "первый":
            raise ValueError("bug")
        original(row)

    monkeypatch.setattr(actions.taking, "_take_resident", fails_once)
    assert actions.take_waiting() == 1
    assert Incoming.objects.filter(taken_at=None).count() == 1


def test_a_text_that_the_search_index_cannot_hold_becomes_a_case_all_the_same(page):
    words = " ".join(f"слово{number:x}яма" for number in range(100_000))
    case = make_case(page, words)
    assert case.message_set.get().text.startswith("слово0яма слово1яма")


def test_hostile_text_is_kept_as_plain_words(page):
    assert "<script" not in make_message(page, "<script>alert(1)</script> не горит фонарь на улице Кирова").text


def test_rows_that_must_wait_do_not_hide_those_behind_them(page, monkeypatch):
    for _ in range(60):
        make_incoming(page, "ждёт", thread_id="w1_1", author_id="1")
    make_incoming(page, RUBBISH)
    original = actions.taking._take_resident

    def only_rubbish(row):
        if row.text == "ждёт":
            raise ValueError("bug")
        original(row)

    monkeypatch.setattr(actions.taking, "_take_resident", only_rubbish)
    assert actions.take_waiting() == 1


def test_a_photo_without_words_after_the_answer_reopens_the_case(page, body, operator):
    case = answered(page, body, operator)
    make_message(page, "", thread_id="w1_5", author_id="7", attachments=[Attachment(kind="photo", url="https://example.org/1.jpg")])
    case.refresh_from_db()
    assert case.state == "routed"


def test_words_that_the_triage_does_not_understand_come_before_a_person_also_after_thanks(page):
    case = make_case(page, "Спасибо огромное дворникам, всё чисто, вы молодцы!", thread_id="w1_5", author_id="7")
    assert case.state == "closed"
    more = make_message(page, "а вот у нас на Лесной, дом 4", thread_id="w1_5", author_id="7")
    assert more.kind == ""
    assert more.case.state == "new"


def test_a_complaint_after_thanks_runs_from_its_own_day_and_counts_against_nobody(page):
    now = timezone.now()
    thanks = "Спасибо огромное дворникам, всё чисто, вы молодцы!"
    make_case(page, thanks, thread_id="w1_5", author_id="7", sent_at=now - timedelta(days=20))
    case = make_message(page, RUBBISH, thread_id="w1_5", author_id="7", sent_at=now).case
    case.refresh_from_db()
    assert (case.state, case.kind, case.reopened) == ("new", "problem", 0)
    assert case.next_due_at > now


def test_thanks_that_are_edited_into_a_complaint_come_before_a_person(page):
    case = make_case(page, "Спасибо огромное дворникам, всё чисто, вы молодцы!", external_id="c5", thread_id="w1_5", author_id="7")
    make_incoming(page, RUBBISH, external_id="c5", thread_id="w1_5", author_id="7", action="edited", event_id="e2")
    actions.take_waiting()
    case.refresh_from_db()
    assert (case.state, case.kind) == ("new", "problem")


def test_a_message_that_comes_while_its_case_is_closed_reopens_it(page, body, operator, monkeypatch):
    case = answered(page, body, operator)
    seen = Case.objects.get(pk=case.pk)
    actions.close(case=case, by=operator)
    monkeypatch.setattr(actions.taking, "_case_of_thread", lambda message, verdict: seen)  # read a moment before
    make_message(page, "Ничего не вывезли, мусор лежит как лежал", thread_id="w1_5", author_id="7")
    case.refresh_from_db()
    assert (case.state, case.reopened) == ("routed", 1)


def test_a_message_that_comes_while_its_case_is_merged_is_found_in_the_main_one(page, operator, monkeypatch):
    main, case = make_case(page, RUBBISH), make_case(page, "Гора пакетов с мусором у подъезда", thread_id="w2_9", author_id="8")
    seen = Case.objects.get(pk=case.pk)
    actions.merge(case=case, into=main, by=operator)
    monkeypatch.setattr(actions.taking, "_case_of_thread", lambda message, verdict: seen)  # read a moment before
    assert make_message(page, "адрес Кирова 5", thread_id="w2_9", author_id="8").case == main


def test_an_edit_that_is_taken_while_the_comment_is_hidden_does_not_bring_it_back(page):
    said = make_message(page, RUBBISH, external_id="c5", thread_id="w1_5")
    Message.objects.filter(pk=said.pk).update(hidden_at=timezone.now())  # by somebody else, after this one was read
    row = make_incoming(page, f"{RUBBISH} и снег", external_id="c5", thread_id="w1_5", action="edited", event_id="e2")
    taking._changed(row, said)
    said.refresh_from_db()
    assert (said.hidden_at is not None, said.text.endswith("и снег")) == (True, True)
