from datetime import timedelta

import pytest
from django.utils import timezone

from gospult.alerts import actions as alerts
from gospult.alerts.models import Alert, Letter
from gospult.alerts.testing import make_contact
from gospult.desk import actions
from gospult.desk.models import Case
from gospult.desk.testing import make_case


@pytest.fixture(autouse=True)
def _wednesday(time_machine):
    time_machine.move_to("2026-11-25 10:00:00+05:00")


def kinds(person):
    return [alert.kind for alert in Alert.objects.filter(person=person).order_by("id")]


def test_the_ladder_is_climbed_once_in_working_hours(page, body, operator, executor, curator, time_machine):
    case = make_case(page, body=body, by=operator)
    due = Case.objects.get(pk=case.pk).next_due_at
    time_machine.move_to(due - timedelta(hours=1))
    assert (actions.escalate(), actions.escalate()) == (1, 0)
    time_machine.move_to(due + timedelta(minutes=1))
    assert (actions.escalate(), actions.escalate()) == (1, 0)
    assert [kinds(person) for person in (executor, curator)] == [["routed", "due_soon", "overdue"], ["overdue"]]


def test_at_night_the_ladder_rests(page, body, operator, time_machine):
    make_case(page, body=body, by=operator)
    time_machine.move_to("2026-11-27 23:30:00+05:00")
    assert actions.escalate() == 0


def test_five_hundred_overdue_cases_are_one_letter_to_a_person(page, body, operator, executor, time_machine):
    make_contact(executor)
    first = make_case(page, body=body, by=operator)
    like = {"state": "routed", "body": body, "page": page, "opened_at": first.opened_at, "next_due_at": timezone.now()}
    Case.objects.bulk_create([Case(number=f"x{n}", **like) for n in range(500)])
    Alert.objects.all().delete()
    time_machine.move_to("2026-11-25 11:00:00+05:00")
    assert actions.escalate() >= 500
    time_machine.move_to("2026-11-25 11:05:00+05:00")
    alerts.write_due()
    assert Letter.objects.filter(person=executor).count() == 1
