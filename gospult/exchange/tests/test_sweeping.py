from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from gospult.accounts.models import Journal
from gospult.exchange import actions, queries
from gospult.exchange.actions import sweeping
from gospult.exchange.models import Card, Spending, Sweep, Wall
from gospult.exchange.testing import make_connection
from gospult.lib.errors import Refused
from gospult.networks.base import PageCard
from gospult.networks.testing import Sandbox
from gospult.registry.models import Page
from gospult.registry.testing import make_page

pytestmark = pytest.mark.django_db(transaction=True)
FIRST = 1001
Goal, State = Sweep.Goal, Sweep.State


@pytest.fixture(scope="module")
def network():
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def vk(network, settings):
    network.reset()
    network.settings(rate_limits=False)
    settings.NETWORKS = {"vk": {"base_url": network.api_url(), "ca_file": ""}}
    settings.LIMITS = {"vk.service": 0, "vk.user": 0, "vk.community": 0}
    return network


def pages(vk, number, **traits):
    """Pages in the network and in the registry, readable by two service tokens."""
    for page in range(FIRST, FIRST + number):
        vk.add_page(page, name=f"Школа {page}", handle=f"school{page}", members=page, tokens={"service": "one"}, **traits)
    vk.add_page(999, tokens={"service": "two"})
    return [make_page(external_id=str(page), handle="") for page in range(FIRST, FIRST + number)]


def keep(*tokens, kind="service"):
    for token in tokens:
        actions.keep_token(network="vk", page=None, kind=kind, token=token, label=f"ключ {token}", by=None)


def refresh():
    row = actions.start_sweep(network="vk", goal=Goal.CARDS, by=None)
    actions.sweep_due()
    row.refresh_from_db()
    return row


def walls(**more):
    row = actions.start_sweep(network="vk", goal=Goal.WALLS, by=None)
    actions.sweep_due(**more)
    row.refresh_from_db()
    return row


def test_cards_of_all_pages_are_read_and_kept(vk):
    known = pages(vk, 7)
    keep("one")
    row = refresh()
    assert (row.state, row.total, row.done, row.unread) == (State.DONE, 7, 7, 0)
    card = Card.objects.get(page=known[2])
    assert (card.name, card.handle, card.members, card.gone, card.fault) == ("Школа 1003", "school1003", 1003, False, "")
    assert card.raw["id"] == 1003
    assert card.read_at == card.tried_at
    assert vk.state()["calls"] == {"groups.getById": 1}


def test_a_second_reading_replaces_the_first(vk):
    pages(vk, 1)
    keep("one")
    refresh()
    vk.add_page(FIRST, name="Школа переименована", tokens={"service": "one"})
    refresh()
    assert Card.objects.get().name == "Школа переименована"


def test_a_page_known_by_its_handle_only_is_found(vk):
    pages(vk, 1)
    Page.objects.update(external_id=None, handle="School1001")
    keep("one")
    refresh()
    assert Card.objects.get().name == "Школа 1001"


def test_a_page_that_the_network_does_not_know_is_gone_and_its_card_stays(vk):
    (known,) = pages(vk, 1)
    keep("one")
    refresh()
    Page.objects.update(external_id="77")
    row = refresh()
    card = Card.objects.get(page=known)
    assert (row.unread, card.gone, card.fault, card.name) == (1, True, "gone", "Школа 1001")
    assert card.tried_at > card.read_at


def test_archived_and_nameless_pages_are_not_asked_for(vk):
    archived, nameless, _ = pages(vk, 3)
    Page.objects.filter(pk=archived.pk).update(state="archived")
    Page.objects.filter(pk=nameless.pk).update(external_id=None)
    keep("one")
    assert refresh().total == 1


def test_a_page_that_only_its_own_token_shows_is_read_by_it(vk, monkeypatch):
    pages(vk, 2)
    vk.add_page(FIRST, name="Школа 1001", tokens={"user": "mine"})
    actions.keep_token(network="vk", page=Page.objects.get(external_id=str(FIRST)), kind="user", token="mine", by=None)
    row = refresh()
    assert (row.state, row.done, row.unread) == (State.DONE, 2, 1)
    assert sorted(Card.objects.values_list("name", "fault")) == [("", "unsupported"), ("Школа 1001", "")]


def test_a_sweep_goes_on_where_a_killed_one_stopped(vk, monkeypatch, settings):
    pages(vk, 6)
    keep("one")
    monkeypatch.setattr(sweeping, "_portion", lambda row: 2)
    row = actions.start_sweep(network="vk", goal=Goal.CARDS, by=None)
    dying = iter([None, None, KeyboardInterrupt])
    keep_cards = sweeping._keep_cards

    def killed_at_the_third(*what):
        if (end := next(dying)) is not None:
            raise end
        return keep_cards(*what)

    monkeypatch.setattr(sweeping, "_keep_cards", killed_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        actions.sweep_due()
    monkeypatch.setattr(sweeping, "_keep_cards", keep_cards)
    row.refresh_from_db()
    assert (row.state, row.done, Card.objects.count()) == (State.RUNNING, 4, 4)
    assert actions.sweep_due() == 0  # its lease is still on
    Sweep.objects.update(not_before=timezone.now())
    before = vk.state()["calls"]["groups.getById"]
    actions.sweep_due()
    row.refresh_from_db()
    assert (row.state, row.done, Card.objects.count()) == (State.DONE, 6, 6)
    assert vk.state()["calls"]["groups.getById"] == before + 1


def test_a_stopped_sweep_stops_after_its_portion_and_can_go_on(vk, monkeypatch, operator):
    pages(vk, 6)
    keep("one")
    monkeypatch.setattr(sweeping, "_portion", lambda row: 2)
    row = actions.start_sweep(network="vk", goal=Goal.CARDS, by=operator)
    keep_cards = sweeping._keep_cards

    def stopped_meanwhile(*what):
        actions.stop_sweep(sweep=row, by=operator)
        return keep_cards(*what)

    monkeypatch.setattr(sweeping, "_keep_cards", stopped_meanwhile)
    actions.sweep_due()
    monkeypatch.setattr(sweeping, "_keep_cards", keep_cards)
    assert Card.objects.count() == 2
    assert queries.sweeps()[0]["state_name"] == "остановлен"
    actions.resume_sweep(sweep=row, by=operator)
    actions.sweep_due()
    row.refresh_from_db()
    assert (row.state, Card.objects.count()) == (State.DONE, 6)
    with pytest.raises(Refused):
        actions.stop_sweep(sweep=row, by=operator)
    assert list(Journal.objects.filter(verb__startswith="sweep_").order_by("id").values_list("verb", flat=True)) == [
        "sweep_started", "sweep_stopped", "sweep_resumed",
    ]  # fmt: skip


def test_two_do_not_sweep_the_same_pages(vk):
    pages(vk, 1)
    first, second = (actions.start_sweep(network="vk", goal=Goal.CARDS, by=None) for _ in range(2))
    assert first == second
    assert sweeping._claim() is not None
    assert sweeping._claim() is None


def test_the_page_that_was_asked_for_longest_ago_comes_first(vk):
    old, new, never = pages(vk, 3)
    now = timezone.now()
    for page, days in ((old, 3), (new, 1)):
        Wall.objects.create(page=page, tried_at=now - timedelta(days=days))
    assert list(queries.pages_to_sweep("vk", Goal.WALLS, now)) == [never, old, new]


def test_a_network_that_wants_a_pause_gets_it_and_the_sweep_tells_why(vk):
    pages(vk, 1)
    keep("one")
    vk.fault("too_fast", method="groups.getById", times=1)
    row = refresh()
    assert (row.state, row.fault, row.done) == (State.RUNNING, "too_fast", 0)
    assert queries.sweeps()[0]["why"].startswith("ключ занят")
    Sweep.objects.update(not_before=timezone.now())
    actions.sweep_due()
    row.refresh_from_db()
    assert (row.state, row.fault) == (State.DONE, "")


def test_walls_are_read_and_their_posts_handed_on(vk):
    known = pages(vk, 3)
    vk.add_post(FIRST, "Новость")
    vk.add_post(FIRST, "Ещё одна")
    keep("one")
    handed = {}
    row = walls(take=lambda page, posts: handed.update({page.pk: [post.text for post in posts]}))
    assert (row.state, row.done, row.unread) == (State.DONE, 3, 0)
    assert handed == {known[0].pk: ["Ещё одна", "Новость"], known[1].pk: [], known[2].pk: []}
    wall = Wall.objects.get(page=known[0])
    assert (wall.posts, wall.fault) == (2, "")
    assert timezone.now() - wall.last_post_at < timedelta(minutes=1)


def test_a_wall_that_cannot_be_read_does_not_hold_back_the_others(vk):
    first, _ = pages(vk, 2)
    Page.objects.filter(pk=first.pk).update(external_id="77")
    keep("one")
    row = walls()
    assert (row.state, row.done, row.unread) == (State.DONE, 2, 1)
    assert Wall.objects.get(page=first).fault != ""
    assert Wall.objects.get(page=first).read_at is None


def test_walls_take_the_next_token_when_the_day_of_one_is_over(vk, settings):
    pages(vk, 8)
    keep("one", "two")
    settings.LIMITS |= {"vk.wall.get/day": 5}  # a sweep may take four of them
    with time_machine.travel(datetime(2026, 3, 1, 9, 0, tzinfo=UTC), tick=True):
        row = walls()
    assert (row.state, row.done) == (State.DONE, 8)
    assert sorted(Spending.objects.values_list("sweep", flat=True)) == [4, 4]


def test_walls_that_the_day_does_not_hold_go_on_tomorrow(vk, settings):
    pages(vk, 8)
    keep("one")
    settings.LIMITS |= {"vk.wall.get/day": 5}
    with time_machine.travel(datetime(2026, 3, 1, 9, 0, tzinfo=UTC), tick=True):
        plan = queries.plan_wall_pass("vk")
        row = walls()
        later = queries.plan_wall_pass("vk")
    assert (plan["fits"], plan["days"], plan["left_today"]) == (False, 2, 4)
    assert "останется 4 страницы, закончит за 2 дня" in plan["text"]
    assert (row.state, row.done, row.fault) == (State.RUNNING, 4, "quota")
    assert row.not_before.astimezone(UTC).replace(second=0, microsecond=0) == datetime(2026, 3, 1, 21, 0, tzinfo=UTC)
    assert (later["pages"], later["left_today"], later["days"]) == (4, 0, 2)
    with time_machine.travel(datetime(2026, 3, 1, 21, 1, tzinfo=UTC), tick=True):
        actions.start_daily()
        actions.sweep_due()
    row.refresh_from_db()
    assert (row.state, row.done, row.unread) == (State.DONE, 8, 0)
    assert Sweep.objects.filter(goal=Goal.WALLS).count() == 1


def test_a_refusal_of_the_network_itself_ends_the_day_too(vk):
    pages(vk, 3)
    keep("one")
    vk.fault("quota", method="wall.get", times=1)
    row = walls()
    assert (row.state, row.done, row.fault) == (State.RUNNING, 0, "quota")
    assert queries.plan_wall_pass("vk")["left_today"] == 0


def test_the_plan_tells_that_a_region_needs_two_tokens(settings):
    settings.LIMITS = {}
    rows = [Page(network="vk", external_id=str(number), name="Школа", sort_name="школа") for number in range(1, 6886)]
    Page.objects.bulk_create(rows)
    none = queries.plan_wall_pass("vk")
    keep("one")
    alone = queries.plan_wall_pass("vk")
    keep("two")
    both = queries.plan_wall_pass("vk")
    assert (none["fits"], none["days"]) == (False, None)
    assert "нет: добавьте его" in none["text"]
    assert (alone["fits"], alone["calls"], alone["left_today"], alone["days"]) == (False, 6885, 4500, 2)
    assert (both["fits"], both["left_today"], both["days"]) == (True, 9000, 1)
    assert both["text"] == "6885 страниц — 6885 вызовов; сегодня осталось 9000 на 2 ключа. Обход успеет за сегодня."


def test_the_day_begins_with_cards_and_with_walls_where_a_token_reads_them(vk):
    pages(vk, 1)
    make_page(network="telegram", external_id="-100")
    keep("one")
    actions.start_daily()
    actions.start_daily()
    assert set(Sweep.objects.values_list("network", "goal")) >= {("vk", Goal.CARDS), ("vk", Goal.WALLS)}
    assert Sweep.objects.filter(network="vk").count() == 2


@pytest.mark.parametrize(("tokens", "goals"), [({"user": "u"}, {Goal.CARDS, Goal.WALLS}), ({"bot": "b"}, {Goal.CARDS})])
def test_walls_are_read_where_a_page_has_a_key_of_its_own_for_it(body, tokens, goals):
    make_connection(make_page(network="ok", external_id="55", body=body), tokens=tokens)
    actions.start_daily()
    assert set(Sweep.objects.filter(network="ok").values_list("goal", flat=True)) == goals


def test_since_when_comments_are_closed_is_kept_until_they_open(page):
    moments = [timezone.now() - timedelta(days=number) for number in (3, 2, 1)]
    for moment, opened in zip(moments, (False, False, True), strict=True):
        card = PageCard(page.external_id, page.name, comments_open=opened)
        sweeping._upsert([sweeping._values(page.pk, card, moment)])
        expected = None if opened else moments[0]
        assert Card.objects.get(page=page).comments_closed_at == expected
