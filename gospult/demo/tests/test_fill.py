from collections import Counter

import pytest
from django.utils import timezone

from gospult.accounts.models import Person, Role
from gospult.demo.cast import CAST, PAGES
from gospult.demo.fill import fill
from gospult.demo.history import fill_history
from gospult.demo.wall import demo_pages, open_pages, remembered
from gospult.desk.models import Case, Message
from gospult.exchange.models import Connection, Mode, Outgoing
from gospult.networks.testing import Sandbox
from gospult.registry.models import Body, Grant, roles_of

pytestmark = pytest.mark.django_db


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
    assert Connection.objects.filter(mode=Mode.FULL).count() == len(PAGES) >= 40


def test_the_past_has_cases_in_every_state_and_no_time_in_the_future():
    fill()
    fill_history(say=quiet, cases=120)
    states = Counter(Case.objects.values_list("state", flat=True))
    assert {"new", "routed", "promised", "answered", "closed"} <= set(states)
    assert Case.objects.filter(late=True).exists()
    for case in Case.objects.exclude(closed_at=None):
        assert case.opened_at <= case.closed_at
    now = timezone.now()
    assert all(case.opened_at <= event.at <= now for case in Case.objects.all() for event in case.events.all())


def test_a_restarted_sandbox_knows_the_walls_of_our_rows_and_counts_on():
    fill()
    fill_history(say=quiet, cases=60)
    page = max(demo_pages(), key=lambda page: len(remembered(page)))
    known = remembered(page)
    with Sandbox() as sandbox:
        open_pages(sandbox, "")
        said = {line["id"] for line in sandbox.said() if line["page"] == page.external_id}
        assert said == {line["id"] for line in known if line["author"] > 0}
        new = sandbox.comment(int(page.external_id), "1", "И ещё одно")
        assert int(new["id"][1:]) > max(int(line["id"][1:]) for line in known if line["id"][0] == "c")
