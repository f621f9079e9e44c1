"""The way out: a reply is claimed, the thread is looked at once more, the reply is sent, its outcome is kept.

A process may be killed between any two lines here. Before the claim nothing has happened; after it
the row is found again as stuck, becomes *unknown* and is read back from the network. A network that
guards against doubles gets the same guard again; without a guard only a person repeats.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.storage import storages
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused
from gospult.networks.base import Event, Network, NetworkError, Utterance
from gospult.registry.models import Page

from ..models import Incoming, Outgoing
from ..queries import address, can_publish, connector, is_autoreply
from .intake import record
from .outcomes import CLOCK_SKEW, GUARD_LASTS, MAX_ATTEMPTS, failed, find_stuck, not_read, settle, take_unknown

logger = logging.getLogger(__name__)

State = Outgoing.State
CLAIM_LOCK = 0x636C6169  # two who claim at once would not see each other's claim in the same thread


READ_ONLY = "Страница подключена только на чтение: опубликуйте ответ на ней сами или верните полный режим и отправьте ещё раз."


class NativeAnswer(Exception):
    """The page has already replied in the thread by itself."""


def enqueue(
    *, page: Page, kind: str, thread_id: str, reply_to: str, after: datetime, text: str, answer: int, message: int,
    photos: Sequence[dict[str, str]] = (), not_before: datetime | None = None,
) -> Outgoing:  # fmt: skip
    """A reply waits to be published; a second one for the same answer and message is the first one."""
    row, _ = Outgoing.objects.get_or_create(
        answer=answer,
        message=message,
        defaults={
            "page": page, "kind": kind, "thread_id": thread_id, "reply_to": reply_to, "after": after, "text": text, "photos": list(photos),
            "not_before": not_before or timezone.now(),
        },
    )  # fmt: skip
    return row


def withdraw(*, answer: int) -> bool:
    """Replies of an answer that have not left are withdrawn; False when at least one has left or is leaving."""
    rows = Outgoing.objects.filter(answer=answer)
    rows.filter(state=State.READY).update(state=State.WITHDRAWN, settled_at=timezone.now())
    return not rows.filter(state__in=[State.CLAIMED, State.SENT, State.UNKNOWN]).exists()


@transaction.atomic
def give_up(*, answer: int) -> bool:
    """Replies of an answer that a person has published himself are withdrawn, also failed and unknown ones; False when one is leaving right now."""
    rows = Outgoing.objects.select_for_update().filter(answer=answer)
    for row in rows.filter(state__in=[State.READY, State.UNKNOWN, State.FAILED]):
        if row.state == State.UNKNOWN:
            row.move_to(State.FAILED)
        row.move_to(State.WITHDRAWN, needs_person=False, error="Ответ опубликован человеком.", settled_at=timezone.now())
    return not rows.filter(state=State.CLAIMED).exists()


@transaction.atomic
def found_published(*, answer: int, message: int, after: datetime, incoming: Incoming) -> Outgoing:
    """A reply that a person has published in the network himself becomes the sent one, with the number that the network gave it."""
    page, kind = incoming.page, incoming.kind
    if page is None:
        raise Refused("Страницы этого ответа нет в реестре.")
    told = {"page": page, "kind": kind, "thread_id": incoming.thread_id, "reply_to": incoming.reply_to, "after": after, "text": incoming.text}
    row, _ = Outgoing.objects.get_or_create(answer=answer, message=message, defaults=told)
    row = Outgoing.objects.select_for_update().get(pk=row.pk)
    if row.state == State.WITHDRAWN:
        raise Refused("Этот ответ отозван.")
    if row.state != State.SENT:
        proof = {"external_id": incoming.external_id, "url": address(page, incoming.thread_id, kind), "sent_at": incoming.sent_at}  # type: ignore[arg-type]
        row.move_to(State.SENT, **proof, needs_person=False, settled_at=timezone.now())
    return row


def _claim() -> Outgoing | None:
    """Take the reply that waits longest; threads where another reply is under way wait, so that echoes are never confused."""
    under_way = Outgoing.objects.filter(page=OuterRef("page"), thread_id=OuterRef("thread_id"), state__in=[State.CLAIMED, State.UNKNOWN])
    now = timezone.now()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CLAIM_LOCK])
        due = Outgoing.objects.filter(~Exists(under_way), state=State.READY, not_before__lte=now)
        row = due.order_by("not_before", "id").select_for_update(skip_locked=True).first()
        if row is None:
            return None
        row.move_to(State.CLAIMED, claimed_at=now, first_claimed_at=row.first_claimed_at or now, attempts=row.attempts + 1)
    return row


def deliver_due(*, limit: int = 50) -> int:
    """Send what is due, one after another; returns how many were tried."""
    for number in range(limit):
        row = _claim()
        if row is None:
            return number
        _send(row)
    return limit


def _send(row: Outgoing) -> None:
    if not can_publish(row.page):  # the mode was changed after the approval
        settle(row, State.FAILED, needs_person=True, fault="unsupported", error=READ_ONLY)
        return
    leaving = False
    try:
        network = connector(row.page)
        _look_for_native_answer(network, row)
        references, text = _upload(network, row)
        leaving = True
        sent = network.reply(row.thread_id, kind=row.kind, text=text, guard=row.guard, reply_to=row.reply_to, attachments=references)  # type: ignore[arg-type]
    except NativeAnswer:
        settle(row, State.WITHDRAWN, error="На странице уже ответили.")
    except NetworkError as error:
        failed(row, error)
    except Exception as error:
        # A lost photo, a token that no key opens, a bug: claimed for ever, the row would hold its whole thread.
        logger.exception("outgoing %s was not sent", row.pk)
        failed(row, NetworkError(f"Внутренняя ошибка: {type(error).__name__}", permanent=True, outcome_unknown=leaving))
    else:
        proof = {"external_id": sent.external_id, "url": sent.url, "sent_at": timezone.now()}
        settle(row, State.SENT, **proof, error="", fault="", needs_person=False, settled_at=None)


def _look_for_native_answer(network: Network, row: Outgoing) -> None:
    """The steward may have answered in the network's own app a moment ago."""
    thread = _read(network, row)
    if thread is None:
        _look_at_what_came(row)
    for said in _strangers(row, _after(row, thread or [])):
        if said.reply_to in ("", row.reply_to) or row.kind == "dm":
            if row.attempts > 1 and _is_mine(row, said):
                raise NetworkError("an earlier try is already published", outcome_unknown=True)
            if _by_itself(said, thread or []):
                continue
            _keep(row, said)
            raise NativeAnswer


def _look_at_what_came(row: Outgoing) -> None:
    """Where the network shows no thread, the page's own words that a webhook has brought are all that is known of it."""
    ours = Outgoing.objects.filter(page=row.page, thread_id=row.thread_id).values("external_id")
    heard = Incoming.objects.filter(page=row.page, by_page=True, action="said", taken_at=None)
    later = Q(thread_id=row.thread_id, sent_at__gt=row.after)
    if row.kind == "comment":
        later &= Q(reply_to="")
    # What answers these very words came after them, also within the same second, and in whatever order the events reached us.
    heard = heard.filter(later | Q(reply_to=row.reply_to) if row.reply_to else later)
    for said in heard.exclude(external_id__in=ours):
        if not is_autoreply(kind=row.kind, asked=row.after, replied=said.sent_at):
            raise NativeAnswer


def _by_itself(said: Utterance, thread: Sequence[Utterance]) -> bool:
    """Whether it is the page's autoresponder that replied to the latest words before it."""
    before = [item.sent_at for item in thread[: thread.index(said)] if not item.by_page]
    return bool(before) and is_autoreply(kind=said.kind, asked=before[-1], replied=said.sent_at)


def _after(row: Outgoing, thread: Sequence[Utterance]) -> list[Utterance]:
    """What was said since `after` and below the message that is answered: networks tell whole seconds, the thread tells the order."""
    places = [number for number, said in enumerate(thread) if said.external_id == row.reply_to]
    if not places:
        return [said for said in thread if said.sent_at > row.after]
    return [said for said in thread[places[0] + 1 :] if said.sent_at >= row.after.replace(microsecond=0)]


def _keep(row: Outgoing, said: Utterance) -> None:
    event = Event(action="said", page_id=row.page.external_id or "", utterance=said, raw={"read": True})
    record(network=row.page.network, page_key=row.page.external_id or "", page_id=row.page_id, event=event)


def _strangers(row: Outgoing, thread: Sequence[Utterance]) -> list[Utterance]:
    """Replies of the page in the thread that none of our other rows has published."""
    ours = set(Outgoing.objects.filter(page=row.page, thread_id=row.thread_id).exclude(pk=row.pk).values_list("external_id", flat=True))
    return [said for said in thread if said.by_page and said.external_id not in ours]


def _read(network: Network, row: Outgoing) -> list[Utterance] | None:
    """The thread as it stands, None where this page's tokens cannot read it."""
    try:
        return network.thread(row.thread_id, kind=row.kind)  # type: ignore[arg-type]
    except NetworkError as error:
        if error.fault in ("unsupported", "access"):
            return None
        # Reading changes nothing, so its failure is never an unknown outcome of the sending.
        raise NetworkError(str(error), fault=error.fault, permanent=error.permanent, retry_after=error.retry_after) from error


def _upload(network: Network, row: Outgoing) -> tuple[list[str], str]:
    """References of the uploaded photos and the text; where a network refuses pictures, the text carries their links."""
    references: list[str] = []
    links: list[str] = []
    for photo in row.photos:
        with storages["private"].open(photo["file"]) as file:
            content = file.read()
        try:
            references.append(network.upload(row.thread_id, kind=row.kind, name=photo["name"], content=content))  # type: ignore[arg-type]
        except NetworkError as error:
            if error.fault not in ("unsupported", "access"):
                raise NetworkError(str(error), fault=error.fault, permanent=error.permanent, retry_after=error.retry_after) from error
            links.append(photo["link"])
    return references, "\n".join([row.text, *(f"Фото: {link}" for link in links)])


def read_back_due(*, limit: int = 50) -> int:
    """Find out what became of replies with an unknown outcome; returns how many were looked at."""
    find_stuck(Outgoing, "Процесс отправки прервался.")
    began = timezone.now()
    for number in range(limit):
        row = take_unknown(Outgoing, began)
        if row is None:
            return number
        _read_back(row)
    return limit


def _read_back(row: Outgoing) -> None:
    try:
        network = connector(row.page)
        thread = _read(network, row)
    except NetworkError as error:
        not_read(row, error.retry_after)
        return
    except Exception:
        logger.exception("outgoing %s was not read back", row.pk)
        not_read(row)
        return
    found = next((said for said in _strangers(row, thread or []) if _is_mine(row, said)), None)
    if found:
        url = network.url(row.thread_id, kind=row.kind)  # type: ignore[arg-type]
        settle(row, State.SENT, external_id=found.external_id, url=url, sent_at=found.sent_at, error="", fault="")
    elif network.guards and row.attempts < MAX_ATTEMPTS and _guarded_still(row):
        # Safe to say again: the network itself throws away a second reply with this guard.
        settle(row, State.READY, not_before=timezone.now() + timedelta(seconds=settings.RETRY_BASE * 2 ** (row.attempts - 1)))
    else:
        Outgoing.objects.filter(pk=row.pk, state=State.UNKNOWN).update(needs_person=True)


def _guarded_still(row: Outgoing) -> bool:
    return (row.first_claimed_at or row.created_at) > timezone.now() - GUARD_LASTS


def _is_mine(row: Outgoing, said: Utterance) -> bool:
    if said.guard:
        return said.guard == row.guard
    since = row.first_claimed_at or row.created_at
    return said.sent_at >= since - CLOCK_SKEW and " ".join(said.text.split()).startswith(" ".join(row.text.split()))


@transaction.atomic
def repeat(*, row: Outgoing, by: Person) -> None:
    """A person has looked and says that the reply is not there: it goes out again."""
    row.move_to(State.READY, not_before=timezone.now(), attempts=0, read_backs=0, needs_person=False, settled_at=None)
    journal.write(by, "reply_repeated", row)


@transaction.atomic
def publish_by_hand(*, row: Outgoing, external_id: str, by: Person) -> None:
    """A person has found the reply in the network and gives its id as the proof."""
    if not external_id:
        raise Refused("Укажите адрес или номер опубликованного ответа: без него нельзя сказать «опубликовано».")
    row.move_to(State.SENT, external_id=external_id, sent_at=timezone.now(), needs_person=False, settled_at=None)
    journal.write(by, "reply_confirmed", row, external_id=external_id)
