"""Polling for gaps: what webhooks have not brought is read from the network, comments and direct messages alike."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from gospult.networks.base import Action, Event, Network, NetworkError, Utterance, UtteranceKind
from gospult.networks.registry import NETWORKS

from ..models import Connection, Hook, Incoming, Mode, Task
from ..queries import connector, kinds_of
from .intake import clean, kept_text, record

MAX_SECONDS = 60  # of one page: a slow network must not keep the others waiting
LONGEST_PAUSE = 2.0  # seconds that a network may ask us to wait inside a reading
PASSING = {"too_fast", "down", "timeout"}
# A dialogue or a post that cannot be read for good does not hold back the others.
OF_ITS_OWN = {"access", "gone", "closed", "invalid"}

Batch = tuple[datetime, Sequence[Utterance]]  # when its reading began, what was read


def poll_due(*, limit: int = 20) -> int:
    """Read pages whose turn has come; returns how many."""
    for number in range(limit):
        with transaction.atomic():
            row = _due().select_for_update(skip_locked=True, of=("self",)).first()
            if row is None:
                return number
            Connection.objects.filter(pk=row.pk).update(polled_at=timezone.now())
        poll(row)
    return limit


def _due() -> QuerySet[Connection]:
    """Every POLL_EVERY seconds what no webhook brings, every POLL_GAPS_EVERY also what a living webhook should have brought."""
    now = timezone.now()
    gaps = Q(gaps_at=None) | Q(gaps_at__lt=now - timedelta(seconds=settings.POLL_GAPS_EVERY))
    deaf = ~Q(hook=Hook.ALIVE) | ~Q(page__network__in=_telling_all())
    rows = Connection.objects.exclude(polled_at__gt=now - timedelta(seconds=settings.POLL_EVERY)).filter(gaps | deaf)
    # The page that was served longest ago comes first, and before all one that never was.
    return rows.filter(page__network__in=_readable()).order_by(F("polled_at").asc(nulls_first=True)).select_related("page")


def _readable() -> list[str]:
    """Networks that show comments or dialogues at all to some token."""
    return [code for code, kind in NETWORKS.items() if {"comments", "dialogues"} & kind.can(frozenset(kind.kinds))]


def _telling_all() -> list[str]:
    """Networks whose webhooks bring everything that could be read."""
    reads = {code: _reads(kind.can(frozenset(kind.kinds))) for code, kind in NETWORKS.items()}
    return [code for code, kind in NETWORKS.items() if reads[code] <= kind.pushes]


def _reads(can: frozenset[str]) -> set[UtteranceKind]:
    """The kinds of utterances that these features can read."""
    comments: set[UtteranceKind] = {"comment"} if {"posts", "comments"} <= can else set()
    return comments | ({"dm"} if {"dialogues", "messages"} <= can else set())


def poll(connection: Connection) -> int:
    """Read the latest posts' comments and the latest dialogues of one page, as far as its tokens reach; returns how many revisions were new.

    What has been read before a failure is kept; the next round reads again, and the age of a page's last proof of life shows it.
    """
    network, new, began_at = connector(connection.page, task=Task.POLL), 0, timezone.now()
    (kinds, whole), turn = _wanted(connection, network), Turn(connection.poll_from)
    for kind in sorted(kinds):
        try:
            for began, found in READERS[kind](network, turn):
                new += sum(_record_if_new(connection, said, began) for said in found)
        except NetworkError:
            whole = False
            continue
        Connection.objects.filter(pk=connection.pk).update(last_proof_at=timezone.now())
    Connection.objects.filter(pk=connection.pk).update(poll_from=turn.post[:64], **({"gaps_at": began_at} if whole and not turn.post else {}))
    return new


def _wanted(connection: Connection, network: Network) -> tuple[set[UtteranceKind], bool]:
    """What is to be read, and whether that is all that can be: a living webhook brings its kinds by itself, and nobody reads another's letters."""
    kinds = _reads(network.can(kinds_of(connection.page)))
    if connection.mode == Mode.OBSERVE:
        kinds.discard("dm")
    long_ago = timezone.now() - timedelta(seconds=settings.POLL_GAPS_EVERY)
    whole = connection.hook != Hook.ALIVE or connection.gaps_at is None or connection.gaps_at < long_ago
    return (kinds if whole else kinds - network.pushes), whole


@dataclass
class Turn:
    """Where a reading of comments begins and, when it is stopped, where the next one goes on: "" is the newest post."""

    post: str = ""


def _comments(network: Network, turn: Turn) -> Iterator[Batch]:
    since = timezone.now() - timedelta(days=settings.POLL_DAYS)
    # A network that does not count comments has to be asked post by post.
    posts = [post for post in _ask(network.posts, count=50) if post.comments != 0 and post.sent_at > since]
    places = [post.external_id for post in posts]
    start = places.index(turn.post) if turn.post in places else 0
    yield from _one_by_one(network.comments, places[start:] + places[:start], turn)


def _messages(network: Network, turn: Turn) -> Iterator[Batch]:
    since = timezone.now() - timedelta(days=settings.POLL_DAYS)
    threads = _ask(network.dialogues, since=since)
    for began, said in _one_by_one(lambda thread: network.thread(thread, kind="dm"), threads):
        yield began, [item for item in said if item.sent_at >= since]


READERS: dict[UtteranceKind, Callable[[Network, Turn], Iterator[Batch]]] = {"comment": _comments, "dm": _messages}


def _one_by_one(read: Callable[[str], Sequence[Utterance]], places: Sequence[str], turn: Turn | None = None) -> Iterator[Batch]:
    end, turn = time.monotonic() + MAX_SECONDS, turn or Turn()
    for place in places:
        turn.post = place
        if time.monotonic() > end:
            return
        began = timezone.now()
        try:
            yield began, _ask(read, place)
        except NetworkError as error:
            if error.fault not in OF_ITS_OWN:
                raise
    turn.post = ""


def _ask(call: Callable[..., Any], *what: Any, **more: Any) -> Any:
    """One more try for a network that asks to go slower or was away for a moment: without it a long reading would seldom come to its end."""
    try:
        return call(*what, **more)
    except NetworkError as error:
        if error.permanent or error.fault not in PASSING:
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
    record(network=page.network, page_key=page.external_id or "", page_id=page.pk, event=event, dm_to=connection.dm_to)
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
