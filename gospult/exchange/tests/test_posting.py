from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils import timezone
from PIL import Image

from gospult.exchange import actions
from gospult.exchange.actions import posting
from gospult.exchange.actions.outcomes import MAX_ATTEMPTS
from gospult.exchange.models import Posting, Token
from gospult.exchange.testing import make_connection
from gospult.lib.errors import Refused
from gospult.networks.testing import Sandbox
from gospult.registry.testing import make_page

pytestmark = pytest.mark.django_db(transaction=True)
GROUP = 781
TEXT = "В субботу уберём парк.\n\nПриходите к девяти!"


@pytest.fixture(scope="module")
def network():
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def world(network, settings):
    network.reset()
    network.settings(rate_limits=False, slow_seconds=0.4)
    settings.NETWORKS = {code: {"base_url": network.api_url(code), "ca_file": ""} for code in ("vk", "ok", "telegram", "max")}
    settings.NETWORK_TIMEOUT, settings.RETRY_BASE, settings.READ_BACK_AFTER = 0.3, 0, 0
    return network


@pytest.fixture
def wall(world, body):
    """Opens a page of a network and gives the sandbox's part of that network with the connected page."""

    def open_wall(code):
        there = world.at(code)
        opened = there.add_page(GROUP, name="Администрация", handle="raion_posts")
        page = make_page(body=body, network=code, external_id=opened["external_id"], handle=f"raion_{code}")
        make_connection(page, tokens=opened["tokens"])
        return there, page

    return open_wall


def post(page, text=TEXT, number=1, **more):
    return actions.enqueue_post(page=page, publication=number, text=text, **more)


def state(row):
    row.refresh_from_db()
    return row.state


def turn(times=3):
    for _ in range(times):
        Posting.objects.filter(state="ready").update(not_before=timezone.now())
        actions.publish_due(limit=5)
        actions.read_posts_back_due()


METHODS = {"vk": "wall.post", "ok": "mediatopic.post", "telegram": "sendMessage", "max": "POST /messages"}
NETWORKS = pytest.mark.parametrize("code", ["vk", "ok", "telegram", "max"])


@NETWORKS
def test_a_post_is_published_once_with_the_networks_own_proof(wall, code):
    there, page = wall(code)
    row = post(page)
    assert post(page, "другой").pk == row.pk
    turn()
    assert state(row) == "sent"
    assert [(entry["id"], entry["text"]) for entry in there.ledger()] == [(row.external_id, TEXT)]
    assert row.url.startswith("http")


@NETWORKS
def test_a_post_carries_its_photos(wall, code, settings):
    settings.NETWORK_TIMEOUT = 5
    there, page = wall(code)
    out = BytesIO()
    Image.new("RGB", (64, 48), "green").save(out, "JPEG")
    kept = storages["private"].save("posts/a.jpg", ContentFile(out.getvalue()))
    row = post(page, photos=[{"file": kept, "name": "парк.jpg"}] * 2)
    turn(1)
    assert (state(row), [len(entry["attachments"]) for entry in there.ledger()]) == ("sent", [2])


@pytest.mark.parametrize("code", ["vk", "ok", "max"])
@pytest.mark.parametrize("fault", ["http_500_after", "dropped_after", "slow_after", "garbled_after"])
def test_a_lost_acknowledgement_is_read_back_and_doubles_nothing(wall, code, fault):
    there, page = wall(code)
    row = post(page)
    there.fault(fault, method=METHODS[code])
    actions.publish_due(limit=1)
    assert state(row) == "unknown"
    turn()
    assert (state(row), len(there.ledger())) == ("sent", 1)
    assert row.external_id == there.ledger()[0]["id"]
    assert row.url


@pytest.mark.parametrize("fault", ["dropped_after", "dropped_before"])
def test_where_no_wall_is_shown_a_person_decides_and_nothing_is_repeated(wall, fault, operator):
    there, page = wall("telegram")
    row = post(page)
    there.fault(fault, method="sendMessage")
    turn()
    assert (state(row), row.needs_person) == ("unknown", True)
    assert len(there.ledger()) == (fault == "dropped_after")
    if fault == "dropped_before":
        actions.repeat_post(row=row, by=operator)
        turn()
    else:
        actions.confirm_post(row=row, address="https://t.me/raion_posts/7", by=operator)
    assert (state(row), len(there.ledger())) == ("sent", 1)


@pytest.mark.parametrize("fault", ["http_500_before", "dropped_before"])
def test_a_post_that_never_arrived_goes_out_again_only_under_a_guard(wall, fault):
    there, page = wall("vk")
    row = post(page)
    there.fault(fault, method="wall.post")
    turn()
    assert (state(row), len(there.ledger())) == ("sent", 1)


@pytest.mark.parametrize("code", ["ok", "max"])
def test_without_a_guard_a_post_that_is_not_on_the_wall_waits_for_a_person(wall, code, operator):
    there, page = wall(code)
    row = post(page)
    there.fault("dropped_before", method=METHODS[code])
    turn()
    assert (state(row), row.needs_person, there.ledger()) == ("unknown", True, [])
    actions.repeat_post(row=row, by=operator)
    turn()
    assert (state(row), len(there.ledger())) == ("sent", 1)


def test_a_guard_that_the_network_may_have_forgotten_is_not_relied_on(wall):
    there, page = wall("vk")
    row = post(page)
    there.fault("dropped_before", method="wall.post")
    actions.publish_due()
    Posting.objects.update(first_claimed_at=timezone.now() - timedelta(hours=2), not_before=timezone.now())
    actions.read_posts_back_due()
    actions.publish_due()
    assert (state(row), row.needs_person, there.ledger()) == ("unknown", True, [])


@NETWORKS
def test_a_process_killed_after_the_claim_loses_and_doubles_nothing(wall, code, settings, operator):
    settings.CLAIM_TIMEOUT = 0
    there, page = wall(code)
    row = post(page)
    long_ago = timezone.now() - timedelta(seconds=1)
    row.move_to("claimed", claimed_at=long_ago, first_claimed_at=long_ago, attempts=1)
    actions.read_posts_back_due(limit=1)
    if state(row) == "unknown":
        actions.repeat_post(row=row, by=operator)
    turn()
    assert (state(row), len(there.ledger())) == ("sent", 1)


@pytest.mark.parametrize("code", ["vk", "ok", "max"])
def test_a_process_killed_after_the_network_accepted_never_doubles(wall, code, settings):
    settings.CLAIM_TIMEOUT = 0
    there, page = wall(code)
    row = post(page)
    turn(1)
    Posting.objects.update(state="claimed", external_id="", sent_at=None, claimed_at=timezone.now() - timedelta(seconds=1))
    turn()
    assert (state(row), len(there.ledger())) == ("sent", 1)


def test_a_person_who_repeats_what_stands_on_the_wall_gets_it_found(wall, operator):
    there, page = wall("ok")
    row = post(page)
    turn(1)
    Posting.objects.update(state="unknown", external_id="", needs_person=True)
    row.refresh_from_db()
    actions.repeat_post(row=row, by=operator)
    turn()
    assert (state(row), len(there.ledger())) == ("sent", 1)


def test_the_same_words_of_a_native_post_before_are_not_taken_for_ours(wall):
    there, page = wall("vk")
    there.add_post(GROUP, TEXT)
    Posting.objects.filter(pk=post(page).pk).update(first_claimed_at=timezone.now() + timedelta(minutes=6))
    turn()
    assert len(there.ledger()) == 1


def test_a_definite_refusal_for_now_is_tried_again_and_a_place_in_the_queue_is_no_attempt(wall):
    there, page = wall("vk")
    row = post(page)
    there.fault("too_fast", method="wall.post", times=2)
    turn(1)
    assert (state(row), row.attempts) == ("ready", 0)
    turn()
    assert (state(row), len(there.ledger())) == ("sent", 1)


def test_a_planned_post_waits_for_its_hour_and_does_not_count_the_days_before_as_waiting(wall):
    there, page = wall("vk")
    row = post(page, not_before=timezone.now() + timedelta(days=3))
    assert actions.publish_due() == 0
    Posting.objects.update(created_at=timezone.now() - timedelta(days=3), not_before=timezone.now())
    there.fault("too_fast", method="wall.post")
    actions.publish_due(limit=1)
    assert state(row) == "ready"
    turn()
    assert state(row) == "sent"


def test_it_is_changed_and_withdrawn_only_before_the_first_try(wall):
    there, page = wall("vk")
    later = timezone.now() + timedelta(days=1)
    row, gone = post(page, not_before=later), post(page, number=2, not_before=later)
    actions.change_post(publication=1, text="Уберём в воскресенье", photos=[], not_before=timezone.now())
    actions.withdraw_post(publication=2)
    turn()
    assert [entry["text"] for entry in there.ledger()] == ["Уберём в воскресенье"]
    assert (state(row), state(gone)) == ("sent", "withdrawn")
    with pytest.raises(Refused, match="уже уходит"):
        actions.change_post(publication=1, text="Поздно", photos=[], not_before=later)
    with pytest.raises(Refused, match="опубликовано"):
        actions.withdraw_post(publication=1)


def test_what_may_be_out_already_is_not_withdrawn(wall):
    there, page = wall("vk")
    row = post(page)
    there.fault("dropped_before", method="wall.post")
    actions.publish_due(limit=1)
    actions.read_posts_back_due()
    assert state(row) == "ready"
    with pytest.raises(Refused, match="уже уходит"):
        actions.withdraw_post(publication=1)


def test_a_page_that_may_not_publish_leaves_the_post_to_a_person(wall, operator):
    there, page = wall("vk")
    row = post(page)
    Token.objects.filter(kind="user").delete()
    turn()
    assert (state(row), row.needs_person, there.ledger()) == ("failed", True, [])
    with pytest.raises(Refused, match="https://"):
        actions.confirm_post(row=row, address="опубликовал", by=operator)
    actions.confirm_post(row=row, address="https://vk.com/wall-781_55?from=feed", by=operator)
    assert (state(row), row.external_id) == ("sent", "55")


@pytest.mark.parametrize(
    "address",
    [
        "https://vk.com/wall-781_55",
        "https://vk.com/club781?w=wall-781_55",
        "https://m.vk.com/club781?from=a&w=wall-781_55%2Fall",
        "https://vk.com/x/wall-781_55/",
    ],
)
def test_a_post_is_known_by_its_address_however_it_was_opened(address):
    told = posting.OPENED.fullmatch(address) or posting.ADDRESS.fullmatch(address)
    assert told[1] == "55"


def test_a_lost_photo_keeps_the_whole_post_home(wall):
    there, page = wall("vk")
    row = post(page, photos=[{"file": "posts/gone.jpg", "name": "1.jpg"}])
    turn()
    assert (state(row), row.needs_person, there.ledger()) == ("failed", True, [])


def test_the_same_words_for_the_same_page_travel_one_after_another(wall):
    there, page = wall("ok")
    first, second = post(page), post(page, number=2)
    there.fault("dropped_before", method="mediatopic.post")
    actions.publish_due()
    assert (state(first), state(second)) == ("unknown", "ready")


def test_a_wall_that_is_never_shown_is_left_to_a_person_in_the_end(wall, monkeypatch):
    _, page = wall("vk")
    row = post(page)
    Posting.objects.update(state="unknown", attempts=1, first_claimed_at=timezone.now())
    Token.objects.update(sealed=b"not sealed by us")
    for _ in range(MAX_ATTEMPTS):
        Posting.objects.update(not_before=timezone.now())
        actions.read_posts_back_due(limit=1)
    assert (state(row), row.needs_person) == ("unknown", True)


def test_two_processes_never_publish_one_post(wall):
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connection

    there, page = wall("vk")
    rows = [post(page, f"Новость {number}", number=number) for number in range(8)]

    def work(_):
        try:
            return actions.publish_due()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(work, range(4))) == 8
    assert {state(row) for row in rows} == {"sent"}
    assert sorted(entry["text"] for entry in there.ledger()) == [f"Новость {number}" for number in range(8)]


def test_no_network_call_is_made_inside_a_transaction(wall, monkeypatch):
    from django.db import connection

    from gospult.networks.vk import VK

    _, page = wall("vk")
    post(page)
    seen, original = [], VK.publish

    def watched(self, *args, **kwargs):
        seen.append(connection.in_atomic_block)
        return original(self, *args, **kwargs)

    monkeypatch.setattr(VK, "publish", watched)
    actions.publish_due()
    assert seen == [False]
