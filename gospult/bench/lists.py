"""How long every list of pages, bodies and territories takes at 175,000 pages: for an operator of the country, a curator of a region, a steward."""

import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gospult.accounts.models import Person, Role
from gospult.monitoring.models import Finding, PageMonth, Post, Snapshot
from gospult.registry.models import Body, Page, PageBody, Sphere, Steward, Territory
from gospult.registry.testing import make_grant, make_person
from gospult.scores.models import Score

from .figures import database_mb, machine, peak_mb, say, spread, timed
from .nation import METHOD, fill

ROUNDS, ENOUGH = 20, 6.0  # a screen that has taken so many seconds is not asked for again
LIST_MS, BOARD_MS = 100.0, 200.0
ALL, LEADING = ("operator", "curator", "steward"), ("operator", "curator")


@dataclass(frozen=True, slots=True)
class Screen:
    """One address, who looks at it, and what it may take."""

    name: str
    address: str
    who: tuple[str, ...] = ALL
    target_ms: float = LIST_MS
    post: bool = False


def run() -> dict[str, Any]:
    """p50, p95 in milliseconds and statements of every screen for everybody who works with it; `late` are those above their target."""
    seconds, _ = timed(fill)
    found = measure()
    return {"machine": machine(), **found, "fill_s": round(seconds, 1), "peak_mb": peak_mb(), "database_mb": database_mb()}


def measure(*, rounds: int = ROUNDS, only: str = "") -> dict[str, Any]:
    """The screens of a country that is filled already; those whose names begin with `only`."""
    people = _people()
    gc.collect()
    gc.freeze()  # as in `desk`: what the filling has left is none of a site's
    roles = {role: _of(role, person, rounds, only) for role, person in people.items()}
    late = sorted(f"{role}: {name}" for role, one in roles.items() for name, row in one["screens"].items() if row["p95_ms"] > row["target_ms"])
    return {"size": sizes(), "targets_ms": {"list": LIST_MS, "board": BOARD_MS}, "enough": not late, "late": late, "roles": roles}


def sizes() -> dict[str, int]:
    """Rows of what is looked at."""
    return {model.__name__: model._default_manager.count() for model in (Page, Body, Territory, Steward, Snapshot, Post, PageMonth, Finding, Score)}


def _people() -> dict[str, Person]:
    """Somebody who sees the country, the region with most municipalities, a few pages."""
    region = Territory.objects.filter(level="region").annotate(n=Count("children")).order_by("-n", "pk").first()
    assert region is not None
    curator = make_person(username="curator")
    make_grant(curator, Role.CURATOR, territory=region)
    steward = Steward.objects.order_by("pk").values_list("person", flat=True)[0]
    return {"operator": make_person(username="operator", role=Role.OPERATOR), "curator": curator, "steward": Person.objects.get(pk=steward)}


def _of(role: str, person: Person, rounds: int, only: str) -> dict[str, Any]:
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(person)
    found = {screen.name: _times(client, screen, rounds) for screen in _screens(person) if role in screen.who and screen.name.startswith(only)}
    seen = {"pages": Page.objects.visible_to(person).count(), "bodies": Body.objects.visible_to(person).count()}
    if found:
        slowest = max(found, key=lambda name: found[name]["p95_ms"] / found[name]["target_ms"])
        say(f"Списки: {role}, хуже всего «{slowest}», p95 {found[slowest]['p95_ms']} мс")
    return {"sees": seen, "screens": found}


def _screens(person: Person) -> Iterator[Screen]:
    mine = PageBody.objects.filter(page__in=Page.objects.visible_to(person).living(), shared=False, body__level="МО", body__parent__isnull=False)
    link = mine.select_related("page", "body__territory").order_by("page")[0]
    page = link.page
    place = Territory.objects.get(pk=link.body.territory.path.strip("/").split("/")[2])  # type: ignore[union-attr]
    yield from _registry(page, link.body, place)
    yield from _scores(page, link.body, place)
    yield from _office(page, link.body)
    yield from _audience(place)
    yield Screen("export: registry", "/pages/export/", ("curator", "steward"), 1000.0, post=True)


def _registry(page: Page, body: Body, place: Territory) -> Iterator[Screen]:
    sphere, region = Sphere.objects.earliest("pk").pk, Territory.objects.get(children=place)
    pages = {
        "first": "", "next": "page=2", "page 20": "page=20", "last": "page=last", "territory": f"territory={place.pk}", "region":
        f"territory={region.pk}",
        "sphere": f"sphere={sphere}", "network": "network=max", "review": "state=under_review", "archived": "state=archived", "mark": "mark=unknown",
        "branch": f"branch={body.parent_id or body.pk}", "body": f"body={body.pk}", "several":
        f"territory={region.pk}&sphere={sphere}&network=ok&mark=no",
        "search: common": "q=школа", "search: two words": f"q=школа+{place.name[:6]}", "search: rare": f"q={place.name.split()[0]}",
        "search: handle": f"q={page.handle or page.external_id}", "search: nothing": "q=ывавыавы", "search: short": "q=12",
        "search, territory": f"q=школа&territory={region.pk}",
    }  # fmt: skip
    yield from (Screen(f"pages: {name}", f"/pages/?{asked}") for name, asked in pages.items())
    bodies = {
        "first": "", "next": "page=2", "page 20": "page=20", "last": "page=last", "territory": f"territory={place.pk}", "region":
        f"territory={region.pk}",
        "sphere": f"sphere={sphere}", "status": "status=card", "debt": "has=debt", "exempt": "has=exempt", "branch":
        f"branch={body.parent_id or body.pk}",
        "search: common": "q=школа", "search: two words": f"q=школа+{place.name[:6]}", "search: ogrn": f"q={body.ogrn}", "search: nothing":
        "q=ывавыавы",
        "debt, region": f"has=debt&territory={region.pk}",
    }  # fmt: skip
    yield from (Screen(f"bodies: {name}", f"/pages/bodies/?{asked}") for name, asked in bodies.items())
    yield Screen("card of a page", f"/pages/page/{page.pk}/")
    yield Screen("card of a body", f"/pages/body/{body.pk}/")
    yield Screen("card of a body above", f"/pages/body/{body.parent_id}/", LEADING)


def _scores(page: Page, body: Body, place: Territory) -> Iterator[Screen]:
    region = place.parent_id
    yield Screen("scores: table", f"/scores/?method={METHOD}", LEADING)
    for what in ("pages", "bodies"):
        asked = {
            "first": "", "next": "&page=2", "last": "&page=last", "group": "&group=red", "none": "&group=none", "territory": f"&territory={place.pk}",
            "region": f"&territory={region}", "search": "&q=школа", "search: rare": f"&q={place.name.split()[0]}",
        }  # fmt: skip
        yield from (Screen(f"scores, {what}: {name}", f"/scores/{what}/?method={METHOD}{query}") for name, query in asked.items())
    yield Screen("score of a page", f"/scores/page/{page.pk}/?method={METHOD}", target_ms=BOARD_MS)
    yield Screen("score of a body", f"/scores/body/{body.pk}/?method={METHOD}", target_ms=BOARD_MS)
    yield Screen("score of a municipality", f"/scores/territory/{place.pk}/?method={METHOD}", LEADING, BOARD_MS)
    yield Screen("scores: methods", "/scores/methods/")


def _office(page: Page, body: Body) -> Iterator[Screen]:
    yield Screen("page card", f"/pages/{page.pk}/card/")
    yield Screen("findings: first", "/pages/findings/", LEADING)
    yield from (Screen(f"findings: {name}", f"/pages/findings/?{asked}", LEADING) for name, asked in
                {"kind": "kind=jump", "next": "page=3", "last": "page=last", "dismissed": "state=dismissed", "past, kind":
                "state=past&kind=gone"}.items())  # fmt: skip
    yield Screen("pulse", "/pulse/", LEADING, BOARD_MS)
    yield from (Screen(f"pulse: {fault}", f"/pulse/pages/{fault}/", LEADING) for fault in ("silent", "unread"))
    yield from (Screen(f"branch: {name}", f"/branch/{asked}", ("curator",), BOARD_MS) for name, asked in
                {"first": "", "next": "?page=2", "tree": "?order=tree", "search": "?q=школа", "under":
                f"?under={body.parent_id or body.pk}"}.items())  # fmt: skip
    yield from (Screen(f"branch: {name}", f"/branch/{asked}", ("curator",)) for name, asked in
                {"pages": "pages/", "pages, silent": "pages/?fault=silent", "owing": "owing/", "owing, none": "owing/?step=none", "body":
                f"{body.pk}/"}.items())  # fmt: skip
    yield Screen("tasks", "/tasks/", LEADING)
    yield Screen("my page", "/my/", ("steward",), BOARD_MS)


def _audience(place: Territory) -> Iterator[Screen]:
    yield Screen("audience", "/audience/", LEADING)
    yield Screen("audience: municipality", f"/audience/?territory={place.pk}", LEADING)
    yield Screen("audience: pages", "/audience/pages/", LEADING)
    yield Screen("audience: pages of a municipality", f"/audience/pages/?territory={place.pk}", LEADING)
    yield Screen("audience: last page", "/audience/pages/?page=last", LEADING)


def _times(client: Client, screen: Screen, rounds: int) -> dict[str, Any]:
    """The first visit warms caches and counts statements; the others are timed."""
    visit = _visit(client, screen)
    with CaptureQueriesContext(connection) as queries:
        first, size = timed(visit)
        statements = len(queries)
    seconds: list[float] = []
    while len(seconds) < rounds and sum(seconds) < ENOUGH:
        seconds.append(timed(visit)[0])
    return {**spread(seconds), "target_ms": screen.target_ms, "statements": statements, "kb": round(size / 1024), "first_ms": round(1000 * first, 1)}


def _visit(client: Client, screen: Screen) -> Callable[[], int]:
    """Bytes of the answer; of a file that is sent bit by bit the time is that to its first bytes."""

    def visit() -> int:
        answer = client.post(screen.address) if screen.post else client.get(screen.address)
        if answer.status_code != 200:
            raise RuntimeError(f"{screen.address}: {answer.status_code}")
        if answer.streaming:
            first = next(iter(getattr(answer, "streaming_content")))  # noqa: B009
            answer.close()
            return len(first)
        return len(answer.content)

    return visit
