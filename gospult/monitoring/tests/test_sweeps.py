import pytest
from django.utils import timezone

from gospult.exchange import actions as exchange
from gospult.exchange.models import Sweep, Wall
from gospult.monitoring import actions
from gospult.monitoring.actions import sweeps
from gospult.monitoring.models import Post, Snapshot
from gospult.networks.testing import Sandbox
from gospult.registry.testing import make_page

pytestmark = pytest.mark.django_db(transaction=True)
FIRST = 2001


@pytest.fixture
def vk(settings):
    with Sandbox() as sandbox:
        sandbox.settings(rate_limits=False)
        settings.NETWORKS = {"vk": {"base_url": sandbox.api_url(), "ca_file": ""}}
        settings.LIMITS = {"vk.service": 0, "vk.user": 0, "vk.community": 0}
        for number in range(FIRST, FIRST + 3):
            sandbox.add_page(number, name=f"Школа {number}", handle=f"school{number}", members=number, tokens={"user": "one"})
            sandbox.add_post(number, "Завтра субботник")
        exchange.keep_token(network="vk", page=None, kind="user", token="one", label="ключ", by=None)
        yield sandbox


def test_a_sweep_reads_cards_and_walls_and_makes_snapshots(vk):
    for number in range(FIRST, FIRST + 3):
        make_page(external_id=str(number), handle="")
    make_page(external_id="777", handle="")
    told = []
    found = actions.sweep(network="vk", by=None, progress=lambda row: told.append((row.goal, row.done)))
    assert {name: found[name] for name in ("pages", "cards", "walls", "posts", "unread")} == {
        "pages": 4, "cards": 3, "walls": 3, "posts": 3, "unread": 2,
    }  # fmt: skip
    assert found["calls"] >= 2
    assert (found["unfinished"], set(found["coverage"])) == ({}, {"vk"})
    assert Snapshot.objects.filter(members__gte=FIRST).count() == 3
    assert told
    assert set(Wall.objects.filter(read_at__isnull=False).values_list("seen_since", flat=True)) == {Wall.EVER}


def test_a_sweep_that_is_interrupted_keeps_what_it_has_and_goes_on(vk, monkeypatch):
    for number in range(FIRST, FIRST + 3):
        make_page(external_id=str(number), handle="")
    read = actions.take_posts

    def interrupted(page, posts):
        read(page, posts)
        if Post.objects.count() == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(sweeps, "take_posts", interrupted)
    with pytest.raises(KeyboardInterrupt):
        actions.sweep(network="vk", by=None)
    row = Sweep.objects.get(goal="walls")
    assert (row.state, row.done, row.not_before <= timezone.now()) == ("running", 1, True)
    monkeypatch.setattr(sweeps, "take_posts", read)
    actions.sweep(network="vk", by=None)
    assert Post.objects.count() == 3
