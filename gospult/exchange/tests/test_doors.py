"""Every page has a door of its own beside the network's common one."""

import json
from typing import ClassVar

import pytest
from django.utils import timezone

from gospult.exchange import actions, vault
from gospult.exchange.actions import intake
from gospult.exchange.models import Connection, Incoming, Outgoing
from gospult.exchange.testing import make_connection
from gospult.networks import registry
from gospult.networks.base import Event
from gospult.networks.vk import VK
from gospult.registry.testing import make_page

pytestmark = pytest.mark.django_db


class Flat(VK):
    """A network whose events name neither the page nor the thread, and whose secret comes in a header."""

    code: ClassVar[str] = "flat"
    flat_threads: ClassVar[bool] = True

    @staticmethod
    def authentic(body, headers, secret):
        return headers.get("x-door-secret") == secret

    @staticmethod
    def parse_event(body, page_id=""):
        event = VK.parse_event({**body, "group_id": int(page_id)}, page_id) if page_id else VK.parse_event(body)
        return Event(event.action, page_id, event.event_id, event.utterance, raw=event.raw)


@pytest.fixture
def flat(monkeypatch):
    monkeypatch.setitem(registry.NETWORKS, "flat", Flat)
    page = make_page(network="flat", external_id="77")
    make_connection(page, tokens={}, secret="тайна-двери")
    return Connection.objects.get(page=page)


def said(number, *, author=501, answers=0, text="Не вывозят мусор"):
    """A comment as a network without threads tells it: it names only what it answers."""
    about = {"id": number, "from_id": author, "date": int(timezone.now().timestamp()), "text": text, "post_id": 7}
    return {"type": "wall_reply_new", "event_id": f"e{number}", "object": about | ({"reply_to_comment": answers} if answers else {})}


def call(client, connection, body, secret="тайна-двери", door=None):
    address = f"/hook/{connection.page.network}/{connection.door if door is None else door}/"
    return client.post(f"{address}?s={secret}", json.dumps(body).encode(), content_type="application/json")


def threads():
    return list(Incoming.objects.order_by("id").values_list("external_id", "thread_id"))


def test_an_event_at_the_door_of_a_page_becomes_that_pages_row(client, flat):
    answer = call(client, flat, said(11))
    row = Incoming.objects.get()
    assert (answer.status_code, row.page, row.page_key, row.external_id) == (200, flat.page, "77", "c11")


def test_the_wrong_door_the_wrong_secret_and_no_door_let_nothing_in(client, flat):
    for door, secret in [("x" * 24, "тайна-двери"), (None, "чужая"), (None, "")]:
        assert call(client, flat, said(11), secret, door).status_code == 403
    assert client.post("/hook/flat/?s=тайна-двери", b"{}", content_type="application/json").status_code == 403
    assert not Incoming.objects.exists()


def test_the_door_of_another_network_lets_nothing_in(client, flat, page):
    make_connection(page)
    body = {"type": "wall_reply_new", "group_id": int(page.external_id), "secret": "secret", "event_id": "e", "object": said(1)["object"]}
    wrong = client.post(f"/hook/vk/{flat.door}/", json.dumps(body).encode(), content_type="application/json")
    assert wrong.status_code == 403


def test_a_body_that_names_another_page_is_refused_at_a_door(client, page):
    other = make_page(external_id="123456")
    make_connection(other)
    make_connection(page)
    body = {"type": "wall_reply_new", "group_id": 123456, "secret": "secret", "event_id": "e", "object": said(1)["object"]}
    door = Connection.objects.get(page=page).door
    assert client.post(f"/hook/vk/{door}/", json.dumps(body).encode(), content_type="application/json").status_code == 403


def test_vk_may_be_called_at_its_own_door_too(client, page):
    make_connection(page)
    body = {"type": "wall_reply_new", "group_id": int(page.external_id), "secret": "secret", "event_id": "e", "object": said(1)["object"]}
    door = Connection.objects.get(page=page).door
    assert client.post(f"/hook/vk/{door}/", json.dumps(body).encode(), content_type="application/json").content == b"ok"


def test_a_known_door_costs_one_statement_also_where_threads_have_to_be_found(client, flat, django_assert_num_queries):
    call(client, flat, said(11))
    with django_assert_num_queries(1):
        call(client, flat, said(12, answers=11))


def test_a_resident_our_reply_and_the_residents_answer_to_it_are_one_thread(client, flat):
    call(client, flat, said(11))
    Outgoing.objects.create(
        page=flat.page, answer=1, message=1, kind="comment", thread_id="w7_11", after=timezone.now(), text="Уберём", state="sent", external_id="c12"
    )
    call(client, flat, said(13, answers=12, text="Когда?"))
    call(client, flat, said(14, answers=13, author=502, text="И у нас"))
    assert threads() == [("c11", "w7_11"), ("c13", "w7_11"), ("c14", "w7_11")]


def test_an_answer_that_nobody_knows_begins_a_thread_where_its_network_puts_it(client, flat):
    call(client, flat, said(20, answers=19))
    assert threads() == [("c20", "w7_19")]


def test_the_thread_of_another_page_is_not_taken(client, flat, monkeypatch):
    call(client, flat, said(11))
    other = make_page(network="flat", external_id="78")
    make_connection(other, tokens={}, secret="тайна-двери")
    call(client, Connection.objects.get(page=other), said(12, answers=11) | {"object": {**said(12, answers=11)["object"], "post_id": 9}})
    assert threads()[-1] == ("c12", "w9_11")


def test_a_page_without_a_given_secret_gets_one_that_nobody_can_guess(page, body):
    connection = actions.connect(page=page, tokens={"community": "token"}, by=None)
    other = actions.connect(page=make_page(), tokens={"community": "token"}, by=None)
    secrets = {vault.unseal(row.sealed_secret) for row in (connection, other)}
    assert len(secrets) == 2
    assert all(len(secret) == 32 for secret in secrets)
    assert connection.door != other.door


def test_connecting_again_keeps_door_and_secret(page):
    first = actions.connect(page=page, tokens={"community": "token"}, by=None)
    again = actions.connect(page=page, tokens={"community": "newer"}, by=None)
    assert (again.pk, again.door, vault.unseal(again.sealed_secret)) == (first.pk, first.door, vault.unseal(first.sealed_secret))


def test_an_observed_page_hears_comments_and_leaves_direct_messages_alone(client, flat):
    Connection.objects.update(mode="observe")
    intake._doors.clear()
    message = {"id": 5, "peer_id": 501, "from_id": 501, "date": 1, "text": "Личное"}
    assert call(client, flat, {"type": "message_new", "event_id": "m", "object": {"message": message}}).content == b"ok"
    assert call(client, flat, said(11)).content == b"ok"
    assert threads() == [("c11", "w7_11")]


class Wandering(Flat):
    """A network whose bot may stand in strangers' chats too, and which cannot tell whose they are."""

    @staticmethod
    def parse_event(body, page_id=""):
        event = Flat.parse_event(body, page_id)
        return Event(event.action, page_id, event.event_id, event.utterance, place=body.get("chat", ""), raw=event.raw)


def test_what_was_said_in_a_strangers_chat_is_not_kept(client, flat, monkeypatch):
    monkeypatch.setitem(registry.NETWORKS, "flat", Wandering)
    assert call(client, flat, said(11) | {"chat": "-5"}).status_code == 403  # nobody knows the page's chats yet: the network calls again
    Connection.objects.update(places=["-5"])
    intake._doors.clear()
    assert call(client, flat, said(11) | {"chat": "-5"}).status_code == 200
    assert call(client, flat, said(12) | {"chat": "-6"}).status_code == 200
    assert threads() == [("c11", "w7_11")]
