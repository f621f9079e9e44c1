from datetime import timedelta

import pytest
from django.utils import timezone

from gospult.exchange import actions
from gospult.exchange.models import Deed, Token
from gospult.exchange.testing import make_connection
from gospult.lib.errors import Refused
from gospult.networks.testing import Sandbox
from gospult.registry.testing import make_page

pytestmark = pytest.mark.django_db(transaction=True)
GROUP = 779
TOKENS = {"community": "token", "user": "user", "service": "service"}


@pytest.fixture(scope="module")
def network():
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def vk(network, settings):
    network.reset()
    network.settings(rate_limits=False, slow_seconds=0.6)
    settings.NETWORKS = {"vk": {"base_url": network.api_url(), "ca_file": ""}}
    settings.NETWORK_TIMEOUT, settings.RETRY_BASE, settings.READ_BACK_AFTER = 0.3, 0, 0
    network.add_page(GROUP, name="Администрация", tokens=TOKENS)
    return network


@pytest.fixture
def connected(vk, body):
    page = make_page(body=body, external_id=str(GROUP))
    make_connection(page, tokens=TOKENS)
    return page


@pytest.fixture
def deed(vk, connected):
    said = vk.comment(GROUP, vk.add_post(GROUP), "Звоните соседу, его номер вот")
    return actions.order(page=connected, what="hide", target=said["id"], thread_id=said["thread"])


def now(row):
    row.refresh_from_db()
    return row.state, row.proof


def deleted(vk):
    return [line["deleted"] for line in vk.said()]


def test_a_comment_is_hidden_once_with_the_networks_answer_as_the_proof(vk, deed):
    actions.carry_out_due()
    actions.carry_out_due()
    assert (now(deed), deleted(vk), vk.state()["calls"]["wall.deleteComment"]) == (("done", "answer"), [True], 1)


def test_it_is_put_back(vk, deed, connected):
    actions.carry_out_due()
    back = actions.order(page=connected, what="unhide", target=deed.target, thread_id=deed.thread_id)
    actions.carry_out_due()
    assert (now(back), deleted(vk)) == (("done", "answer"), [False])


def test_an_unknown_outcome_is_read_back_and_never_repeated_blindly(vk, deed):
    vk.fault("dropped_after", method="wall.deleteComment")
    actions.carry_out_due()
    assert now(deed)[0] == "unknown"
    actions.carry_out_due()
    actions.look_back_due()
    assert (now(deed), vk.state()["calls"]["wall.deleteComment"]) == (("done", "read"), 1)


def test_a_claim_of_a_dead_process_is_looked_at_and_done(vk, deed):
    Deed.objects.filter(pk=deed.pk).update(state="claimed", claimed_at=timezone.now() - timedelta(hours=1))
    actions.look_back_due()
    actions.carry_out_due()
    assert (now(deed), deleted(vk)) == (("done", "answer"), [True])


def test_where_nothing_can_be_read_a_person_looks(vk, deed, operator):
    vk.fault("dropped_after", method="wall.deleteComment")
    actions.carry_out_due()
    Token.objects.exclude(kind="community").delete()
    actions.look_back_due()
    deed.refresh_from_db()
    assert (deed.state, deed.needs_person) == ("unknown", True)
    actions.confirm_deed(row=deed, by=operator)
    assert now(deed) == ("done", "person")


def test_a_page_without_the_right_is_told_so(vk, body):
    page = make_page(body=body)
    make_connection(page)
    with pytest.raises(Refused, match="сделайте это в сети сами"):
        actions.order(page=page, what="hide", target="c1", thread_id="w1_1")


def test_two_deeds_on_one_comment_are_one(connected, deed):
    with pytest.raises(Refused, match="уже что-то делается"):
        actions.order(page=connected, what="hide", target=deed.target, thread_id=deed.thread_id)


def test_a_refusal_of_the_network_goes_to_a_person_and_may_be_repeated(vk, deed, operator):
    vk.delete(GROUP, deed.target)
    actions.carry_out_due()
    deed.refresh_from_db()
    assert (deed.state, deed.needs_person, bool(deed.error)) == ("failed", True, True)
    vk.restore(GROUP, deed.target)
    actions.repeat_deed(row=deed, by=operator)
    actions.carry_out_due()
    assert now(deed) == ("done", "answer")
