import logging
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from gospult.accounts.models import Journal
from gospult.exchange import actions, queries, vault
from gospult.exchange.models import Connection, Pace, Spending, Task, Token
from gospult.exchange.testing import make_connection
from gospult.networks.base import NetworkError
from gospult.networks.testing import Sandbox
from gospult.registry.testing import make_page

pytestmark = pytest.mark.django_db(transaction=True)
GROUP = 777
SECRET = "vk1.a.SECRETTOKENTHATNOBODYMAYSEE"


@pytest.fixture(scope="module")
def network():
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def vk(network, settings):
    network.reset()
    network.settings(rate_limits=False)
    settings.NETWORKS = {"vk": {"base_url": network.api_url(), "ca_file": ""}}
    network.add_page(GROUP, name="Школа", tokens={"community": SECRET, "service": "service"})
    return network


@pytest.fixture
def page(body):
    return make_page(body=body, external_id=str(GROUP))


def keep(token, *, kind="service", page=None, **more):
    return actions.keep_token(network="vk", page=page, kind=kind, token=token, by=None, **more)


def opened():
    return sorted(vault.unseal(row.sealed) for row in Token.objects.all())


def test_a_token_of_the_same_page_kind_and_label_gives_way(page):
    keep("old", page=page)
    keep("new", page=page)
    keep("other", page=page, label="запасной")
    assert opened() == ["new", "other"]


def test_the_database_keeps_one_token_of_a_label_also_without_a_page():
    row = keep("one", label="первый")
    with pytest.raises(IntegrityError), transaction.atomic():
        Token.objects.create(network="vk", kind="service", label="первый", sealed=row.sealed)


def test_nothing_that_was_said_of_the_old_token_is_true_of_the_new(page):
    keep("old", page=page, expires_at=timezone.now())
    Token.objects.update(problem="auth", rights=["card"], checked_at=timezone.now(), tried_at=timezone.now())
    row = keep("new", page=page)
    row.refresh_from_db()
    assert (row.problem, row.rights, row.checked_at, row.tried_at, row.expires_at) == ("", [], None, None, None)


def test_the_same_token_of_two_pages_has_one_budget(page, body):
    second = make_page(body=body, external_id="778")
    rows = [keep("same", page=owner) for owner in (page, second)]
    assert rows[0].fingerprint == rows[1].fingerprint != keep("different").fingerprint
    assert "same" not in rows[0].fingerprint


def test_a_connection_that_is_given_no_secret_keeps_its_own(page):
    make_connection(page, secret="secret", confirmation="word")
    actions.connect(page=page, tokens={"community": "another"}, by=None)
    row = Connection.objects.get()
    assert (vault.unseal(row.sealed_secret), row.confirmation) == ("secret", "word")


def test_a_dropped_token_leaves_a_line_and_nothing_else(page):
    row = keep("token", page=page, label="запасной")
    actions.drop_token(token=row, by=None)
    line = Journal.objects.latest("id")
    assert not Token.objects.exists()
    assert (line.verb, line.object_id, line.data) == ("token_dropped", page.pk, {"network": "vk", "kind": "service", "label": "запасной"})


# Rotation


def test_after_a_rotation_the_old_key_opens_nothing_and_all_works_on(page, settings):
    settings.TOKEN_KEYS = ["old key"]
    make_connection(page, tokens={"community": "token"}, secret="secret")
    settings.TOKEN_KEYS = ["new key", "old key"]
    assert opened() == ["token"]
    assert actions.reseal(by=None) == {"tokens": 1, "secrets": 1, "unopened": 0}
    settings.TOKEN_KEYS = ["new key"]
    assert opened() == ["token"]
    assert vault.unseal(Connection.objects.get().sealed_secret) == "secret"


def test_what_a_token_has_spent_stays_spent_after_a_rotation(settings):
    settings.TOKEN_KEYS, settings.LIMITS = ["old key"], {}
    keep("token")
    queries.service_connector("vk")._client._pacer.before("service", "wall.get")
    before = queries.plan_wall_pass("vk")["left_today"]
    settings.TOKEN_KEYS = ["new key", "old key"]
    actions.reseal(by=None)
    assert (before, queries.plan_wall_pass("vk")["left_today"]) == (4499, 4499)
    assert {*Pace.objects.values_list("fingerprint", flat=True)} == {Token.objects.get().fingerprint} == {vault.fingerprint("token")}


def test_a_token_that_no_key_opens_is_counted_and_left_alone(settings):
    settings.TOKEN_KEYS = ["lost key"]
    sealed = bytes(keep("token").sealed)
    settings.TOKEN_KEYS = ["new key"]
    assert actions.reseal(by=None) == {"tokens": 0, "secrets": 0, "unopened": 1}
    assert bytes(Token.objects.get().sealed) == sealed


# Choice among several


def test_of_several_tokens_the_one_with_most_left_is_taken(settings):
    settings.LIMITS = {}
    rows = {name: keep(name, label=name) for name in ("a", "b", "c")}

    def chosen():
        return queries.service_connector("vk")._tokens["service"]

    assert chosen() == "a"
    Spending.objects.create(fingerprint=rows["a"].fingerprint, method="wall.get", day=queries.budgets.limits("vk").day(), sweep=100)
    assert chosen() == "b"
    Pace.objects.create(fingerprint=rows["b"].fingerprint, free_at=timezone.now(), blocked_until=timezone.now() + timedelta(seconds=9))
    assert chosen() == "c"
    Token.objects.filter(label="c").update(problem="auth")
    assert chosen() == "a"


def test_a_pages_own_token_goes_before_the_installations(page):
    keep("installation")
    keep("own", page=page)
    assert queries.connector(page)._tokens == {"service": "own"}


def test_a_sweep_borrows_a_communitys_token_and_never_a_persons(page):
    keep("group", kind="community", page=page)
    keep("person", kind="user", page=page)
    assert queries.service_connector("vk", task=Task.SWEEP)._tokens == {"community": "group"}


def test_workers_that_keep_the_quota_never_hear_that_they_are_too_fast(vk, page, settings):
    vk.settings(rate_limits=True)
    settings.LIMITS = {"vk.service": 2}  # one less than the sandbox takes: a busy machine may send late
    keep("service")

    def work(_turn):
        try:
            return [queries.connector(page, task=Task.SWEEP).cards([str(GROUP)])[0].name for _ in range(3)]
        finally:
            connection.close()

    began = time.monotonic()
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(work, range(3))) == [["Школа"] * 3] * 3
    assert time.monotonic() - began >= 8 / 2  # nine calls at two a second
    assert vk.state()["calls"] == {"groups.getById": 9}


# Rights and terms


def test_what_a_token_really_allows_is_asked_and_kept(vk, page):
    make_connection(page, tokens={"community": SECRET})
    keep("service", label="общий")
    assert actions.check_tokens_due() == 2
    found = {row.kind: row for row in Token.objects.all()}
    assert {"reply_comment", "reply_dm", "card"} <= set(found["community"].rights)
    assert {"card", "posts", "comments"} <= set(found["service"].rights)
    assert all(row.checked_at and not row.problem for row in found.values())
    assert actions.check_tokens_due() == 0


def test_a_token_that_the_network_refuses_is_an_alarm_until_it_is_well_again(vk, page):
    row = keep("revoked", kind="community", page=page)
    assert actions.check_token(row) == "auth"
    (alarm,) = queries.troubled_tokens()
    assert (alarm["page"], alarm["kind"], alarm["problem"], alarm["expired"]) == (page.pk, "community", "auth", False)
    row = keep(SECRET, kind="community", page=page)
    assert actions.check_token(row) == ""
    assert queries.troubled_tokens() == []
    verbs = list(Journal.objects.filter(verb__startswith="token_").order_by("id").values_list("verb", flat=True))
    assert verbs == ["token_kept", "token_trouble", "token_kept"]


def test_a_network_that_is_silent_says_nothing_against_a_token(vk, page):
    row = keep(SECRET, kind="community", page=page)
    vk.fault("http_500_before", times=1)
    assert actions.check_token(row) == "down"
    row.refresh_from_db()
    assert (row.problem, row.checked_at) == ("", None)


def test_a_token_is_asked_about_again_within_the_hour_when_nobody_answered(vk, page):
    keep(SECRET, kind="community", page=page)
    vk.fault("http_500_before", times=1)
    actions.check_tokens_due()
    assert actions.check_tokens_due() == 0
    Token.objects.update(tried_at=timezone.now() - timedelta(hours=2))
    assert actions.check_tokens_due() == 1
    assert Token.objects.get().checked_at


def test_a_term_that_comes_near_is_an_alarm_in_time(page, settings):
    settings.EXPIRY_DAYS = 14
    now = timezone.now()
    for label, days in (("прошёл", -1), ("скоро", 13), ("нескоро", 15)):
        keep(label, label=label, expires_at=now + timedelta(days=days))
    keep("бессрочный", label="бессрочный")
    assert [(alarm["label"], alarm["expired"]) for alarm in queries.troubled_tokens()] == [("прошёл", True), ("скоро", False)]


# Nobody sees a token


def test_a_token_is_in_no_row_log_error_page_or_repr(vk, page, settings, caplog):
    caplog.set_level(logging.DEBUG)
    make_connection(page, tokens={"community": SECRET}, secret="THEHOOKSECRET")
    row = Token.objects.get()
    network = queries.connector(page)
    seen = [repr(row), str(row), repr(network), repr(vars(network)["_client"]), repr(queries.troubled_tokens())]
    vk.fault("http_500_before", times=1)
    for break_it in (lambda: network.cards([str(GROUP)]), lambda: network.thread("w1_1", kind="comment")):
        with pytest.raises(NetworkError) as error:
            break_it()
        seen += [repr(error.value), str(error.value)]
    actions.check_token(row)
    settings.LIMITS = {"vk.nothing": 1}  # something of ours goes wrong
    assert actions.check_token(row) == "other"
    actions.reseal(by=None)
    seen += [str(line) for line in Journal.objects.values_list("verb", "data")]
    seen += [str(line) for table in (Pace, Spending, Token, Connection) for line in table.objects.values()]
    settings.DEBUG = False
    seen += [Client(raise_request_exception=False).post("/hook/vk/", b"{", content_type="application/json").content.decode()]
    seen += [caplog.text]
    everything = "\n".join(seen)
    assert "was not checked" in caplog.text
    assert SECRET not in everything
    assert "THEHOOKSECRET" not in everything
