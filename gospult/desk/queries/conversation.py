"""What was said in a case, as a screen shows it."""

from collections.abc import Iterable
from typing import Any

from gospult.exchange.models import Incoming
from gospult.exchange.queries import address

from ..models import Case, Message
from .case import thread_of
from .hidings import hidings_by_message


def conversation(case: Case) -> list[dict[str, Any]]:
    """What was said, oldest first, with files, earlier wordings and the address of each message in its network."""
    items = thread_of(case)
    said = [item["row"] for item in items if item["what"] == "message"]
    revisions, hidden = _revisions(said), hidings_by_message(case)
    for item in items:
        if item["what"] == "message":
            rows = revisions.get(_key(item["row"]), [])
            item |= {
                "files": _files(rows),
                "before": _before(item["row"], rows),
                "url": address_of(item["row"]),
                "hidden": hidden.get(item["row"].pk),
            }
    return items


def address_of(message: Message) -> str:
    """Where a person opens the message in its network; "" where it has no address."""
    known = message.page is not None and message.channel in ("comment", "dm")
    return address(message.page, message.thread_id, message.channel) if known else ""  # type: ignore[arg-type]


def _key(row: Message | Incoming) -> tuple[str, str, str]:
    return row.network, row.page_key, row.external_id


def _revisions(said: Iterable[Message]) -> dict[tuple[str, str, str], list[Incoming]]:
    found: dict[tuple[str, str, str], list[Incoming]] = {}
    keys = {_key(m) for m in said}
    rows = Incoming.objects.filter(network__in={k[0] for k in keys}, page_key__in={k[1] for k in keys}, external_id__in={k[2] for k in keys})
    for row in rows.defer("raw").prefetch_related("attachment_set").order_by("id"):
        if _key(row) in keys:
            found.setdefault(_key(row), []).append(row)
    return found


def _files(rows: list[Incoming]) -> list[Any]:
    """The files of the latest revision that has any."""
    return next((files for row in reversed(rows) if (files := list(row.attachment_set.all()))), [])


def _before(message: Message, rows: list[Incoming]) -> list[Incoming]:
    worded = [row for row in rows if row.action in ("said", "edited")]
    return worded[:-1] if message.edited_at else []
