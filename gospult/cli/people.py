"""`admin create`: the first person; all others are entered in the interface."""

import os
import secrets
import sys

import click

from gospult.lib.errors import Refused

from .boot import boot
from .face import emit, gospult, json_option, say


@gospult.group()
def admin() -> None:
    """Администраторы системы."""


@admin.command()
@click.argument("name", metavar="ИМЯ")
@json_option
def create(name: str, as_json: bool) -> None:
    """Завести администратора. Пароль — из GOSPULT_ADMIN_PASSWORD, с клавиатуры или придуманный."""
    boot()
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError
    from django.db import transaction

    from gospult.accounts import journal
    from gospult.accounts.models import Person, Role
    from gospult.registry.models import Grant

    if Person.objects.filter(username=name).exists():
        raise Refused(f"Сотрудник «{name}» уже есть: выберите другое имя.")
    password, made = _password()
    person = Person(username=name, is_staff=True)
    try:
        person.clean_fields(exclude=["password"])
        validate_password(password, person)
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from None
    person.set_password(password)
    with transaction.atomic():
        person.save()
        Grant.objects.create(person=person, role=Role.ADMIN)
        journal.write(None, "admin_created", person)
    if as_json:
        emit({"name": name, **({"password": password} if made else {})}, as_json=True)
    else:
        say(f"Администратор «{name}» заведён." + (f" Пароль: {password}" if made else ""))


def _password() -> tuple[str, bool]:
    """The password and whether it was made up by us."""
    if given := os.environ.get("GOSPULT_ADMIN_PASSWORD"):
        return given, False
    if sys.stdin.isatty():
        return str(click.prompt("Пароль", hide_input=True, confirmation_prompt="Ещё раз", err=True)), False
    return secrets.token_urlsafe(12), True
