from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from gospult.accounts.models import Role
from gospult.desk.testing import make_case
from gospult.exchange.testing import make_connection
from gospult.registry.testing import make_body, make_page, make_person, make_territory
from gospult.reports.testing import make_month

pytestmark = pytest.mark.django_db
MONTH = (timezone.localdate().replace(day=1) - timedelta(days=1)).replace(day=1)


@pytest.fixture
def world(page, body):
    make_month(page, MONTH, each_week=4)
    other = make_page(body=make_body(territory=make_territory(name="Миасс")), name="Чужая страница")
    make_month(other, MONTH, each_week=0)
    return other


@pytest.mark.parametrize("name", ["report", "press", "rows"])
@pytest.mark.parametrize("who", ["stranger", "executor", "steward"])
def test_a_stranger_gets_404(client, request, name, who):
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse(f"reports:{name}", args=["pages"] if name == "rows" else [])).status_code == 404
    assert client.post(reverse("reports:export"), {"form": "json"}).status_code == 404


def test_an_editor_reads_the_sentences_and_the_pages_behind_them(client, operator, world, page, body):
    make_connection(page, mode="full")
    make_case(page, "Яма на дороге у дома 4, когда её засыпят", body=body, by=operator)
    client.force_login(operator)
    assert "сообщени" in client.get(reverse("reports:press")).content.decode()
    client.force_login(make_person(role=Role.EDITOR))
    assert "сообщени" not in client.get(reverse("reports:press")).content.decode()
    html = client.get(reverse("reports:press"), {"kind": "last_month"}).content.decode()
    assert reverse("reports:rows", args=["pages"]) in html
    assert "Показатели</a>" not in html
    assert client.get(reverse("reports:rows", args=["pages"])).status_code == 200
    assert client.get(reverse("reports:rows", args=["cases"])).status_code == 404
    assert client.get(reverse("reports:report")).status_code == 404
    assert client.post(reverse("reports:export"), {"form": "json"}).status_code == 404


def test_nobody_is_sent_to_the_login(client):
    assert client.get(reverse("reports:report")).status_code == 302


def test_each_figure_opens_its_rows(client, operator, world):
    client.force_login(operator)
    html = client.get(reverse("reports:report"), {"kind": "last_month"}).content.decode()
    assert f"{reverse('reports:rows', args=['kept_share'])}?kind=month&amp;since={MONTH}" in html
    rows = client.get(reverse("reports:rows", args=["kept_share"]), {"kind": "month", "since": MONTH}).content.decode()
    assert rows.index("Чужая страница") < rows.index("Страница школы № 1")  # the not kept first


def test_a_curator_reads_his_branch(client, curator, world):
    client.force_login(curator)
    html = client.get(reverse("reports:rows", args=["pages"]), {"kind": "last_month"}).content.decode()
    assert "Страница школы № 1" in html
    assert "Чужая страница" not in html


def test_a_place_that_is_not_seen_is_not_taken(client, curator, world):
    client.force_login(curator)
    place = world.bodies.get().territory
    html = client.get(reverse("reports:report"), {"territory": place.pk}).content.decode()
    assert "не видно" in html
    assert "Показан этот месяц" in html


@pytest.mark.parametrize(
    "address",
    [
        {"kind": "period"},
        {"kind": "x"},
        {"since": "2026-02-31"},
        {"since": "2099-02-01"},
        {"kind": "period", "since": "2026-11-20", "until": "2026-11-01"},
        {"body": "\0"},
        {"territory": "9" * 30},
    ],
)
def test_a_wrong_address_is_said_and_not_obeyed(client, operator, address):
    client.force_login(operator)
    answer = client.get(reverse("reports:report"), address)
    assert answer.status_code == 200
    assert "Показан этот месяц" in answer.content.decode()


def test_the_press_text_has_links_and_can_be_copied(client, operator, world):
    client.force_login(operator)
    html = client.get(reverse("reports:press"), {"kind": "last_month"}).content.decode()
    assert f"{reverse('reports:rows', args=['kept_share'])}?kind=month&amp;since={MONTH}" in html
    assert 'data-copy="press-text"' in html
    assert "Активно велись" in html


def test_the_press_says_when_there_is_nothing_to_write(client):
    client.force_login(make_person(role=Role.HEAD))
    assert "Писать пока не из чего" in client.get(reverse("reports:press")).content.decode()


@pytest.mark.parametrize(("form", "begins"), [("pdf", b"%PDF"), ("xlsx", b"PK"), ("json", b"{"), ("registry", b"PK"), ("parts", b"PK")])
def test_a_file_is_given(client, operator, world, form, begins):
    client.force_login(operator)
    answer = client.post(f"{reverse('reports:export')}?kind=last_month", {"form": form})
    assert answer.content.startswith(begins)
    assert (f".{form}" if form in ("pdf", "xlsx", "json") else f"{form}-") in answer["Content-Disposition"]


def test_an_unknown_format_is_refused_in_words(client, operator):
    client.force_login(operator)
    answer = client.post(reverse("reports:export"), {"form": "exe"}, follow=True)
    assert "Выберите PDF, XLSX или JSON." in answer.content.decode()


@pytest.mark.parametrize("code", ["nothing", "obliged", "with_page", "people", "leaders"])
def test_a_figure_whose_rows_are_not_pages_or_cases_has_none_here(client, operator, world, code):
    client.force_login(operator)
    assert client.get(reverse("reports:rows", args=[code])).status_code == 404


def test_the_press_opens_the_rows_of_each_figure_itself(client, operator, world):
    make_body()
    client.force_login(operator)
    html = client.get(reverse("reports:press")).content.decode()
    assert f'href="{reverse("registry:bodies")}?has=with_page"' in html
    shown = client.get(reverse("registry:bodies"), {"has": "with_page"}).content.decode()
    assert "Школа № 1" in shown
    assert client.get(reverse("registry:bodies"), {"has": "obliged"}).context["page"].paginator.count == 4
    assert client.get(reverse("registry:bodies"), {"has": "with_page"}).context["page"].paginator.count == 2


def test_a_chart_has_its_words_and_its_table(client, operator, world):
    make_month(world, date(MONTH.year - 1, MONTH.month, 1), each_week=3)
    client.force_login(operator)
    html = client.get(reverse("reports:report"), {"kind": "last_month"}).content.decode()
    assert "<svg" in html
    assert 'role="img" aria-label="Активных страниц' in html
    assert "Таблица и словами" in html
    assert "style=" not in html  # the policy of the page allows no styles of its own
