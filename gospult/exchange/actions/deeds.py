"""Deeds on comments of others and on people: claimed, carried out outside of any transaction, their outcome kept.

The same order as in `delivery`: killed before the claim nothing has happened; after it the row is found again as
stuck, becomes *unknown*, and is read back where the network can be read. Only what reading has shown to be
undone is tried again by itself; what cannot be read waits for a person.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused
from gospult.networks.base import Network, NetworkError
from gospult.registry.models import Page

from ..models import Deed, Incoming
from ..queries import can_do, connector
from .outcomes import failed, find_stuck, not_read, settle, take_unknown

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
        settle(row, State.FAILED, needs_person=True, fault="unsupported", error=CANNOT)
        return
    leaving = False
    try:
        network = connector(row.page)
        leaving = True
        _ask(network, row)
    except NetworkError as error:
        failed(row, error)
    except Exception as error:
        logger.exception("deed %s was not carried out", row.pk)
        failed(row, NetworkError(f"Внутренняя ошибка: {type(error).__name__}", permanent=True, outcome_unknown=leaving))
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
    settle(row, State.DONE, proof=proof, done_at=timezone.now(), error="", fault="", needs_person=False)


def look_back_due(*, limit: int = 50) -> int:
    """Find out what became of deeds with an unknown outcome; returns how many were looked at."""
    find_stuck(Deed, "Процесс прервался.")
    began = timezone.now()
    for number in range(limit):
        row = take_unknown(Deed, began)
        if row is None:
            return number
        _look_back(row)
    return limit


def _look_back(row: Deed) -> None:
    try:
        seen = _is_seen(connector(row.page), row)
    except NetworkError as error:
        not_read(row, error.retry_after)
        return
    except Exception:
        logger.exception("deed %s was not read back", row.pk)
        not_read(row)
        return
    if seen is None:
        Deed.objects.filter(pk=row.pk, state=State.UNKNOWN).update(needs_person=True)
    elif seen == (row.what == What.UNHIDE):
        _done(row, Proof.READ)
    else:  # read to be undone: asking again is no blind repeat
        settle(row, State.READY, not_before=timezone.now() + timedelta(seconds=settings.RETRY_BASE * 2 ** min(row.attempts, 8)))


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
