"""Pages where a person publishes: the answer is prepared here, pasted there, and recognised when it appears."""

import pytest
from django.urls import reverse

from gospult.desk import actions
from gospult.desk.actions.copying import alike
from gospult.desk.models import Answer
from gospult.desk.testing import GOOD_ANSWER, make_answer, make_case, make_message
from gospult.exchange.models import Connection, Outgoing
from gospult.exchange.testing import make_connection, make_incoming
from gospult.lib.errors import Refused
from gospult.registry.testing import make_page

pytestmark = pytest.mark.django_db
RUBBISH = "Во дворе дома на улице Ленина, 12 третью неделю не вывозят мусор"


@pytest.fixture
def case(page, body, operator):
    make_connection(page, mode="copy")
    return make_case(page, RUBBISH, body=body, by=operator, external_id="c1", thread_id="w1_1", author_id="501")


@pytest.fixture
def prepared(case, operator):
    return actions.send(answer=make_answer(case, by=operator), by=operator)


def appears(page, text=GOOD_ANSWER, *, number=90, thread="w1_1", answers="c1"):
    row = make_incoming(page, text, by_page=True, external_id=f"c{number}", thread_id=thread, reply_to=answers)
    actions.take_waiting()
    return row


def test_an_approved_answer_waits_for_a_person_and_nothing_leaves(case, prepared):
    assert (prepared.state, Outgoing.objects.count()) == ("approved", 0)
    actions.settle_due()
    prepared.refresh_from_db()
    assert prepared.state == "approved"


def test_the_pasted_answer_is_recognised_and_published_with_the_networks_number(case, prepared, page):
    appears(page)
    case.refresh_from_db()
    prepared.refresh_from_db()
    row = Outgoing.objects.get()
    assert (prepared.state, case.state, row.state, row.external_id) == ("published", "answered", "sent", "c90")
    assert row.url.startswith("https://vk.com/wall")
    assert case.answers.count() == 1


def test_the_same_reply_seen_again_changes_nothing(case, prepared, page):
    appears(page)
    appears(page, GOOD_ANSWER + " Правка.", number=90)
    assert (Outgoing.objects.count(), case.answers.count()) == (1, 1)


@pytest.mark.parametrize(
    ("published", "state"),
    [
        (GOOD_ANSWER.replace("Здравствуйте!", "Здравствуйте, Ольга!"), "published"),
        (GOOD_ANSWER.upper() + " 🙂", "published"),
        ("Здравствуйте! Это не к нам, обратитесь в управляющую компанию.", "withdrawn"),
        ("Здравствуйте!", "withdrawn"),
    ],
)
def test_a_nearly_identical_text_counts_and_another_one_is_the_pages_own(case, prepared, page, published, state):
    appears(page, published)
    prepared.refresh_from_db()
    case.refresh_from_db()
    native = case.answers.filter(state="native").count()
    assert (prepared.state, native, case.state) == (state, int(state == "withdrawn"), "answered")


def test_a_text_pasted_before_the_approval_is_published_all_the_same(case, operator, page):
    answer = make_answer(case, by=operator)
    appears(page)
    answer.refresh_from_db()
    assert (answer.state, Outgoing.objects.get().external_id) == ("published", "c90")


def test_of_two_residents_each_needs_the_paste(case, page, operator):
    other = make_message(page, RUBBISH, external_id="c2", thread_id="w1_2", author_id="502")
    assert other.case == case
    answer = actions.send(answer=make_answer(case, by=operator), by=operator)
    appears(page)
    answer.refresh_from_db()
    assert answer.state == "approved"
    assert [m.external_id for m in actions.copying.to_paste(answer)] == ["c2"]
    appears(page, number=91, thread="w1_2", answers="c2")
    answer.refresh_from_db()
    case.refresh_from_db()
    assert (answer.state, case.state, Outgoing.objects.count()) == ("published", "answered", 2)


def test_who_writes_after_the_approval_does_not_hold_it_back(case, prepared, page):
    make_message(page, RUBBISH, external_id="c3", thread_id="w1_3", author_id="503")
    appears(page)
    prepared.refresh_from_db()
    assert prepared.state == "published"


def test_a_prepared_answer_can_be_taken_back(case, prepared, operator):
    assert actions.withdraw(answer=prepared, by=operator).state == "draft"


def test_an_observed_page_takes_no_answer(case, operator):
    Connection.objects.update(mode="observe")
    with pytest.raises(Refused, match="только на чтение"):
        actions.send(answer=make_answer(case, by=operator), by=operator)


def test_a_full_page_keeps_publishing_by_itself(case, operator):
    Connection.objects.update(mode="full")
    actions.send(answer=make_answer(case, by=operator), by=operator)
    assert Outgoing.objects.get().state == "ready"


def test_the_screen_gives_text_and_thread_to_who_may_write(client, case, prepared, operator, stranger):
    client.force_login(operator)
    shown = client.get(reverse("desk:case", args=[case.number])).content.decode()
    assert "Скопировать и открыть ветку" in shown
    assert "reply=1" in shown
    assert GOOD_ANSWER in shown
    assert "узнаем его сами" in shown
    assert f"ВК · {case.page.name}: комментарий" in shown
    assert ("ждёт, пока опубликует человек" in shown, "публикуется</span>" in shown) == (True, False)
    client.force_login(stranger)
    assert client.get(reverse("desk:case", args=[case.number])).status_code == 404


@pytest.mark.parametrize("network", ["telegram", "max"])
def test_what_is_said_for_a_bot_is_marked_by_a_person(client, body, operator, network):
    page = make_page(body=body, network=network, handle="bot_page")
    make_connection(page, tokens={"bot": "t"}, mode="copy")
    case = make_case(page, RUBBISH, body=body, by=operator, kind="dm", external_id="m1", thread_id="d501", author_id="501")
    actions.send(answer=make_answer(case, by=operator), by=operator)
    client.force_login(operator)
    shown = client.get(reverse("desk:case", args=[case.number])).content.decode()
    assert ("узнаем его сами" in shown, "отметьте это сами" in shown, 'href=""' in shown) == (False, True, False)
    address = shown.partition('type="hidden" name="url" value="')[2].partition('"')[0]
    client.post(reverse("desk:by_hand", args=[case.number]), {"url": address})
    assert Answer.objects.get().state == "published"


def test_pasting_by_hand_with_an_address_still_works(case, prepared, operator):
    actions.mark_published(answer=prepared, url="https://vk.com/wall-1_1?reply=9", by=operator)
    assert Answer.objects.get().state == "published"


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        ("Вывезем мусор завтра", "вывезем мусор   завтра!", True),
        ("Вывезем мусор завтра", "", False),
        ("", "", False),
        ("раз два три четыре пять", "пять четыре три два раз", False),
    ],
)
def test_words_in_order_decide_whether_texts_are_alike(ours, theirs, same):
    assert alike(ours, theirs) is same
