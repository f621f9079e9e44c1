"""What changes people: each action leaves one journal line."""

import secrets
from datetime import timedelta
from hashlib import sha256
from importlib import import_module

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from gospult.lib.errors import Refused

from . import journal
from .models import LoginLink, Person


@transaction.atomic
def create_person(*, name: str, password: str, by: Person | None, full_name: str = "") -> Person:
    """Somebody new may log in by the name; `full_name` is «Фамилия Имя Отчество». Refused when the name is taken or the password weak."""
    taken = Refused(f"Сотрудник «{name}» уже есть: выберите другое имя.")
    if Person.objects.filter(username=name).exists():
        raise taken
    surname, first, patronymic = [*full_name.split(maxsplit=2), "", "", ""][:3]
    person = Person(username=name, last_name=surname, first_name=first, patronymic=patronymic)
    try:
        person.clean_fields(exclude=["password"])
        validate_password(password, person)
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from None
    person.set_password(password)
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError:  # two entered the same name at once
        raise taken from None
    journal.write(by, "accounts.person_created", person)
    return person


def make_login_link(*, person: Person, path: str) -> str:
    """The key of a link that lets the person in once; it is told here and never again."""
    key = secrets.token_urlsafe(24)
    until = timezone.now() + timedelta(hours=settings.LOGIN_LINK_HOURS)
    LoginLink.objects.create(person=person, key_hash=sha256(key.encode()).hexdigest(), path=path[:300], until=until)
    return key


def find_login_link(*, key: str) -> LoginLink:
    """The link behind a key. Refused with the reason when it lets nobody in any more."""
    link = LoginLink.objects.select_related("person").filter(key_hash=sha256(key.encode()).hexdigest()).first()
    if link is None:
        raise Refused("Такой ссылки нет: откройте её из оповещения целиком или войдите по паролю.")
    if link.used_at:
        raise Refused("По этой ссылке уже вошли: она срабатывает один раз. Войдите по паролю или откройте новое оповещение.")
    if link.until < timezone.now() or not link.person.is_active:
        raise Refused("Срок ссылки вышел: войдите по паролю или откройте новое оповещение.")
    return link


@transaction.atomic
def use_login_link(*, key: str) -> LoginLink:
    """The link is used up; of two who press at once one is refused."""
    link = find_login_link(key=key)
    if not LoginLink.objects.filter(pk=link.pk, used_at=None).update(used_at=timezone.now()):
        return find_login_link(key=key)  # used a moment ago: refused in the same words
    journal.write(link.person, "accounts.login_link_used", link.person)
    return link


def clear_sessions() -> None:
    """Sessions and login links whose time is over are deleted; no journal line, since nobody decided anything."""
    LoginLink.objects.filter(until__lt=timezone.now() - timedelta(days=7)).delete()
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
