"""Builders of the registry's rows, and the fixed cast of every room's tests."""

from functools import cache
from io import BytesIO
from itertools import count
from typing import TypeVar

import pytest
import xlsxwriter
from django.contrib.auth.hashers import make_password

from gospult.accounts.models import Person, Role

from .importing.columns import TITLES
from .models import Body, BodySphere, Exemption, Grant, Page, PageBody, Sphere, Steward, Territory
from .tree import repath

Tree = TypeVar("Tree", Body, Territory)
numbers = count(1)


def make_territory(**fields: object) -> Territory:
    """A municipality, unless told otherwise."""
    number = next(numbers)
    values = {"code": f"territory-{number}", "name": f"Район {number}", "level": "municipality", **fields}
    return _rooted(Territory.objects.create(**values))


def make_sphere(**fields: object) -> Sphere:
    """A sphere with a name of its own."""
    number = next(numbers)
    return Sphere.objects.create(**{"code": f"sphere-{number}", "name": f"Сфера {number}", **fields})


def make_body(*, spheres: list[Sphere] | None = None, exempt: str = "", **fields: object) -> Body:
    """An active body; `exempt` is the ground on which it keeps no page."""
    number = next(numbers)
    body = Body.objects.create(**{"name": f"Школа № {number}", "status": "active", **fields})
    BodySphere.objects.bulk_create([BodySphere(body=body, sphere=s, position=n) for n, s in enumerate(spheres or [], start=1)])
    if exempt:
        Exemption.objects.create(body=body, ground=exempt)
    return _rooted(body)


def make_page(*, body: Body | None = None, shared_with: list[Body] | None = None, **fields: object) -> Page:
    """A published VK page with an id and a handle; it has no owner unless a body is given."""
    number = next(numbers)
    values = {"network": "vk", "external_id": str(900_000_000 + number), "handle": f"page_{number}", "name": f"Страница {number}", **fields}
    page = Page.objects.create(**values)
    links = ([PageBody(page=page, body=body)] if body else []) + [PageBody(page=page, body=b, shared=True) for b in shared_with or []]
    PageBody.objects.bulk_create(links)
    return page


def make_grant(person: Person, role: Role | str, *, body: Body | None = None, territory: Territory | None = None, **fields: object) -> Grant:
    """A grant from today on; without body and territory it is the whole region."""
    return Grant.objects.create(person=person, role=role, body=body, territory=territory, **fields)


def make_steward(person: Person, page: Page, **fields: object) -> Steward:
    """The person keeps the page from today on."""
    return Steward.objects.create(person=person, page=page, **fields)


def make_person(
    *, role: Role | str | None = None, body: Body | None = None, territory: Territory | None = None, page: Page | None = None, **fields: object
) -> Person:
    """A person who can log in with the password «пароль-1234»; with a role and a scope, or as the steward of a page."""
    values = {"username": f"person-{next(numbers)}", **fields}
    person = Person.objects.create(password=_hashed(str(values.pop("password", "пароль-1234"))), **values)
    if role == Role.STEWARD or (page and not role):
        make_steward(person, page or make_page(body=body))
    elif role:
        make_grant(person, role, body=body, territory=territory)
    return person


@cache
def _hashed(password: str) -> str:
    return make_password(password)  # slow by design, so once for a run


def make_ogrn(number: int) -> str:
    """An ОГРН with a right check digit."""
    body = f"1{number:011d}"
    return body + str(int(body) % 11 % 10)


def make_export(rows: list[dict[str, object]], titles: dict[str, str] = TITLES) -> bytes:
    """An XLSX of the official export from rows by column key, as `importing.columns.TITLES` names them."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("Реестр")
        for line, row in enumerate([dict[str, object](titles), *rows]):
            for column, key in enumerate(titles):
                sheet.write(line, column, row.get(key, ""))
    return buffer.getvalue()


@pytest.fixture
def operator(db: None) -> Person:
    """Sees the whole region."""
    return make_person(role=Role.OPERATOR, username="operator")


@pytest.fixture
def administrator(db: None) -> Person:
    """Administrator of the system, the whole region."""
    return make_person(role=Role.ADMIN, username="administrator")


@pytest.fixture
def body(db: None) -> Body:
    """The body of the executor, with the curator's ministry above it."""
    return make_body(name="Школа № 1", parent=make_body(name="Министерство образования"))


@pytest.fixture
def page(body: Body) -> Page:
    """The page of the body, which the steward keeps."""
    return make_page(body=body, name="Страница школы № 1", handle="school_one")


@pytest.fixture
def executor(body: Body) -> Person:
    """Answers for `body`."""
    return make_person(role=Role.EXECUTOR, body=body, username="executor")


@pytest.fixture
def curator(body: Body) -> Person:
    """Sees the branch above `body`."""
    return make_person(role=Role.CURATOR, body=body.parent, username="curator")


@pytest.fixture
def steward(page: Page) -> Person:
    """Keeps `page`."""
    return make_person(page=page, username="steward")


@pytest.fixture
def stranger(db: None) -> Person:
    """Executor of a body that has nothing to do with `body`."""
    return make_person(role=Role.EXECUTOR, body=make_body(name="Чужая больница"), username="stranger")


def _rooted(row: Tree) -> Tree:
    repath(type(row))
    row.refresh_from_db()
    return row
