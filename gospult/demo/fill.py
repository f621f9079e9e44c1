"""Fills a fresh database with the demo region; what is there already is left alone."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from gospult.accounts.models import Person, Role
from gospult.desk import actions as desk
from gospult.desk.models import Topic
from gospult.exchange import actions as exchange
from gospult.exchange.models import Connection
from gospult.lib import regions
from gospult.networks.testing import Sandbox, SandboxClient
from gospult.registry import actions as registry
from gospult.registry.models import Body, Grant, Page, PageBody, Steward

from .cast import CAST, KEPT_BACK, PAGES, PASSWORD, ROBOTS, Member, handle_of, networks_of, number_of
from .register import fill_register
from .wall import hold

Say = Callable[[str], None]


def quiet(_text: str) -> None:
    """Nobody listens."""


def fill(*, say: Say = quiet) -> None:
    """The region, its pages, connections and people become rows; safe to repeat, finishes what an interrupted run began."""
    _region(say)
    _pages(say)
    fill_register()
    _people(say)


def _region(say: Say) -> None:
    region = regions.load(settings.REGION)
    if not Body.objects.filter(is_demo=True).exists():
        say(f"Регион: {region.name}, территории, организации, классификатор…")
        registry.load_region(region=region, by=None, is_demo=True)
    if not Topic.objects.exists():
        desk.load_classifier(region=region, by=None)


def _pages(say: Say) -> None:
    bodies = Body.objects.in_bulk(PAGES, field_name="code")
    wanted = [(network, code) for code in PAGES if code in bodies for network in networks_of(code)]
    if Connection.objects.filter(page__is_demo=True).count() >= len(wanted):
        return
    say(f"Страницы: {len(wanted)} госпабликов в песочнице…")
    with Sandbox() as rehearsal:  # how each network names the pages, and which tokens it gives, only a sandbox knows
        for network, code in wanted:
            _page(rehearsal.at(network), bodies[code])


@transaction.atomic
def _page(rehearsal: SandboxClient, body: Body) -> None:
    network, code = rehearsal.network, body.code or ""
    opened = rehearsal.add_page(number_of(code), handle=handle_of(code))
    key = opened["external_id"]
    facts = {"name": body.short_name or body.name, "handle": opened["handle"], "is_demo": True, "connected": True, "has_mark": True}
    page, made = Page.objects.get_or_create(network=network, external_id=key, defaults=facts)
    if made:
        PageBody.objects.create(page=page, body=body)
    if not Connection.objects.filter(page=page).exists():
        tokens = {kind: token for kind, token in opened["tokens"].items() if kind not in KEPT_BACK.get(network, ())}
        exchange.connect(page=page, tokens=tokens, by=None)
        hold()  # before anybody else sees it


def _people(say: Say) -> None:
    known = set(Person.objects.values_list("username", flat=True))
    new = [member for member in (*CAST, *ROBOTS) if member.login not in known]
    if new:
        say("Сотрудники: по одному каждой роли…")
    password = make_password(PASSWORD) if new else ""
    for member in new:
        _person(member, password if member in CAST else make_password(None))


@transaction.atomic
def _person(member: Member, password: str) -> None:
    first, last = member.name.split()
    named = {"username": member.login, "first_name": first, "last_name": last, "position": Role(member.role).label}
    person = Person.objects.create(**named, password=password, is_staff=member.role == Role.ADMIN)
    if member.role == Role.STEWARD:
        for page in Page.objects.filter(bodies__code=member.page, connection__isnull=False).exclude(
            pk__in=Steward.objects.filter(until=None).values("page")
        ):
            registry.appoint_steward(page=page, person=person, by=None)
    elif not Grant.objects.filter(person=person).exists():
        body = Body.objects.get(code=member.body) if member.body else None
        registry.grant(person=person, role=member.role, body=body, by=None)
