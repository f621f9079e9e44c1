from collections import Counter
from datetime import timedelta

import pytest
from django.db.models import Q
from django.utils import timezone

from gospult.accounts.models import Journal, Person, Role
from gospult.audience import queries
from gospult.audience.models import Build
from gospult.demo.audience import fill_audience
from gospult.demo.cast import CAST, PAGES, TROUBLED, networks_of
from gospult.demo.fill import fill
from gospult.demo.history import fill_history
from gospult.demo.scenes import open_staff_line
from gospult.demo.wall import demo_pages, keys, open_pages, page_number, remembered
from gospult.desk.models import OPEN, Case, Foreign, Inspection, Message, Note, Task
from gospult.desk.queries.thinking import forget
from gospult.exchange.models import Connection, Mode, Outgoing
from gospult.informing.models import WallPost
from gospult.networks.registry import NETWORKS
from gospult.networks.testing import Sandbox
from gospult.office.models import Remedy
from gospult.registry.models import Absence, Body, Grant, Territory, roles_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def remembering(settings):
    """As in a process that works: filling a month with every look-up made anew takes minutes."""
    forget()
    settings.REMEMBER_SECONDS = 60
    yield
    forget()


def quiet(_text: str) -> None:
    """Nobody listens."""


def rows() -> list[int]:
    return [model.objects.count() for model in (Body, Connection, Person, Grant, Message, Case, Outgoing)]


def test_a_second_filling_changes_nothing():
    fill()
    fill_history(say=quiet, cases=20)
    before = rows()
    fill()
    fill_history(say=quiet, cases=20)
    assert rows() == before


def test_every_role_can_log_in_and_every_page_is_connected_fully():
    fill()
    people = Person.objects.in_bulk([member.login for member in CAST], field_name="username")
    assert {role for person in people.values() for role in roles_of(person)} == set(Role)
    assert Connection.objects.filter(mode=Mode.FULL).count() == sum(len(networks_of(code)) for code in PAGES) >= 40


def test_every_network_has_pages_in_the_demo_and_every_body_has_one():
    counts = Counter(network for code in PAGES for network in networks_of(code))
    assert set(counts) == set(NETWORKS)
    assert min(counts.values()) >= len(PAGES) // 3
    assert all(networks_of(code) for code in PAGES)


def test_the_past_has_cases_in_every_state_and_no_time_in_the_future():
    fill()
    fill_history(say=quiet, cases=240)
    states = Counter(Case.objects.values_list("state", flat=True))
    assert {"new", "routed", "promised", "answered", "closed"} <= set(states)
    assert Case.objects.filter(late=True).exists()
    check_trouble()
    check_export()
    for case in Case.objects.exclude(closed_at=None):
        assert case.opened_at <= case.closed_at
    now = timezone.now()
    assert all(case.opened_at <= event.at <= now for case in Case.objects.all() for event in case.events.all())


def check_trouble():
    troubled = Case.objects.filter(Q(body__code=TROUBLED) | Q(body__parent__code=TROUBLED))
    others = Case.objects.exclude(pk__in=troubled)
    late = [found.filter(state__in=OPEN, next_due_at__lt=timezone.now()).count() / found.count() for found in (troubled, others)]
    assert late[0] > 2 * late[1]
    assert Case.objects.filter(bounced__gte=2, state="new").exists()
    assert Case.objects.filter(reopened__gt=0).exists()
    assert Case.objects.filter(opened_at__lt=timezone.now() - timedelta(days=20)).count() > 40


def check_export():
    assert {"link", "text"} <= set(Foreign.objects.exclude(case=None).values_list("matched", flat=True))
    assert Foreign.objects.filter(case=None, number__startswith="ИМ-83").count() == 3  # what we have never heard of


def check_scenes():
    assert Note.objects.count() == Task.objects.count() == 1
    assert {"waiting", "done"} <= set(Inspection.objects.values_list("state", flat=True))
    assert WallPost.objects.get().state == "planned"
    assert Absence.objects.exists()
    assert Remedy.objects.filter(state="open").count() == 4


def test_staff_are_told_through_the_centres_own_pages():
    fill()
    open_staff_line()
    told = Connection.objects.filter(dm_to="alerts")
    assert {row.page.bodies.get().code for row in told} == {"cur"}
    open_staff_line()
    assert Journal.objects.filter(verb="page_serves_staff").count() == told.count() > 0


def test_a_restarted_sandbox_knows_the_walls_of_our_rows_and_counts_on():
    fill()
    fill_history(say=quiet, cases=60)
    walls = {page: remembered(page) for page in demo_pages()}
    with Sandbox() as sandbox:
        open_pages(sandbox)
        for network in NETWORKS:
            page = max((page for page in walls if page.network == network), key=lambda page: len(walls[page]))
            check_wall(sandbox, page, walls[page])


def check_wall(sandbox, page, known):
    number, wall = page_number(page), sandbox.at(page.network)
    assert keys()[page.network, str(number)] == page.external_id
    lines = [line for line in sandbox.said() if (line["network"], line["page"]) == (page.network, str(number))]
    assert {line["id"] for line in lines} == {line["id"] for line in known if line["author"] > 0} != set()
    assert {(line["id"], line["thread"]) for line in lines} <= {(line["id"], line["thread"]) for line in known}
    new = wall.comment(number, next(iter(wall.posts(number))), "И ещё одно")
    assert new["id"] not in {line["id"] for line in known}
    last = max((line["number"] for line in lines if line["id"][0] == "c"), default=0)
    assert next(line["number"] for line in sandbox.said() if line["id"] == new["id"] and line["network"] == page.network) > last


def test_the_demo_s_audience_is_counted_and_grows(settings, tmp_path):
    settings.HOME = tmp_path
    fill()
    fill_audience(say=quiet)
    fill_audience(say=quiet)  # once
    assert Build.objects.done().count() == 2
    head, region = Person.objects.create(username="root", is_superuser=True), Territory.objects.get(parent=None)
    found = queries.headline(head, region)
    assert found.whole.people_from > 1_000
    assert found.whole.growth > 1
    assert any(not row.hidden for row in queries.rows(head, region))
