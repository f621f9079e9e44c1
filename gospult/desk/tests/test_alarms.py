from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from gospult.accounts.models import Journal
from gospult.desk import actions
from gospult.desk.actions.sorting import sort_case
from gospult.desk.models import Alarm, Case
from gospult.desk.testing import make_answer, make_case, make_message, make_topic, publish
from gospult.exchange.testing import make_connection, make_incoming
from gospult.lib.errors import Refused
from gospult.registry.testing import make_person

pytestmark = pytest.mark.django_db
GAS = "В подъезде дома сильно пахнет газом, приезжайте"


@pytest.fixture
def case(page):
    make_topic()
    return make_case(page, GAS)


def open_alarms(case):
    return Alarm.objects.filter(case=case, seen_at=None).count()


def test_a_danger_raises_one_alarm_that_names_what_was_heard(case):
    alarm = Alarm.objects.get()
    assert (alarm.heard, case.danger, case.urgent) == (["запах газа"], True, True)


def test_a_person_acknowledges_it_once_and_the_minutes_are_counted(case, operator):
    Alarm.objects.update(raised_at=timezone.now() - timedelta(minutes=7, seconds=30))
    assert actions.acknowledge(case=case, by=operator).minutes == 7
    assert Journal.objects.get(verb="danger_acknowledged").data == {"minutes": 7}
    with pytest.raises(Refused, match="уже принял другой"):
        actions.acknowledge(case=case, by=operator)


def test_danger_in_a_later_message_of_a_calm_case_is_heard_too(page):
    make_topic()
    calm = make_case(page, "Не вывозят мусор", thread_id="w1_5", author_id="5")
    make_incoming(page, "А ещё у нас открытый люк без крышки", thread_id="w1_5", author_id="5")
    actions.take_waiting()
    calm.refresh_from_db()
    assert (calm.danger, open_alarms(calm)) == (True, 1)


def test_the_same_danger_said_again_after_acknowledgement_rings_again(page, case, operator):
    actions.acknowledge(case=case, by=operator)
    said = case.message_set.get()
    make_incoming(page, "Газом пахнет всё сильнее", thread_id=said.thread_id, author_id=said.author_id)
    actions.take_waiting()
    assert open_alarms(case) == 1


def test_an_edit_that_adds_a_danger_is_heard_even_after_a_person_has_sorted(page, body, operator):
    make_topic()
    calm = make_case(page, "Не вывозят мусор", body=body, by=operator)
    said = calm.message_set.get()
    make_incoming(page, "Не вывозят мусор, я больше не хочу жить", action="edited", external_id=said.external_id, thread_id=said.thread_id,
                  author_id=said.author_id, event_id="e2")  # fmt: skip
    actions.take_waiting()
    assert open_alarms(calm) == 1


def test_a_deleted_cry_for_help_closes_nothing_by_itself(page, case):
    said = case.message_set.get()
    make_incoming(page, "", action="deleted", external_id=said.external_id, thread_id=said.thread_id, event_id="d")
    actions.take_waiting()
    case.refresh_from_db()
    assert case.state != "closed"


def test_thanks_do_not_close_a_dangerous_case_by_themselves(page, body, case, operator):
    make_connection(page)
    actions.acknowledge(case=case, by=operator)
    actions.route(case=case, body=body, by=operator)
    publish(make_answer(case, by=operator), by=operator)
    said = case.message_set.get()
    make_incoming(page, "Спасибо большое!", thread_id=said.thread_id, author_id=said.author_id)
    actions.take_waiting()
    case.refresh_from_db()
    assert case.state == "answered"


@pytest.mark.parametrize("put_away", ["spam", "closed"])
def test_nobody_puts_it_away_before_it_was_read(case, operator, put_away):
    def do():
        if put_away == "spam":
            actions.set_kind(case=case, kind="spam", by=operator)
        else:
            actions.close(case=case, closed_as="no_answer_needed", by=operator)

    with pytest.raises(Refused, match="нажмите «Принял»"):
        do()
    actions.acknowledge(case=case, by=operator)
    do()
    assert Case.objects.get(pk=case.pk).state == "closed"


def test_a_merge_carries_the_alarm_along(page, case, operator):
    other = make_case(page, "Не вывозят мусор из двора", thread_id="w3_3")
    actions.merge(case=case, into=other, by=operator)
    other.refresh_from_db()
    assert (other.danger, open_alarms(other)) == (True, 1)


def test_sorting_again_does_not_take_the_danger_away(case, operator):
    actions.acknowledge(case=case, by=operator)
    sort_case(case=case, message=make_message(case.page, "Ничего", thread_id="w4_4"), verdict=_calm())
    case.refresh_from_db()
    assert case.danger


def _calm():
    from gospult.desk.queries import Verdict

    return Verdict(None, 0.0, None, 0.0, None, "", False, (), ())


def test_an_import_of_the_past_marks_the_case_and_rings_no_bell(page):
    make_topic()
    old = make_case(page, GAS, sent_at=timezone.now() - timedelta(days=30))
    assert (old.danger, open_alarms(old)) == (True, 0)


def test_what_burns_stands_first_in_the_queue_until_somebody_has_read_it(client, page, operator):
    make_topic()
    calm = make_case(page, "Не вывозят мусор", sent_at=timezone.now() - timedelta(days=2), thread_id="w5_5")
    case = make_case(page, GAS, thread_id="w6_6")
    client.force_login(operator)

    def order():
        return [row.number for row in client.get(reverse("desk:queue"), {"view": "new"}).context["rows"]]

    assert order() == [case.number, calm.number]
    assert case.number in [row.number for row in client.get(reverse("desk:queue"), {"view": "danger"}).context["rows"]]
    actions.acknowledge(case=case, by=operator)
    assert len(order()) == 2
    assert not client.get(reverse("desk:queue"), {"view": "danger"}).context["rows"]


def test_the_case_names_the_danger_and_112_and_who_has_taken_it(client, case, operator):
    client.force_login(operator)
    address = reverse("desk:case", args=[case.number])
    text = client.get(address).content.decode()
    assert "Опасность: запах газа" in text
    assert "tel:112" in text
    client.post(reverse("desk:acknowledge", args=[case.number]))
    assert f"Принял: {operator}" in client.get(address).content.decode()


def test_stranger_gets_404_and_the_alarm_stands(client, stranger, case):
    client.force_login(stranger)
    assert client.post(reverse("desk:acknowledge", args=[case.number])).status_code == 404
    assert open_alarms(case) == 1


def test_an_analyst_reads_and_does_not_acknowledge(client, case):
    client.force_login(make_person(role="analyst"))
    assert client.post(reverse("desk:acknowledge", args=[case.number])).status_code == 403
