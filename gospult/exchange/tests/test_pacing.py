import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction

from gospult.exchange import pacing, queries
from gospult.exchange.limits import Rate, limits
from gospult.exchange.models import Pace, Spending, Task, Waiting
from gospult.exchange.pacing import Holder, TokenPacer
from gospult.networks.base import NetworkError
from gospult.registry.testing import make_page

pytestmark = pytest.mark.django_db(transaction=True)
KEY = Holder("a" * 32, "первый")


@pytest.fixture(autouse=True)
def kept(settings):
    settings.LIMITS = {}
    return settings


def pacer(*, task=Task.SWEEP, network="vk", page=None, key=KEY):
    return TokenPacer(network, dict.fromkeys(("service", "community", "user", "bot"), key), page=page and page.pk, task=task)


def too_much(fault, retry_after=None):
    return NetworkError("no", fault=fault, retry_after=retry_after)


def in_threads(work, number):
    def alone(turn):
        try:
            return work(turn)
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(alone, range(number)))


def test_four_workers_together_never_exceed_three_calls_a_second_of_one_token():
    def work(_turn):
        mine, moments = pacer(), []
        for _ in range(3):
            mine.before("service", "groups.getById")
            moments.append(time.monotonic())
        return moments

    moments = [moment for found in in_threads(work, 4) for moment in found]
    ordered = sorted(moments)
    assert len(moments) == 12
    # A busy machine tells a moment late, never early: so much later than the first must each one be.
    assert all(moment - ordered[0] > number / 3 - 0.3 for number, moment in enumerate(ordered))
    assert ordered[-1] - ordered[0] < 10


def test_another_token_has_a_budget_of_its_own():
    began = time.monotonic()
    for number in range(12):
        pacer(key=Holder(f"{number:032d}")).before("service", "groups.getById")
    assert time.monotonic() - began < 11 / 3


def test_one_chat_waits_for_its_second_and_the_others_do_not():
    mine = pacer(network="telegram", task=Task.REPLY)
    began = time.monotonic()
    for peer in range(501, 507):
        mine.before("bot", "sendMessage", peer=str(peer))
    assert time.monotonic() - began < 4
    for _ in range(2):
        began = time.monotonic()
        mine.before("bot", "sendMessage", peer="600")
    assert time.monotonic() - began > 0.9


def test_a_chat_is_not_named_in_the_rows():
    pacer(network="telegram").before("bot", "sendMessage", peer="555501")
    assert not [row for row in Pace.objects.values_list("bucket", flat=True) if "555501" in row]


def test_a_group_takes_some_at_once_and_not_more_than_twenty_a_minute():
    rate = limits("telegram").group
    assert rate.burst + rate.top * 60 <= 20 + 1e-9


def test_a_day_of_a_method_ends_and_the_rest_is_told_to_come_tomorrow(kept):
    kept.LIMITS = {"vk.wall.get/day": 10, "vk.service": 0}
    mine = pacer()
    with time_machine.travel(datetime(2026, 3, 1, 20, 0, tzinfo=UTC), tick=False):  # 23:00 in Moscow
        for _ in range(9):
            mine.before("service", "wall.get")
        with pytest.raises(NetworkError) as error:
            mine.before("service", "wall.get")
        pacer(task=Task.REPLY).before("service", "wall.get")  # an answer takes the last one
        pacer().before("service", "groups.getById")  # another method is not concerned
    assert (error.value.fault, error.value.retry_after, error.value.permanent) == ("quota", 3600, False)
    with time_machine.travel(datetime(2026, 3, 1, 21, 1, tzinfo=UTC), tick=False):
        mine.before("service", "wall.get")


def test_workers_together_spend_no_more_than_the_day_allows(kept):
    kept.LIMITS = {"vk.wall.get/day": 100, "vk.service": 0}

    def work(_turn):
        served = 0
        for _ in range(40):
            try:
                pacer().before("service", "wall.get")
                served += 1
            except NetworkError:
                return served
        return served

    assert sum(in_threads(work, 4)) == 90
    row = Spending.objects.get()
    assert (row.sweep, row.reply, row.poll) == (90, 0, 0)


def test_polling_leaves_the_walls_their_part(kept):
    kept.LIMITS = {"vk.wall.get/day": 100, "vk.service": 0}
    mine = pacer(task=Task.POLL)
    for _ in range(30):
        mine.before("service", "wall.get")
    with pytest.raises(NetworkError):
        mine.before("service", "wall.get")
    pacer().before("service", "wall.get")


def test_a_batch_is_one_call_a_second_and_all_its_calls_of_the_day():
    mine = pacer()
    began = time.monotonic()
    mine.before("community", "execute", inside={"wall.get": 25})
    mine.before("community", "execute", inside={"wall.get": 25})
    assert time.monotonic() - began < 2
    assert Spending.objects.get(method="wall.get").sweep == 50


def test_a_batch_that_is_more_than_the_day_has_left_spends_nothing(kept):
    kept.LIMITS = {"vk.wall.get/day": 20}
    with pytest.raises(NetworkError, match="квота"):
        pacer().before("community", "execute", inside={"wall.get": 25})
    assert not Spending.objects.exists()


def test_too_fast_stops_the_token_for_all_workers_for_a_second():
    pacer().refused("service", "wall.get", too_much("too_fast"))
    began = time.monotonic()
    pacer().before("service", "groups.getById")
    assert 0.9 <= time.monotonic() - began < 5


def test_a_pause_that_the_network_names_is_kept_by_all_and_told_to_who_asks():
    pacer(network="telegram").refused("bot", "sendMessage", too_much("too_fast", 35), peer="501")
    with pytest.raises(NetworkError) as error:
        pacer(network="telegram").before("bot", "sendMessage", peer="502")
    assert error.value.fault == "too_fast"
    assert 34 < error.value.retry_after <= 35


def test_a_flood_stops_only_its_method_and_longer_each_time():
    mine, pauses = pacer(task=Task.REPLY), []
    for _ in range(3):
        mine.refused("community", "wall.createComment", too_much("flood"))
        with pytest.raises(NetworkError) as error:
            mine.before("community", "wall.createComment")
        pauses.append(round(error.value.retry_after))
        Pace.objects.update(blocked_until=None)  # the pause is over
    mine.before("community", "messages.send")
    assert pauses == [60, 120, 240]


def test_a_quota_of_which_nobody_tells_the_end_stops_its_method_longer_each_time():
    mine, pauses = pacer(network="ok"), []
    for _ in range(2):
        mine.refused("user", "group.getInfo", too_much("quota", 60))
        with pytest.raises(NetworkError) as error:
            mine.before("user", "group.getInfo")
        pauses.append((error.value.fault, round(error.value.retry_after)))
        Pace.objects.filter(bucket__startswith="method:").update(blocked_until=None)
    assert pauses == [("quota", 60), ("quota", 120)]


def test_refusals_of_calls_that_were_under_way_together_are_one():
    for _ in range(3):
        pacer().refused("community", "wall.createComment", too_much("flood"))
    assert Pace.objects.get().strikes == 1


def test_a_quota_refusal_closes_the_method_until_the_networks_midnight():
    with time_machine.travel(datetime(2026, 3, 1, 9, 0, tzinfo=UTC), tick=False):
        pacer().refused("service", "wall.getComments", too_much("quota"))
        with pytest.raises(NetworkError) as error:
            pacer(task=Task.REPLY).before("service", "wall.getComments")
        assert error.value.retry_after == 12 * 3600
    with time_machine.travel(datetime(2026, 3, 1, 21, 0, 1, tzinfo=UTC), tick=False):
        pacer().before("service", "wall.getComments")


def test_who_has_waited_for_his_place_looks_again_whether_it_is_still_allowed():
    mine = pacer(task=Task.REPLY)
    for _ in range(3):
        mine.before("service", "wall.get")
    refusing = threading.Timer(0.1, lambda: in_threads(lambda _: pacer().refused("service", "wall.get", too_much("too_fast", 2)), 1))
    refusing.start()
    began = time.monotonic()
    mine.before("service", "wall.get")
    refusing.join()
    assert time.monotonic() - began >= 1.9


def test_what_nobody_publishes_is_learned():
    mine = pacer(network="ok")
    mine.before("bot", "group.getInfo")
    assert Pace.objects.get().rate == pytest.approx(3.0)
    mine.refused("bot", "group.getInfo", too_much("too_fast", 0.01))
    assert Pace.objects.get().rate == pytest.approx(1.5)
    time.sleep(0.02)
    for _ in range(3):
        pacer(network="ok", task=Task.REPLY).before("bot", "group.getInfo")
    assert Pace.objects.get().rate == pytest.approx(1.65)


def test_an_answer_goes_before_the_sweeps_of_the_same_token():
    stop, swept = threading.Event(), []

    def sweep(_turn):
        mine = pacer()
        while not stop.is_set():
            try:
                mine.before("service", "groups.getById")
                swept.append(time.monotonic())
            except NetworkError:
                return

    hurry = threading.Thread(target=lambda: in_threads(sweep, 12))
    hurry.start()
    time.sleep(1.5)
    waits = []
    for _ in range(3):
        began = time.monotonic()
        pacer(task=Task.REPLY).before("service", "wall.getComments")
        waits.append(time.monotonic() - began)
    stop.set()
    hurry.join()
    assert max(waits) < 3  # in turn with the twelve it would be more than four
    assert len(swept) >= 3


def test_a_reading_that_has_had_its_turn_makes_room_for_other_pages(kept, monkeypatch):
    kept.LIMITS = {"vk.service": 0}
    monkeypatch.setitem(pacing.TURN, Task.POLL, 5)
    mine = pacer(task=Task.POLL)
    for _ in range(5):
        mine.before("service", "wall.getComments")
    with pytest.raises(NetworkError, match="очередь за другими"):
        mine.before("service", "wall.getComments")
    mine.before("community", "messages.getHistory")  # another token has its own turn
    pacer(task=Task.POLL).before("service", "wall.getComments")


def test_who_waits_is_told_with_the_reason_until_he_is_served(body):
    page = make_page(body=body, name="Школа № 1")
    pacer(network="telegram").refused("bot", "sendMessage", too_much("too_fast", 35))
    for _ in range(2):
        with pytest.raises(NetworkError):
            pacer(network="telegram", page=page, task=Task.REPLY).before("bot", "sendMessage", peer="5")
    (line,) = queries.waiting()
    assert (line["page_name"], line["network"], line["task_name"], line["token"]) == ("Школа № 1", "telegram", "ответ", "bot первый")
    assert (line["method"], line["reason"]) == ("sendMessage", "too_fast")
    assert 30 < (line["until"] - line["since"]).total_seconds() < 36
    Pace.objects.update(blocked_until=None)
    pacer(network="telegram", page=page, task=Task.REPLY).before("bot", "sendMessage", peer="5")
    assert not Waiting.objects.exists()


def test_a_place_is_seen_by_others_at_once_and_stays_taken_though_the_caller_rolls_back():
    with transaction.atomic():
        pacer().before("service", "wall.get")
        assert in_threads(lambda _: Spending.objects.count(), 1) == [1]
        transaction.set_rollback(True)
    assert Spending.objects.get().sweep == 1
    assert Pace.objects.count() == 1


def test_without_limits_nothing_is_kept(kept):
    kept.LIMITS = {"*": 0}
    for _ in range(50):
        pacer().before("service", "wall.get")
    assert (Pace.objects.count(), Spending.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ({"vk.service": 5}, lambda all: all.rate("service").calls == 5),
        ({"vk.service": 0}, lambda all: all.rate("service") is None and all.rate("user").calls == 3),
        ({"vk.wall.get/day": 10_000}, lambda all: all.daily == {"wall.get": 10_000}),
        ({"vk.peer": 2}, lambda all: all.peer == Rate(2)),
    ],
)
def test_settings_change_a_figure(kept, line, found):
    kept.LIMITS = line
    assert found(limits("vk"))


def test_a_limit_that_does_not_exist_is_named(kept):
    kept.LIMITS = {"vk.servise": 5}
    with pytest.raises(ImproperlyConfigured, match="servise"):
        limits("vk")


def test_a_learned_rate_does_not_fall_so_low_that_nobody_is_served():
    pacer(network="ok").before("bot", "group.getInfo")
    for _ in range(12):
        pacer(network="ok").refused("bot", "group.getInfo", too_much("too_fast", 0.001))
        Pace.objects.update(blocked_until=None)
    assert Pace.objects.get().rate == 0.5
