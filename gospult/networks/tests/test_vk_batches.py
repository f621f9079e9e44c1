"""VK in bulk: cards of a region and of the country, walls of many pages, subscribers; with the sandbox's limits on.

Seconds are those of this process, in which the sandbox runs too: a busy machine must not fail them.
"""

import time

import pytest

from gospult.networks.base import UNHURRIED, Credentials, NetworkError
from gospult.networks.sandbox import Server
from gospult.networks.sandbox.world import Page
from gospult.networks.vk import VK, parse

REGION, COUNTRY = 6_885, 175_000
FIRST = 194_000_000
TOKENS = {"community": "ключ-сообщества", "user": "ключ-человека", "service": "ключ-приложения"}


class Land:
    """Many pages in one sandbox; the first of them has the tokens."""

    def __init__(self, server):
        self.world = server.sandbox.world
        self.server = server
        self.ids = []

    def settle(self, count, **traits):
        dialect = self.server.sandbox.dialects["vk"]
        for number in range(FIRST + len(self.ids), FIRST + len(self.ids) + count):
            tokens = {} if self.ids else TOKENS
            page = Page("vk", number, f"МБОУ «Средняя общеобразовательная школа № {number}»", f"club{number}", tokens, members=900, **traits)
            dialect.opened(page)
            self.world.add_page(page)
            self.ids.append(str(number))

    def network(self, *kinds, pacer=UNHURRIED):
        tokens = {kind: TOKENS[kind] for kind in kinds}
        return VK(Credentials(str(FIRST), tokens), base_url=f"{self.server.base_url}/vk/method/", timeout=30, pacer=pacer)

    def post(self, number, text="Субботник"):
        self.server.sandbox.deeds.post(self.world.realm("vk").pages[FIRST + number], text)

    def calls(self):
        return dict(self.world.calls)


class Steady:
    """A pacer that keeps the documented rates and nothing else."""

    def __init__(self):
        self.inside = []

    def before(self, kind, method, *, peer="", inside=None):
        self.inside.append((kind, method, dict(inside or {})))
        time.sleep(0.06 if kind == "community" else 0.36)

    def refused(self, kind, method, error, *, peer=""):
        pass


class Timeless:
    """A pacer in whose world every call is a second after the last one, so that a day's work takes seconds."""

    def __init__(self, land):
        self.realm = land.world.realm("vk")

    def before(self, kind, method, *, peer="", inside=None):
        self.realm.recent.clear()

    def refused(self, kind, method, error, *, peer=""):
        pass


@pytest.fixture
def land():
    server = Server(0).start()
    yield Land(server)
    server.stop()


@pytest.mark.parametrize("kind", ["community", "user"])
def test_the_cards_of_a_region_take_fourteen_calls_in_one_request(land, kind):
    land.settle(REGION)
    cards = land.network(kind).cards(land.ids)
    assert [card.external_id for card in cards] == land.ids
    assert land.calls() == {"execute": 1, "groups.getById": 14}


def test_the_cards_of_the_country_take_fourteen_requests(land):
    land.settle(COUNTRY)
    pacer = Steady()
    cards = land.network("community", pacer=pacer).cards(land.ids)
    assert len({card.external_id for card in cards}) == COUNTRY
    assert land.calls() == {"execute": 14, "groups.getById": 350}
    assert pacer.inside == [("community", "execute", {"groups.getById": 25})] * 14


def test_a_service_token_alone_reads_the_cards_of_a_region_call_by_call(land):
    land.settle(REGION)
    assert len(land.network("service", pacer=Steady()).cards(land.ids)) == REGION
    assert land.calls() == {"groups.getById": 14}


def test_a_long_reading_waits_when_vk_finds_it_too_fast_and_loses_nothing(land):
    land.settle(2_500)
    assert len(land.network("service").cards(land.ids)) == 2_500
    assert land.calls()["groups.getById"] > 5


def test_a_long_reading_does_not_wait_for_ever(land):
    land.settle(1_200)
    land.server.sandbox.faults.plan("too_fast", "execute", 9)
    with pytest.raises(NetworkError) as caught:
        land.network("community").cards(land.ids)
    assert caught.value.fault == "too_fast"
    assert len(land.world.planned) == 5


def test_an_answer_that_is_too_big_halves_the_batch_and_the_fit_is_kept(land):
    land.settle(4_000, description="о" * 2_500)
    cards = land.network("community").cards(land.ids)
    assert [card.external_id for card in cards] == land.ids
    # eight calls of 1.4 MB: eight at once are refused, then four, and then they go two by two
    assert land.calls() == {"execute": 1 + 1 + 4, "groups.getById": 8 + 4 + 8}


def test_calls_that_fit_no_batch_are_made_one_by_one(land):
    land.settle(1_500, description="о" * 6_000)
    cards = land.network("community").cards(land.ids)
    assert [card.external_id for card in cards] == land.ids
    assert land.calls() == {"execute": 1, "groups.getById": 3 + 3}


def test_one_page_that_cannot_be_read_leaves_the_others_standing(land):
    land.settle(3)
    land.post(0, "Первая")
    land.post(2, "Третья")
    told = dict(land.network("user").posts_of([land.ids[0], "404", land.ids[2], land.ids[1]]))
    assert {page: [post.text for post in posts] for page, posts in told.items() if page != "404"} == {
        land.ids[0]: ["Первая"], land.ids[1]: [], land.ids[2]: ["Третья"],
    }  # fmt: skip
    assert isinstance(told["404"], NetworkError)
    assert (told["404"].fault, told["404"].permanent) == ("invalid", True)
    assert land.calls() == {"execute": 1, "wall.get": 4}


def test_walls_are_read_twenty_five_a_request(land):
    land.settle(60)
    told = list(land.network("user", pacer=Steady()).posts_of(land.ids, count=5))
    assert [page for page, _ in told] == land.ids
    assert land.calls() == {"execute": 3, "wall.get": 60}


def spend(land, kind, count):
    """So many walls were read today already with this token."""
    land.world.realm("vk").spent[f"wall.get {TOKENS[kind]} {int(time.time()) // 86400}"] = count


def test_when_a_token_is_spent_the_next_one_goes_on(land):
    land.settle(28)
    spend(land, "user", 4_976)
    told = dict(land.network("user", "service", pacer=Steady()).posts_of(land.ids))
    assert all(told[page] == [] for page in land.ids)
    # 25 were asked of the person's token, which had 24 left; the other four of the application's
    assert land.calls() == {"execute": 1, "wall.get": 25 + 4}


def test_the_walls_of_a_region_fit_into_the_day_of_two_tokens(land):
    land.settle(REGION)
    told = dict(land.network("user", "service", pacer=Timeless(land)).posts_of(land.ids))
    assert all(told[page] == [] for page in land.ids)
    # 5,000 in 200 batches; one more batch says that the day is over; the rest one by one
    assert land.calls() == {"execute": 201, "wall.get": 5_000 + 25 + 1_885}


def test_the_day_of_one_token_is_too_short_for_a_region_and_it_says_so(land):
    land.settle(REGION)
    told = dict(land.network("user", pacer=Timeless(land)).posts_of(land.ids))
    unread = [page for page in land.ids if told[page] != []]
    assert (unread, {told[page].fault for page in unread}) == (land.ids[5_000:], {"quota"})


def test_a_page_that_no_token_may_read_any_more_says_so(land):
    land.settle(30)
    spend(land, "user", 4_990)
    pacer = Steady()
    told = dict(land.network("user", pacer=pacer).posts_of(land.ids))
    assert [page for page, posts in told.items() if posts == []] == land.ids[:10]
    assert {posts.fault for page, posts in told.items() if page in land.ids[10:]} == {"quota"}
    # what cannot succeed is not even asked
    assert land.calls() == {"execute": 1, "wall.get": 25}


def test_without_a_fit_token_no_wall_is_asked(land):
    land.settle(2)
    with pytest.raises(NetworkError) as caught:
        land.network("community").posts_of(land.ids)
    assert (caught.value.fault, land.calls()) == ("unsupported", {})


def test_a_request_that_fails_as_a_whole_may_be_repeated(land):
    land.settle(2)
    land.server.sandbox.faults.plan("http_500_before", "execute", 1)
    network = land.network("user", pacer=Steady())
    with pytest.raises(NetworkError) as caught:
        list(network.posts_of(land.ids))
    assert (caught.value.fault, caught.value.permanent, caught.value.outcome_unknown) == ("down", False, False)
    assert [posts for _, posts in network.posts_of(land.ids)] == [[], []]


def test_subscribers_of_many_pages_share_their_requests(land):
    land.settle(60)
    land.world.realm("vk").pages[FIRST + 3].members = 2_400
    told = list(land.network("user", pacer=Steady()).members_of([*land.ids, "404"]))
    assert {page for page, _ in told} == {*land.ids, "404"}
    assert len(told) == 61
    found = dict(told)
    assert found.pop("404").permanent
    assert {page: len(set(who)) for page, who in found.items()} == dict.fromkeys(land.ids, 900) | {land.ids[3]: 2_400}
    assert land.calls() == {"execute": 3, "groups.getMembers": 61 + 2}


def test_subscribers_of_many_pages_come_call_by_call_with_a_service_token(land):
    land.settle(3)
    assert [len(who) for _, who in land.network("service", pacer=Steady()).members_of(land.ids)] == [900] * 3
    assert land.calls() == {"groups.getMembers": 3}


@pytest.mark.parametrize(("kind", "calls"), [("community", {"groups.getMembers": 4, "execute": 1}), ("service", {"groups.getMembers": 4})])
def test_subscribers_come_as_a_stream_of_batches(land, kind, calls):
    land.settle(1)
    page = land.world.realm("vk").pages[FIRST]
    page.members = 3_500
    batches = list(land.network(kind, pacer=Steady()).members())
    assert [len(batch) for batch in batches] == [1_000, 1_000, 1_000, 500]
    assert [name for batch in batches for name in batch] == [str(number) for number in page.followers]
    assert land.calls() == calls


@pytest.mark.parametrize("count", [10**9, 10**25])
def test_more_subscribers_than_people_are_a_strange_answer_and_not_asked_for_ever(count):
    with pytest.raises(NetworkError, match="больше, чем людей"):
        parse.further({"count": count, "items": [1]}, 1000)
    assert list(parse.further({"count": 2500}, 1000)) == [1000, 2000]
    assert list(parse.further({"count": "много"}, 1000)) == []


def test_a_page_without_subscribers_has_an_empty_stream(land):
    land.settle(1)
    land.world.realm("vk").pages[FIRST].members = 0
    assert [list(batch) for batch in land.network("community").members()] == [[]]
