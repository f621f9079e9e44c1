"""A row for a person; nothing leaves the house here."""

from collections.abc import Collection
from datetime import datetime

from django.db.models.functions import Coalesce
from django.utils import timezone

from gospult.accounts.models import Person

from ..models import Alert, Kind
from ..models.alerts import LONGEST


def tell(
    *, person: Person, key: str, kind: str, text: str, path: str = "", case: int | None = None, page: int | None = None, urgent: bool = False
) -> Alert:
    """The person will know of it. `key` names the occasion: told again it is the same row. `text` holds no resident's words."""
    about = {"kind": Kind(kind), "text": text[:LONGEST], "path": path[:300], "case": case, "page": page, "urgent": urgent}
    row, _ = Alert.objects.get_or_create(person=person, key=key[:120], defaults=about)
    return row


def mark_read(*, person: Person, case: int | None = None, alerts: Collection[int] | None = None) -> int:
    """The person has seen them: those of a case that he opened, the named ones, else all; returns how many were news."""
    rows = Alert.objects.filter(person=person, read_at=None)
    if case is not None:
        rows = rows.filter(case=case)
    if alerts is not None:
        rows = rows.filter(pk__in=alerts)
    return rows.update(read_at=timezone.now())


def outlive(*, case: int, kinds: Collection[str], key: str = "") -> int:
    """What alerts of these kinds, and of occasions that begin with `key`, asked for has been done: they are news no more.

    What has not left the house stays here.
    """
    now = timezone.now()
    rows = Alert.objects.filter(case=case, kind__in=kinds, read_at=None, key__startswith=key)
    return rows.update(read_at=now, settled_at=Coalesce("settled_at", now))


def overtake(*, keys: Collection[str]) -> int:
    """What these occasions asked for has been done, as in `outlive`; by the names of the occasions."""
    now = timezone.now()
    return Alert.objects.filter(key__in=keys, read_at=None).update(read_at=now, settled_at=Coalesce("settled_at", now))


def revive(*, case: int, since: datetime) -> int:
    """What was done since then has been taken back: alerts that it had outlived are news again, and those that had not left may leave."""
    rows = Alert.objects.filter(case=case, read_at__gte=since)
    rows.filter(letter=None).update(settled_at=None, look_at=timezone.now())
    return rows.update(read_at=None)
