"""A link for a steward: once, for a while, and its key is never shown again."""

from datetime import timedelta

import pytest
from django.db import connection as database
from django.utils import timezone

from gospult.accounts.models import Journal
from gospult.exchange import actions, vault
from gospult.exchange.models import Connection, Invitation, Pilot, Token
from gospult.exchange.testing import make_connection
from gospult.lib.errors import Refused
from gospult.networks.testing import Sandbox
from gospult.registry.testing import make_page

pytestmark = pytest.mark.django_db(transaction=True)
GROUP = 777
TOKEN = "vk1.a.Abcdef-0123456789"


@pytest.fixture(scope="module")
def network():
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def vk(network, settings):
    network.reset()
    settings.NETWORKS = {"vk": {"base_url": network.api_url(), "ca_file": ""}}
    network.add_page(GROUP, name="Школа № 1", tokens={"community": TOKEN})
    network.add_page(GROUP + 1, name="Чужая", tokens={"community": "other-page-token"})
    return network


@pytest.fixture
def school(body):
    return make_page(body=body, external_id=str(GROUP), name="Школа № 1")


@pytest.fixture
def link(school, operator):
    return actions.invite(page=school, by=operator)


def problem():
    return Invitation.objects.get().problem


def test_a_link_is_kept_as_a_hash_and_ends_the_link_before_it(school, operator):
    first, second = actions.invite(page=school, by=operator), actions.invite(page=school, by=operator)
    assert first != second
    assert not Invitation.objects.filter(key_hash__in=[first, second]).exists()
    with pytest.raises(Refused, match="отозвали"):
        actions.open_link(key=first)
    assert actions.open_link(key=second).page == school


def test_opening_is_noted_once(link):
    actions.open_link(key=link)
    at = Invitation.objects.get().opened_at
    actions.open_link(key=link)
    assert Invitation.objects.get().opened_at == at
    assert Journal.objects.filter(verb="link_opened").count() == 1


@pytest.mark.parametrize("key", ["", "x" * 40, "ё" * 40, "\0" * 40, "x" * 5000])
def test_a_key_that_we_never_made_opens_nothing_and_does_not_ask_the_database(link, key, django_assert_num_queries):
    with django_assert_num_queries(2), pytest.raises(Refused, match="Такой ссылки нет"):  # only the transaction itself
        actions.open_link(key=key)


def test_a_key_changed_by_one_letter_opens_nothing(link):
    with pytest.raises(Refused, match="Такой ссылки нет"):
        actions.open_link(key=("B" if link[0] == "A" else "A") + link[1:])


def test_an_expired_and_a_revoked_link_say_so(link, school, operator):
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(Refused, match="Срок ссылки вышел"):
        actions.give_key(key=link, token=TOKEN)
    Invitation.objects.update(expires_at=timezone.now() + timedelta(days=1))
    actions.revoke(page=school, by=operator)
    with pytest.raises(Refused, match="отозвали"):
        actions.open_link(key=link)
    with pytest.raises(Refused, match="Открытой ссылки"):
        actions.revoke(page=school, by=operator)


def test_a_good_key_connects_the_page_and_the_link_is_over(vk, link, school):
    actions.give_key(key=link, token=f"  {TOKEN}\n")
    actions.check_keys()
    row, connection = Invitation.objects.get(), Connection.objects.get()
    assert (connection.page, connection.mode, row.problem, bytes(row.sealed)) == (school, "full", "", b"")
    assert row.connected_at
    assert vault.unseal(Token.objects.get().sealed) == TOKEN
    with pytest.raises(Refused, match="уже подключена"):
        actions.give_key(key=link, token=TOKEN)


def test_the_key_is_nowhere_in_the_open(vk, link):
    actions.give_key(key=link, token=TOKEN)
    actions.check_keys()
    with database.cursor() as cursor:
        for table in database.introspection.table_names():
            cursor.execute(f'SELECT count(*) FROM "{table}" AS t WHERE t::text LIKE %s', [f"%{TOKEN}%"])
            assert cursor.fetchone()[0] == 0, table


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("other-page-token", "другой страницы"),
        ("nobody-knows-this-key", "не приняла этот ключ"),
    ],
)
def test_the_wrong_pages_key_and_a_dead_one_are_told_in_a_sentence(vk, link, given, words):
    actions.give_key(key=link, token=given)
    actions.check_keys()
    assert words in problem()
    assert given not in problem()
    assert not Connection.objects.exists()
    assert not Token.objects.exists()
    assert bytes(Invitation.objects.get().sealed) == b""


def test_a_key_without_rights_is_told_which_ones_are_missing(vk, link):
    vk.add_page(GROUP, tokens={"community": TOKEN}, extra={"token_permissions": {"community": 0}})
    actions.give_key(key=link, token=TOKEN)
    actions.check_keys()
    assert "Сообщения сообщества" in problem()
    assert not Connection.objects.exists()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("", "пустое"),
        ("два слова", "посторонний знак"),
        ("ключ-по-русски", "посторонний знак"),
        ("x" * 2000, "посторонний знак"),
        ("123456789:AAE-abcdefghijklmnopqrstuvwxyz012345", "токен бота Telegram"),
    ],
)
def test_what_cannot_be_this_networks_key_is_refused_at_once(link, given, words):
    with pytest.raises(Refused, match=words):
        actions.give_key(key=link, token=given)
    assert Invitation.objects.get().tries == 0


def test_a_second_key_waits_for_the_check_of_the_first(link):
    actions.give_key(key=link, token=TOKEN)
    with pytest.raises(Refused, match="уже проверяем"):
        actions.give_key(key=link, token=TOKEN)


def test_after_a_wrong_key_the_same_link_takes_the_right_one(vk, link):
    for token in ("other-page-token", TOKEN):
        actions.give_key(key=link, token=token)
        actions.check_keys()
    assert Connection.objects.get().mode == "full"


def test_a_link_does_not_let_keys_be_tried_for_ever(vk, link):
    Invitation.objects.update(tries=10)
    with pytest.raises(Refused, match="слишком много"):
        actions.give_key(key=link, token=TOKEN)


def test_a_wrong_key_leaves_the_working_one_of_the_page_alone(vk, link, school):
    make_connection(school, tokens={"community": TOKEN})
    actions.give_key(key=link, token="other-page-token")
    actions.check_keys()
    assert vault.unseal(Token.objects.get().sealed) == TOKEN


def test_a_silent_network_is_asked_again_and_then_the_steward_is_told(network, link, settings):
    settings.NETWORKS = {"vk": {"base_url": "http://127.0.0.1:9/vk/method/", "ca_file": ""}}
    actions.give_key(key=link, token=TOKEN)
    actions.check_keys()
    waiting = Invitation.objects.get()
    assert (waiting.problem, waiting.next_check_at > timezone.now()) == ("", True)
    for _ in range(5):
        Invitation.objects.update(next_check_at=timezone.now())
        actions.check_keys()
    assert "Попробуйте ещё раз" in problem()
    assert bytes(Invitation.objects.get().sealed) == b""


def test_a_link_revoked_while_the_network_was_asked_connects_nothing(vk, link, school, operator):
    actions.give_key(key=link, token=TOKEN)
    row = Invitation.objects.get()
    actions.revoke(page=school, by=operator)
    actions.watching._check_key(row)
    assert not Connection.objects.exists()


def test_a_page_known_by_its_handle_only_learns_its_id_from_the_network(vk, body, operator):
    vk.add_page(GROUP + 5, handle="school_five", tokens={"community": "token-five"})
    page = make_page(body=body, external_id=None, handle="school_five")
    actions.give_key(key=actions.invite(page=page, by=operator), token="token-five")
    actions.check_keys()
    page.refresh_from_db()
    assert page.external_id == str(GROUP + 5)
    assert Connection.objects.get().page == page


def test_the_page_of_another_row_is_not_connected_twice(vk, body, school, operator):
    vk.add_page(GROUP, handle="school_one_more", tokens={"community": TOKEN})
    twin = make_page(body=body, external_id=None, handle="school_one_more")
    actions.give_key(key=actions.invite(page=twin, by=operator), token=TOKEN)
    actions.check_keys()
    assert "под другим названием" in Invitation.objects.get(page=twin).problem
    assert not Connection.objects.exists()


def test_links_for_many_pages_take_few_statements(body, operator, django_assert_max_num_queries):
    pages = [make_page(body=body) for _ in range(30)]
    with django_assert_max_num_queries(8):
        made = actions.invite_many(pages=pages, by=operator)
    assert len({key for _, key in made}) == 30
    assert Journal.objects.filter(verb="link_made").count() == 30


def test_a_network_that_we_do_not_speak_to_gets_no_link(body, operator):
    with pytest.raises(Refused, match="не подключается"):
        actions.invite(page=make_page(body=body, network="rutube"), by=operator)


def test_the_pilot_grows_to_five_pages_and_ends(body, operator):
    pages = [make_page(body=body) for _ in range(6)]
    actions.choose_pilot(pages=pages[:3], by=operator)
    actions.choose_pilot(pages=pages[1:4], by=operator)
    assert set(Pilot.objects.values_list("page", flat=True)) == {page.pk for page in pages[:4]}
    with pytest.raises(Refused, match="от одной до 5"):
        actions.choose_pilot(pages=[], by=operator)
    with pytest.raises(Refused, match="не больше 1"):
        actions.choose_pilot(pages=pages[3:], by=operator)
    actions.choose_pilot(pages=pages[4:5], by=operator)
    with pytest.raises(Refused, match="больше не нужно"):
        actions.choose_pilot(pages=pages[5:], by=operator)
    actions.end_pilot(by=operator)
    with pytest.raises(Refused, match="уже завершён"):
        actions.end_pilot(by=operator)


def test_a_page_leaves_the_pilot_alone(body, operator):
    pages = [make_page(body=body) for _ in range(2)]
    actions.choose_pilot(pages=pages, by=operator)
    actions.leave_pilot(page=pages[0], by=operator)
    assert [row.page for row in Pilot.objects.all()] == [pages[1]]
    with pytest.raises(Refused, match="уже нет"):
        actions.leave_pilot(page=pages[0], by=operator)
