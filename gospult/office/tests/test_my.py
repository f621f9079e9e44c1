from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from gospult.accounts.models import Role
from gospult.alerts.models import Alert
from gospult.desk import actions as desk
from gospult.desk.models import Answer, Case, Task
from gospult.desk.testing import GOOD_ANSWER, make_answer, make_case
from gospult.exchange.models import Outgoing
from gospult.exchange.testing import make_connection
from gospult.monitoring.models import PageMonth
from gospult.office import jobs, queries
from gospult.registry.testing import make_body, make_page, make_person


@pytest.fixture
def case(page, body, operator):
    make_connection(page)
    return make_case(page, "Когда откроют кружок?", body=body, by=operator)


@pytest.fixture
def phone(client, steward):
    client.force_login(steward)
    return client


def sent(client, case, **fields):
    return client.post(reverse("office:my_answer", args=[case.number]), {"text": GOOD_ANSWER, **fields})


def test_a_steward_begins_with_his_page_and_an_operator_with_the_queue(client, steward, operator):
    for person, place in ((steward, "/my/"), (operator, "/desk/")):
        client.force_login(person)
        assert client.get("/").url == place


def test_the_most_urgent_comes_first_and_the_answered_are_gone(phone, page, body, operator, case):
    danger = make_case(page, "Открытый люк у школы, туда может упасть ребёнок", body=body, by=operator)
    seen = phone.get(reverse("office:my")).content.decode()
    assert seen.index(danger.number) < seen.index(case.number)
    Case.objects.filter(pk=case.pk).update(state="answered")
    assert case.number not in phone.get(reverse("office:my")).content.decode()


def test_an_empty_page_teaches(phone):
    assert "Всё отвечено" in phone.get(reverse("office:my")).content.decode()


def test_there_is_no_such_page_for_an_analyst(client, db):
    client.force_login(make_person(role=Role.ANALYST))
    assert client.get(reverse("office:my")).status_code == 404


@pytest.mark.parametrize("name", ["my_case", "my_answer", "my_undo"])
def test_stranger_gets_404_and_nothing_happens(client, stranger, case, name):
    client.force_login(stranger)
    address = reverse(f"office:{name}", args=[case.number])
    assert (client.get(address) if name == "my_case" else client.post(address, {"text": GOOD_ANSWER})).status_code == 404
    assert not Answer.objects.exists()


def test_an_opened_case_is_no_news_any_more(phone, steward, case):
    assert Alert.objects.filter(person=steward, read_at=None).exists()
    phone.get(reverse("office:my_case", args=[case.number]))
    assert not Alert.objects.filter(person=steward, read_at=None).exists()


def test_the_alert_of_a_steward_leads_to_his_own_screen(steward, case):
    assert Alert.objects.get(person=steward).path == reverse("office:my_case", args=[case.number])


def test_an_answer_is_handed_in_where_another_person_looks(phone, case):
    assert sent(phone, case).status_code == 302
    assert Answer.objects.get().state == "checked"


def test_an_answer_leaves_at_once_where_nobody_has_to_look(phone, case, monkeypatch):
    monkeypatch.setattr(queries, "needs_approval", lambda answer: 0)
    sent(phone, case)
    assert (Answer.objects.get().state, Outgoing.objects.get().text) == ("approved", GOOD_ANSWER)
    phone.post(reverse("office:my_undo", args=[case.number]))
    assert (Answer.objects.get().state, Outgoing.objects.count()) == ("draft", 0)


def test_a_date_makes_the_answer_an_interim_one(phone, case):
    sent(phone, case, promised_date="2099-01-01", text="Здравствуйте! Починим до 1 января, отвечает завхоз, телефон 8 351 000-00-00.")
    assert Answer.objects.get().kind == "interim"


def test_what_the_checker_stops_is_told_and_the_words_stay(phone, case):
    answer = sent(phone, case, text="Откроем {дата}")
    seen = answer.content.decode()
    assert (answer.status_code, "Откроем {дата}" in seen, 'role="alert"' in seen) == (422, True, True)


def test_an_empty_answer_is_refused_in_a_sentence(phone, case):
    assert "Напишите ответ" in sent(phone, case, text=" ").content.decode()


def test_a_colleagues_hand_is_not_pushed_away(phone, case, operator):
    from gospult.desk import actions

    actions.hold(case=case, by=operator)
    make_answer(case, by=operator)
    assert sent(phone, case, text="Другой текст").status_code == 422
    assert Answer.objects.get().text == GOOD_ANSWER


def test_a_case_of_another_page_is_not_shown(phone, operator):
    other = make_case(make_page(), "Чужое")
    assert phone.get(reverse("office:my_case", args=[other.number])).status_code == 404


def test_months_are_counted_with_the_days_off_of_the_calendar(page):
    jobs.count_months()
    assert PageMonth.objects.filter(page=page).exists()


def test_what_was_asked_of_ones_body_stands_on_the_page_and_leads_to_its_rows(client, case, body, executor, curator, operator):
    child = make_body(name="Детский сад", parent=body)
    gardener = make_person(role=Role.EXECUTOR, body=child, username="gardener")
    desk.ask(case=case, bodies=[child], text="Покрасить качели", due=timezone.localdate() + timedelta(days=10), because="краску везут", by=operator)
    client.force_login(gardener)
    assert "Поручения вашей организации: 1" in client.get(reverse("office:my")).content.decode()
    assert case.number in client.get(reverse("desk:queue"), {"view": "tasks"}).content.decode()
    client.force_login(executor)  # the one who answers the resident has not been asked anything
    assert "Поручения вашей организации" not in client.get(reverse("office:my")).content.decode()
    Task.objects.update(due_date=timezone.localdate() - timedelta(days=1))
    client.force_login(gardener)
    assert "срок прошёл у 1" in client.get(reverse("office:my")).content.decode()


def test_a_colleagues_note_stands_in_the_stream_on_the_phone(phone, case, operator):
    desk.write_note(case=case, text="Уточните у завхоза", by=operator)
    assert "Уточните у завхоза" in phone.get(reverse("office:my_case", args=[case.number])).content.decode()
