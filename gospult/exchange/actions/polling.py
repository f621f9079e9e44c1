"""Polling for gaps: what webhooks have not brought is read from the network."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from gospult.networks.base import Event, Network, NetworkError, Utterance

from ..models import Connection, Incoming
from ..queries import connector
from .intake import record


def poll_due(*, limit: int = 20) -> int:
    """Read pages that were not read for POLL_EVERY seconds; returns how many."""
    for number in range(limit):
        long_ago = timezone.now() - timedelta(seconds=settings.POLL_EVERY)
        with transaction.atomic():
            rows = Connection.objects.exclude(polled_at__gt=long_ago).order_by("polled_at").select_related("page")
            row = rows.select_for_update(skip_locked=True, of=("self",)).first()
            if row is None:
                return number
            Connection.objects.filter(pk=row.pk).update(polled_at=timezone.now())
        poll(row)
    return limit


def poll(connection: Connection) -> int:
    """Read the latest posts' comments of one page and record what is not known yet; returns how many utterances were new."""
    network = connector(connection.page)
    try:
        found = _comments(network)
    except NetworkError:
        return 0  # the next round reads again; a page's last proof of life shows its age
    Connection.objects.filter(pk=connection.pk).update(last_proof_at=timezone.now())
    return sum(_record_if_new(connection, said) for said in found)


def _comments(network: Network) -> list[Utterance]:
    since = timezone.now() - timedelta(days=settings.POLL_DAYS)
    posts = [post for post in network.posts(count=50) if post.comments and post.sent_at > since]
    return [said for post in posts for said in network.comments(post.external_id)]


def _record_if_new(connection: Connection, said: Utterance) -> bool:
    page = connection.page
    known = Incoming.objects.filter(network=page.network, page_key=page.external_id or "", external_id=said.external_id)
    last = known.order_by("-id").values_list("text", "action").first()
    if last and (last[0] == said.text or last[1] == "deleted"):
        return False
    event = Event(action="edited" if last else "said", page_id=page.external_id or "", utterance=said, raw={"polled": True})
    record(network=page.network, page_key=page.external_id or "", page_id=page.pk, event=event)
    return True
