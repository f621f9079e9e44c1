"""The watchdog: webhooks that a network dropped come back, and every page shows its last proof of life."""

from datetime import timedelta

import pytest
from django.utils import timezone

from gospult.accounts.models import Journal
from gospult.exchange import actions
from gospult.exchange.actions.watching import is_ours
from gospult.exchange.models import Connection
from gospult.exchange.testing import make_connection, make_incoming
from gospult.lib.errors import Refused
from gospult.networks.testing import Sandbox
from gospult.registry.testing import make_page

pytestmark = pytest.mark.django_db(transaction=True)
GROUP = 777


@pytest.fixture(scope="module")
def network():
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def vk(network, settings, live_server):
    network.reset()
    settings.URL = live_server.url
    settings.NETWORKS = {"vk": {"base_url": network.api_url(), "ca_file": ""}}
    network.add_page(GROUP, name="Школа № 1", tokens={"community": "token"})
    return network


@pytest.fixture
def connected(vk, body):
    page = make_page(body=body, external_id=str(GROUP))
    actions.connect(page=page, tokens={"community": "token"}, by=None)
    return page


def watch():
    Connection.objects.update(check_at=timezone.now())
    actions.watch_due()
    return Connection.objects.get()


def hooks():
    return [line.data["was"] for line in Journal.objects.filter(verb="hook_renewed").order_by("id")]


def test_a_page_is_subscribed_at_its_own_door_and_events_come(vk, connected):
    row = watch()
    said = vk.comment(GROUP, vk.add_post(GROUP), "Нет света")
    assert vk.wait_quiet()
    incoming = connected.incoming_set.get(external_id=said["id"])
    assert (row.hook, row.problem, row.account) == ("alive", "", "Школа № 1")
    assert incoming.text == "Нет света"
    assert hooks() == ["none"]


def test_a_webhook_that_is_well_is_left_alone(vk, connected):
    watch()
    row = watch()
    assert (row.hook, hooks()) == ("alive", ["none"])


def test_a_webhook_that_the_network_dropped_comes_back_and_the_gap_is_read(vk, connected):
    watch()
    vk.settings(give_up_after=0.1, retry_first=0.05, retry_cap=0.05)
    Connection.objects.update(sealed_secret=b"", polled_at=timezone.now(), gaps_at=timezone.now())  # so that the door refuses what comes
    actions.intake._doors.clear()
    vk.comment(GROUP, vk.add_post(GROUP), "Потерялось")
    assert vk.wait_quiet()
    assert actions.connect(page=connected, tokens={}, by=None).hook == "alive"  # as far as we know
    actions.intake._doors.clear()
    row = watch()
    assert (row.hook, row.polled_at, row.gaps_at) == ("alive", None, None)
    assert hooks() == ["none", "dropped"]
    said = vk.comment(GROUP, vk.add_post(GROUP), "Дошло")
    assert vk.wait_quiet()
    assert connected.incoming_set.filter(external_id=said["id"]).exists()


def test_an_observed_page_is_not_subscribed(vk, connected, operator):
    actions.set_mode(page=connected, mode="observe", by=operator)
    row = watch()
    assert (row.hook, row.problem, hooks()) == ("unknown", "", [])


def test_a_copied_page_is_subscribed(vk, connected, operator):
    actions.set_mode(page=connected, mode="copy", by=operator)
    assert watch().hook == "alive"


def test_a_webhook_that_a_person_entered_and_that_brings_events_stays(vk, connected, settings):
    Connection.objects.update(confirmation="abc", heard_at=timezone.now())
    assert watch().hook == "alive"
    assert hooks() == []
    assert is_ours(Connection.objects.get(), f"{settings.URL}/hook/vk/")


def test_a_webhook_that_we_asked_for_and_that_is_gone_is_asked_for_again_though_heard_lately(vk, connected):
    assert watch().hook == "alive"
    Connection.objects.update(heard_at=timezone.now())
    vk.reset()
    vk.add_page(GROUP, tokens={"community": "token"})
    assert watch().hook == "alive"
    said = vk.comment(GROUP, vk.add_post(GROUP), "Дошло")
    assert vk.wait_quiet()
    assert connected.incoming_set.filter(external_id=said["id"]).exists()


@pytest.mark.parametrize("word", ["failed", "wait", ""])
def test_a_network_that_does_not_call_back_is_told_in_russian(word):
    words = actions.watching._why_deaf(word)
    assert words.startswith("Сеть ")
    assert not any(letter.isascii() and letter.isalpha() for letter in words)


def test_the_common_address_is_not_ours_before_a_person_entered_it(connected, settings):
    row = Connection.objects.get()
    assert not is_ours(row, f"{settings.URL}/hook/vk/")
    assert is_ours(row, f"{settings.URL}/hook/vk/{row.door}/?s=secret")


def test_a_real_network_is_not_asked_to_call_an_address_without_https(connected, settings):
    settings.NETWORKS = {"vk": {"base_url": "", "ca_file": ""}}
    assert not actions.watching._reachable("vk")
    settings.URL = "https://gospult.example.ru"
    assert actions.watching._reachable("vk")


def test_a_dead_key_is_shown_and_told_once(vk, connected):
    watch()
    vk.add_page(GROUP, tokens={"community": "another"})
    vk.reset()
    vk.add_page(GROUP, tokens={"community": "another"})
    for _ in range(2):
        row = watch()
    assert "Ключ не подходит" in row.problem
    assert Journal.objects.filter(verb="page_trouble").count() == 1
    actions.connect(page=connected, tokens={"community": "another"}, by=None)
    assert watch().problem == ""


def test_a_network_that_is_silent_for_a_moment_changes_nothing(vk, connected):
    watch()
    vk.fault("http_500_before", times=9)
    row = watch()
    assert (row.problem, row.hook) == ("", "alive")
    assert row.check_at < timezone.now() + timedelta(minutes=6)


def test_a_right_that_was_taken_away_is_named(vk, connected):
    watch()
    vk.add_page(GROUP, tokens={"community": "token"}, extra={"token_permissions": {"community": 0}})
    row = watch()
    assert row.problem.startswith("Для полного режима нужен ключ сообщества с отметками")
    assert any("messages" in word for word in row.missing)


def test_what_a_webhook_brought_is_the_pages_proof_of_life(page, django_assert_max_num_queries):
    make_connection(page)
    make_connection(make_page())
    make_incoming(page)
    with django_assert_max_num_queries(12):
        assert actions.note_heard() == 1
    assert Connection.objects.get(page=page).heard_at
    assert actions.note_heard() == 0
    make_incoming(page)
    assert actions.note_heard() == 1


def test_a_polled_row_is_no_sign_of_a_webhook(page):
    make_connection(page)
    row = make_incoming(page)
    type(row).objects.update(raw={"polled": {}})
    assert actions.note_heard() == 0


@pytest.mark.parametrize(
    ("kinds", "mode", "words"),
    [
        ({"service": "s"}, "full", "Для полного режима нужен ключ сообщества"),
        ({}, "copy", "страница не слышна"),
        ({}, "observe", "Чтобы читать открытые записи"),
    ],
)
def test_a_mode_that_the_tokens_cannot_carry_is_refused_with_the_missing_right(page, operator, kinds, mode, words):
    make_connection(page, tokens=kinds, mode="observe")
    with pytest.raises(Refused, match=words):
        actions.set_mode(page=page, mode=mode, by=operator)


def test_what_the_network_took_away_carries_no_mode(page, operator):
    make_connection(page, mode="copy")
    Connection.objects.update(granted=["card", "messages"])
    with pytest.raises(Refused, match="отвечать от имени страницы нельзя"):
        actions.set_mode(page=page, mode="full", by=operator)


def test_a_page_is_observed_with_the_installations_own_token(page, operator):
    with pytest.raises(Refused, match="Чтобы читать открытые"):
        actions.observe(page=page, by=operator)
    actions.keep_token(network="vk", page=None, kind="service", token="service", by=operator)
    assert actions.observe(page=page, by=operator).mode == "observe"
    with pytest.raises(Refused, match="уже подключена"):
        actions.observe(page=page, by=operator)


def test_a_disconnected_page_has_no_token_no_door_and_no_link(page, operator, client):
    make_connection(page)
    door = Connection.objects.get().door
    actions.invite(page=page, by=operator)
    actions.disconnect(page=page, by=operator)
    assert not page.token_set.exists()
    assert page.invitations.get().revoked_at
    assert client.post(f"/hook/vk/{door}/", b"{}", content_type="application/json").status_code == 403
    with pytest.raises(Refused, match="уже отключена"):
        actions.disconnect(page=page, by=operator)
