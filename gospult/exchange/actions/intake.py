"""Webhook and polling end here: one raw event becomes one durable row."""

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone
from psycopg import Cursor
from psycopg.types.json import Jsonb

from gospult.networks.base import Attachment, Event, Utterance
from gospult.networks.registry import NETWORKS
from gospult.registry.models import Page

from .. import vault
from ..models import Addressee, Connection, Incoming, Mode, Outgoing, new_number

# The search index cannot hold more than 1 MB of distinct words; a row over it would be refused for ever.
LONGEST_TEXT = 100_000
CUT = "\n[…] Текст обрезан: он длиннее 100 000 знаков."


class BadEvent(Exception):
    """The body is not an event of this network."""


class WrongSecret(Exception):
    """The event does not carry the page's secret, or the page is not connected."""


@dataclass(frozen=True)
class Door:
    """What a webhook call to a page needs to know."""

    page_id: int
    page_key: str
    secret: str
    confirmation: str
    observed: bool
    places: tuple[str, ...] | None
    dm_to: str
    read_at: float


_doors: dict[tuple[str, str, str], Door] = {}


def _door(network: str, page_key: str, own: str = "", *, fresh: bool = False) -> Door | None:
    """The page behind its own door, else the page that the body names; remembered for DOOR_SECONDS so that a webhook costs one statement."""
    known_as = (network, own, "" if own else page_key)
    door = _doors.get(known_as)
    if door and not fresh and time.monotonic() - door.read_at < settings.DOOR_SECONDS:
        return door
    rows = Connection.objects.filter(page__network=network).exclude(page__external_id=None).select_related("page")
    row = rows.filter(door=own).first() if own else rows.filter(page__external_id=page_key).first() if page_key else None
    if row is None:
        _doors.pop(known_as, None)
        return None
    key, places = row.page.external_id or "", None if row.places is None else tuple(row.places)
    door = Door(row.page_id, key, vault.unseal(row.sealed_secret), row.confirmation, row.mode == Mode.OBSERVE, places, row.dm_to, time.monotonic())
    _doors[known_as] = door
    return door


def clean(value: Any) -> Any:
    """JSON without what PostgreSQL cannot keep: NUL and halves of surrogate pairs."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [clean(item) for item in value]
    if isinstance(value, dict):
        return {clean(key): clean(item) for key, item in value.items()}
    return value


def _parse(body: bytes) -> dict[str, Any]:
    text = body.decode("utf-8", "replace")
    try:
        raw = json.loads(text, parse_constant=lambda name: None)
    except (ValueError, RecursionError) as error:
        raise BadEvent("not JSON") from error
    if not isinstance(raw, dict):
        raise BadEvent("not an object")
    suspicious = "\0" in text or "\\u0000" in text or "\\ud" in text or "\\uD" in text
    return clean(raw) if suspicious else raw


def accept(*, network: str, body: bytes, headers: Mapping[str, str], door: str = "") -> str:
    """A webhook call, to a page's own door or to the common one: checks the secret, makes one durable insert and gives the text to answer with.

    Raises BadEvent or WrongSecret; a replay inserts nothing and is answered like the first call.
    """
    raw, known = _parse(body), _door(network, "", door) if door else None
    event = _event(network, raw, known.page_key if known else "")
    for fresh in (event.action == "confirmation", True):  # the secret may have been changed a moment ago
        known = _door(network, event.page_id, door, fresh=fresh)
        if known and event.page_id == known.page_key and _admitted(network, raw, headers, known, event):
            break
    else:
        raise WrongSecret
    if event.action == "confirmation":
        return known.confirmation
    if _is_ours_to_keep(event, known):
        record(network=network, page_key=event.page_id, page_id=known.page_id, event=event, dm_to=known.dm_to)
    return "ok"


def _is_ours_to_keep(event: Event, door: Door) -> bool:
    """Not what was written in private to a page that is read in public only, nor what was said in a stranger's chat."""
    if event.place and door.places is None:
        raise WrongSecret  # nobody has asked yet which chats are the page's own: the network calls again
    private = door.observed and event.utterance is not None and event.utterance.kind == "dm"
    return not private and (not event.place or event.place in (door.places or ()))


def _event(network: str, raw: dict[str, Any], page_key: str) -> Event:
    try:
        return NETWORKS[network].parse_event(raw, page_key)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise BadEvent("not an event") from error


def _admitted(network: str, raw: dict[str, Any], headers: Mapping[str, str], door: Door, event: Event) -> bool:
    # A confirmation is asked before a secret is set; the string opens nothing.
    return (event.action == "confirmation" and "secret" not in raw) or NETWORKS[network].authentic(raw, headers, door.secret)


def _revision(event: Event) -> str:
    """The name of a revision: the same event seen twice, or by webhook and by polling, gets the same name."""
    if event.action == "said" or event.utterance is None:
        return event.action
    if event.event_id:
        return f"{event.action}:{event.event_id}"[:80]
    content = event.utterance.text + json.dumps([a.external_id for a in event.utterance.attachments])
    return f"{event.action}:{hashlib.sha256(content.encode()).hexdigest()[:32]}"


def _addressee(event: Event, dm_to: str) -> str:
    said = event.utterance
    if said is None:
        return Addressee.WALLS if event.post else Addressee.NOBODY
    if said.kind == "dm" and dm_to != Addressee.DESK:
        return dm_to
    is_command = said.kind == "dm" and not said.by_page and (said.text.startswith("/") or "payload" in said.raw)
    return Addressee.BOTS if is_command else Addressee.DESK


def _attachment(item: Attachment) -> dict[str, Any]:
    kept = asdict(item)
    kept.pop("raw")
    return kept


def record(*, network: str, page_key: str, page_id: int | None, event: Event, dm_to: str = Addressee.DESK) -> None:
    """One event becomes one row, or nothing when it is already known; `dm_to` takes the page's direct messages."""
    said = event.utterance
    external_id = said.external_id if said else (event.event_id or hashlib.sha256(json.dumps(event.raw, default=str).encode()).hexdigest()[:40])
    now = timezone.now()
    row = {
        "network": network, "page_id": page_id, "page_key": page_key[:64], "external_id": external_id[:120], "revision": _revision(event),
        "action": event.action, "addressee": _addressee(event, dm_to), "sent_at": now, "received_at": now, "number": new_number(), "kind": "other",
        "raw": _raw_without_secret(event.raw),
    }  # fmt: skip
    _insert(row | _words(said) if said else row, flat=network in NETWORKS and NETWORKS[network].flat_threads)


def _insert(row: dict[str, Any], *, flat: bool) -> None:
    """One statement that is its own transaction, so that a webhook waits for the disk once.

    Only a known revision is passed over: a public number drawn twice is an error, and the network calls again.
    """
    blank, statement = _insertion(flat)
    values: dict[str, Any] = {name: Jsonb(value) if isinstance(value, list | dict) else value for name, value in (blank | row).items()}
    connection.ensure_connection()
    # Django's cursors write the values into the statement, so that the server reads and plans it anew every time; psycopg's own prepares it
    # once for a connection. See docs/scale.md for what it brings.
    connection.connection.prepare_threshold = 1
    own: Any = Cursor(connection.connection)
    with connection.make_debug_cursor(own) if connection.queries_logged else connection.make_cursor(own) as cursor:
        cursor.execute(statement, values)


@cache
def _insertion(flat: bool) -> tuple[dict[str, Any], str]:
    """An empty row and the statement that inserts one."""
    empty, fields = Incoming(), [field for field in Incoming._meta.concrete_fields if not field.primary_key]
    columns = ", ".join(str(field.column) for field in fields)
    places = ", ".join(REAL_THREAD if flat and field.attname == "thread_id" else f"%({field.attname})s" for field in fields)
    statement = f"INSERT INTO {Incoming._meta.db_table} ({columns}) VALUES ({places}) ON CONFLICT ON CONSTRAINT incoming_once DO NOTHING"
    return {field.attname: getattr(empty, field.attname) for field in fields}, statement


# Where an event names only the utterance that it answers, the thread goes on where that one stands: somebody's words, or a reply of ours.
REAL_THREAD = f"""coalesce(
    (SELECT thread_id FROM {Incoming._meta.db_table} WHERE %(reply_to)s::varchar <> '' AND thread_id <> ''
        AND network = %(network)s::varchar AND page_key = %(page_key)s::varchar AND external_id = %(reply_to)s::varchar ORDER BY id LIMIT 1),
    (SELECT thread_id FROM {Outgoing._meta.db_table} WHERE %(reply_to)s::varchar <> '' AND thread_id <> ''
        AND page_id = %(page_id)s::bigint AND external_id = %(reply_to)s::varchar LIMIT 1),
    %(thread_id)s::varchar)"""


def _raw_without_secret(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in raw.items() if key != "secret"}


def kept_text(text: str) -> str:
    """A text as it is kept: without what the database cannot hold, and cut at LONGEST_TEXT characters. The raw event keeps the whole."""
    text = clean(text)
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + CUT


def _words(said: Utterance) -> dict[str, Any]:
    """The columns that say what was said, cut to their sizes; what polling reads has not passed the webhook's parser, so it is cleaned here."""
    return {
        "kind": said.kind, "thread_id": said.thread_id[:120], "reply_to": said.reply_to[:120], "author_id": said.author_id[:64],
        "author_name": clean(said.author_name)[:200], "by_page": said.by_page, "guard": said.guard[:20], "text": kept_text(said.text),
        "attachments": clean([_attachment(item) for item in said.attachments]), "sent_at": _plausible(said.sent_at),
    }  # fmt: skip


def _plausible(at: datetime) -> datetime:
    """A time in the future would start a clock that never ends: the time of receipt is taken instead."""
    return min(at, timezone.now())


@dataclass(frozen=True)
class FileRow:
    """A row of a file or a web form on its way in."""

    external_id: str
    text: str
    sent_at: datetime | None = None
    raw: dict[str, Any] = field(default_factory=dict)


def take_in(*, network: str, source: str, rows: Sequence[FileRow], page: Page | None = None) -> None:
    """Rows of a file or a web form enter like events of a pseudo-network; what is known enters only once."""
    now = timezone.now()
    made = []
    for item in rows:
        known_as, at = item.external_id[:120], item.sent_at or now
        said = Utterance("comment", known_as, known_as, author_id="", by_page=False, text=clean(item.text), sent_at=at)
        about = {"network": network, "page": page, "page_key": source[:64], "external_id": known_as, "revision": "said", "action": "said"}
        made.append(Incoming(**about, **_words(said) | {"kind": network}, raw=clean(item.raw)))
    kept = Incoming.objects.filter(network=network, page_key=source[:64], revision="said", external_id__in=[row.external_id for row in made])
    while made:
        Incoming.objects.bulk_create(made, ignore_conflicts=True)
        known = set(kept.values_list("external_id", flat=True))
        made = [row for row in made if row.external_id not in known]
        for row in made:  # passed over because another message already has its number
            row.number = new_number()


def hand_over(*, row: Incoming, to: str) -> bool:
    """What came to the wrong room goes to another one; False when somebody has taken it meanwhile."""
    return bool(Incoming.objects.filter(pk=row.pk, addressee=row.addressee, taken_at=None).update(addressee=to))
