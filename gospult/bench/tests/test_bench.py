import socket
import threading
from itertools import repeat

import pytest
from django.db import connection
from django.utils import timezone

from gospult.bench import audience, bare, clocks, dashboard, lists, nation, networks, registry, runner, search
from gospult.bench.crowd import MANY, fill
from gospult.bench.figures import spread
from gospult.bench.load import Client
from gospult.desk.models import Case, Message
from gospult.exchange.models import Incoming
from gospult.lib.errors import Refused
from gospult.registry import actions
from gospult.reports.queries import Asked, last_whole_month, period, report

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"


@pytest.fixture
def server():
    """Answers every request of one connection with what stands in `answers`, in turn."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(5)
    answers = [OK]

    def serve():
        connection, _ = listening.accept()
        with connection:
            for number in range(1000):
                if not connection.recv(65536):
                    return
                connection.sendall(answers[number % len(answers)])

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listening.getsockname()[1], answers
    thread.join(5)
    listening.close()


def test_percentiles_are_those_of_the_sorted_durations_in_milliseconds():
    assert spread(n / 1000 for n in range(100, 0, -1)) == {"min_ms": 1.0, "p50_ms": 51.0, "p95_ms": 96.0, "p99_ms": 100.0, "max_ms": 100.0}
    assert spread([]) == {}


def test_the_client_sends_no_more_than_it_may_and_counts_every_answer(server):
    port, _ = server
    with Client(port, 1) as client:
        found = client.run(repeat(b"POST / HTTP/1.1\r\n\r\n"), seconds=5, most=20)
    assert (len(found.latencies), found.errors) == (20, 0)
    assert found.rate > 0


def test_a_refusal_is_an_error_and_no_accepted_event(server):
    port, answers = server
    answers.append(BUSY)
    with Client(port, 1) as client:
        found = client.run(repeat(b"POST / HTTP/1.1\r\n\r\n"), seconds=5, most=10)
    assert (len(found.latencies), found.errors) == (5, 5)
    assert found.first_error.startswith(b"HTTP/1.1 503")


def test_production_does_not_have_the_addresses_of_the_bench(client):
    assert client.post(bare.BARE).status_code == client.post(bare.NOTHING).status_code == 404


def test_a_benchmark_that_is_not_there_is_refused_with_the_list():
    with pytest.raises(Refused, match=r"intake, desk, .*registry, .*networks"):
        runner.run("speed")


@pytest.mark.django_db
def test_the_generated_export_is_read_without_a_problem_and_changes_with_the_month():
    first = actions.import_registry(file=registry.export_file(100), by=None)
    again = actions.import_registry(file=registry.export_file(100), by=None)
    later = actions.import_registry(file=registry.export_file(100, month=1), by=None)
    assert (first.counts["created"], again.counts["created"], again.counts["changed"]) == (100, 0, 0)
    assert 0 < later.counts["changed"] <= 10


@pytest.mark.django_db
def test_the_crowd_is_a_desk_that_the_database_accepts(monkeypatch):
    monkeypatch.setattr("gospult.bench.crowd.export_file", lambda: registry.export_file(60))
    monkeypatch.setattr("gospult.bench.crowd._tidy", lambda: None)  # VACUUM does not run inside a test's transaction
    crowd = fill(200)
    assert (Case.objects.count(), Message.objects.count(), Incoming.objects.count()) == (200, crowd.messages, crowd.messages)
    assert Case.objects.get(pk=1).message_set.exists()


@pytest.mark.django_db
def test_a_crowd_made_three_times_as_large_keeps_its_ties_and_its_indexes(monkeypatch):
    monkeypatch.setattr("gospult.bench.crowd.export_file", lambda: registry.export_file(60))
    monkeypatch.setattr("gospult.bench.crowd._tidy", lambda: None)
    indexes = "SELECT indexname FROM pg_indexes WHERE tablename IN ('desk_case', 'desk_message') ORDER BY indexname"
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # the test is one transaction: nothing may wait for its end
        before = cursor.execute(indexes).fetchall()
        crowd = fill(40, times=3, sizes=MANY)
        assert cursor.execute(indexes).fetchall() == before
    assert (Case.objects.count(), Message.objects.count()) == (120, 3 * crowd.messages)
    assert all(case.message_set.count() == case.message_count for case in Case.objects.all())
    assert all(m.revisions().count() == 1 and m.external_id == f"c{m.pk}" for m in Message.objects.all())
    assert Case.objects.create(number="next", opened_at=timezone.now()).pk == 121


@pytest.mark.django_db
def test_a_second_recount_of_the_crowd_writes_nothing(monkeypatch):
    monkeypatch.setattr("gospult.bench.crowd.export_file", lambda: registry.export_file(60))
    monkeypatch.setattr("gospult.bench.crowd._tidy", lambda: None)
    fill(50, said=False)
    assert clocks.recounted("")[1] > 0
    assert clocks.recounted("")[1] == 0


@pytest.mark.django_db(transaction=True)
def test_the_country_of_the_bench_answers_for_every_page_and_walls_take_both_tokens(monkeypatch, settings):
    settings.LIMITS = {}
    monkeypatch.setitem(networks.TARGET_S, 60, 10.0)
    monkeypatch.setitem(networks.TARGET_CALLS, 60, 1)
    with networks._country(60) as sandbox:
        networks._keep("community", networks.COMMUNITY)
        cards = networks._cards(sandbox, 60)
        plans, walls = networks._plans(), networks._walls(sandbox)
    assert (cards["read"], cards["calls"], cards["enough"]) == (60, {"groups.getById": 1}, True)
    assert [(plan["fits"], plan["left_today"]) for plan in plans] == [(True, 4500), (True, 9000)]
    assert (walls["done"], walls["calls"], walls["calls_per_token"]) == (60, {"execute": 3, "wall.get": 60}, [10, 50])
    assert walls["enough"]


@pytest.mark.django_db
def test_the_region_of_the_dashboard_has_months_and_places(monkeypatch):
    monkeypatch.setattr("gospult.bench.crowd.export_file", lambda: registry.export_file(60))
    monkeypatch.setattr("gospult.bench.crowd._tidy", lambda: None)
    dashboard.fill_region(cases=100, days=2, months=2)
    found = dashboard.sizes()
    assert found["months"] == 3 * found["pages"]
    assert found["snapshots"] == 2 * found["pages"]
    told = report(Asked(period("month", timezone.localdate(), last_whole_month(timezone.localdate()))))
    assert told.figure("kept_share").value is not None
    assert len(told.table("places").rows) > 10


@pytest.mark.django_db(transaction=True)
def test_both_ways_of_counting_the_audience_agree():
    found = audience.run(sizes=("small",))
    assert found["small"]["equal"]
    assert found["small"]["ours"]["cells"] > found["small"]["ours"]["lowest_cells"] > 100
    assert found["chosen"]["measured_error_percent"] < 4 * found["chosen"]["printed_error_percent"]


@pytest.mark.django_db
def test_every_list_of_the_nation_opens_for_those_who_work_with_it(monkeypatch):
    monkeypatch.setattr("gospult.bench.nation._tidy", lambda: None)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    nation.fill(pages=800, bodies=1800, municipalities=100, people=40, posts=3)
    found = lists.measure(rounds=1)
    assert found["size"]["Page"] == 800
    assert found["roles"]["operator"]["sees"]["pages"] > found["roles"]["curator"]["sees"]["pages"] > 0
    assert {"pages: first", "scores, bodies: region", "branch: tree", "export: registry"} <= set(found["roles"]["curator"]["screens"])


@pytest.mark.django_db
def test_the_search_finds_what_people_ask_for_in_a_small_country():
    found = search.run(names=1_200, each=1, towns=15)

    assert found["size"]["names"] == 1_200
    assert found["queries"] >= 60
    assert found["hit_at_1"] >= 0.9, found["missed"]
