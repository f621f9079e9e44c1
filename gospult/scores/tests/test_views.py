"""The screens of scores: what stands on them, who sees them, and that a file says what the screen says."""

import json
from datetime import date

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from gospult.accounts.models import Journal, Role
from gospult.registry.testing import make_body, make_page, make_person, make_sphere, make_territory
from gospult.scores import actions
from gospult.scores.testing import make_month

pytestmark = pytest.mark.django_db
MONTH = date(2026, 6, 1)
CITY = "method=chelyabinsk-61-2026&month=2026-06"


@pytest.fixture
def place():
    return make_territory(name="Сосновый МО")


@pytest.fixture
def region(place):
    """Twelve pages of one place: one without a week's posts, one without a cover, one of which nothing is known."""
    sphere, found = make_sphere(name="Образование"), []
    for number in range(12):
        page = make_page(body=make_body(territory=place, spheres=[sphere]), name=f"Школа {number}")
        fields = {"posts": (3, 1)} if number == 0 else {"posts": (None,), "seen_since": None} if number == 11 else {}
        make_month(page, MONTH, **fields, marks={"avatar": True, "description": True, "cover": number != 1}, members=100 + number)
        found.append(page)
    for method in ("chelyabinsk-61-2026", "chelyabinsk-2025", "traffic-light"):
        actions.count_scores(method=method, month=MONTH, by=None)
    actions.import_official(content="period,municipality,gov_publics_pct\n2026-06,Сосновый МО,86.97".encode(), source="f", by=None)
    return found


@pytest.fixture
def analyst(db):
    return make_person(role=Role.ANALYST)


def seen(client, person, name, *args, query=CITY):
    client.force_login(person)
    answer = client.get(reverse(f"scores:{name}", args=args) + f"?{query}")
    assert answer.status_code == 200
    return answer.content.decode().replace("\u202f", " ")


def test_the_table_shows_ours_beside_the_official_one_with_coverage(client, region, analyst):
    text = seen(client, analyst, "table")

    assert "95,46" in text  # ten of eleven known pages
    assert "86,97" in text
    assert "наш +8,49" in text
    assert "11 из 12" in text
    assert "Лидер: <strong>1</strong>" in text


def test_a_municipality_shows_who_missed_which_week_and_what_it_costs(client, region, place, analyst):
    text = seen(client, analyst, "municipality", place.pk)

    assert "2 записи в неделе 8–14 июня" in text
    assert "+4,54" in text
    assert "8–14 июня: 1" in text
    assert "нет данных" in text
    assert reverse("scores:page", args=[region[0].pk]) in text


def test_history_stands_under_both_methods(client, region, place, analyst):
    text = seen(client, analyst, "municipality", place.pk)

    assert "Госпаблики муниципалитетов, 2025: 95,46" in text
    assert "официально: 86,97" in text


def test_a_page_shows_its_light_its_gains_and_its_peers(client, region, analyst):
    text = seen(client, analyst, "page", region[1].pk, query="month=2026-06")

    assert "зелёный" in text
    assert "поставить обложку" in text
    assert "+10" in text
    assert "сравнили с" not in text  # four bands of eleven pages are too few
    assert "не подтверждено" in seen(client, analyst, "page", region[11].pk, query="month=2026-06")


def test_pages_are_filtered_by_group_and_words(client, region, analyst):
    assert "Школа 11" in seen(client, analyst, "pages", query="month=2026-06&group=none")
    assert "Школа 1<" not in seen(client, analyst, "pages", query="month=2026-06&group=none")
    assert "Школа 0" in seen(client, analyst, "pages", query="month=2026-06&group=red")
    assert "не подходит ни один" in seen(client, analyst, "pages", query="month=2026-06&q=ъъъ")
    assert "Школа" in seen(client, analyst, "bodies", query="month=2026-06")


def test_a_method_tells_its_formula_source_and_dates(client, analyst):
    text = seen(client, analyst, "method", "chelyabinsk-61-2026")

    assert "Приказ № 61 от 27.05.2026" in text
    assert "0,92 → −6; 0,95 → −4; 1 → 0" in text
    assert "вес 0,5" in text
    assert "с 1 апреля 2026" in text
    assert "Светофор страницы" in seen(client, analyst, "methods")
    client.force_login(analyst)
    assert client.get(reverse("scores:method", args=["no-such"])).status_code == 404


def test_the_sheet_shows_parts_of_the_month(client, region, analyst):
    region[0].months.update(parts=[[1, 10, 2, 3, 100]] * 4 + [[0, 0, 0, 0, 0]])

    text = seen(client, analyst, "sheet", "orenburg-monthly", query="month=2026-06")

    assert "Школа 0" in text
    assert "<strong>400</strong>" in text


@pytest.mark.parametrize("form", ["xlsx", "csv", "json"])
def test_a_file_says_what_the_screen_says(client, region, analyst, form, tmp_path):
    client.force_login(analyst)

    answer = client.post(reverse("scores:export", args=["municipality"]) + f"?{CITY}", {"form": form})

    content = b"".join(answer.streaming_content)
    if form == "json":
        row = json.loads(content)["rows"][0]
        assert (row["name"], row["total"], row["official"], row["p32"]) == ("Сосновый МО", 95.46, 86.97, 90.91)
    elif form == "csv":
        assert '"Сосновый МО";"95,46"' in content.decode("utf-8-sig")
    else:
        path = tmp_path / "scores.xlsx"
        path.write_bytes(content)
        assert CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()[1][:2] == ["Сосновый МО", 95.46]
    assert Journal.objects.filter(verb="scores_exported", data__form=form).exists()


def test_lists_of_pages_leave_as_a_file_and_an_unknown_form_is_refused(client, region, analyst):
    client.force_login(analyst)

    answer = client.post(reverse("scores:export", args=["page"]) + "?month=2026-06&group=red", {"form": "json"})

    assert [row["name"] for row in json.loads(b"".join(answer.streaming_content))["rows"]] == ["Школа 0"]
    assert client.post(reverse("scores:export", args=["municipality"]) + f"?{CITY}", {"form": "exe"}).status_code == 302


def test_a_curator_begins_with_the_pages_of_his_branch(client, region):
    curator = make_person(role=Role.CURATOR, body=region[0].bodies.get())
    client.force_login(curator)

    assert client.get(reverse("scores:table")).url == reverse("scores:pages")
    text = seen(client, curator, "pages", query="month=2026-06")
    assert "Школа 0" in text
    assert "Школа 1<" not in text
    assert "Муниципалитеты" not in text


def test_behind_a_score_only_pages_are_named_that_the_person_may_see(client, region, place):
    own = region[0].bodies.get()
    make_body(parent=own)  # an administration: it answers for the municipality
    curator = make_person(role=Role.CURATOR, body=own)

    text = seen(client, curator, "municipality", place.pk)

    assert "Школа 0" in text
    assert "Школа 2" not in text
    assert "вне вашего доступа: 11" in text
    assert "вне вашего доступа:" not in seen(client, make_person(role=Role.ANALYST), "municipality", place.pk)


def test_a_steward_sees_the_score_of_his_page(client, region):
    steward = make_person(page=region[0])

    assert "Что исправить" in seen(client, steward, "page", region[0].pk, query="month=2026-06")


def test_nothing_breaks_on_odd_questions(client, place, analyst):
    for query in ("", "method=x&month=y", "month=0000-00", "month=2999-01", "page=-1", "method=pos-350"):
        assert "нет" in seen(client, analyst, "table", query=query)
    page = make_page()
    page.bodies.add(make_body(status="not_counted"))
    assert "не стоит в знаменателе" in seen(client, analyst, "page", page.pk, query="month=2026-06")
    assert "Балл" in seen(client, analyst, "municipality", place.pk, query="")


@pytest.mark.parametrize(
    ("name", "which"),
    [
        ("table", ""), ("pages", ""), ("bodies", ""), ("methods", ""), ("method", "chelyabinsk-61-2026"), ("sheet", "orenburg-monthly"),
    ],
)  # fmt: skip
def test_the_lists_are_closed_to_a_jury(client, region, name, which):
    client.force_login(make_person(role=Role.JURY))

    assert client.get(reverse(f"scores:{name}", args=[which] if which else [])).status_code == 404


@pytest.mark.parametrize("name", ["municipality", "body", "page"])
def test_a_stranger_gets_404(client, stranger, region, place, name):
    client.force_login(stranger)
    key = {"municipality": place.pk, "body": region[0].bodies.get().pk, "page": region[0].pk}[name]

    assert client.get(reverse(f"scores:{name}", args=[key])).status_code == 404


def test_a_stranger_takes_nothing_of_others_as_a_file(client, stranger, region):
    client.force_login(stranger)

    answer = client.post(reverse("scores:export", args=["page"]) + "?month=2026-06", {"form": "json"})

    assert json.loads(b"".join(answer.streaming_content))["rows"] == []
    assert client.post(reverse("scores:export", args=["region"]), {"form": "json"}).status_code == 404
