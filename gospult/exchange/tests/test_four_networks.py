"""One link connects a page of any network: the key is proved, events come to the page's own door, an answer goes back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from gospult.exchange import actions
from gospult.exchange.actions import intake
from gospult.exchange.actions.watching import asked_kind
from gospult.exchange.models import Connection, Incoming, Invitation, Outgoing
from gospult.networks.registry import NETWORKS
from gospult.networks.testing import Sandbox
from gospult.registry.testing import make_page

pytestmark = pytest.mark.django_db(transaction=True)
GROUP = 777
OTHER = "987654321:AAE-zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz99"
TOKENS = {"telegram": "123456789:AAE-abcdefghijklmnopqrstuvwxyz012345"}


@pytest.fixture(scope="module")
def network():
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture(params=sorted(NETWORKS))
def place(request, network, settings, live_server, body, operator):
    """A page of one network that its steward has connected by a link."""
    code = request.param
    network.reset()
    intake._doors.clear()
    sandbox, token = network.at(code), TOKENS.get(code, "a-key-of-this-page-0123456789")
    sandbox.settings(rate_limits=False)
    settings.URL, settings.RETRY_BASE, settings.READ_BACK_AFTER = live_server.url, 0, 0
    settings.NETWORKS = {code: {"base_url": network.api_url(code), "ca_file": ""}}
    made = sandbox.add_page(GROUP, name="Школа № 1", handle="school_one", tokens={asked_kind(code): token})
    page = make_page(body=body, network=code, external_id=str(made["external_id"]), name="Школа № 1")
    actions.give_key(key=actions.invite(page=page, by=operator), token=made["tokens"][asked_kind(code)])
    actions.check_keys()
    actions.watch_due()
    return sandbox, page


def test_a_given_key_is_proved_and_events_come_to_the_door(place):
    sandbox, page = place
    row = Connection.objects.get()
    assert (Invitation.objects.get().problem, row.problem, row.mode, row.hook) == ("", "", "full", "alive")
    said = sandbox.message(GROUP, "Когда приём?")
    assert sandbox.wait_quiet()
    came = Incoming.objects.get(external_id=said["id"])
    assert (came.page, came.thread_id, came.text) == (page, said["thread"], "Когда приём?")


def test_an_answer_goes_back_into_the_thread(place):
    sandbox, page = place
    said = sandbox.message(GROUP, "Когда приём?")
    assert sandbox.wait_quiet()
    came = Incoming.objects.get(external_id=said["id"])
    after = came.sent_at - timedelta(seconds=1)
    row = actions.enqueue(
        page=page, kind="dm", thread_id=came.thread_id, reply_to=came.external_id, after=after, text="С 8 до 12", answer=1, message=1
    )
    actions.deliver_due()
    row.refresh_from_db()
    assert (row.state, row.error, [entry["text"] for entry in sandbox.ledger() if entry["by"] == "api"]) == ("sent", "", ["С 8 до 12"])


def test_resident_our_reply_and_the_residents_answer_are_one_thread(place):
    sandbox, page = place
    if "reply_comment" not in actions.abilities(Connection.objects.get()) or "comment" not in NETWORKS[page.network].pushes:
        pytest.skip("comments do not come by webhook here")
    post = sandbox.add_post(GROUP)
    said = sandbox.comment(GROUP, post, "Нет света")
    assert sandbox.wait_quiet()
    came = Incoming.objects.get(external_id=said["id"])
    actions.enqueue(
        page=page, kind="comment", thread_id=came.thread_id, reply_to=came.external_id, after=came.sent_at - timedelta(seconds=1),
        text="Починим", answer=1, message=1,
    )  # fmt: skip
    actions.deliver_due()
    reply = Outgoing.objects.get()
    assert (reply.state, reply.error) == ("sent", "")
    again = sandbox.comment(GROUP, post, "Когда?", reply_to=reply.external_id)
    assert sandbox.wait_quiet()
    assert Incoming.objects.get(external_id=again["id"]).thread_id == came.thread_id


def test_a_key_of_another_page_is_refused_in_a_sentence(place, body, operator):
    sandbox, page = place
    other = sandbox.add_page(GROUP + 1, name="Больница", handle="hospital", tokens={asked_kind(page.network): OTHER})
    clinic = make_page(body=body, network=page.network, external_id=str(other["external_id"]))
    actions.invite(page=clinic, by=operator)
    Invitation.objects.filter(page=clinic).update(
        sealed=actions.inviting.vault.seal(TOKENS.get(page.network, "a-key-of-this-page-0123456789")), next_check_at=timezone.now()
    )
    actions.check_keys()
    refused = Invitation.objects.get(page=clinic)
    assert ("другой страницы" in refused.problem, Connection.objects.filter(page=clinic).exists()) == (True, False), refused.problem
