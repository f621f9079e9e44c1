"""A build from the networks to the rows."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from gospult.accounts.models import Journal
from gospult.audience import actions, jobs, queries
from gospult.audience.actions import building, collecting
from gospult.audience.models import Build, Cell, PageShare, Selection, SelectionCount, Sketch
from gospult.audience.testing import make_build
from gospult.exchange.actions import keep_token
from gospult.lib.errors import Refused
from gospult.networks.base import NetworkError
from gospult.networks.sandbox.world import Page as SandboxPage
from gospult.networks.testing import Sandbox
from gospult.networks.vk import VK
from gospult.registry.testing import make_body, make_page, make_person, make_sphere, make_territory

pytestmark = pytest.mark.django_db(transaction=True)
State = Build.State


@pytest.fixture(scope="module")
def network():
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def vk(network, settings, tmp_path):
    network.reset()
    network.settings(rate_limits=False)
    settings.NETWORKS = {"vk": {"base_url": network.api_url(), "ca_file": ""}}
    settings.HOME = tmp_path
    return network


@pytest.fixture
def region(settings, tmp_path):
    """Two municipalities with two pages each, of schools and of culture."""
    settings.HOME = tmp_path
    top = make_territory(name="Область", level="region")
    towns = [make_territory(name=name, parent=top, population=10_000) for name in ("Миасс", "Аша")]
    school, culture = make_sphere(name="Школы"), make_sphere(name="Культура")
    bodies = [make_body(territory=towns[number // 2], spheres=[(school, culture)[number % 2]]) for number in range(4)]
    pages = [make_page(external_id=str(1001 + number), body=body) for number, body in enumerate(bodies)]
    return top, towns, (school, culture), pages


def followers(number, members):
    return set(SandboxPage("vk", number, "", "", {}, members=members).followers)


def opened(vk, pages, sizes):
    for page, members in zip(pages, sizes, strict=True):
        vk.add_page(int(page.external_id), members=members, tokens={"service": "one"})
    keep_token(network="vk", page=None, kind="service", token="one", label="ключ", by=None)
    return [followers(int(page.external_id), members) for page, members in zip(pages, sizes, strict=True)]


def test_people_of_the_networks_are_counted_once_in_every_cell(vk, region):
    top, towns, _, pages = region
    people = opened(vk, pages, (2_300, 1_500, 1_200, 7_000))
    jobs.start()
    jobs.work()
    build = Build.objects.get()
    assert (build.state, build.total, build.listed, build.done, build.unread, build.pairs) == (State.DONE, 4, 4, 4, 0, 12_000)
    cell = Cell.objects.get(build=build, territory=top, sphere=None)
    assert (cell.people, cell.subscriptions, cell.pages, cell.read) == (len(set.union(*people)), 12_000, 4, 4)
    assert Cell.objects.get(territory=towns[0], sphere=None).people == len(people[0] | people[1])
    share = PageShare.objects.get(page=pages[3])
    assert share.only_here == len(people[3] - people[0] - people[1] - people[2])
    assert share.only_near == len(people[3] - people[2])
    assert Sketch.objects.count() == 4


def test_a_page_that_the_network_does_not_show_is_told(vk, region):
    *_, pages = region
    opened(vk, pages[:3], (2_300, 1_500, 1_200))
    make_page(network="telegram", external_id="-100", body=pages[0].bodies.get())
    jobs.start()
    jobs.work()
    build = Build.objects.get()
    assert (build.state, build.total, build.listed, build.done, build.unread) == (State.DONE, 5, 4, 3, 1)
    cell = Cell.objects.get(territory__level="region", sphere=None, network="vk")
    assert (cell.pages, cell.read) == (4, 3)
    assert Cell.objects.get(territory__level="region", sphere=None, network="telegram").people is None


def test_nothing_is_left_on_the_disk(vk, region, tmp_path):
    opened(vk, region[3], (2_300, 1_500, 1_200, 7_000))
    jobs.start()
    jobs.work()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_build_that_was_stopped_counts_nothing(region, monkeypatch):
    build = actions.start_build(by=None)
    monkeypatch.setattr("gospult.audience.actions.building.collect", lambda *_: actions.stop_build(build=Build.objects.get(), by=None))
    jobs.work()
    build.refresh_from_db()
    assert (build.state, build.unfinished, Cell.objects.count()) == (State.STOPPED, None, 0)
    with pytest.raises(Refused):
        actions.stop_build(build=build, by=None)


def test_there_is_one_build_at_a_time(region):
    assert actions.start_build(by=None) == actions.start_build(by=None)
    assert Journal.objects.filter(verb="audience_build_started").count() == 1


def test_a_build_whose_process_died_is_broken_and_the_next_one_works(vk, region):
    opened(vk, region[3], (30, 30, 30, 30))  # that the next one has something to count
    build = died()
    jobs.work()  # begins anew by itself
    build.refresh_from_db()
    assert (build.state, build.fault) == (State.BROKEN, "killed")
    assert Build.objects.latest("pk").state == State.DONE


def died():
    build = actions.start_build(by=None)
    build.move_to(State.COLLECTING, not_before=timezone.now() - timedelta(seconds=1))
    return build


def test_a_dead_build_is_buried_only_together_with_the_beginning_of_the_next(region, monkeypatch):
    build = died()
    monkeypatch.setattr(building, "start_build", lambda **_: 1 / 0)  # the worker is killed in the middle
    with pytest.raises(ZeroDivisionError):
        jobs.work()
    build.refresh_from_db()
    assert (build.state, build.unfinished) == (State.COLLECTING, True)  # another worker will find it


def test_what_kills_builds_is_not_fed_for_ever(region, monkeypatch):
    monkeypatch.setattr(building, "collect", lambda *_: None)
    died()
    jobs.work()
    died()
    jobs.work()
    assert not Build.objects.filter(unfinished=True).exists()
    assert Build.objects.filter(fault="killed").count() == 2


def test_small_pages_share_their_requests_and_a_large_one_does_not(vk, region):
    *_, pages = region
    people = opened(vk, pages, (2_300, 1_500, 1_200, 900))
    keep_token(network="vk", page=None, kind="user", token="person", label="ключ человека", by=None)
    vk.add_page(999, members=10, tokens={"user": "person"})
    type(pages[0]).objects.filter(pk=pages[0].pk).update(members=1_000_000)
    before = Counter(vk.state()["calls"])
    jobs.start()
    jobs.work()
    asked = Counter(vk.state()["calls"]) - before
    # of the three small pages two need a second call; the large one is told in a first call and a batch
    assert asked == {"execute": 3, "groups.getMembers": 3 + 2 + 3}
    assert Cell.objects.get(territory=region[0], sphere=None).people == len(set.union(*people))


def test_a_page_that_is_closed_to_strangers_is_read_by_its_own_key(vk, region, monkeypatch):
    *_, pages = region
    opened(vk, pages[:2], (2_300, 1_500))
    vk.add_page(int(pages[2].external_id), members=1_200, tokens={"community": "own"})
    keep_token(network="vk", page=pages[2], kind="community", token="own", label="", by=None)
    refusal = NetworkError("VK 15: закрыто", fault="access", permanent=True)
    monkeypatch.setattr(VK, "members_of", lambda _, names: ((name, refusal) for name in names))
    jobs.start()
    jobs.work()
    build = Build.objects.get()
    assert (build.state, build.listed, build.done, build.unread) == (State.DONE, 4, 1, 3)
    assert PageShare.objects.get().page == pages[2]


def test_a_network_that_is_busy_is_asked_again_and_only_for_what_is_left(vk, region):
    opened(vk, region[3], (2_300, 1_500, 1_200, 7_000))
    vk.fault("too_fast", method="groups.getMembers", times=2)
    jobs.start()
    jobs.work()
    assert (Build.objects.get().state, Build.objects.get().pairs) == (State.DONE, 12_000)


def test_a_network_that_is_down_is_not_asked_page_by_page(vk, region, monkeypatch):
    *_, pages = region
    opened(vk, pages, (2_300, 1_500, 1_200, 900))
    keep_token(network="vk", page=pages[2], kind="community", token="own", label="", by=None)
    monkeypatch.setattr(collecting, "PAUSE", 0.0)
    down, asked = NetworkError("нет связи", fault="down"), []
    monkeypatch.setattr(VK, "members_of", lambda *_: (_ for _ in ()).throw(down))
    monkeypatch.setattr(VK, "members", lambda network: asked.append(network) or (_ for _ in ()).throw(down))
    jobs.start()
    jobs.work()
    assert len(asked) == collecting.TRIES  # only the page with a key of its own
    assert (Build.objects.get().unread, Build.objects.get().fault) == (4, "nothing")


def test_after_some_pages_in_vain_a_silent_network_is_asked_no_more(vk, region, monkeypatch):
    *_, pages = region
    opened(vk, pages, (2_300, 1_500, 1_200, 900))
    type(pages[0]).objects.update(members=1_000_000)  # all are asked one by one
    monkeypatch.setattr(collecting, "PAUSE", 0.0)
    monkeypatch.setattr(collecting, "SILENT", 2)
    asked = []
    monkeypatch.setattr(VK, "members", lambda network: asked.append(network) or (_ for _ in ()).throw(NetworkError("нет связи", fault="down")))
    jobs.start()
    jobs.work()
    assert (len(asked), Build.objects.get().unread) == (2 * collecting.TRIES, 4)


def test_pages_that_the_shared_request_forgets_are_asked_one_by_one(vk, region, monkeypatch):
    opened(vk, region[3], (2_300, 1_500, 1_200, 900))
    monkeypatch.setattr(VK, "members_of", lambda *_: iter(()))
    jobs.start()
    jobs.work()
    assert (Build.objects.get().state, Build.objects.get().done) == (State.DONE, 4)


def test_a_build_that_waits_for_a_network_can_be_stopped(vk, region, monkeypatch):
    opened(vk, region[3], (2_300, 1_500, 1_200, 7_000))
    monkeypatch.setattr(VK, "members_of", lambda *_: (_ for _ in ()).throw(NetworkError("занято", fault="down", retry_after=500)))
    monkeypatch.setattr(collecting.time, "sleep", lambda _: actions.stop_build(build=Build.objects.get(), by=None))
    jobs.start()
    jobs.work()
    assert (Build.objects.get().state, Cell.objects.count()) == (State.STOPPED, 0)


def test_an_error_breaks_the_build_and_rises(region, monkeypatch):
    actions.start_build(by=None)
    monkeypatch.setattr("gospult.audience.actions.building.collect", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        jobs.work()
    assert Build.objects.get().state == State.BROKEN


def test_a_page_without_a_territory_counts_for_the_region(region):
    top, *_ = region
    lost = make_page()
    make_build({lost: range(500), region[3][0]: range(250, 900)})
    cell = Cell.objects.get(territory=top, sphere=None)
    assert (cell.people, cell.read) == (900, 2)


def test_a_small_cell_is_hidden_and_so_is_its_neighbour(region):
    top, towns, _, pages = region
    make_build({pages[0]: range(60), pages[1]: range(30, 90), pages[2]: range(5_000), pages[3]: range(3_000, 9_000)})
    miass, asha = (Cell.objects.get(territory=town, sphere=None) for town in towns)
    assert (miass.hidden, miass.people, miass.subscriptions) == (True, None, None)
    assert asha.hidden  # the region less Asha would be Miass
    assert Cell.objects.get(territory=top, sphere=None).people == 9_000


def test_selections_are_counted_exactly_at_every_build(region):
    *_, pages = region
    owner = make_person()
    chosen = actions.save_selection(name="Мои", pages=[pages[0], pages[3]], by=owner)
    make_build({pages[0]: range(2_000), pages[1]: range(5_000), pages[3]: range(1_500, 4_000)})
    count = SelectionCount.objects.get(selection=chosen)
    assert (count.people, count.subscriptions, count.pages) == (4_000, 4_500, 2)
    actions.drop_selection(selection=chosen, by=owner)
    assert not Selection.objects.exists()
    assert not SelectionCount.objects.exists()


def test_only_the_latest_build_speaks_of_pages(region):
    *_, pages = region
    first = make_build({pages[0]: range(2_000), pages[1]: range(1_000, 4_000)})
    second = make_build({pages[0]: range(2_000), pages[1]: range(1_500, 4_000)})
    assert set(Sketch.objects.values_list("build", flat=True)) == set(PageShare.objects.values_list("build", flat=True)) == {second.pk}
    assert Cell.objects.filter(build=first).exists()


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_pairs_of_a_file_are_counted_like_those_of_a_network(region, tmp_path, form):
    import duckdb

    top, *_, pages = region
    path = tmp_path / f"pairs.{form}"
    rows = [(pages[0].handle, f"p{who}") for who in range(700)] + [(f"https://vk.com/{pages[1].handle}", f"p{who}") for who in range(400, 1000)]
    values = ", ".join(f"('{page}', '{who}')" for page, who in [*rows, ("nobody", "p1")])
    duckdb.sql(f"COPY (SELECT * FROM (VALUES {values}) AS t(page, person)) TO '{path}'")
    build = actions.build_from_pairs(file=path, network="vk", by=None)
    assert (build.state, build.done, build.pairs) == (State.DONE, 2, 1_300)
    assert Cell.objects.get(territory=top, sphere=None).people == 1_000


def test_a_file_of_another_kind_is_refused(region, tmp_path):
    path = tmp_path / "pairs.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(Refused, match="page и person"):
        actions.build_from_pairs(file=path, network="vk", by=None)
    assert not Build.objects.filter(unfinished=True).exists()
    with pytest.raises(Refused, match="parquet"):
        actions.build_from_pairs(file=tmp_path / "pairs.txt", network="vk", by=None)


def test_a_file_of_unknown_pages_is_refused_and_the_former_build_stays(region, tmp_path):
    page = region[3][0]
    file = tmp_path / "pairs.csv"
    file.write_text("page,person\n" + "\n".join(f"{page.external_id},{n}" for n in range(50)))
    former = actions.build_from_pairs(file=file, network=page.network, by=None)
    file.write_text("page,person\nnowhere,1\n")
    with pytest.raises(Refused, match="нет в реестре"):
        actions.build_from_pairs(file=file, network=page.network, by=None)
    assert Build.objects.latest("pk").state == Build.State.BROKEN
    assert queries.latest() == former


def test_networks_that_tell_nothing_leave_the_former_build(region, monkeypatch):
    monkeypatch.setattr(building, "collect", lambda *_: None)
    actions.start_build(by=None)
    actions.work_due()
    assert (Build.objects.get().state, Build.objects.get().fault, queries.latest()) == ("broken", "nothing", None)


def test_old_builds_leave_the_last_of_each_month(region):
    rows = [make_build({region[3][0]: range(300)}) for _ in range(5)]
    for row, days in zip(rows, (70, 69, 50, 2, 1), strict=True):
        Build.objects.filter(pk=row.pk).update(started_at=timezone.now() - timedelta(days=days))
    months = {f"{timezone.localtime(row.started_at):%Y-%m}" for row in Build.objects.all()}
    actions.thin()
    left = set(Build.objects.values_list("pk", flat=True))
    assert {rows[3].pk, rows[4].pk} <= left
    assert len({f"{timezone.localtime(row.started_at):%Y-%m}" for row in Build.objects.all()}) == len(months)
