"""Who stands in works on the cases of who is away."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from gospult.accounts.models import Role
from gospult.desk.models import Case
from gospult.desk.testing import make_case
from gospult.registry.actions import begin_absence, end_absence
from gospult.registry.testing import make_body, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def deputy(body):
    return make_person(role=Role.EXECUTOR, body=make_body(parent=body), username="deputy")


def test_a_deputy_sees_the_cases_and_answers_while_the_executor_is_away(client, page, body, operator, executor, deputy):
    case = make_case(page, body=body, by=operator)
    assert case not in Case.objects.visible_to(deputy)
    today = timezone.localdate()
    made = begin_absence(person=executor, deputy=deputy, from_date=today, to_date=today + timedelta(days=7), by=executor)
    client.force_login(deputy)
    client.post(reverse("desk:draft", args=[case.number]), {"text": "Здравствуйте! Разбираемся.", "kind": "final"})
    assert case.answers.get().author == deputy
    end_absence(absence=made, by=executor)
    assert client.get(reverse("desk:case", args=[case.number])).status_code == 404
