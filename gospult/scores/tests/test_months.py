"""Scores of rows: who stands in which denominator, what is kept, who sees it, and that a recount is the first count."""

from datetime import date
from decimal import Decimal as D
from pathlib import Path

import pytest
from django.utils import timezone

from gospult.accounts.models import Journal, Role
from gospult.lib.errors import Refused
from gospult.registry.testing import make_body, make_page, make_person, make_sphere, make_territory
from gospult.scores import actions, jobs, queries
from gospult.scores.library import method
from gospult.scores.models import OfficialScore, Score
from gospult.scores.testing import make_month

pytestmark = pytest.mark.django_db
MONTH = date(2026, 6, 1)
CITY, LIGHT = "chelyabinsk-61-2026", "traffic-light"
SHARED = Path(__file__).parents[4] / "shared/data/scores/chelyabinsk-2026.csv"


@pytest.fixture
def place():
    return make_territory(name="Сосновый МО")


def pages_in(place, number, posts=(3,), status="active", **fields):
    found = []
    for _ in range(number):
        page = make_page(body=make_body(territory=place, status=status))
        make_month(page, MONTH, posts, status=status, **fields)
        found.append(page)
    return found


def counted(code=CITY, **subject):
    actions.count_scores(method=code, month=MONTH, by=None)
    return Score.objects.get(method=code, month=MONTH, **subject)


def test_a_municipality_is_scored_from_the_months_of_its_pages(place):
    pages_in(place, 3)
    pages_in(place, 1, posts=(3, 2))

    score = counted(territory=place)

    assert (score.total, score.group, score.kind) == (D("87.50"), "middle", "computed")
    assert [(part["code"], part["value"]) for part in score.parts] == [("p31", "0.00"), ("p32", "75.00"), ("p33", "100.00")]
    assert (score.pages, score.known) == (4, 4)


def test_a_method_that_names_networks_asks_nothing_of_the_others(place):
    pages_in(place, 2)
    make_month(make_page(network="ok", body=make_body(territory=place)), MONTH, (0,), has_mark=None, connected=None)

    score = counted(territory=place)

    assert (score.pages, score.total) == (2, D("100.00"))


def test_cards_and_uncounted_and_exempt_leave_the_denominators(place):
    pages_in(place, 2)
    pages_in(place, 1, posts=(0,), status="card")
    pages_in(place, 3, posts=(0,), status="not_counted")
    exempt = make_page(body=make_body(territory=place, exempt="ФЗ-8"))
    make_month(exempt, MONTH, (0,))

    score = counted(territory=place)

    assert score.pages == 3
    assert score.parts[1]["why"].startswith("2 из 3 − 1")
    assert score.total == 100


def test_a_page_that_nobody_saw_is_no_page_without_posts(place):
    pages_in(place, 19)
    make_page(body=make_body(territory=place), created_at="2026-01-01T00:00:00Z")  # without any month

    score = counted(territory=place)

    assert score.total == 100
    assert (score.pages, score.known) == (20, 19)


def test_a_page_that_was_registered_after_its_month_was_counted_stops_no_count(place):
    page = make_page(body=make_body(territory=place, status="active"), created_at="2026-01-01T00:00:00Z")  # without any month

    score = counted(LIGHT, page=page)

    assert (score.total, score.kind, score.known) == (None, "unconfirmed", 0)
    assert {part["code"]: part["value"] for part in score.parts}["activity"] is None


def test_with_too_few_known_pages_nothing_is_confirmed(place):
    pages_in(place, 2)
    pages_in(place, 2, posts=(None,), seen_since=None)

    score = counted(territory=place)

    assert (score.total, score.kind, score.group) == (None, "unconfirmed", "")
    assert "нет данных" in score.parts[1]["why"]


def test_a_week_before_everything_was_seen_is_known_only_when_it_is_full(place):
    since = timezone.make_aware(timezone.datetime(2026, 6, 10))
    pages_in(place, 1, posts=(3,), seen_since=since)
    poor = pages_in(place, 1, posts=(1, 1, 3), seen_since=since)

    found = queries.of_group(method(CITY), MONTH, territory=place.pk)

    kept = {row.page.pk: (row.regular, [week.monday.day for week, _ in row.missed]) for row in found.behind}
    assert kept.pop(poor[0].pk) == (None, [])
    assert set(map(str, kept.values())) == {"(True, [])"}


def test_a_page_is_scored_by_days_and_a_poor_week_costs_its_share(place):
    page = pages_in(place, 1, posts=(3, 3, 3, 2))[0]

    score = counted(LIGHT, page=page)

    # 30 days, of which the week from the 22nd and the last two lack posts: 21 × 100 + 9 × 60
    assert (score.total, score.group) == (D(88), "yellow")
    assert Score.objects.get(method=LIGHT, territory=place).total == 88
    assert Score.objects.get(method=LIGHT, body=page.bodies.get()).total == 88


def test_a_recount_is_the_first_count_and_what_is_gone_leaves(place):
    pages = pages_in(place, 5, posts=(3, 1))
    counted(LIGHT, page=pages[0])
    columns = ("method", "month", "page", "body", "territory", "kind", "total", "group", "parts", "pages", "known")
    first = list(Score.objects.order_by("pk").values_list(*columns))

    told = actions.count_scores(method=LIGHT, month=MONTH, by=None)

    assert list(Score.objects.order_by("pk").values_list(*columns)) == first
    assert (told["scores"], told["gone"]) == (11, 0)
    pages[0].months.update(status="not_counted")
    assert actions.count_scores(method=LIGHT, month=MONTH, by=None)["gone"] == 2
    assert Journal.objects.filter(verb="scores_counted").count() == 3


def test_old_months_stand_under_the_old_and_the_new_method(place):
    pages_in(place, 2, likes=230, comments=0, shares=0)  # ER 2.3 %

    for code in (CITY, "chelyabinsk-2025"):
        actions.count_scores(method=code, month=MONTH, by=None)
    found = queries.series([method(CITY), method("chelyabinsk-2025")], MONTH, territory=place.pk)

    assert [one.totals[-1] for one in found] == [D("81.95"), D("88.34")]


def test_what_cannot_be_counted_is_refused(place):
    with pytest.raises(Refused, match="ведомость"):
        actions.count_scores(method="orenburg-monthly", month=MONTH, by=None)
    with pytest.raises(Refused, match="ещё не начался"):
        actions.count_scores(method=CITY, month=date(2100, 1, 1), by=None)


def test_the_jobs_count_this_month_the_last_one_and_then_history(place):
    this = timezone.localdate().replace(day=1)
    page = make_page(body=make_body(territory=place))
    months = [this, queries.before(this), queries.before(this, 5)]
    for month in months:
        make_month(page, month)

    jobs.count_current()
    assert set(Score.objects.values_list("month", flat=True)) == set(months[:2])
    for _ in range(4):
        jobs.fill_history()
    assert set(Score.objects.values_list("month", flat=True)) == set(months)
    before = Score.objects.count()
    jobs.fill_history()
    assert Score.objects.count() == before


def test_gains_of_a_municipality_are_recounted_page_by_page(place):
    pages_in(place, 11)
    poor = pages_in(place, 1, posts=(3, 1), has_mark=False)[0]

    found = queries.of_group(method(CITY), MONTH, territory=place.pk)

    assert found.result.total == D("93.62")
    assert [(one.what.partition(";")[0], one.points, one.page) for one in found.gains] == [
        ("2 записи в неделе 8–14 июня", D("4.16"), poor.pk),
        ("получить госметку", D("2.22"), poor.pk),
    ]


def test_the_gains_of_a_page_say_which_fact_gives_how_much(place):
    page = pages_in(place, 1, marks={"avatar": True, "description": True, "cover": False}, widgets=1)[0]

    found = queries.of_one_page(page, method(LIGHT), MONTH)

    assert found.result.total == 85
    assert [(one.what, one.points) for one in found.gains] == [("поставить обложку", D(10)), ("поставить оба виджета ПОС", D(5))]


def test_peers_are_told_only_when_there_are_enough_of_them(place):
    schools = make_sphere(name="Образование")
    for number in range(44):
        page = make_page(body=make_body(territory=place, spheres=[schools]))
        make_month(page, MONTH, (3,) if number % 2 else (3, 1), members=100 + number)
    other = make_page(body=make_body(territory=place, spheres=[make_sphere()]))
    make_month(other, MONTH)
    actions.count_scores(method=LIGHT, month=MONTH, by=None)

    found = queries.among_peers(page, method(LIGHT), MONTH)

    assert (found.sphere, found.standing.number, found.standing.low, found.standing.high) == ("Образование", 10, 133, 143)
    assert found.standing.share == 50
    assert queries.among_peers(other, method(LIGHT), MONTH) is None


CSV = "period,municipality,gov_publics_pct,pos_pct\n2026-06,Сосновый МО,86.97,80.00\n2026-06,Нигде МО,1,2\n2026-06,Озёрный городской округ,,60\n"


def test_official_results_stand_beside_ours_and_the_second_time_changes_nothing(place):
    lake = make_territory(name="Озерный ГО")

    first = actions.import_official(content=CSV.encode(), source="file.csv", by=None)
    again = actions.import_official(content=CSV.encode(), source="file.csv", by=None)

    assert first == {"rows": 3, "created": 3, "changed": 0, "unchanged": 0, "misses": ["Нигде МО"]}
    assert (again["created"], again["unchanged"]) == (0, 3)
    rows = set(OfficialScore.objects.values_list("method", "territory", "total"))
    assert rows == {(CITY, place.pk, D("86.97")), ("pos-350", place.pk, D(80)), ("pos-350", lake.pk, D(60))}
    changed = actions.import_official(content=CSV.replace("86.97", "86.98").encode(), source="file.csv", by=None)
    assert (changed["changed"], OfficialScore.objects.get(method=CITY).total) == (1, D("86.98"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n", "Нужны столбцы period, municipality"),
        (CSV.replace("86.97", "много"), "Строка 2, столбец gov_publics_pct: «много» — не число"),
        (CSV.replace("86.97", "120"), "Строка 2, столбец gov_publics_pct: 120 вне границ"),
        (CSV.replace("2026-06,Сосновый", "июнь,Сосновый"), "Строка 2, столбец period: «июнь» — не месяц"),
    ],
)
def test_a_bad_file_of_official_results_is_refused(place, text, said):
    with pytest.raises(Refused) as no:
        actions.import_official(content=text.encode(), source="file.csv", by=None)

    assert said in str(no.value)
    assert not OfficialScore.objects.exists()


@pytest.mark.skipif(not SHARED.exists(), reason="the published file is not here")
def test_the_published_file_finds_every_municipality_of_the_region():
    from gospult.lib import regions

    for row in regions.load("chelyabinsk").territories:
        if row.level == "municipality":
            make_territory(name=row.name, code=row.code)

    told = actions.import_official(content=SHARED.read_bytes(), source="published", by=None)

    assert told["misses"] == []
    assert told["rows"] == 129
    assert OfficialScore.objects.filter(method=CITY).count() == 129


def test_who_sees_which_scores(place):
    page = pages_in(place, 1)[0]
    other = pages_in(make_territory(), 1)[0]
    actions.count_scores(method=LIGHT, month=MONTH, by=None)
    everybody = make_person(role=Role.ANALYST)
    local = make_person(role=Role.CURATOR, territory=place)
    branch = make_person(role=Role.CURATOR, body=page.bodies.get())
    steward = make_person(page=other)

    assert Score.objects.visible_to(everybody).count() == 6
    assert set(Score.objects.visible_to(local).values_list("territory", "page")) == {(place.pk, None), (None, page.pk), (None, None)}
    assert set(Score.objects.visible_to(branch).values_list("page", flat=True)) == {page.pk, None}
    assert set(Score.objects.visible_to(steward).values_list("page", flat=True)) == {other.pk, None}
    assert not Score.objects.visible_to(make_person()).exists()
