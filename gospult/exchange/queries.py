"""Reading what the exchange knows; a connector for a page is made here too, since it only opens tokens."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from gospult.networks.base import Credentials, Network, NetworkError, UtteranceKind
from gospult.networks.registry import NETWORKS
from gospult.registry.models import Page

from . import vault
from .models import Connection, Incoming, Mode, Outgoing, Token


def connector(page: Page) -> Network:
    """The connector of a page with every token that serves it: its own, then the installation's."""
    rows = Token.objects.filter(Q(page=page) | Q(page=None), network=page.network)
    tokens: dict[Any, str] = {}
    for row in sorted(rows, key=lambda t: t.page_id is not None):
        tokens[row.kind] = vault.unseal(row.sealed)
    return _connector(page, tokens)


def address(page: Page, thread_id: str, kind: UtteranceKind) -> str:
    """Where a person opens a thread in its network; no token is opened for that. "" for networks known by name only."""
    try:
        return _connector(page, {}).url(thread_id, kind=kind)
    except (NetworkError, KeyError, ValueError):
        return ""


def _connector(page: Page, tokens: dict[Any, str]) -> Network:
    where = settings.NETWORKS.get(page.network, {})
    return NETWORKS[page.network](
        Credentials(page_id=page.external_id or "", tokens=tokens),
        base_url=where.get("base_url", ""),
        ca_file=where.get("ca_file", ""),
        timeout=settings.NETWORK_TIMEOUT,
    )


def can_publish(page: Page | None) -> bool:
    """Whether replies of this page leave by themselves."""
    return page is not None and page.network in NETWORKS and Connection.objects.filter(page=page, mode=Mode.FULL).exists()


def is_our_echo(incoming: Incoming) -> bool | None:
    """Whether a reply of the page is our own one coming back; None while one of ours in the thread has no outcome yet."""
    ours = Outgoing.objects.filter(page=incoming.page, thread_id=incoming.thread_id)
    if ours.filter(external_id=incoming.external_id).exists():
        return True
    open_ones = list(ours.filter(state__in=[Outgoing.State.CLAIMED, Outgoing.State.UNKNOWN]))
    return None if open_ones else False


def is_autoreply(*, kind: str, asked: datetime, replied: datetime) -> bool:
    """Whether the page replied to a direct message sooner than a person can: its autoresponder answers nobody's question."""
    return kind == "dm" and (replied - asked).total_seconds() < settings.AUTOREPLY_SECONDS


def term_over(field: str, kind: str, now: datetime) -> Q:
    """Rows whose words are due to be forgotten: `field` is the moment that counts, `kind` the field that tells direct messages."""
    public, direct = now - timedelta(days=settings.MESSAGE_DAYS), now - timedelta(days=settings.DM_DAYS)
    return Q(**{kind: "dm", f"{field}__lt": direct}) | (~Q(**{kind: "dm"}) & Q(**{f"{field}__lt": public}))


def oldest_unfinished() -> dict[str, Any]:
    """When the oldest unfinished work of each kind began, for `gospult doctor`; None where nothing waits."""
    return {
        "incoming": Incoming.objects.filter(taken_at=None, addressee="desk").order_by("id").values_list("received_at", flat=True).first(),
        "outgoing": Outgoing.objects.filter(state__in=["ready", "claimed", "unknown"])
        .order_by("created_at")
        .values_list("created_at", flat=True)
        .first(),
    }
