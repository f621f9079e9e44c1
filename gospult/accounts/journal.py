"""The journal: one line for each action, sealed into a hash chain by a job.

Rows are sealed later and not in the writing transaction, so that two people never wait for
one another because of the chain (docs/decisions/0005).
"""

import hashlib
import json
from collections.abc import Iterable

from django.db import connection, models, transaction

from .models import Journal, Person

SEAL_LOCK = 0x6A6F7572  # one sealer at a time on all hosts


def write(by: Person | None, verb: str, obj: models.Model | None = None, **data: object) -> Journal:
    """Add one line: who (None is the system) did what to which object. Never texts of residents, tokens or phone numbers."""
    return Journal.objects.create(by=by, verb=verb, object_type=obj._meta.label_lower if obj else "", object_id=obj.pk if obj else None, data=data)


def write_many(by: Person | None, verb: str, objs: Iterable[models.Model], **data: object) -> None:
    """The same line for many objects, in one statement."""
    Journal.objects.bulk_create([Journal(by=by, verb=verb, object_type=o._meta.label_lower, object_id=o.pk, data=data) for o in objs])


def digest(previous: str, row: Journal) -> str:
    """SHA-256 over the previous hash and the row in canonical JSON."""
    body = [previous, row.pk, row.at.isoformat(), row.by_id, row.verb, row.object_type, row.object_id, row.data]
    return hashlib.sha256(json.dumps(body, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def seal(limit: int = 5000) -> int:
    """Chain the rows that are not sealed yet, oldest first; returns how many."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEAL_LOCK])
        last = Journal.objects.filter(seal__isnull=False).order_by("-seal").first()
        number, previous = (last.seal or 0, last.hash) if last else (0, "")
        rows = list(Journal.objects.filter(seal__isnull=True).order_by("id")[:limit])
        for row in rows:
            number += 1
            row.seal, row.hash = number, digest(previous, row)
            previous = row.hash
        Journal.objects.bulk_update(rows, ["seal", "hash"], batch_size=1000)
        return len(rows)


def broken_at() -> int | None:
    """The id of the first row that does not fit its chain, None when the journal is whole."""
    previous = ""
    rows = Journal.objects.filter(seal__isnull=False).order_by("seal").iterator(chunk_size=2000)
    for expected, row in enumerate(rows, start=1):
        if row.seal != expected or row.hash != digest(previous, row):
            return row.pk
        previous = row.hash
    return None
