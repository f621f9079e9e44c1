"""`admin`: who works in the system, with which roles and pages."""

import os
import secrets
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from gospult.lib.errors import Refused

from .boot import boot
from .face import Words, emit, gospult, json_option, say
from .finding import find_body, find_page, find_person, find_territory

if TYPE_CHECKING:
    from gospult.registry.models import Body, Grant, Territory

# As accounts.models.Role has them, which needs Django; stewards are appointed to a page.
ROLES = {
    "executor": "исполнитель",
    "curator": "куратор",
    "operator": "оператор ЦУР",
    "editor": "редактор ЦУР",
    "analyst": "аналитик ЦУР",
    "methodist": "методист",
    "jury": "жюри",
    "head": "руководитель",
    "admin": "администратор системы",
    "auditor": "аудитор персональных данных",
}
Command = Callable[..., Any]
name_argument = click.argument("name", metavar="ИМЯ")
role_argument = click.argument("role", metavar="РОЛЬ", type=Words(ROLES))


def scope_options(command: Command) -> Command:
    """The `--body` and `--territory` keys; without both it is the whole region."""
    command = click.option("--territory", metavar="КОД|ОКТМО", help="Территория; без неё и без --body — весь регион.")(command)
    return click.option("--body", metavar="ОГРН|КОД", help="Орган и всё, что он учредил.")(command)


@gospult.group()
def admin() -> None:
    """Сотрудники: кто входит, с какой ролью и с какими страницами."""


@admin.command()
@name_argument
@json_option
def create(name: str, as_json: bool) -> None:
    """Завести администратора. Пароль — из GOSPULT_ADMIN_PASSWORD, с клавиатуры или придуманный."""
    boot()
    from django.db import transaction

    from gospult.accounts import actions as accounts
    from gospult.registry import actions as registry

    _refuse_taken(name)
    password, made = _password(os.environ.get("GOSPULT_ADMIN_PASSWORD", ""))
    with transaction.atomic():
        person = accounts.create_person(name=name, password=password, by=None)
        registry.grant(person=person, role="admin", by=None)
    _entered(f"Администратор «{name}» заведён.", {"name": name}, password if made else "", as_json)


@admin.command()
@name_argument
@click.option("--name", "full_name", default="", metavar="«ФАМИЛИЯ ИМЯ ОТЧЕСТВО»", help="Как звать сотрудника.")
@click.option("--role", type=Words(ROLES), help="Роль; можно дать и позже: gospult admin grant.")
@scope_options
@json_option
def person(name: str, full_name: str, role: str | None, body: str | None, territory: str | None, as_json: bool) -> None:
    """Завести сотрудника. Пароль — с клавиатуры, первой строкой ввода или придуманный."""
    if (body or territory) and not role:
        raise click.UsageError("Ключам --body и --territory нужен ключ --role.")
    boot()
    from django.db import transaction

    from gospult.accounts import actions as accounts
    from gospult.registry import actions as registry

    _refuse_taken(name)
    scope = _scope(body, territory)
    password, made = _password("" if sys.stdin.isatty() else sys.stdin.readline(1000).strip("\ufeff\r\n"))
    with transaction.atomic():
        made_person = accounts.create_person(name=name, full_name=full_name, password=password, by=None)
        granted = registry.grant(person=made_person, role=role, by=None, **scope) if role else None
    access = f" {_described(granted)}" if granted else " Доступа пока нет: gospult admin grant или steward."
    _entered(f"Сотрудник «{name}» заведён.{access}", {"name": name, "role": role}, password if made else "", as_json)


@admin.command()
@name_argument
@role_argument
@scope_options
def grant(name: str, role: str, body: str | None, territory: str | None) -> None:
    """Дать роль."""
    boot()
    from gospult.registry import actions

    made = actions.grant(person=find_person(name), role=role, by=None, **_scope(body, territory))
    say(f"{name}: {_described(made)}")


@admin.command()
@name_argument
@role_argument
@scope_options
def revoke(name: str, role: str, body: str | None, territory: str | None) -> None:
    """Закрыть роль; орган и территория — те же, с какими она дана."""
    boot()
    from gospult.registry import actions
    from gospult.registry.models import Grant

    someone, scope = find_person(name), _scope(body, territory)
    live = Grant.objects.filter(person=someone, until__isnull=True).select_related("body", "territory")
    held = live.filter(role=role, **scope).first()
    if held is None:
        raise Refused(f"У «{name}» нет такого доступа. Есть: {' '.join(_described(row) for row in live) or 'никакого.'}")
    actions.revoke(grant=held, by=None)
    say(f"{name}: закрыто — {_described(held)}")


@admin.command()
@name_argument
@click.argument("page", metavar="СТРАНИЦА")
@click.option("--deputy", is_flag=True, help="Заместитель; прежний администратор остаётся.")
def steward(name: str, page: str, deputy: bool) -> None:
    """Назначить администратора страницы; прежний снимается."""
    boot()
    from gospult.registry import actions

    found = find_page(page)
    actions.appoint_steward(page=found, person=find_person(name), is_deputy=deputy, by=None)
    say(f"{name}: {'заместитель администратора' if deputy else 'администратор'} страницы «{found.name}».")


@admin.command("staff-page")
@click.argument("page", metavar="СТРАНИЦА")
def staff_page(page: str) -> None:
    """Выбрать страницу сети, через которую писать сотрудникам."""
    boot()
    from gospult.exchange import actions

    found = find_page(page)
    actions.serve_staff(page=found, by=None)
    say(f"Сотрудникам пишем через «{found.name}» ({found.network_name}).")


@admin.command("list")
@json_option
def list_(as_json: bool) -> None:
    """Все сотрудники с ролями и страницами."""
    boot()
    rows = _people()
    if as_json:
        emit(rows, as_json=True)
        return
    lines = [f"{row['name']}\t{row['full_name'] or '—'}\t{' '.join(row['access']) or 'доступа нет.'}\n" for row in rows]
    if sys.stdout.isatty():
        click.echo_via_pager(lines)
    else:
        click.echo("".join(lines), nl=False)


def _people() -> list[dict[str, Any]]:
    from django.db.models import Prefetch

    from gospult.accounts.models import Person
    from gospult.registry.models import Grant, Steward, live_on

    granted = Grant.objects.filter(live_on()).select_related("body", "territory").order_by("id")
    kept = Steward.objects.filter(live_on()).select_related("page").order_by("id")
    people = Person.objects.order_by("username").prefetch_related(Prefetch("grants", granted), Prefetch("stewardships", kept))
    return [
        {
            "name": one.username,
            "full_name": " ".join(filter(None, [one.last_name, one.first_name, one.patronymic])),
            "active": one.is_active,
            "access": [_described(row) for row in one.grants.all()]
            + [f"{'Заместитель на странице' if row.is_deputy else 'Страница'} «{row.page}»." for row in one.stewardships.all()],
        }
        for one in people
    ]


def _described(row: "Grant") -> str:
    """A grant in words: «Исполнитель: Школа № 1.»"""
    where = ", ".join(str(place) for place in (row.body, row.territory) if place) or "весь регион"
    title = ROLES.get(row.role, row.role)
    return f"{title[:1].upper()}{title[1:]}: {where}."


def _scope(body: str | None, territory: str | None) -> "dict[str, Any]":
    found_body: Body | None = find_body(body) if body else None
    found_territory: Territory | None = find_territory(territory) if territory else None
    return {"body": found_body, "territory": found_territory}


def _refuse_taken(name: str) -> None:
    """Before a password is asked for."""
    from gospult.accounts.models import Person

    if Person.objects.filter(username=name).exists():
        raise Refused(f"Сотрудник «{name}» уже есть: выберите другое имя.")


def _password(given: str) -> tuple[str, bool]:
    """The password and whether it was made up by us."""
    if given:
        return given, False
    if sys.stdin.isatty():
        return str(click.prompt("Пароль", hide_input=True, confirmation_prompt="Ещё раз", err=True)), False
    return secrets.token_urlsafe(12), True


def _entered(words: str, about: dict[str, Any], password: str, as_json: bool) -> None:
    """Tell that somebody is entered; a password that we made up is told once, here."""
    if as_json:
        emit({**about, **({"password": password} if password else {})}, as_json=True)
    else:
        say(words + (f" Пароль: {password}" if password else ""))
