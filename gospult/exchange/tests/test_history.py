from datetime import timedelta
from importlib import import_module

import pytest
from django.utils import timezone

from gospult.exchange import actions
from gospult.exchange.actions import sweeping
from gospult.exchange.models import Sweep, Wall
from gospult.networks.testing import Sandbox
from gospult.registry.testing import make_page

pytestmark = pytest.mark.django_db(transaction=True)
FIRST = 2001
EVEN_OLDER = timedelta(days=9000)  # nothing is old enough: only the end of a wall ends it


@pytest.fixture
def vk(settings):
    with Sandbox() as sandbox:
        sandbox.settings(rate_limits=False)
        settings.NETWORKS = {"vk": {"base_url": sandbox.api_url(), "ca_file": ""}}
        settings.LIMITS = {"vk.service": 0, "vk.user": 0, "vk.community": 0}
        sandbox.add_page(FIRST, name="Школа", tokens={"user": "one"})
        actions.keep_token(network="vk", page=None, kind="user", token="one", label="ключ", by=None)
        yield sandbox


def walls(kept):
    """A pass over walls; posts are kept by their ids."""
    actions.start_sweep(network="vk", goal="walls", by=None)
    actions.sweep_due(take=lambda page, posts: kept.update(post.external_id for post in posts))


def test_the_past_of_a_wall_is_read_portion_by_portion_until_it_ends(vk, monkeypatch):
    for name, value in (("OLDER_POSTS", 15), ("OLDER_CALLS", 1), ("WALL_POSTS", 20), ("PAST", EVEN_OLDER)):
        monkeypatch.setattr(sweeping, name, value)
    monkeypatch.setattr(import_module("gospult.exchange.queries.sweeps"), "PAST", EVEN_OLDER)
    written = {vk.add_post(FIRST, f"Запись {number}") for number in range(61)}
    page, kept = make_page(external_id=str(FIRST), handle=""), set()
    walls(kept)
    assert (len(kept), Wall.objects.get(page=page).seen_since > timezone.now() - timedelta(hours=1)) == (20, True)
    depths = []
    while Wall.objects.get(page=page).seen_since != Wall.EVER and len(depths) < 9:
        actions.start_history()
        actions.sweep_due(take_older=lambda page, posts: kept.update(post.external_id for post in posts))
        depths.append(Wall.objects.get(page=page).depth)
    assert (depths, kept) == ([30, 40, 50, 60, 61], written)
    actions.start_history()
    assert not Sweep.objects.filter(goal="history", state="running").exists()


def test_a_reading_that_leaves_a_gap_knows_no_more_than_it_shows(vk, monkeypatch):
    monkeypatch.setattr(sweeping, "WALL_POSTS", 3)
    page, kept = make_page(external_id=str(FIRST), handle=""), set()
    vk.add_post(FIRST, "Первая")
    walls(kept)
    assert Wall.objects.get(page=page).seen_since == Wall.EVER
    Wall.objects.update(read_at=timezone.now() - timedelta(days=9))
    for number in range(5):
        vk.add_post(FIRST, f"Запись {number}")
    walls(kept)
    assert Wall.objects.get(page=page).seen_since > timezone.now() - timedelta(hours=1)


def test_a_page_that_does_not_show_its_past_is_asked_again_in_a_week(vk):
    page = make_page(external_id="777", handle="")
    Wall.objects.create(page=page, read_at=timezone.now(), tried_at=timezone.now(), seen_since=timezone.now(), posts=50)
    actions.start_history()
    actions.sweep_due()
    row = Sweep.objects.get(goal="history")
    assert (row.state, row.done, row.unread) == ("done", 1, 1)
    actions.start_history()
    assert Sweep.objects.filter(goal="history").count() == 1


def test_the_past_waits_for_the_days_walls(vk):
    page = make_page(external_id=str(FIRST), handle="")
    now = timezone.now()
    Wall.objects.create(page=page, read_at=now, tried_at=now, seen_since=now, posts=50)
    Sweep.objects.create(network="vk", goal="walls", not_before=now + timedelta(hours=1))
    actions.start_history()
    actions.sweep_due(seconds=2)
    row = Sweep.objects.get(goal="history")
    assert (row.state, row.done, row.not_before > timezone.now()) == ("running", 0, True)
