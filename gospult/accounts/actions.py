"""What changes people: each action leaves one journal line."""

from importlib import import_module

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from gospult.lib.errors import Refused

from . import journal
from .models import Person


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


def clear_sessions() -> None:
    """Sessions whose time is over are deleted; no journal line, since nobody decided anything."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
