from datetime import timedelta

import pytest
from django.utils import timezone

from gospult.exchange import actions as exchange
from gospult.exchange.models import Incoming, Posting, Sweep
from gospult.exchange.testing import make_connection
from gospult.monitoring import actions, jobs
from gospult.monitoring.models import Post
from gospult.networks.base import Attachment
from gospult.networks.base import Post as Told
from gospult.networks.testing import Receiver, Sandbox
from gospult.registry.testing import make_page

pytestmark = pytest.mark.django_db(transaction=True)
GROUP = 783


def told(name, text="Новости", *, days=0.0, **more):
    return Told(name, text, timezone.now() - timedelta(days=days), **more)


def known(page):
    return {post.external_id: post for post in Post.objects.filter(page=page)}


def test_a_wall_that_is_read_again_renews_the_figures_and_doubles_nothing(page):
    actions.take_posts(page, [told("2", views=10, likes=None), told("1", days=3)])
    actions.take_posts(page, [told("2", "Новости!", views=25, likes=4), told("1", days=3)])
    second = known(page)["2"]
    assert (Post.objects.count(), second.views, second.likes, second.length, second.comments) == (2, 25, 4, 8, None)


def test_the_words_of_a_post_are_not_kept_but_their_number_is(page):
    actions.take_posts(page, [told("1", "Двор убран", attachments=[Attachment("photo", "p1")])])
    post = known(page)["1"]
    assert (post.length, post.kind) == (10, "photo")
    assert not hasattr(post, "text")


def test_a_post_that_a_reading_does_not_show_any_more_is_gone_and_comes_back(page):
    actions.take_posts(page, [told("3"), told("2", days=1), told("1", days=2)])
    Post.objects.update(seen_at=timezone.now() - timedelta(hours=1))
    actions.take_posts(page, [told("3"), told("1", days=2)])
    assert [name for name, post in known(page).items() if post.gone_at] == ["2"]
    actions.take_posts(page, [told("3"), told("2", days=1), told("1", days=2)])
    assert not [post for post in known(page).values() if post.gone_at]


def test_what_is_older_than_the_reading_goes_or_an_empty_wall_takes_nothing_away(page):
    actions.take_posts(page, [told("2", days=1), told("1", days=30)])
    Post.objects.update(seen_at=timezone.now() - timedelta(hours=1))
    actions.take_posts(page, [])
    actions.take_posts(page, [told("9", days=400, is_pinned=True), told("2", days=1)])
    assert not [post for post in known(page).values() if post.gone_at]


def test_reposts_and_what_is_gone_do_not_count(page):
    actions.take_posts(page, [told("3", is_repost=True), told("2"), told("1")])
    Post.objects.filter(external_id="1").update(gone_at=timezone.now())
    assert [post.external_id for post in Post.objects.counted()] == ["2"]


def test_a_moment_in_the_future_and_a_strange_figure_are_made_plausible(page):
    actions.take_posts(page, [told("1", days=-40, views=-5, likes=10**12)])
    post = known(page)["1"]
    assert post.published_at <= timezone.now()
    assert (post.views, post.likes) == (None, 2**31 - 1)


def test_stranger_sees_no_posts(page, steward, stranger):
    actions.take_posts(page, [told("1")])
    assert (Post.objects.visible_to(steward).count(), Post.objects.visible_to(stranger).count()) == (1, 0)


@pytest.fixture
def world(settings):
    with Sandbox() as sandbox:
        sandbox.settings(rate_limits=False, retry_first=0.02)
        settings.NETWORKS = {code: {"base_url": sandbox.api_url(code), "ca_file": ""} for code in ("vk", "ok", "telegram", "max")}
        yield sandbox


def opened(there, body, code, url=""):
    made = there.add_page(GROUP, name="Администрация", handle="raion_seen", callback_url=url, secret="taina_83", confirmation="ab")
    page = make_page(body=body, network=code, external_id=made["external_id"])
    make_connection(page, tokens=made["tokens"], secret="taina_83")
    return page


def test_the_sweep_of_the_clock_keeps_the_posts_of_the_walls(world, body):
    page = opened(world, body, "vk")
    exchange.keep_token(network="vk", page=None, kind="service", token="service-seen", by=None)
    world.add_page(GROUP + 1, name="Другая", tokens={"service": "service-seen"})
    posts = [world.add_post(GROUP, f"Новость {number}", views=number) for number in range(3)]
    exchange.start_sweep(network="vk", goal=Sweep.Goal.WALLS, by=None)
    jobs.sweep()
    assert {name: post.views for name, post in known(page).items()} == {post: number for number, post in enumerate(posts)}


@pytest.mark.parametrize("code", ["vk", "telegram", "max"])
def test_networks_that_tell_of_new_posts_are_listened_to(world, body, code):
    with Receiver() as receiver:
        there = world.at(code)
        page = opened(there, body, code, receiver.url)
        name = there.add_post(GROUP, "Завтра субботник")
        assert there.wait_quiet()
        door = page.connection.door
        for heard, body_told in zip(receiver.headers, receiver.bodies, strict=True):
            for _ in range(2):  # a network calls again when it was not answered in time
                exchange.accept(network=code, body=_json(body_told), headers=heard, door=door)
        actions.take_events()
        assert list(known(page)) == [name]
        assert not Incoming.objects.filter(action="posted", taken_at=None).exists()
        assert actions.take_events() == 0


def _json(body):
    import json

    return json.dumps(body).encode()


def test_the_pictures_of_an_album_are_one_post(body):
    page = make_page(network="telegram", external_id="-1001000000083", body=body)
    make_connection(page, tokens={"bot": "83:token"})
    for number in (7, 8, 9):
        message = {"message_id": number, "date": 1_790_000_000, "chat": {"id": -1001000000083, "type": "channel"}, "media_group_id": "55"}
        raw = {"update_id": number, "channel_post": message | ({"caption": "Парк"} if number == 7 else {})}
        exchange.accept(network="telegram", body=_json(raw), headers={"X-Telegram-Bot-Api-Secret-Token": "secret"}, door=page.connection.door)
    actions.take_events()
    assert list(known(page)) == ["7"]


def test_a_pin_or_a_new_title_of_a_channel_is_no_post(body):
    page = make_page(network="telegram", external_id="-1001000000084", body=body)
    make_connection(page, tokens={"bot": "84:token"})
    message = {"message_id": 9, "date": 1_790_000_000, "chat": {"id": -1001000000084, "type": "channel"}, "new_chat_title": "Новое имя"}
    raw = {"update_id": 1, "channel_post": message}
    exchange.accept(network="telegram", body=_json(raw), headers={"X-Telegram-Bot-Api-Secret-Token": "secret"}, door=page.connection.door)
    actions.take_events()
    assert not known(page)


def test_our_own_posts_are_known_at_once_and_stay_own_when_they_are_read(page):
    sent = {"page": page, "text": "Двор убран", "state": "sent", "external_id": "5", "sent_at": timezone.now()}
    Posting.objects.create(publication=1, **sent)
    assert (actions.take_own(), actions.take_own()) == (1, 0)
    assert known(page)["5"].own
    actions.take_posts(page, [told("5", "Двор убран", views=3)])
    assert (known(page)["5"].own, known(page)["5"].views, Post.objects.count()) == (True, 3, 1)


def test_a_post_that_was_read_before_we_knew_it_to_be_ours_becomes_own(page):
    actions.take_posts(page, [told("5", views=3)])
    Posting.objects.create(page=page, publication=1, state="sent", external_id="5", sent_at=timezone.now())
    actions.take_own()
    assert (known(page)["5"].own, known(page)["5"].views) == (True, 3)


def test_what_no_figure_asks_for_leaves(page):
    actions.take_posts(page, [told("2", days=10), told("1", days=900)])
    assert actions.forget_old() == 1
    assert list(known(page)) == ["2"]
