"""Builders for tests and the demo."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from gospult.accounts.models import Person
from gospult.registry.models import Page

from . import actions
from .models import Alert, Contact


def make_contact(person: Person, *, page: Page | None = None, **fields: Any) -> Contact:
    """A confirmed channel: a dialogue through the page, else mail."""
    given = {"channel": page.network if page else "email", "address": "d501" if page else "person@example.org", "confirmed_at": timezone.now()}
    return Contact.objects.create(person=person, page=page, **{**given, **fields})


def make_alert(person: Person, key: str = "one", **fields: Any) -> Alert:
    """An alert that has waited long enough to be written."""
    made = actions.tell(**{"person": person, "key": key, "kind": "routed", "text": "Вам обращение № 26-000001.", "path": "/desk/26-000001", **fields})
    Alert.objects.filter(pk=made.pk).update(created_at=timezone.now() - timedelta(minutes=5))
    made.refresh_from_db()
    return made
