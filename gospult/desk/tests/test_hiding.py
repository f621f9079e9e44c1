import pytest
from django.urls import reverse
from django.utils import timezone

from gospult.accounts.models import Journal
from gospult.desk import actions
from gospult.desk.models import Hiding
from gospult.desk.queries import recipients
from gospult.desk.testing import make_case, make_message, make_topic
from gospult.exchange.models import Deed
from gospult.exchange.testing import make_connection, make_incoming
from gospult.lib.errors import Refused
from gospult.registry.testing import make_page

pytestmark = pytest.mark.django_db
POSTS = ["hide", "hide_back", "hide_by_hand", "hide_again", "hide_seen"]
TOKENS = {"community": "token", "user": "user"}


@pytest.fixture
def said(page):
    make_topic()
    make_connection(page, tokens=TOKENS)
    return make_message(page, "Сосед Ковалёв живёт в квартире пять, звоните ему, не вывозят мусор")


@pytest.fixture
def hidden(said, operator):
    row = actions.hide(message=said, ground="personal_data", by=operator)
    carry_out(row.deed)
    row.refresh_from_db()
    return row


def carry_out(deed, state="done", **fields):
    proof = {"proof": "answer", "done_at": timezone.now()} if state == "done" else {"needs_person": True, **fields}
    Deed.objects.filter(pk=deed.pk).update(state=state, **proof)
    actions.settle_deeds()


def event(said, action):
    return make_incoming(said.page, "", action=action, external_id=said.external_id, thread_id=said.thread_id, event_id=action)


def now(row):
    row.refresh_from_db()
    return row.state


def test_hiding_needs_a_ground_of_the_list_and_criticism_is_none(said, operator):
    for ground in ("", "criticism", "критика"):
        with pytest.raises(Refused, match="без основания комментарий не скрывают"):
            actions.hide(message=said, ground=ground, by=operator)


def test_a_hidden_comment_keeps_its_words_ground_and_who_did_it(said, hidden, operator):
    said.refresh_from_db()
    assert (now(hidden), hidden.by, hidden.title) == ("hidden", operator, "Персональные данные")
    assert said.text.startswith("Сосед")
    assert said.hidden_at
    assert said.deleted_at is None
    assert recipients(said.case) == []


def test_the_journal_tells_the_ground_and_no_word_of_the_resident(hidden):
    line = Journal.objects.get(verb="comment_hidden")
    assert line.data["ground"] == "personal_data"
    assert "Ковал" not in str(line.data)


def test_our_own_hiding_that_comes_back_as_an_event_does_not_close_the_case(said, hidden):
    event(said, "deleted")
    actions.take_waiting()
    said.refresh_from_db()
    assert said.deleted_at is None
    assert said.case.state != "closed"


def test_the_event_may_come_before_the_networks_answer_and_is_its_proof(said, operator):
    row = actions.hide(message=said, ground="personal_data", by=operator)
    Deed.objects.filter(pk=row.deed.pk).update(state="claimed", claimed_at=timezone.now())
    event(said, "deleted")
    actions.take_waiting()
    actions.settle_deeds()
    row.deed.refresh_from_db()
    assert (now(row), row.deed.proof) == ("hidden", "event")


def test_an_author_who_was_quicker_has_deleted_it_himself(said, operator):
    actions.hide(message=said, ground="personal_data", by=operator)
    event(said, "deleted")
    actions.take_waiting()
    said.refresh_from_db()
    assert said.deleted_at


def test_it_is_put_back_with_a_reason(said, hidden, operator):
    with pytest.raises(Refused, match="почему комментарий возвращают"):
        actions.give_back(hiding=hidden, why=" ", by=operator)
    actions.give_back(hiding=hidden, why="ошиблись", by=operator)
    carry_out(hidden.undo)
    said.refresh_from_db()
    assert (now(hidden), said.hidden_at, recipients(said.case)) == ("returned", None, [said])


def test_it_may_be_hidden_again_after_its_return(said, hidden, operator):
    actions.give_back(hiding=hidden, why="ошиблись", by=operator)
    carry_out(hidden.undo)
    assert actions.hide(message=said, ground="swearing", by=operator).state == "asked"


def test_the_same_comment_is_not_hidden_twice(said, hidden, operator):
    with pytest.raises(Refused, match="уже скрыт"):
        actions.hide(message=said, ground="personal_data", by=operator)


def test_a_refusal_of_the_network_is_told_and_may_be_repeated(said, operator):
    row = actions.hide(message=said, ground="personal_data", by=operator)
    carry_out(row.deed, "failed", error="Нет прав")
    assert now(row) == "failed"
    actions.try_again(hiding=row, by=operator)
    row.deed.refresh_from_db()
    assert (now(row), row.deed.state) == ("asked", "ready")


def test_where_the_page_cannot_a_person_does_it_and_the_event_marks_it(page, operator):
    make_connection(page)  # a community's token hides nothing
    said = make_message(page, "Реклама окон, скидки")
    row = actions.hide(message=said, ground="advertising", by=operator)
    assert (row.state, row.deed) == ("by_hand", None)
    event(said, "deleted")
    actions.take_waiting()
    assert now(row) == "hidden"


def test_a_person_marks_what_he_did_by_hand(page, operator):
    make_connection(page)
    row = actions.hide(message=make_message(page, "Реклама окон, скидки"), ground="advertising", by=operator)
    actions.hidden_by_hand(hiding=row, by=operator)
    actions.give_back(hiding=row, why="не реклама", by=operator)
    actions.returned_by_hand(hiding=row, by=operator)
    assert now(row) == "returned"


def test_a_network_that_deletes_for_good_says_so(body, operator):
    page = make_page(body=body, network="telegram", external_id="-100200")
    make_connection(page, tokens={"bot": "1:a"})
    row = actions.hide(message=make_message(page, "Реклама окон, скидки"), ground="advertising", by=operator)
    carry_out(row.deed)
    row.refresh_from_db()
    with pytest.raises(Refused, match="удаляет комментарий насовсем"):
        actions.give_back(hiding=row, why="ошиблись", by=operator)


def test_a_grave_ground_is_looked_over_by_a_second_person(said, operator, administrator):
    row = actions.hide(message=said, ground="threats", by=operator)
    with pytest.raises(Refused, match="второй человек"):
        actions.look_over(hiding=row, by=operator)
    actions.look_over(hiding=row, by=administrator)
    row.refresh_from_db()
    assert row.seen_by == administrator


def test_direct_messages_are_not_hidden(page, operator):
    message = make_message(page, "Мой телефон такой-то", kind="dm", external_id="m7", thread_id="d7")
    with pytest.raises(Refused, match="личное сообщение и так никто не видит"):
        actions.hide(message=message, ground="personal_data", by=operator)


@pytest.mark.parametrize("name", POSTS)
def test_stranger_gets_404_and_nothing_is_hidden(client, stranger, said, name):
    client.force_login(stranger)
    response = client.post(reverse(f"desk:{name}", args=[said.case.number]), {"message": said.pk, "ground": "swearing"})
    assert (response.status_code, Hiding.objects.count()) == (404, 0)


def test_the_executor_of_the_body_does_not_hide(client, executor, said, body, operator):
    actions.route(case=said.case, body=body, by=operator) if said.case.body_id != body.pk else None
    client.force_login(executor)
    assert client.post(reverse("desk:hide", args=[said.case.number]), {"message": said.pk, "ground": "swearing"}).status_code == 403


def test_the_thread_says_who_hid_it_and_why(client, operator, said, hidden):
    client.force_login(operator)
    text = client.get(reverse("desk:case", args=[said.case.number])).content.decode()
    assert "персональные данные" in text
    assert "Вернуть" in text
    assert 'badge">удалено автором' not in text


def test_the_screen_hides_with_a_ground_and_a_hiding_of_another_case_is_refused(client, operator, said, page):
    client.force_login(operator)
    client.post(reverse("desk:hide", args=[said.case.number]), {"message": said.pk, "ground": "swearing", "note": "мат"})
    row = Hiding.objects.get()
    other = make_case(page, "Совсем другая беда", thread_id="w9_9")
    client.post(reverse("desk:hide_by_hand", args=[other.number]), {"hiding": row.pk})
    assert (row.ground, row.note, now(row)) == ("swearing", "мат", "asked")
