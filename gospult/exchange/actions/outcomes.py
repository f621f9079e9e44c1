"""What everything on its way into a network has in common: its outcome is kept, a failure is sorted, what is stuck is found again.

A process may be killed anywhere. Before the claim nothing has happened; after it the row becomes *unknown* and is read back.
"""

from datetime import datetime, timedelta
from typing import TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from gospult.lib.errors import Refused
from gospult.networks.base import NetworkError

from ..models import Deed, Outgoing, Posting

MAX_ATTEMPTS = 8
MAX_WAIT = timedelta(days=1)  # in the queue to a network: then a person decides
QUEUES = {"too_fast", "flood", "quota"}
CLOCK_SKEW = timedelta(minutes=5)  # our clock and the network's
GUARD_LASTS = timedelta(minutes=50)  # VK promises to know a random_id again for an hour only

Row = TypeVar("Row", Outgoing, Deed, Posting)


def settle(row: Row, state: str, **fields: object) -> None:
    """Keep an outcome, also when a slower process has already called the row unknown."""
    for _ in range(2):
        try:
            return row.move_to(state, **fields)
        except Refused:
            row.refresh_from_db()
            if row.state == state:
                return None
    return None


def failed(row: Row, error: NetworkError, since: datetime | None = None) -> None:
    """A call that was not carried out, or may not have been: unknown, a person's, or ready for a later try.

    since  when the waiting began, of what had been planned for a later hour
    """
    now = timezone.now()
    told = {"fault": error.fault, "error": str(error)[:500]}
    if error.outcome_unknown:
        settle(row, "unknown", not_before=now + timedelta(seconds=settings.READ_BACK_AFTER), **told)
    elif error.permanent or row.attempts >= MAX_ATTEMPTS or now - (since or row.created_at) > MAX_WAIT:
        settle(row, "failed", needs_person=True, **told)
    else:
        wait = error.retry_after or settings.RETRY_BASE * 2 ** min(row.attempts, 8)
        # A place in the queue to the network is no attempt: nothing was asked of it yet, or it only said when to come.
        again = row.attempts - (error.fault in QUEUES and error.retry_after is not None)
        settle(row, "ready", not_before=now + timedelta(seconds=wait), attempts=again, **told)


def find_stuck(kind: type[Row], error: str) -> None:
    """A claim whose process has died becomes unknown: nobody knows whether the network got it."""
    long_ago = timezone.now() - timedelta(seconds=settings.CLAIM_TIMEOUT)
    kind.objects.filter(state="claimed", claimed_at__lt=long_ago).update(state="unknown", not_before=timezone.now(), fault="timeout", error=error)


def take_unknown(kind: type[Row], due_by: datetime) -> Row | None:
    """The row with an unknown outcome that waits longest, leased: another worker leaves it alone while this one reads.

    due_by  when the run began: a row that was looked at in it is not looked at again
    """
    with transaction.atomic():
        due = kind.objects.filter(state="unknown", needs_person=False, not_before__lte=due_by)
        row: Row | None = due.order_by("not_before").select_for_update(skip_locked=True).first()
        if row is not None:
            lease = timezone.now() + timedelta(seconds=settings.CLAIM_TIMEOUT)
            kind.objects.filter(pk=row.pk).update(read_backs=F("read_backs") + 1, not_before=lease)
            row.refresh_from_db()
    return row


def not_read(row: Row, retry_after: float | None = None) -> None:
    """The network could not be read: later once more, after MAX_ATTEMPTS a person looks."""
    wait = retry_after or settings.RETRY_BASE * 2 ** min(row.read_backs, 8)
    changes = {"needs_person": True} if row.read_backs >= MAX_ATTEMPTS else {"not_before": timezone.now() + timedelta(seconds=wait)}
    type(row).objects.filter(pk=row.pk, state="unknown").update(**changes)
