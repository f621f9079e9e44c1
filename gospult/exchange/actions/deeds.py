"""Deeds on comments of others and on people: claimed, carried out outside of any transaction, their outcome kept.

The same order as in `delivery`: killed before the claim nothing has happened; after it the row is found again as
stuck, becomes *unknown*, and is read back where the network can be read. Only what reading has shown to be
undone is tried again by itself; what cannot be read waits for a person.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused
from gospult.networks.base import Network, NetworkError
from gospult.registry.models import Page

from ..models import Deed, Incoming
from ..queries import can_do, connector
from .delivery import MAX_ATTEMPTS, MAX_WAIT, QUEUES

logger = logging.getLogger(__name__)

State, What, Proof = Deed.State, Deed.What, Deed.Proof
CANNOT = "У страницы больше нет права на это или она подключена не полностью: сделайте это в сети сами и отметьте."


def order(*, page: Page, what: str, target: str = "", thread_id: str = "", person: str = "", until: datetime | None = None) -> Deed:
    """A deed waits to be carried out; Refused where the page's tokens cannot, or while another one on the same comment is under way."""
    if not can_do(page, what):
        raise Refused(CANNOT)
    if target and Deed.objects.filter(page=page, target=target, state__in=[State.READY, State.CLAIMED, State.UNKNOWN]).exists():
        raise Refused("С этим комментарием уже что-то делается: обновите страницу через минуту.")
    return Deed.objects.create(page=page, what=What(what), target=target, thread_id=thread_id, person=person, until=until)


def carry_out_due(*, limit: int = 50) -> int:
    """Carry out what is due, one after another; returns how many were tried."""
    for number in range(limit):
        row = _claim()
        if row is None:
            return number
        _carry_out(row)
    return limit


def _claim() -> Deed | None:
    now = timezone.now()
    with transaction.atomic():
        due = Deed.objects.filter(state=State.READY, not_before__lte=now).order_by("not_before", "id")
        row = due.select_for_update(skip_locked=True).first()
        if row:
            row.move_to(State.CLAIMED, claimed_at=now, attempts=row.attempts + 1)
    return row


def _carry_out(row: Deed) -> None:
    if not can_do(row.page, row.what):  # a token was taken away after the decision
        _settle(row, State.FAILED, needs_person=True, fault="unsupported", error=CANNOT)
        return
    leaving = False
    try:
        network = connector(row.page)
        leaving = True
        _ask(network, row)
    except NetworkError as error:
        _failed(row, error)
    except Exception as error:
        logger.exception("deed %s was not carried out", row.pk)
        _failed(row, NetworkError(f"Внутренняя ошибка: {type(error).__name__}", permanent=True, outcome_unknown=leaving))
    else:
        _done(row, Proof.ANSWER)


def _ask(network: Network, row: Deed) -> None:
    if row.what == What.HIDE:
        network.hide(row.target, thread_id=row.thread_id)
    elif row.what == What.BAN and row.until:
        network.ban(row.person, until=row.until)
    elif row.what == What.UNBAN:
        network.unban(row.person)
    else:
        network.unhide(row.target, thread_id=row.thread_id)


def _done(row: Deed, proof: str) -> None:
    _settle(row, State.DONE, proof=proof, done_at=timezone.now(), error="", fault="", needs_person=False)


def _settle(row: Deed, state: str, **fields: object) -> None:
    """Keep an outcome, also when a slower process has already called the row unknown."""
    for _ in range(2):
        try:
            return row.move_to(state, **fields)
        except Refused:
            row.refresh_from_db()
            if row.state == state:
                return None
    return None


def _failed(row: Deed, error: NetworkError) -> None:
    now = timezone.now()
    told = {"fault": error.fault, "error": str(error)[:500]}
    if error.outcome_unknown:
        _settle(row, State.UNKNOWN, not_before=now + timedelta(seconds=settings.READ_BACK_AFTER), **told)
    elif error.permanent or row.attempts >= MAX_ATTEMPTS or now - row.created_at > MAX_WAIT:
        _settle(row, State.FAILED, needs_person=True, **told)
    else:
        wait = error.retry_after or settings.RETRY_BASE * 2 ** min(row.attempts, 8)
        again = row.attempts - (error.fault in QUEUES and error.retry_after is not None)  # a place in the queue is no attempt
        _settle(row, State.READY, not_before=now + timedelta(seconds=wait), attempts=again, **told)


def look_back_due(*, limit: int = 50) -> int:
    """Find out what became of deeds with an unknown outcome; returns how many were looked at."""
    long_ago = timezone.now() - timedelta(seconds=settings.CLAIM_TIMEOUT)
    Deed.objects.filter(state=State.CLAIMED, claimed_at__lt=long_ago).update(
        state=State.UNKNOWN, not_before=timezone.now(), fault="timeout", error="Процесс прервался."
    )
    due = Deed.objects.filter(state=State.UNKNOWN, needs_person=False, not_before__lte=timezone.now())
    for number in range(limit):
        with transaction.atomic():
            row = due.order_by("not_before").select_for_update(skip_locked=True).first()
            if row is None:
                return number
            # The lease: another worker leaves the row alone while this one reads.
            lease = timezone.now() + timedelta(seconds=settings.CLAIM_TIMEOUT)
            Deed.objects.filter(pk=row.pk).update(read_backs=F("read_backs") + 1, not_before=lease)
            row.refresh_from_db()
        _look_back(row)
    return limit


def _look_back(row: Deed) -> None:
    try:
        seen = _is_seen(connector(row.page), row)
    except NetworkError as error:
        _not_read(row, error.retry_after)
        return
    except Exception:
        logger.exception("deed %s was not read back", row.pk)
        _not_read(row)
        return
    if seen is None:
        Deed.objects.filter(pk=row.pk, state=State.UNKNOWN).update(needs_person=True)
    elif seen == (row.what == What.UNHIDE):
        _done(row, Proof.READ)
    else:  # read to be undone: asking again is no blind repeat
        _settle(row, State.READY, not_before=timezone.now() + timedelta(seconds=settings.RETRY_BASE * 2 ** min(row.attempts, 8)))


def _is_seen(network: Network, row: Deed) -> bool | None:
    """Whether the comment stands in its thread now; None where that cannot be read."""
    if not row.target:
        return None
    try:
        return any(said.external_id == row.target for said in network.thread(row.thread_id, kind="comment"))
    except NetworkError as error:
        if error.fault in ("unsupported", "access"):
            return None
        if error.fault == "gone":
            return False
        raise


def _not_read(row: Deed, retry_after: float | None = None) -> None:
    wait = retry_after or settings.RETRY_BASE * 2 ** min(row.read_backs, 8)
    changes = {"needs_person": True} if row.read_backs >= MAX_ATTEMPTS else {"not_before": timezone.now() + timedelta(seconds=wait)}
    Deed.objects.filter(pk=row.pk, state=State.UNKNOWN).update(**changes)


def heard_done(*, incoming: Incoming, what: str) -> bool:
    """The network's own event tells that a deed of ours has happened; False when none of ours was under way."""
    row = Deed.objects.filter(page=incoming.page, target=incoming.external_id, what=what, state__in=[State.CLAIMED, State.UNKNOWN]).first()
    if row:
        _done(row, Proof.EVENT)
    return row is not None


@transaction.atomic
def repeat_deed(*, row: Deed, by: Person) -> None:
    """A person has looked and says that it is not done: it is asked for again."""
    row.move_to(State.READY, not_before=timezone.now(), attempts=0, read_backs=0, needs_person=False, settled_at=None)
    journal.write(by, "deed_repeated", row)


@transaction.atomic
def confirm_deed(*, row: Deed, by: Person) -> None:
    """A person has looked, or has done it in the network himself."""
    row.move_to(State.DONE, proof=Proof.PERSON, done_at=timezone.now(), needs_person=False, settled_at=None)
    journal.write(by, "deed_confirmed", row)
