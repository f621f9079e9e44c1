"""Reading what people are told."""

from typing import Any

from django.db.models import QuerySet

from gospult.accounts.models import Person
from gospult.exchange.models import Addressee, Connection
from gospult.registry.models import Page

from .models import Alert, Channel


def staff_page(network: str) -> Page | None:
    """The page whose dialogues are the line to the staff, None where none was chosen."""
    row = Connection.objects.filter(page__network=network, dm_to=Addressee.ALERTS).select_related("page").first()
    return row.page if row else None


def channels() -> list[dict[str, Any]]:
    """The messengers that can be offered, with the page to write to and where to open it."""
    rows = Connection.objects.filter(dm_to=Addressee.ALERTS).select_related("page").order_by("page__network")
    known = set(Channel.values)
    return [
        {"code": r.page.network, "name": Channel(r.page.network).label, "page": r.page, "account": r.account, "url": _bot_address(r)}
        for r in rows
        if r.page.network in known
    ]


def _bot_address(row: Connection) -> str:
    """Where a person opens the dialogue; a Telegram bot is opened by its own name, another page by its address."""
    if row.page.network == "telegram" and row.account.startswith("@"):
        return f"https://t.me/{row.account[1:]}"
    return row.page.address


def alerts_of(person: Person) -> QuerySet[Alert]:
    """The person's own alerts, the newest first."""
    return Alert.objects.filter(person=person).order_by("-id")


def unread(person: Person) -> int:
    """How many of them are news."""
    return Alert.objects.filter(person=person, read_at=None).count()
