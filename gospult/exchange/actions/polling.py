"""Polling for gaps: what webhooks have not brought is read from the network, comments and direct messages alike."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from gospult.networks.base import Action, Event, Network, NetworkError, Utterance

from ..models import Connection, Incoming
from ..queries import connector
from .intake import clean, kept_text, record

MAX_SECONDS = 60  # of one page: a slow network must not keep the others waiting
LONGEST_PAUSE = 2.0  # seconds that a network may ask us to wait inside a reading
# A dialogue or a post that cannot be read for good does not hold back the others.
OF_ITS_OWN = {"access", "gone", "closed", "invalid"}

Batch = tuple[datetime, Sequence[Utterance]]  # when its reading began, what was read


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
    """Read the latest posts' comments and the latest dialogues of one page; returns how many revisions were new.

    What has been read before a failure is kept; the next round reads again, and the age of a page's last proof of life shows it.
    """
    network, new = connector(connection.page), 0
    for read in (_comments, _messages):
        try:
            for began, found in read(network):
                new += sum(_record_if_new(connection, said, began) for said in found)
        except NetworkError:
            continue  # also where the page's tokens do not reach
        Connection.objects.filter(pk=connection.pk).update(last_proof_at=timezone.now())
    return new


def _comments(network: Network) -> Iterator[Batch]:
    since = timezone.now() - timedelta(days=settings.POLL_DAYS)
    posts = [post for post in _ask(network.posts, count=50) if post.comments and post.sent_at > since]
    yield from _one_by_one(network.comments, [post.external_id for post in posts])


def _messages(network: Network) -> Iterator[Batch]:
    since = timezone.now() - timedelta(days=settings.POLL_DAYS)
    threads = _ask(network.dialogues, since=since)
    for began, said in _one_by_one(lambda thread: network.thread(thread, kind="dm"), threads):
        yield began, [item for item in said if item.sent_at >= since]


def _one_by_one(read: Callable[[str], Sequence[Utterance]], places: Sequence[str]) -> Iterator[Batch]:
    end = time.monotonic() + MAX_SECONDS
    for place in places:
        if time.monotonic() > end:
            return
        began = timezone.now()
        try:
            yield began, _ask(read, place)
        except NetworkError as error:
            if error.fault not in OF_ITS_OWN:
                raise


def _ask(call: Callable[..., Any], *what: Any, **more: Any) -> Any:
    """One more try for a network that only asks to go slower."""
    try:
        return call(*what, **more)
    except NetworkError as error:
        if error.fault != "too_fast":
            raise
        time.sleep(min(error.retry_after or LONGEST_PAUSE, LONGEST_PAUSE))
        return call(*what, **more)


def _record_if_new(connection: Connection, said: Utterance, began: datetime) -> bool:
    page = connection.page
    known = Incoming.objects.filter(network=page.network, page_key=page.external_id or "", external_id=said.external_id)
    last = known.only("action", "text", "attachments", "received_at", "forgotten_at").order_by("-id").first()
    action = _action(last, said, began)
    if action is None:
        return False
    # Named by its ordinal: a text may come back to an earlier wording, and that is news again.
    ordinal = f"polled-{known.count()}" if last else ""
    event = Event(action=action, page_id=page.external_id or "", event_id=ordinal, utterance=said, raw={"polled": clean(dict(said.raw))})
    record(network=page.network, page_key=page.external_id or "", page_id=page.pk, event=event)
    return True


def _action(last: Incoming | None, said: Utterance, began: datetime) -> Action | None:
    """What the reading tells beyond the last known revision; None when nothing."""
    if last is None:
        return "said"
    if last.received_at >= began or last.forgotten_at:  # a webhook was quicker; what is forgotten does not come back
        return None
    if last.action == "deleted":
        return "restored"
    files = [(item["kind"], item["external_id"]) for item in last.attachments]
    same = last.text == kept_text(said.text) and files == [(item.kind, item.external_id) for item in said.attachments]
    return None if same else "edited"
