import json
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from gospult.accounts.models import Role
from gospult.desk.models import Case
from gospult.desk.testing import make_answer, make_case, make_topic, publish
from gospult.exchange.models import Wall
from gospult.exchange.testing import make_connection
from gospult.monitoring.models import Finding
from gospult.office.queries import home_of
from gospult.office.queries.branch import bodies_led, branch
from gospult.office.queries.pulse import pulse, silent_pages, spikes
from gospult.registry.testing import make_body, make_page, make_person, make_territory
from gospult.reports.queries import Asked, period, report
from gospult.reports.testing import make_month

pytestmark = pytest.mark.django_db
TODAY, MONTH = date(2026, 11, 28), date(2026, 10, 1)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(datetime(2026, 11, 28, 15, 0, tzinfo=timezone.get_default_timezone()), tick=False):
        yield


@pytest.fixture
def head():
    return make_person(role=Role.HEAD)


@pytest.fixture
def place():
    return make_territory(name="Примерный район")


@pytest.fixture
def world(page, body, place):
    body.territory = place
    body.save()
    for month, posts in ((MONTH, 4), (date(2025, 10, 1), 1)):
        make_month(page, month, each_week=posts)
        make_month(make_page(body=make_body(territory=place)), month, each_week=3)


def test_the_figures_are_those_of_the_reports(world, page, body, operator, head):
    make_connection(page, mode="full")
    publish(make_answer(make_case(page, "Яма на дороге у дома 4, когда её засыпят", body=body, by=operator), by=operator), by=operator)
    found = pulse(head).overview
    month, running = report(Asked(period("month", TODAY, MONTH), head)), report(Asked(period("month", TODAY), head))
    for one in found.figures:
        same = (running if one.code in ("pages", "messages", "on_time", "reaction") else month).figure(one.code)
        assert same, one.code
        before = same.before if one.code != "pages" else None
        assert (one.value, one.before, one.known, one.of) == (same.value, before, same.known, same.of), one.code
    assert {one.code: one.value for one in found.figures}["on_time"] == 100
    assert found.places == month.table("places")
    assert found.months == month.table("months")


def test_what_burns_opens_its_view_of_the_desk(client, world, page, body, operator, head):
    make_connection(page, mode="full")
    case = make_case(page, "Яма на дороге у дома 4, когда её засыпят", body=body, by=operator)
    Case.objects.filter(pk=case.pk).update(next_due_at=timezone.now() - timedelta(hours=1))
    client.force_login(head)
    html = client.get(reverse("office:pulse")).content.decode()
    assert "<h1>1 обращение просрочено</h1>" in html
    assert f'href="{reverse("desk:queue")}?view=overdue"' in html


def test_where_nothing_burns_it_is_said_and_before_anything_was_read_it_is_not_known(client, page, head):
    client.force_login(head)
    html = client.get(reverse("office:pulse")).content.decode()
    assert "<h1>Данных ещё нет</h1>" in html
    assert "нет данных" in html
    Wall.objects.create(page=page, read_at=timezone.now(), tried_at=timezone.now(), last_post_at=timezone.now())
    assert "<h1>Ничего не горит</h1>" in client.get(reverse("office:pulse")).content.decode()


def rows(page, body, topic, place, *days):
    for n, day in enumerate(days):
        at = timezone.make_aware(datetime(day.year, day.month, day.day, 10))
        Case.objects.create(number=f"{day:%y%m%d}-{n}", state="routed", body=body, page=page, topic=topic, territory=place, opened_at=at)


def test_a_spike_is_measured_against_the_same_weekdays(page, body, place, head):
    topic = make_topic()
    rows(page, body, topic, place, TODAY, TODAY, TODAY, TODAY, *(TODAY - timedelta(weeks=n) for n in (1, 2, 3)), TODAY - timedelta(days=1))
    found = spikes(head)
    assert [(one.topic, one.territory, one.count, one.usual) for one in found] == [(topic.group, "Примерный район", 4, 1)]
    assert found[0].link.query == {"view": "all", "topic": f"group:{topic.group_code}", "from": "2026-11-28", "territory": place.code}


def test_a_usual_day_is_no_spike(page, body, place, head):
    rows(page, body, make_topic(), place, TODAY, TODAY, TODAY, *(TODAY - timedelta(weeks=n) for n in (1, 1, 2, 2, 3, 3, 4, 4)))
    assert spikes(head) == []


def test_two_of_something_are_no_spike(page, body, place, head):
    rows(page, body, make_topic(), place, TODAY, TODAY)
    assert spikes(head) == []


def test_silent_pages_are_those_of_the_branch(page, body, curator, head):
    now = timezone.now()
    Wall.objects.create(page=page, last_post_at=now - timedelta(days=9), read_at=now, tried_at=now)
    card = make_page(body=make_body(parent=body.parent, status="card"))
    Wall.objects.create(page=card, last_post_at=now - timedelta(days=90), read_at=now, tried_at=now)
    assert list(silent_pages(head)) == [page]
    assert branch(bodies_led(curator)).kinds["silent"] == silent_pages(curator).count() == 1


def test_a_curator_sees_his_branch(world, curator):
    found = pulse(curator).overview
    assert next(one.value for one in found.figures if one.code == "pages") == 1
    assert [row["pages"] for row in found.places.rows] == [1]


@pytest.mark.parametrize("who", ["stranger", "executor", "steward"])
def test_a_stranger_gets_404(client, request, who):
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse("office:pulse")).status_code == 404
    assert client.get(reverse("office:pulse_pages", args=["silent"])).status_code == 404


def test_the_pages_behind_are_listed(client, page, head):
    now = timezone.now()
    client.force_login(head)
    assert page.name in client.get(reverse("office:pulse_pages", args=["unread"])).content.decode()
    Wall.objects.create(page=page, last_post_at=None, read_at=now, tried_at=now)
    assert page.name in client.get(reverse("office:pulse_pages", args=["silent"])).content.decode()
    assert client.get(reverse("office:pulse_pages", args=["nothing"])).status_code == 404


def test_head_and_analyst_begin_here(curator, operator):
    assert home_of(make_person(role=Role.HEAD)) == home_of(make_person(role=Role.ANALYST)) == "office:pulse"
    assert (home_of(curator), home_of(operator)) == ("office:branch", "desk:queue")


def test_the_map_colours_what_it_knows_and_lists_the_rest(client, world, head, settings, tmp_path):
    square = [[[60.0, 55.0], [61.0, 55.0], [61.0, 56.0], [60.0, 55.0]]]
    areas = [{"properties": {"name": name}, "geometry": {"type": "Polygon", "coordinates": square}} for name in ("Примерный район", "<b>Чужой</b>")]
    settings.MAP = str(tmp_path / "map.geojson")
    (tmp_path / "map.geojson").write_text(json.dumps({"features": areas}))
    make_territory(name="Забытый МО")
    client.force_login(head)
    html = client.get(reverse("office:pulse")).content.decode()
    assert 'class="heat h2"' in html
    assert "На карте, но не в реестре: &lt;b&gt;Чужой&lt;/b&gt;" in html
    assert "В реестре, но не на карте: Забытый МО" in html


def test_a_finding_waits_for_a_person(client, page, head, curator):
    finding = Finding.objects.create(page=page, kind=Finding.Kind.GONE)
    strange = Finding.objects.create(page=make_page(body=make_body(), name="Чужая"), kind=Finding.Kind.GONE)
    assert {one.code: one.count for one in pulse(head).burning}["findings"] == 2
    client.force_login(curator)
    html = client.get(reverse("office:pulse")).content.decode()
    assert "1 находка не разобрана" in html
    html = client.get(reverse("office:findings")).content.decode()
    assert finding.page.name in html
    assert strange.page.name not in html


def test_the_age_of_the_walls_is_told(client, page, head):
    client.force_login(head)
    assert "ещё не собрано ни одной страницы" in client.get(reverse("office:pulse")).content.decode()
