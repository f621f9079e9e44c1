"""How long the screens of «Обращения» take at 450,000 cases of 3,000,000 messages, for everyone who looks at them."""

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gospult.accounts.models import Person, Role
from gospult.desk.models import Answer, Case, CaseEvent, Message, Topic
from gospult.desk.queries import VIEWS, counts
from gospult.registry.models import Body, Page, Territory
from gospult.registry.testing import make_grant, make_person

from .crowd import MANY, busiest_page, fill
from .figures import database_mb, machine, peak_mb, say, spread, timed

CASES, TIMES = 45_000, 10  # written by COPY, then made ten times as many inside the database
ROUNDS = 20
TARGET_MS = 100.0
SEARCHES = {"search: common word": "мусор", "search: two words": "открытый люк", "search: rare": "Заречной 17 кружок", "search: number": "0050000"}


def run() -> dict[str, Any]:
    """p50, p95, p99 of each screen for each role, in milliseconds; `p95_ms` is that of the slowest list."""
    seconds, _ = timed(lambda: fill(CASES, times=TIMES, sizes=MANY))
    people = _people()
    gc.collect()
    gc.freeze()  # what the filling has left would be looked through in the middle of some visit; a site of its own has none of it
    roles: dict[str, Any] = {}
    for role, person in people.items():
        roles[role] = _measure(role, person)
        say(f"Обращения: {role}, худший список p95 {_worst(roles[role]['lists'])} мс")
    p95 = max(_worst(found["lists"]) for found in roles.values())
    return {
        "machine": machine(),
        "size": {
            "cases": Case.objects.count(), "messages": Message.objects.count(), "events": CaseEvent.objects.count(),
            "answers": Answer.objects.count(), "bodies": Body.objects.count(), "pages": Page.objects.count(), "rounds": ROUNDS,
        },
        "p95_ms": p95,
        "target_ms": TARGET_MS,
        "enough": p95 <= TARGET_MS,
        "roles": roles,
        "fill_s": round(seconds, 1),
        "peak_mb": peak_mb(),
        "database_mb": database_mb(),
    }  # fmt: skip


def _people() -> dict[str, Person]:
    """Somebody who sees everything, a branch, one body, one page."""
    page = busiest_page()
    body = page.bodies.first()
    founders = Counter(body.parent for body in Body.objects.filter(parent__isnull=False, code__isnull=True).select_related("parent"))
    curator = make_person(username="curator")
    make_grant(curator, Role.CURATOR, body=founders.most_common(1)[0][0])
    return {
        "operator": make_person(username="operator", role=Role.OPERATOR),
        "curator": curator,
        "executor": make_person(username="executor", role=Role.EXECUTOR, body=body),
        "steward": make_person(username="steward", page=page),
    }


def _measure(role: str, person: Person) -> dict[str, Any]:
    client, htmx = Client(headers={"host": "127.0.0.1"}), Client(headers={"host": "127.0.0.1", "hx-request": "true"})
    client.force_login(person)
    htmx.force_login(person)
    lists = {name: _times(client, [address] * ROUNDS) for name, address in _lists()}
    newest = Case.objects.latest("pk").pk
    numbers = list(Case.objects.visible_to(person).order_by("?").values_list("number", flat=True)[: 2 * ROUNDS])
    return {
        "visible": Case.objects.visible_to(person).count(),
        "lists": lists,
        "case": _times(client, [f"/desk/{number}?view=all" for number in numbers]),
        "case_in_its_list": _times(htmx, [f"/desk/{number}?view=all" for number in numbers]),
        "fresh": _times(client, [f"/desk/fresh?view=new&since={newest - 10}"] * ROUNDS),
        "counts": spread(timed(lambda: counts(person))[0] for _ in range(ROUNDS)),
    }


def _lists() -> Iterator[tuple[str, str]]:
    yield from ((f"view: {code}", f"/desk/?view={code}") for code in VIEWS)
    yield "the first screen", "/desk/"  # no view is named: counted first, to open where there is work
    yield "counts of all views", "/desk/counts?view=new"
    yield "next page", "/desk/?view=all&page=2"
    yield "page 20", "/desk/?view=all&page=20"
    yield from ((name, f"/desk/?q={words}") for name, words in SEARCHES.items())
    yield from ((f"filter: {name}", f"/desk/?view={view}&{asked}") for name, view, asked in _filters())


def _filters() -> Iterator[tuple[str, str, str]]:
    """A filter of each kind, over everything and over what is open; the last asks for several at once."""
    topic, place = Topic.objects.earliest("pk"), Territory.objects.filter(level="municipality").earliest("pk")
    week = (timezone.localdate() - timedelta(days=7)).isoformat()
    yield "topic", "all", f"topic={topic.code}"
    yield "group of topics", "all", f"topic=group:{topic.group_code}"
    yield "territory", "all", f"territory={place.code}"
    yield "territory, overdue", "overdue", f"territory={place.code}"
    yield "organ", "all", "organ=школа"
    yield "page", "all", "public=школа"
    yield "network", "all", "network=vk"
    yield "channel", "work", "channel=dm"
    yield "kind", "all", "kind=question"
    yield "week", "all", f"from={week}"
    yield "danger", "all", "danger=1"
    yield "photo", "all", "photo=1"
    yield "several", "work", f"territory={place.code}&kind=problem&from={week}"
    yield "several and words", "all", f"territory={place.code}&kind=problem&q=мусор"


def _times(client: Client, addresses: list[str]) -> dict[str, Any]:
    """The first visit warms caches and counts statements; the others are timed."""
    with CaptureQueriesContext(connection) as queries:
        _visit(client, addresses[0])()
        statements = len(queries)
    return {**spread(timed(_visit(client, address))[0] for address in addresses), "statements": statements}


def _visit(client: Client, address: str) -> Callable[[], None]:
    def visit() -> None:
        answer = client.get(address)
        if answer.status_code not in (200, 204):
            raise RuntimeError(f"{address}: {answer.status_code}")

    return visit


def _worst(lists: dict[str, dict[str, Any]]) -> float:
    return max(float(found["p95_ms"]) for found in lists.values())
