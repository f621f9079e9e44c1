"""A dialogue or a letter-box becomes a person's channel once he has shown that it is his."""

import secrets
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.exchange.models import Incoming
from gospult.lib.errors import Refused

from ..models import Channel, Contact, Pairing
from ..queries import staff_page
from .writing import write

GOOD_FOR = timedelta(minutes=15)
WRONG_AN_HOUR = 5  # codes tried from one dialogue


def hashed(code: str) -> str:
    """A code as it is kept."""
    return sha256(f"{settings.SECRET_KEY}/{code}".encode()).hexdigest()


@transaction.atomic
def begin_pairing(*, person: Person, channel: str, address: str = "") -> str:
    """A fresh code for the person; the former one for that channel ends. The code of a letter-box goes there, that of a dialogue is shown."""
    channel = Channel(channel)
    if channel == Channel.EMAIL:
        address = _checked(address)
    elif staff_page(channel) is None:
        raise Refused(f"Через {channel.label} оповещения пока не настроены: выберите другой канал или скажите администратору.")
    Pairing.objects.filter(person=person, channel=channel, used_at=None).delete()
    code = f"{secrets.randbelow(10**8):08d}"
    Pairing.objects.create(person=person, channel=channel, address=address, code_hash=hashed(code), until=timezone.now() + GOOD_FOR)
    if channel == Channel.EMAIL:
        box = _box(person, address)
        write(contact=box, text=f"Код для оповещений Госпульта: {code[:4]} {code[4:]}\nОн действует 15 минут. Не вы просили? Ничего не делайте.")
    return code


def _box(person: Person, address: str) -> Contact:
    """The letter-box, not confirmed yet: nothing but the code is sent there."""
    given = {"address": address, "confirmed_at": None, "problem": ""}
    last = Contact.objects.filter(person=person).aggregate(at=Max("position"))["at"]
    made = {**given, "position": 0 if last is None else last + 1}
    return Contact.objects.update_or_create(person=person, channel=Channel.EMAIL, defaults=given, create_defaults=made)[0]


def _checked(address: str) -> str:
    if not settings.MAILS:
        raise Refused("Почта не настроена: выберите другой канал или скажите администратору.")
    try:
        validate_email(address)
    except ValidationError:
        raise Refused("Проверьте адрес почты: он похож на имя@сайт.рф.") from None
    return address


@transaction.atomic
def confirm_mail(*, person: Person, code: str) -> Contact:
    """The person has typed the code that came to his letter-box."""
    found = _live(code)
    if found is None or found.person_id != person.pk or found.channel != Channel.EMAIL:
        raise Refused("Код не подошёл или устарел: запросите новый.")
    return _connect(found, address=found.address, page=None)


def pair(*, row: Incoming, code: str) -> Contact | None:
    """The dialogue becomes the channel of whoever was given the code; None when there is no such code or too many were tried."""
    found = None if _tries(row) > WRONG_AN_HOUR else _live(code)
    if found is None or found.channel != row.network:
        return None
    return _connect(found, address=row.thread_id, page=row.page)


def _tries(row: Incoming) -> int:
    """Messages with a code from this dialogue within the hour."""
    since = timezone.now() - timedelta(hours=1)
    same = Incoming.objects.filter(network=row.network, page_key=row.page_key, thread_id=row.thread_id, by_page=False, received_at__gt=since)
    return same.filter(text__regex=r"\d{4}[ -]?\d{4}").count()


def _live(code: str) -> Pairing | None:
    live = Pairing.objects.select_for_update().filter(code_hash=hashed(code), used_at=None, until__gt=timezone.now())
    return live.first()


@transaction.atomic
def _connect(found: Pairing, *, address: str, page: object) -> Contact:
    Pairing.objects.filter(pk=found.pk).update(used_at=timezone.now())
    last = Contact.objects.filter(person=found.person).aggregate(at=Max("position"))["at"]
    given = {"address": address, "page": page, "confirmed_at": timezone.now(), "problem": ""}
    try:
        with transaction.atomic():
            made = {**given, "position": 0 if last is None else last + 1}
            contact, _ = Contact.objects.update_or_create(person=found.person, channel=found.channel, defaults=given, create_defaults=made)
    except IntegrityError:
        raise Refused("Этот диалог уже подключён другому сотруднику: пусть он сначала отключит его.") from None
    journal.write(found.person, "contact_connected", contact, channel=found.channel)
    return contact
