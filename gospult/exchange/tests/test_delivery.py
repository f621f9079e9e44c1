from datetime import timedelta
from typing import ClassVar

import pytest
from django.utils import timezone

from gospult.exchange import actions
from gospult.exchange.actions.outcomes import MAX_ATTEMPTS
from gospult.exchange.models import Incoming, Outgoing, Token
from gospult.exchange.queries import connector
from gospult.exchange.testing import make_connection, make_incoming
from gospult.lib.errors import Refused
from gospult.networks.base import NetworkError
from gospult.networks.registry import NETWORKS
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
    network.settings(rate_limits=False, slow_seconds=0.4)
    settings.NETWORKS = {"vk": {"base_url": network.api_url(), "ca_file": ""}}
    settings.NETWORK_TIMEOUT, settings.RETRY_BASE, settings.READ_BACK_AFTER = 0.3, 0, 0
    network.add_page(GROUP, name="Администрация", tokens={"community": "token", "service": "service"})
    return network


@pytest.fixture
def connected(vk, body):
    page = make_page(body=body, external_id=str(GROUP))
    make_connection(page, tokens={"community": "token", "service": "service"})
    return page


@pytest.fixture
def reply(vk, connected):
    """A reply that waits for a comment of a resident."""
    post = vk.add_post(GROUP)
    said = vk.comment(GROUP, post, "Не вывозят мусор")
    return actions.enqueue(
        page=connected,
        kind="comment",
        thread_id=said["thread"],
        reply_to=said["id"],
        after=timezone.now() - timedelta(minutes=1),
        text="Здравствуйте! Вывезем завтра.",
        answer=1,
        message=1,
    )


def state(row):
    row.refresh_from_db()
    return row.state


def posted(vk):
    return [entry for entry in vk.ledger() if entry["by"] == "api"]


def test_a_reply_is_published_once_with_the_networks_own_proof(vk, reply):
    actions.deliver_due()
    actions.deliver_due()
    assert state(reply) == "sent"
    assert [(e["id"], e["text"]) for e in posted(vk)] == [(reply.external_id, "Здравствуйте! Вывезем завтра.")]


def test_the_same_answer_to_the_same_message_waits_once(reply, connected):
    again = actions.enqueue(
        page=connected, kind="comment", thread_id=reply.thread_id, reply_to=reply.reply_to, after=reply.after, text="другой", answer=1, message=1
    )
    assert again.pk == reply.pk


@pytest.mark.parametrize("fault", ["http_500_after", "dropped_after", "slow_after"])
def test_a_lost_acknowledgement_is_unknown_and_is_read_back(vk, reply, fault):
    vk.fault(fault, method="wall.createComment")
    actions.deliver_due(limit=1)
    assert state(reply) == "unknown"
    actions.read_back_due()
    assert state(reply) == "sent"
    assert len(posted(vk)) == 1


@pytest.mark.parametrize("fault", ["http_500_before", "dropped_before"])
def test_a_reply_that_never_arrived_is_sent_again_with_the_same_guard(vk, reply, fault):
    vk.fault(fault, method="wall.createComment")
    for _ in range(3):
        actions.deliver_due(limit=1)
        actions.read_back_due()
    assert state(reply) == "sent"
    assert len(posted(vk)) == 1


@pytest.mark.parametrize("fault", ["too_fast", "internal"])
def test_a_definite_refusal_for_now_is_tried_again(vk, reply, fault):
    vk.fault(fault, method="wall.createComment")
    for _ in range(3):
        Outgoing.objects.update(not_before=timezone.now())
        actions.deliver_due(limit=1)
        actions.read_back_due()
    assert state(reply) == "sent"
    assert len(posted(vk)) == 1


def test_a_process_killed_after_the_claim_leaves_an_unknown_that_is_found_again(vk, reply, settings):
    settings.CLAIM_TIMEOUT = 0
    reply.move_to("claimed", claimed_at=timezone.now() - timedelta(seconds=1), first_claimed_at=timezone.now(), attempts=1)
    actions.read_back_due(limit=1)
    assert state(reply) == "ready"
    actions.deliver_due(limit=1)
    assert state(reply) == "sent"
    assert len(posted(vk)) == 1


def test_a_process_killed_after_the_network_accepted_never_doubles(vk, reply, settings):
    settings.CLAIM_TIMEOUT = 0
    actions.deliver_due()
    Outgoing.objects.update(state="claimed", external_id="", sent_at=None, claimed_at=timezone.now() - timedelta(seconds=1))
    actions.read_back_due(limit=1)
    assert state(reply) == "sent"
    assert len(posted(vk)) == 1


def test_a_native_answer_withdraws_the_waiting_reply(vk, reply):
    vk.native(GROUP, reply.thread_id, "Уже вывезли", reply_to=reply.reply_to)
    actions.deliver_due()
    assert state(reply) == "withdrawn"
    assert posted(vk) == []
    assert Incoming.objects.filter(by_page=True, text="Уже вывезли").exists()


def test_a_reply_to_another_resident_of_the_thread_withdraws_nothing(vk, reply):
    top = reply.thread_id
    post = top[1:].split("_")[0]
    other = vk.comment(GROUP, post, "А у нас чисто", author="Пётр", reply_to=reply.reply_to)
    vk.native(GROUP, top, "Рады слышать", reply_to=other["id"])
    actions.deliver_due()
    assert state(reply) == "sent"


def test_closed_comments_leave_a_failure_for_a_person(vk, reply, operator):
    vk.close(GROUP, reply.thread_id[1:].split("_")[0])
    actions.deliver_due()
    assert state(reply) == "failed"
    assert reply.needs_person
    actions.repeat(row=reply, by=operator)
    assert state(reply) == "ready"


def test_a_person_cannot_say_published_without_a_proof(vk, reply, operator):
    Outgoing.objects.update(state="unknown")
    reply.refresh_from_db()
    with pytest.raises(Refused):
        actions.publish_by_hand(row=reply, external_id="", by=operator)
    actions.publish_by_hand(row=reply, external_id="c5", by=operator)
    assert state(reply) == "sent"


def test_a_withdrawn_reply_never_leaves(vk, reply):
    assert actions.withdraw(answer=1)
    actions.deliver_due()
    assert (state(reply), posted(vk)) == ("withdrawn", [])


def test_a_reply_waits_for_its_time(vk, reply):
    Outgoing.objects.update(not_before=timezone.now() + timedelta(seconds=60))
    assert actions.deliver_due() == 0
    assert posted(vk) == []


def test_two_replies_of_one_thread_never_travel_together(vk, reply, connected):
    second = actions.enqueue(
        page=connected, kind="comment", thread_id=reply.thread_id, reply_to=reply.reply_to, after=reply.after, text="второй", answer=2, message=1
    )
    Outgoing.objects.filter(pk=reply.pk).update(state="unknown", needs_person=True)
    assert actions.deliver_due() == 0
    assert state(second) == "ready"


def test_a_direct_message_is_answered_in_its_dialogue(vk, connected):
    said = vk.message(GROUP, "Когда приём?")
    row = actions.enqueue(
        page=connected,
        kind="dm",
        thread_id=said["thread"],
        reply_to=said["id"],
        after=timezone.now() - timedelta(minutes=1),
        text="Приём с 8 до 12.",
        answer=5,
        message=5,
    )
    actions.deliver_due()
    assert state(row) == "sent"
    assert posted(vk)[0]["thread"] == said["thread"]


@pytest.mark.parametrize(("seconds", "end"), [(3, "sent"), (0, "withdrawn")])
def test_only_a_reply_that_a_person_could_give_holds_ours_back_in_a_dialogue(vk, connected, settings, seconds, end):
    settings.AUTOREPLY_SECONDS = seconds
    said = vk.message(GROUP, "Когда приём?")
    vk.native(GROUP, said["thread"], "Спасибо за обращение!")
    row = actions.enqueue(
        page=connected, kind="dm", thread_id=said["thread"], reply_to=said["id"], after=timezone.now() - timedelta(minutes=1),
        text="Приём с 8 до 12.", answer=5, message=5,
    )  # fmt: skip
    actions.deliver_due()
    assert state(row) == end


def test_no_network_call_is_made_inside_a_transaction(vk, reply, monkeypatch):
    from django.db import connection

    from gospult.networks.vk import VK

    seen = []
    original = VK.reply

    def watched(self, *args, **kwargs):
        seen.append(connection.in_atomic_block)
        return original(self, *args, **kwargs)

    monkeypatch.setattr(VK, "reply", watched)
    actions.deliver_due()
    assert seen == [False]


def test_a_native_answer_within_the_same_second_still_counts(vk, connected):
    # The networks tell whole seconds: the order of the thread decides, not the clock.
    said = vk.comment(GROUP, vk.add_post(GROUP), "Не вывозят мусор")
    vk.native(GROUP, said["thread"], "Здравствуйте! Уже вывезли.", reply_to=said["id"])
    when = vk_time(vk, connected, said)
    reply = actions.enqueue(
        page=connected,
        kind="comment",
        thread_id=said["thread"],
        reply_to=said["id"],
        after=when,
        text="Здравствуйте! Вывезем завтра.",
        answer=1,
        message=1,
    )
    actions.deliver_due()
    assert state(reply) == "withdrawn"
    assert posted(vk) == []


def test_what_the_page_said_before_the_resident_is_no_answer_to_him(vk, connected):
    opener = vk.comment(GROUP, vk.add_post(GROUP), "Не вывозят мусор")
    vk.native(GROUP, opener["thread"], "Здравствуйте! Вывезем.", reply_to=opener["id"])
    again = vk.comment(GROUP, opener["thread"].partition("_")[0][1:], "Не вывезли!", reply_to=opener["id"])
    when = vk_time(vk, connected, again)
    reply = actions.enqueue(
        page=connected,
        kind="comment",
        thread_id=again["thread"],
        reply_to=again["id"],
        after=when,
        text="Простите, вывезем сегодня.",
        answer=1,
        message=1,
    )
    actions.deliver_due()
    assert state(reply) == "sent"


def vk_time(vk, page, said):
    """When the network says that this was said: whole seconds."""
    thread = connector(page).thread(said["thread"], kind="comment")
    return next(line.sent_at for line in thread if line.external_id == said["id"])


@pytest.mark.parametrize("mode", ["observe", "copy"])
def test_a_page_that_must_not_publish_any_more_leaves_the_reply_to_a_person(vk, reply, connected, operator, mode):
    actions.set_mode(page=connected, mode=mode, by=operator)
    actions.deliver_due()
    assert (state(reply), reply.needs_person) == ("failed", True)
    assert "только на чтение" in reply.error
    assert posted(vk) == []
    actions.set_mode(page=connected, mode="full", by=operator)
    actions.repeat(row=reply, by=operator)
    actions.deliver_due()
    assert state(reply) == "sent"


def test_a_lost_photo_leaves_a_failure_for_a_person_and_the_thread_free(vk, reply):
    Outgoing.objects.filter(pk=reply.pk).update(photos=[{"file": "reports/gone.jpg", "name": "1.jpg", "link": "https://example.org/1"}])
    assert actions.deliver_due() == 1
    assert state(reply) == "failed"
    assert reply.needs_person
    assert posted(vk) == []


def test_a_token_that_no_key_opens_does_not_hold_an_unknown_reply_for_ever(vk, reply):
    Outgoing.objects.filter(pk=reply.pk).update(state="unknown", attempts=1)
    Token.objects.update(sealed=b"not sealed by us")
    actions.read_back_due(limit=20)
    reply.refresh_from_db()
    assert (reply.state, reply.needs_person) == ("unknown", False)
    for _ in range(MAX_ATTEMPTS):
        Outgoing.objects.update(not_before=timezone.now())
        actions.read_back_due(limit=1)
    reply.refresh_from_db()
    assert (reply.state, reply.needs_person) == ("unknown", True)


def test_a_network_that_never_tells_the_outcome_is_shown_to_a_person_in_the_end(vk, reply):
    Outgoing.objects.filter(pk=reply.pk).update(state="unknown", attempts=MAX_ATTEMPTS)
    actions.read_back_due(limit=1)
    assert state(reply) == "unknown"
    assert reply.needs_person


def test_a_guard_that_the_network_may_have_forgotten_is_not_relied_on(vk, reply):
    vk.fault("dropped_before", method="wall.createComment")
    actions.deliver_due()
    Outgoing.objects.filter(pk=reply.pk).update(first_claimed_at=timezone.now() - timedelta(hours=2), not_before=timezone.now())
    actions.read_back_due()
    assert (state(reply), reply.needs_person, posted(vk)) == ("unknown", True, [])


class Deaf(VK):
    """A network that shows no thread and does not guard against doubles, as Telegram."""

    guards: ClassVar[bool] = False

    def thread(self, thread_id, *, kind):
        raise NetworkError("no history", fault="unsupported", permanent=True)


@pytest.fixture
def deaf(monkeypatch):
    monkeypatch.setitem(NETWORKS, "vk", Deaf)


def test_where_a_thread_cannot_be_read_a_reply_goes_out_all_the_same(deaf, vk, reply):
    actions.deliver_due()
    assert (state(reply), len(posted(vk))) == ("sent", 1)


def test_where_a_thread_cannot_be_read_an_unknown_outcome_is_left_to_a_person(deaf, vk, reply):
    vk.fault("dropped_after", method="wall.createComment")
    actions.deliver_due()
    assert state(reply) == "unknown"
    actions.read_back_due()
    actions.deliver_due()
    assert (state(reply), reply.needs_person, len(posted(vk))) == ("unknown", True, 1)


def test_where_a_thread_cannot_be_read_the_pages_own_words_that_came_hold_the_reply_back(deaf, vk, reply):
    make_incoming(reply.page, "Уже чиним", by_page=True, external_id="c900", thread_id=reply.thread_id, reply_to=reply.reply_to)
    actions.deliver_due()
    assert (state(reply), posted(vk)) == ("withdrawn", [])


def test_waiting_for_a_place_in_the_networks_queue_is_no_attempt(vk, reply):
    vk.fault("too_fast", method="wall.createComment", times=2)
    for _ in range(2):
        Outgoing.objects.update(not_before=timezone.now())
        actions.deliver_due(limit=1)
        assert (state(reply), reply.attempts) == ("ready", 0)
    Outgoing.objects.update(not_before=timezone.now())
    actions.deliver_due()
    assert (state(reply), len(posted(vk))) == ("sent", 1)


def test_a_reply_does_not_wait_for_a_place_for_ever(vk, reply):
    Outgoing.objects.update(created_at=timezone.now() - timedelta(days=2))
    vk.fault("too_fast", method="wall.createComment")
    actions.deliver_due(limit=1)
    assert (state(reply), reply.needs_person) == ("failed", True)


def test_where_no_thread_can_be_read_the_pages_answer_of_the_same_second_keeps_ours_home(body):
    page = make_page(network="telegram", external_id="-1001000000007", body=body)
    make_connection(page, tokens={"bot": "7:token"})
    asked = make_incoming(page, external_id="c200_5", thread_id="w200_5", sent_at=timezone.now().replace(microsecond=0))
    # Its event came before the words that it answers, so its thread could not be known.
    make_incoming(page, external_id="c200_6", thread_id="w200_6", reply_to="c200_5", by_page=True, sent_at=asked.sent_at)
    row = actions.enqueue(
        page=page, kind="comment", thread_id="w200_5", reply_to="c200_5", after=asked.sent_at, text="Вывезем завтра.", answer=1, message=1
    )
    actions.deliver_due()
    row.refresh_from_db()
    assert (row.state, row.error) == ("withdrawn", "На странице уже ответили.")
