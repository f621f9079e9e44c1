from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from gospult.accounts.jobs import clear_sessions
from gospult.accounts.models import Person

pytestmark = pytest.mark.django_db


def test_only_sessions_whose_time_is_over_are_deleted(client: Client) -> None:
    client.force_login(Person.objects.create_user("ivanova"))
    Session.objects.create(session_key="old", session_data="", expire_date=timezone.now() - timedelta(minutes=1))

    clear_sessions()

    assert [row.session_key for row in Session.objects.all()] == [client.session.session_key]
