"""What is written to the page through which the staff is told: codes, replies to alerts, and residents who came to the wrong door."""

import logging
import re
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from gospult.exchange.actions import attach, hand_over
from gospult.exchange.models import Addressee, Incoming
from gospult.lib.errors import Refused

from ..models import ANSWERABLE, Contact, Letter, Reply
from .habits import remove_contact
from .pairing import pair
from .writing import write

logger = logging.getLogger(__name__)
CODE = re.compile(r"(?<!\d)(\d{4})[ -]?(\d{4})(?!\d)")
RECENT = timedelta(days=1)
WHICH = "Не понимаю, к какому обращению это: ответьте на само оповещение о нём."
ELSEWHERE = "На такое оповещение здесь не ответить: откройте его по ссылке."


def take_incoming(*, limit: int = 100) -> int:
    """Everything waiting is taken, oldest first; returns how many rows were."""
    taken = last = 0
    for _ in range(limit):
        with transaction.atomic():
            waiting = Incoming.objects.filter(addressee=Addressee.ALERTS, taken_at=None, pk__gt=last).order_by("id")
            row = waiting.select_related("page").select_for_update(skip_locked=True, of=("self",)).first()
            if row is None:
                break
            last = row.pk
            try:
                with transaction.atomic():
                    kept = _take(row)
            except Exception:
                logger.exception("incoming %s was not taken", row.pk)  # found again by the next round
                continue
            if kept:
                Incoming.objects.filter(pk=row.pk).update(taken_at=timezone.now())
            taken += 1
    return taken


def _take(row: Incoming) -> bool:
    """Whether the row ends here; else it was handed over."""
    if row.by_page or row.action != "said":
        return True
    contact = Contact.objects.select_related("person").filter(page=row.page, address=row.thread_id).exclude(confirmed_at=None).first()
    code = CODE.search(row.text)
    if code and _paired(row, "".join(code.groups())):
        return True
    if contact is None:
        hand_over(row=row, to=Addressee.BOTS if row.text.startswith("/") else Addressee.DESK)
        return False
    if row.text.strip().lower() in ("/stop", "стоп"):
        remove_contact(contact=contact, by=contact.person)
    else:
        _reply(row, contact)
    return True


def _paired(row: Incoming, code: str) -> bool:
    try:
        contact = pair(row=row, code=code)
    except Refused:
        return False
    if contact is None:
        return False
    write(contact=contact, text=f"Готово, {contact.person}: оповещения будут приходить сюда. Отвечайте прямо на них. Отключить: /stop")
    return True


def _reply(row: Incoming, contact: Contact) -> None:
    try:
        case = _case_of(row, contact)
    except Refused as no:
        write(contact=contact, text=str(no))
    else:
        attach(row)
        Reply.objects.create(incoming=row, person=contact.person, case=case, text=row.text)


def _case_of(row: Incoming, contact: Contact) -> int:
    """The case of the alert that is answered; without a mark the only one that he was told of within a day. Refused with what to do else."""
    letters = Letter.objects.filter(contact=contact, alerts__isnull=False)
    meant = letters.filter(external_id=row.reply_to) if row.reply_to else letters.filter(sent_at__gt=timezone.now() - RECENT)
    told = set(meant.values_list("alerts__case", "alerts__kind"))
    cases, kinds = {case or 0 for case, _ in told}, {kind for _, kind in told}
    if row.reply_to and kinds and not kinds & ANSWERABLE:
        raise Refused(ELSEWHERE)
    if len(cases) != 1 or 0 in cases or not kinds <= ANSWERABLE:
        raise Refused(WHICH)
    return cases.pop()
