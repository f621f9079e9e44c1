"""Builders for tests, the demo and the benchmarks."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from gospult.networks.base import Event, Utterance
from gospult.registry.models import Page

from . import vault
from .actions import connect, record
from .models import Connection, Incoming, Task
from .pacing import Holder, TokenPacer


def make_connection(page: Page, **fields: Any) -> Connection:
    """A page connected in full mode with a secret "secret"."""
    return connect(**{"page": page, "tokens": {"community": "token"}, "secret": "secret", "confirmation": "confirm", "by": None, **fields})


def make_incoming(
    page: Page, text: str = "Не вывозят мусор", *, action: str = "said", event_id: str = "", sent_at: datetime | None = None, **fields: Any
) -> Incoming:
    """A recorded revision: fields are those of networks.base.Utterance."""
    number = Incoming.objects.count() + 1
    said = Utterance(
        **{
            "kind": "comment",
            "external_id": f"c{number}",
            "thread_id": f"w1_{number}",
            "author_id": f"{1000 + number}",
            "by_page": False,
            "text": text,
            "sent_at": sent_at or timezone.now(),
            **fields,
        }
    )
    event = Event(action=action, page_id=page.external_id or "", event_id=event_id, utterance=said)  # type: ignore[arg-type]
    record(network=page.network, page_key=page.external_id or "", page_id=page.pk, event=event)
    return Incoming.objects.filter(external_id=said.external_id, page=page).latest("id")


def make_pacer(network: str = "vk", token: str = "token", *, page: Page | None = None, task: Task = Task.REPLY) -> TokenPacer:
    """A pacer of a token that counts as one of every kind."""
    holder = Holder(vault.fingerprint(token), token)
    return TokenPacer(network, dict.fromkeys(("community", "user", "service", "bot"), holder), page=page.pk if page else None, task=task)
