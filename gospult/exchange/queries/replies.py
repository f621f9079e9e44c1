"""What is known about replies, ours and those given in the network itself."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from gospult.networks.registry import NETWORKS
from gospult.registry.models import Page

from ..models import Connection, Incoming, Mode, Outgoing


def can_publish(page: Page | None) -> bool:
    """Whether replies of this page leave by themselves."""
    return page is not None and page.network in NETWORKS and Connection.objects.filter(page=page, mode=Mode.FULL).exists()


def is_copied(page: Page | None) -> bool:
    """Whether a person publishes this page's answers: they are prepared here and recognised when they appear there."""
    return page is not None and Connection.objects.filter(page=page, mode=Mode.COPY).exists()


def hears_native(page: Page | None, channel: str) -> bool:
    """Whether what the page says in its network's own app comes to us: comments everywhere, dialogues only where the network lets us find them."""
    kind = NETWORKS.get(page.network) if page else None
    return kind is not None and (channel != "dm" or "dialogues" in kind.can(frozenset(kind.kinds)))


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
