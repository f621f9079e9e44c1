from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from gospult.accounts.models import Role
from gospult.audience.models import Build, Cell
from gospult.desk.models import Case
from gospult.desk.queries import rating
from gospult.desk.testing import make_answer, make_case, make_topic, publish
from gospult.exchange.testing import make_connection
from gospult.monitoring.models import PageMonth
from gospult.registry import queries as registry
from gospult.registry.testing import make_body, make_page, make_person, make_steward, make_territory
from gospult.reports.periods import months_back, period
from gospult.reports.queries import Asked, cases_behind, pages_behind, report
from gospult.reports.queries.pages import by_month, page_facts, summed
from gospult.reports.testing import make_month
from gospult.reports.wording import coverage
from gospult.scores.models import OfficialScore, Score
from gospult.scores.queries import methods

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 28)
OCTOBER = period("month", TODAY, date(2026, 10, 1))
MONTH = date(2026, 10, 1)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(datetime(2026, 11, 28, 12, 0, tzinfo=timezone.get_default_timezone()), tick=False):
        yield


def values(asked):
    return {one.code: one.value for one in report(asked).figures}


def test_pages_kept_actively_now_and_a_year_ago():
    body = make_body()
    for posts in (3, 4, 2):
        page = make_page(body=body)
        make_month(page, MONTH, each_week=posts)
        make_month(page, date(2025, 10, 1), each_week=posts - 1)
    found = report(Asked(OCTOBER))
    kept = found.figure("kept_share")
    assert (round(kept.value, 1), round(kept.before, 1), kept.known, kept.of) == (66.7, 33.3, 3, 3)
    assert found.finding.startswith("66,7")


def test_what_is_not_known_is_no_zero():
    make_page(body=make_body())
    found = report(Asked(period("month", TODAY)))
    assert [found.figure(code).value for code in ("kept_share", "posts", "views", "er", "members")] == [None] * 5
    assert found.figure("pages").value == 1
    assert "cases" not in {one.code for one in found.figures}


def test_a_card_and_an_unseen_page_leave_the_share():
    make_month(make_page(), MONTH, each_week=0, norm=0)
    make_month(make_page(), MONTH, each_week=None)
    make_month(make_page(), MONTH, seen_since=datetime(2026, 10, 20, tzinfo=timezone.get_default_timezone()))
    make_month(make_page(), MONTH)
    kept = report(Asked(OCTOBER)).figure("kept_share")
    assert (kept.value, kept.known, kept.of) == (100, 1, 4)


def test_the_quick_way_and_the_long_way_agree():
    stale = datetime(2026, 10, 20, tzinfo=timezone.get_default_timezone())
    for fields in ({}, {"each_week": 2}, {"each_week": None}, {"norm": 0}, {"as_of": stale}, {"seen_since": stale}):
        make_month(make_page(), MONTH, **fields)
    quick = {page.pk: page.kept for page in page_facts(Asked(OCTOBER))}
    long = {page.pk: page.kept for page in page_facts(Asked(period("period", TODAY, MONTH, date(2026, 10, 31))))}
    assert quick == long
    assert by_month(Asked(OCTOBER), [MONTH])[MONTH] == summed(page_facts(Asked(OCTOBER)))


def test_a_week_counts_its_own_posts_once_also_at_the_turn_of_a_month():
    page = make_page()
    make_month(page, MONTH, each_week=5)
    make_month(page, date(2026, 11, 1), each_week=5)
    found = values(Asked(period("week", TODAY, date(2026, 10, 28))))
    assert (found["posts"], found["kept_share"], found["views"]) == (5, 100, None)


def test_a_year_is_as_good_as_its_last_whole_month():
    page = make_page()
    for month in months_back(date(2026, 10, 1), 22):
        make_month(page, month, each_week=5 if month in (MONTH, date(2025, 3, 1)) else 1)
    year = report(Asked(period("year", TODAY))).figure("kept_share")
    assert (year.value, year.before) == (100, 0)
    assert values(Asked(period("year", TODAY, date(2025, 5, 1))))["kept_share"] == 0  # of a year that is over its December speaks
    assert [p.pk for p in pages_behind(Asked(period("year", TODAY)), "kept")] == [page.pk]


def test_a_long_period_asks_every_week_also_those_between_months():
    page = make_page()
    for month in months_back(date(2025, 12, 1), 12):
        make_month(page, month)
    year = Asked(period("period", TODAY, date(2025, 1, 1), date(2025, 12, 31)))
    assert values(year)["kept_share"] == 100
    row = PageMonth.objects.get(page=page, month=date(2025, 7, 1))
    row.weeks = [[week, 0 if days < 7 and days >= 4 else posts, days, norm] for week, posts, days, norm in row.weeks]
    row.save(update_fields=["weeks"])
    assert values(year)["kept_share"] == 0


def test_a_running_period_is_compared_with_the_same_days():
    page = make_page(body=make_body())
    make_month(page, date(2026, 11, 1), as_of=timezone.now())
    for month in months_back(date(2025, 12, 1), 12):
        make_month(page, month, each_week=0 if month.month == 12 else 3, members=month.month)
    last = PageMonth.objects.get(page=page, month=date(2025, 11, 1))
    last.weeks[-1][1] = 0 if last.weeks[-1][0] >= "2025-11-24" else last.weeks[-1][1]
    last.save(update_fields=["weeks"])
    for kind, days in (("month", "с 1 по 28 ноября 2025 года"), ("year", "с 1 января по 28 ноября 2025 года")):
        found = report(Asked(period(kind, TODAY)))
        for code, before in (("kept_share", 100), ("kept", 1), ("members", 11), ("pages", 1)):
            one, same = found.figure(code), "октябрь 2025 года" if kind == "year" and code.startswith("kept") else days
            assert (one.before, one.before_title) == (before, same), (kind, code)
        assert [found.figure(code).before for code in ("posts", "views", "er")] == [None] * 3


def test_posts_of_free_days_are_not_known():
    page = make_page()
    make_month(page, date(2026, 11, 1), as_of=timezone.now())
    found = report(Asked(period("period", TODAY, date(2026, 11, 2), date(2026, 11, 14))))
    assert (found.figure("posts").value, found.figure("kept_share").value, found.figure("pages").value) == (None, 100, 1)


def test_the_er_of_a_year_takes_reactions_and_views_of_the_same_months():
    page = make_page()
    for month in months_back(date(2025, 12, 1), 12):
        make_month(page, month, likes=20 if month.month < 3 else None, posts=12 if month.month < 7 else None)
    year = Asked(period("year", TODAY, date(2025, 5, 1)))
    found = report(year)
    assert found.figure("er").value == 3
    assert (found.figure("views").value, found.figure("posts").value) == (12_000, 72)
    assert [(found.figure(code).known, found.figure(code).of) for code in ("er", "views", "posts")] == [(2, 12), (12, 12), (6, 12)]
    assert coverage(found.figure("er")) == "собрано месяцев страниц: 2 из 12"
    assert coverage(found.figure("members")) == "собрано 1 из 1"


def test_a_running_month_looks_at_the_weeks_that_are_over():
    make_month(make_page(body=make_body()), date(2026, 11, 1), as_of=timezone.now())
    found = report(Asked(period("month", TODAY)))
    assert found.figure("kept_share").value == 100
    assert found.figure("posts").before is None


def test_the_cuts_add_up_to_the_whole():
    places = [make_territory(name="Миасс"), make_territory(name="Чебаркуль")]
    for n in range(6):
        make_month(make_page(body=make_body(territory=places[n % 2], level="МО"), network="vk" if n % 3 else "ok"), MONTH, each_week=n)
    found = report(Asked(OCTOBER))
    for table in ("networks", "places", "levels"):
        rows = found.table(table).rows
        assert sum(row["pages"] for row in rows) == found.figure("pages").value == 6
        assert sum(row["members"] for row in rows) == found.figure("members").value
    assert found.table("places").title == "Лучше всех ведут страницы: Чебаркуль, 66,7\xa0% активных"
    PageMonth.objects.filter(month=MONTH).update(weeks=[["2026-10-05", 3, 7, 3]])
    assert report(Asked(OCTOBER)).table("places").title == "Лучше всех ведут страницы 2 муниципалитета из 2: 100\xa0% активных"
    parts = [values(Asked(OCTOBER, territory=place))["posts"] for place in places]
    assert sum(parts) == found.figure("posts").value


def test_a_curator_sees_his_branch_only(curator, page):
    make_month(page, MONTH)
    make_month(make_page(body=make_body()), MONTH)
    assert values(Asked(OCTOBER, curator))["pages"] == 1
    assert values(Asked(OCTOBER))["pages"] == 2


def test_a_branch_is_never_called_the_region(curator, operator, page, body):
    region = make_territory(level="region", name="Примерная область")
    place = make_territory(name="Миасс", parent=region)
    assert [Asked(OCTOBER, user).place for user in (None, operator, curator)] == ["Примерная область"] * 2 + ["Министерство образования"]
    assert Asked(OCTOBER, curator, body=body).place == "Школа № 1"
    assert Asked(OCTOBER, curator, place).place == "Министерство образования; Миасс"
    own = make_person(role=Role.ANALYST, territory=place)
    assert (Asked(OCTOBER, own).place, Asked(OCTOBER, own, place).place) == ("Миасс", "Миасс")
    make_steward(own, page)
    assert Asked(OCTOBER, own).place == "видимые вам страницы"


def test_a_stranger_sees_nothing_of_it(stranger, page):
    make_month(page, MONTH)
    assert values(Asked(OCTOBER, stranger))["pages"] is None


@pytest.fixture
def cases(page, body, operator):
    topic = make_topic()
    make_connection(page, mode="full")
    made = [make_case(page, f"Яма на дороге у дома {n}, когда её засыпят", body=body, by=operator) for n in range(1, 4)]
    publish(make_answer(made[0], by=operator), by=operator)
    Case.objects.update(topic=topic)
    Case.objects.filter(pk=made[1].pk).update(late=True)
    return made


def test_the_desk_is_counted_as_its_rating_counts(cases, operator):
    now = period("month", TODAY)
    found, rated = values(Asked(now, operator)), rating.rating(operator, rating.Asked(now.since, TODAY))
    rows = [*rated["rated"], *rated["unrated"]]
    assert (found["cases"], found["answered"]) == (sum(r["cases"] for r in rows), sum(r["answered"] for r in rows)) == (3, 1)
    assert found["on_time"] == pytest.approx(100 * rows[0]["in_time_share"])
    assert found["reaction"] == rows[0]["median_elapsed"]
    assert report(Asked(now, operator)).table("topics").rows[0]["cases"] == 3


def test_messages_are_counted_with_what_became_of_them(cases, operator):
    found = values(Asked(period("month", TODAY), operator))
    assert (found["messages"], found["answered_messages"]) == (3, 1)


def test_each_figure_of_the_desk_equals_its_rows(cases, operator):
    asked = Asked(period("month", TODAY), operator)
    found = values(asked)
    for code in ("cases", "answered", "thanks"):
        assert cases_behind(asked, code).count() == found[code]
    assert sum(case.message_count for case in cases_behind(asked, "messages")) == found["messages"]


def test_each_figure_of_the_pages_equals_its_rows():
    for posts in (1, 3, 5):
        make_month(make_page(), MONTH, each_week=posts)
    asked = Asked(OCTOBER)
    found = values(asked)
    assert len(pages_behind(asked, "kept")) == found["kept"] == 2
    assert sum(page.posts for page in pages_behind(asked, "posts")) == found["posts"]
    assert len(pages_behind(asked, "pages_vk")) == found["pages_vk"] == 3
    assert pages_behind(asked, "kept_share")[0].kept is False


def test_the_registry_is_counted_as_its_own_list_counts(operator):
    make_page(body=make_body())
    make_body(exempt="приказ")
    make_body()
    own, found = registry.figures(operator), values(Asked(period("month", TODAY), operator))
    assert (found["pages"], found["debt"], found["exempt"]) == (own["pages"], own["debt"], own["exempt"]) == (1, 1, 1)
    assert (found["obliged"], found["with_page"]) == (2, 1)


def test_the_analyst_of_a_district_sees_the_district(page, body):
    place = make_territory(name="Миасс")
    body.territory = place
    body.save()
    make_month(page, MONTH)
    make_month(make_page(body=make_body(territory=make_territory())), MONTH)
    person = make_person(role=Role.ANALYST, territory=place)
    assert values(Asked(OCTOBER, person))["pages"] == 1
    assert report(Asked(OCTOBER, person)).table("places").rows[0]["name"] == "Миасс"


def test_an_old_reading_is_told(page):
    old = timezone.now() - timedelta(days=12)
    make_month(page, MONTH, as_of=old)
    assert report(Asked(OCTOBER)).figure("posts").as_of == old


def test_scores_stand_beside_the_municipalities():
    places = [make_territory(name=name) for name in ("Миасс", "Троицк", "Карабаш")]
    for place in places:
        make_month(make_page(body=make_body(territory=place)), MONTH)
    code = "chelyabinsk-61-2026"
    best = methods().methods[code].groups
    top = max(best, key=lambda one: one.at)
    for place, total in zip(places, (Decimal("97.5"), None, Decimal("80.07")), strict=True):
        kind = "computed" if total is not None else "unconfirmed"
        Score.objects.create(method=code, month=MONTH, territory=place, total=total, kind=kind)
    assert "Официально" not in [column.title for column in report(Asked(OCTOBER)).table("places").columns]
    OfficialScore.objects.create(method=code, month=MONTH, territory=places[1], total=Decimal("81.5"))
    found = report(Asked(OCTOBER))
    rows = {row["name"]: row for row in found.table("places").rows}
    assert [column.title for column in found.table("places").columns[1:4]] == ["Балл", "Официально", "Группа"]
    assert (rows["Троицк"]["official"], rows["Миасс"]["official"]) == (81.5, None)
    assert (rows["Миасс"]["score"], rows["Миасс"]["group"], rows["Троицк"]["score"]) == (97.5, top.title, None)
    leaders = found.figure("leaders")
    assert (leaders.value, leaders.known, leaders.of) == (1, 2, 3)
    assert reverse(leaders.rows.name) == reverse("scores:table")
    assert leaders.rows.query == {"method": code, "month": "2026-10"}
    assert "leaders" not in values(Asked(period("week", TODAY)))


def test_leaders_are_told_only_where_somebody_can_be_one(curator):
    place = make_territory(name="Миасс")
    make_month(make_page(body=make_body(territory=place)), MONTH)
    Score.objects.create(method="chelyabinsk-61-2026", month=MONTH, territory=place, total=Decimal("97.5"), kind="computed")
    assert values(Asked(OCTOBER))["leaders"] == 1
    assert "leaders" not in values(Asked(OCTOBER, curator))
    other = make_territory(name="Троицк")
    make_month(make_page(body=make_body(territory=other)), MONTH)
    assert "leaders" not in values(Asked(OCTOBER, territory=other))


def test_what_lies_outside_the_municipalities_is_said(operator, cases):
    make_month(make_page(), date(2026, 11, 1))
    note = report(Asked(period("month", TODAY), operator)).table("places").note
    assert note == "Вне муниципалитетов: страниц 2 (региональных органов или без организации), обращений 3."


def test_widgets_and_buttons_are_shares_of_what_is_known():
    for widgets, sector in ((2, True), (1, False), (2, None), (None, None)):
        make_month(make_page(), MONTH, widgets=widgets, marks={} if sector is None else {"sector": sector})
    found = values(Asked(OCTOBER))
    assert (round(found["widgets"], 1), found["sector"]) == (66.7, 50)
    assert len(pages_behind(Asked(OCTOBER), "widgets")) == 2


def test_people_are_those_of_the_audience_and_a_span_across_networks():
    region = make_territory(level="region", name="Примерная область", population=1000)
    make_page(body=make_body(territory=region))
    now = Asked(period("month", TODAY))
    assert "people" not in values(now)
    build = Build.objects.create(state="done", unfinished=None, as_of=timezone.now(), finished_at=timezone.now())
    cell = {"build": build, "territory": region, "sphere": None, "pages": 2, "read": 1}
    Cell.objects.create(network="vk", people=300, subscriptions=500, **cell)
    one = report(now).figure("people")
    assert (one.value, one.known, one.of, one.as_of) == (300, 1, 2, build.as_of)
    assert reverse(one.rows.name) == reverse("audience:show")
    Cell.objects.create(network="ok", people=100, subscriptions=150, **cell)
    found = values(now)
    assert (found["people_from"], found["people_to"], found["people_share"]) == (300, 400, 30)
    assert "people" not in found
    assert "people_from" not in values(Asked(OCTOBER))  # nothing was counted in those days
