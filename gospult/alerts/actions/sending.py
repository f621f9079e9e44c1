"""A letter is claimed, sent outside of any transaction, and its outcome kept. Nothing is repeated blindly: a guard or another channel."""

import logging
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone

from gospult.accounts.actions import make_login_link
from gospult.accounts.models import Role
from gospult.exchange.queries import connector
from gospult.lib.errors import Refused
from gospult.networks.base import NetworkError
from gospult.networks.registry import NETWORKS
from gospult.registry.models import roles_of

from ..models import Alert, Channel, Contact, Letter
from .writing import first_contact

logger = logging.getLogger(__name__)
State = Letter.State
MAX_ATTEMPTS = 6
GUARD_LASTS = timedelta(minutes=50)  # as long as a network knows a guard again
LET_IN = {Role.STEWARD, Role.EXECUTOR}  # the centre's own people see too much to be let in by a link
SHUT = {"access", "closed", "gone"}  # the person has shut the dialogue


def send_due(*, limit: int = 50) -> int:
    """Letters whose time has come go out, one after another; returns how many were tried."""
    _stuck()
    for number in range(limit):
        letter = _claim()
        if letter is None:
            return number
        _send(letter)
    return limit


def _claim() -> Letter | None:
    with transaction.atomic():
        due = Letter.objects.filter(state=State.READY, not_before__lte=timezone.now()).order_by("-urgent", "not_before", "id")
        letter = due.select_for_update(skip_locked=True, of=("self",)).select_related("contact__page", "person").first()
        if letter is not None:
            letter.move_to(State.CLAIMED, claimed_at=timezone.now(), attempts=letter.attempts + 1)
        return letter


def _send(letter: Letter) -> None:
    contact = letter.contact
    try:
        if contact is None:
            raise NetworkError("Канал отключён", permanent=True)
        external_id = _mail(letter, contact) if contact.channel == Channel.EMAIL else _message(letter, contact)
    except NetworkError as error:
        _failed(letter, error)
    except Exception as error:
        logger.exception("letter %s was not sent", letter.pk)
        _failed(letter, NetworkError(f"Внутренняя ошибка: {type(error).__name__}", permanent=True))
    else:
        _keep(letter, State.SENT, external_id=external_id[:120], sent_at=timezone.now(), error="")


def _words(letter: Letter) -> str:
    """The text with its link; whoever only answers for a page or a body is let in by it once, without a password."""
    if not letter.path:
        return letter.text
    if roles_of(letter.person) <= LET_IN:
        return f"{letter.text}\n{settings.URL}/in/{make_login_link(person=letter.person, path=letter.path)}/"
    return f"{letter.text}\n{settings.URL}{letter.path}"


def _message(letter: Letter, contact: Contact) -> str:
    if contact.page is None:
        raise NetworkError("Страница для оповещений отключена", permanent=True)
    return connector(contact.page).reply(contact.address, kind="dm", text=_words(letter), guard=letter.guard).external_id


def _mail(letter: Letter, contact: Contact) -> str:
    """A repeated mail carries the same Message-ID, so that the mailbox shows it once."""
    known_as = f"<letter-{letter.guard}@{urlsplit(settings.URL).hostname}>"
    subject = letter.text.partition("\n")[0][:150]
    message = EmailMessage(subject, _words(letter), None, [contact.address], headers={"Message-ID": known_as})
    try:
        message.send()
    except OSError as error:  # also every error of smtplib
        raise NetworkError(f"Почта: {type(error).__name__}") from error
    return known_as


def _failed(letter: Letter, error: NetworkError) -> None:
    told, contact = str(error)[:200], letter.contact
    if error.outcome_unknown and not _guarded(letter):
        _give_up(letter, State.UNKNOWN, told)
    elif error.permanent or letter.attempts >= MAX_ATTEMPTS:
        if contact and error.fault in SHUT:
            Contact.objects.filter(pk=contact.pk).update(problem="Диалог закрыт: подключите канал заново.")
        _give_up(letter, State.FAILED, told)
    else:
        wait = error.retry_after or settings.RETRY_BASE * 2**letter.attempts
        _keep(letter, State.READY, not_before=timezone.now() + timedelta(seconds=wait), error=told)


def _guarded(letter: Letter) -> bool:
    """Whether the same guard lets the letter be sent again without a double."""
    page = letter.contact.page if letter.contact else None
    return page is not None and NETWORKS[page.network].guards and letter.created_at > timezone.now() - GUARD_LASTS and letter.attempts < MAX_ATTEMPTS


@transaction.atomic
def _give_up(letter: Letter, state: str, error: str) -> None:
    """What did not arrive goes by the person's next channel; of what may have arrived only what is urgent."""
    if not _keep(letter, state, error=error):
        return
    other = first_contact(letter.person, after=letter.contact) if letter.contact else first_contact(letter.person)
    if other is not None and (state == State.FAILED or letter.urgent):
        further = Letter.objects.create(person=letter.person, contact=other, text=letter.text, path=letter.path, urgent=letter.urgent)
        Alert.objects.filter(letter=letter).update(letter=further)


def _keep(letter: Letter, state: str, **fields: object) -> bool:
    try:
        letter.move_to(state, **fields)
    except Refused:
        return False  # a slower process: the letter has been settled meanwhile
    return True


def _stuck() -> None:
    """A claim whose process has died: nobody knows whether the letter left."""
    long_ago = timezone.now() - timedelta(seconds=settings.CLAIM_TIMEOUT)
    for letter in Letter.objects.filter(state=State.CLAIMED, claimed_at__lt=long_ago).select_related("contact__page", "person")[:50]:
        _failed(letter, NetworkError("Процесс отправки прервался", outcome_unknown=True))
