from datetime import timedelta

import pytest
from django.utils import timezone

from gospult.exchange import actions
from gospult.exchange.actions.intake import LONGEST_TEXT
from gospult.exchange.models import Connection, Incoming
from gospult.exchange.testing import make_connection, make_incoming
from gospult.networks.testing import Sandbox
from gospult.networks.vk import VK
from gospult.registry.testing import make_page

pytestmark = pytest.mark.django_db(transaction=True)
GROUP = 777


@pytest.fixture(scope="module")
def network():
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def vk(network, settings):
    network.reset()
    network.settings(rate_limits=False)
    settings.NETWORKS = {"vk": {"base_url": network.api_url(), "ca_file": ""}}
    network.add_page(GROUP, tokens={"community": "token", "service": "service"})
    return network


@pytest.fixture
def connected(vk, body):
    page = make_page(body=body, external_id=str(GROUP))
    make_connection(page, tokens={"community": "token", "service": "service"})
    return page


def poll():
    Connection.objects.update(polled_at=None)
    actions.poll_due()


def revisions():
    return list(Incoming.objects.order_by("id").values_list("action", "text"))


def test_a_direct_message_that_no_webhook_has_brought_is_found_with_the_pages_own_answer(vk, connected):
    said = vk.message(GROUP, "Когда приём?")
    vk.native(GROUP, said["thread"], "С 8 до 12", reply_to=said["id"])
    poll()
    poll()
    rows = Incoming.objects.order_by("id").values_list("kind", "thread_id", "external_id", "text", "by_page")
    assert rows[0] == ("dm", said["thread"], said["id"], "Когда приём?", False)
    assert [(row[3], row[4]) for row in rows] == [("Когда приём?", False), ("С 8 до 12", True)]


def test_an_edited_direct_message_is_found(vk, connected):
    said = vk.message(GROUP, "Когда приём?")
    poll()
    vk.edit(GROUP, said["id"], "Когда приём в субботу?")
    poll()
    assert revisions() == [("said", "Когда приём?"), ("edited", "Когда приём в субботу?")]


def test_messages_are_read_where_the_page_has_no_token_for_its_wall(vk, body):
    make_connection(make_page(body=body, external_id=str(GROUP)), tokens={"community": "token"})
    vk.message(GROUP, "Когда приём?")
    poll()
    assert revisions() == [("said", "Когда приём?")]
    assert Connection.objects.get().last_proof_at


def test_a_wall_that_cannot_be_read_now_does_not_hold_back_the_messages(vk, connected):
    vk.message(GROUP, "Когда приём?")
    vk.fault("internal", method="wall.get")
    poll()
    assert revisions() == [("said", "Когда приём?")]


def test_a_network_that_asks_to_go_slower_is_asked_once_more(vk, connected):
    vk.message(GROUP, "Первый", author="Анна Первая")
    vk.message(GROUP, "Второй", author="Борис Второй")
    vk.fault("too_fast", method="messages.getHistory")
    poll()
    assert {text for _, text in revisions()} == {"Первый", "Второй"}


def test_words_older_than_the_reading_looks_back_are_left_alone(vk, connected, settings):
    vk.message(GROUP, "Когда приём?")
    settings.POLL_DAYS = -1
    poll()
    assert revisions() == []


def test_an_edit_that_a_webhook_brings_during_the_reading_stays(vk, connected, monkeypatch):
    said = vk.comment(GROUP, vk.add_post(GROUP), "Яма во дворе")
    poll()
    thread = {"external_id": said["id"], "thread_id": said["thread"], "author_id": str(said["author"])}
    original = VK.comments

    def overtaken(self, post_id):
        found = original(self, post_id)
        make_incoming(connected, "Яма во дворе на Кирова 5", action="edited", event_id="e2", **thread)
        return found

    monkeypatch.setattr(VK, "comments", overtaken)
    poll()
    assert revisions() == [("said", "Яма во дворе"), ("edited", "Яма во дворе на Кирова 5")]


def test_a_text_that_goes_back_and_forth_is_followed(vk, connected):
    said = vk.comment(GROUP, vk.add_post(GROUP), "А")
    poll()
    for text in ("Б", "А", "Б"):
        vk.edit(GROUP, said["id"], text)
        poll()
        poll()
    assert [text for _, text in revisions()] == ["А", "Б", "А", "Б"]


def test_a_comment_restored_while_webhooks_were_down_comes_back(vk, connected):
    said = vk.comment(GROUP, vk.add_post(GROUP), "Яма во дворе")
    poll()
    make_incoming(connected, "", action="deleted", event_id="e3", external_id=said["id"], thread_id="", author_id="")
    poll()
    poll()
    assert [action for action, _ in revisions()] == ["said", "deleted", "restored"]


def test_a_photo_added_by_an_edit_is_noticed(vk, connected):
    said = vk.comment(GROUP, vk.add_post(GROUP), "Яма во дворе", attachments=["photo"])
    thread = {"external_id": said["id"], "thread_id": said["thread"], "author_id": str(said["author"])}
    make_incoming(connected, "Яма во дворе", **thread)
    poll()
    poll()
    assert [(row.action, len(row.attachments)) for row in Incoming.objects.order_by("id")] == [("said", 0), ("edited", 1)]


def test_what_a_person_had_forgotten_does_not_come_back(vk, connected):
    vk.comment(GROUP, vk.add_post(GROUP), "Яма во дворе")
    poll()
    actions.forget(revisions=Incoming.objects.all())
    poll()
    assert revisions() == [("said", "")]


def test_a_text_that_is_kept_cut_is_no_edit_and_its_raw_answer_stays_whole(vk, connected):
    long = "я" * (LONGEST_TEXT + 5) + "\0"
    vk.comment(GROUP, vk.add_post(GROUP), long)
    poll()
    poll()
    row = Incoming.objects.get()
    assert row.text.startswith("я" * LONGEST_TEXT + "\n[…]")
    assert row.raw["polled"]["text"] == long[:-1]


def test_a_page_is_read_again_only_after_a_while(vk, connected):
    assert (actions.poll_due(), actions.poll_due()) == (1, 0)
    Connection.objects.update(polled_at=timezone.now() - timedelta(days=1))
    assert actions.poll_due() == 1


def test_a_reading_that_was_stopped_goes_on_where_it_stopped(vk, connected):
    posts = [vk.add_post(GROUP, f"Запись {number}") for number in range(3)]
    for post in posts:
        vk.comment(GROUP, post, f"Под {post}")
    vk.fault("internal", method="wall.getComments", times=2)
    poll()  # the newest post is not read
    assert Connection.objects.get().poll_from == posts[-1]
    Connection.objects.update(poll_from=posts[0])
    poll()
    assert [text for _, text in revisions()][:1] == [f"Под {posts[0]}"]
    assert len(revisions()) == 3
    assert Connection.objects.get().poll_from == ""


def test_what_a_living_webhook_brings_is_read_once_a_day_only(vk, connected):
    vk.message(GROUP, "Когда приём?")
    poll()
    Connection.objects.update(hook="alive", polled_at=None)
    calls = vk.state()["calls"]
    assert actions.poll_due() == 0
    Connection.objects.update(gaps_at=timezone.now() - timedelta(days=2))
    vk.message(GROUP, "И в субботу?")
    assert actions.poll_due() == 1
    assert len(revisions()) == 2
    assert vk.state()["calls"] != calls


def test_a_network_that_pushes_only_messages_is_polled_for_its_comments(vk, connected, monkeypatch):
    monkeypatch.setattr(VK, "pushes", frozenset({"dm"}))
    Connection.objects.update(hook="alive", gaps_at=timezone.now())
    vk.message(GROUP, "Личное")
    vk.comment(GROUP, vk.add_post(GROUP), "Открытое")
    poll()
    assert revisions() == [("said", "Открытое")]


def test_an_observed_page_is_read_in_public_only(vk, connected):
    Connection.objects.update(mode="observe")
    vk.message(GROUP, "Личное")
    vk.comment(GROUP, vk.add_post(GROUP), "Открытое")
    poll()
    assert revisions() == [("said", "Открытое")]


def test_nothing_is_asked_of_a_network_for_which_the_page_has_no_token(vk, body):
    make_connection(make_page(body=body, external_id=str(GROUP)), tokens={})
    poll()
    assert Connection.objects.get().last_proof_at is None


def test_a_network_that_shows_nothing_is_not_polled(vk, connected, monkeypatch):
    monkeypatch.setattr(VK, "can", staticmethod(lambda kinds: frozenset({"card", "webhook", "reply_comment"})))
    Connection.objects.update(polled_at=None)
    assert actions.poll_due() == 0


def test_the_page_that_was_never_read_comes_before_those_that_were(vk, connected, body):
    fresh = make_page(body=body, external_id="778")
    vk.add_page(778, tokens={"community": "other"})
    make_connection(fresh, tokens={"community": "other"})
    Connection.objects.filter(page=connected).update(polled_at=timezone.now() - timedelta(days=1))
    actions.poll_due(limit=1)
    assert Connection.objects.get(page=fresh).polled_at


def test_a_network_that_was_away_for_a_moment_does_not_end_a_long_reading(vk, connected):
    for number in range(3):
        vk.message(GROUP, f"Не вывозят мусор, письмо {number}", author=f"Житель {number}")
    vk.fault("http_500_before", method="messages.getHistory", times=1)
    poll()
    assert len(revisions()) == 3
