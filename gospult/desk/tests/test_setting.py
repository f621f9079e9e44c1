"""«Сроки и календари»: who may open them, what the forms take and what they refuse."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from gospult.desk import actions
from gospult.desk.actions.recounting import work_recounts
from gospult.desk.models import BodyCalendar, DaySet, DeadlineRule, DeadlineVersion, Recount, WorkCalendar
from gospult.desk.queries import named_day
from gospult.desk.testing import make_case

pytestmark = pytest.mark.django_db
WEEK = {f"week_{day}": "09:00-13:00, 14:00-18:00" for day in ("mon", "tue", "wed", "thu", "fri")}
PRESET = {"code": "bystry", "title": "Быстрый", "first": {"value": 3, "unit": "working_hours"}, "final": {"value": 7, "unit": "working_days"}}


@pytest.fixture
def region(operator) -> WorkCalendar:
    DeadlineRule.objects.create(code="bystry", title="Быстрый", data=PRESET, is_default=True)
    week = {day: ["09:00-18:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    return WorkCalendar.objects.create(code="region", title="Календарь региона", data={"zone": "Asia/Yekaterinburg", "week": week}, is_default=True)


@pytest.fixture
def web(client, operator):
    client.force_login(operator)
    return client


def fields(**more):
    return {"title": "Новые", "valid_from": (timezone.localdate() + timedelta(days=1)).isoformat(), "final": "5", "final_unit": "hours", **more}


@pytest.mark.parametrize(
    ("method", "name", "args"),
    [
        ("get", "deadlines", []), ("get", "deadlines_new", []), ("post", "deadlines_new", []), ("post", "deadlines_drop", [1]),
        ("get", "calendar", ["region"]), ("post", "calendar", ["region"]), ("post", "calendar_add", []), ("post", "calendar_give", ["region"]),
        ("post", "holidays", []), ("get", "recount", [1]), ("post", "recount_do", [1, "apply"]),
    ],
)  # fmt: skip
def test_stranger_gets_404(client, stranger, region, method, name, args):
    client.force_login(stranger)
    assert getattr(client, method)(reverse(f"desk:{name}", args=args), fields()).status_code == 404
    assert not DeadlineVersion.objects.exists()


def test_the_screen_shows_what_counts_today_with_an_example(web, region):
    text = web.get(reverse("desk:deadlines")).content.decode()
    assert "Быстрый" in text
    assert "день поступления не считается" in text


def test_a_preset_fills_the_form(web, region):
    text = web.get(reverse("desk:deadlines_new"), {"preset": "bystry"}).content.decode()
    assert 'value="Быстрый"' in text
    assert 'value="7"' in text


def test_future_deadlines_are_in_force_at_once_and_may_be_taken_back(web, region):
    web.post(reverse("desk:deadlines_new"), fields(do="set"))
    version = DeadlineVersion.objects.get()
    assert (version.state, version.data["final"], Recount.objects.count()) == ("in_force", {"value": 5, "unit": "hours"}, 0)
    web.post(reverse("desk:deadlines_drop", args=[version.pk]))
    version.refresh_from_db()
    assert version.state == "dropped"


def test_an_example_saves_nothing(web, region):
    text = web.post(reverse("desk:deadlines_new"), fields(do="try")).content.decode()
    assert "18:30" in text
    assert not DeadlineVersion.objects.exists()


def test_deadlines_from_today_lead_to_what_would_change_and_are_applied(web, region, page):
    case = make_case(page)
    answer = web.post(reverse("desk:deadlines_new"), fields(do="set", valid_from=timezone.localdate().isoformat()))
    recount = Recount.objects.get()
    assert answer.url == reverse("desk:recount", args=[recount.pk])
    work_recounts()
    assert case.number in web.get(answer.url).content.decode()
    web.post(reverse("desk:recount_do", args=[recount.pk, "apply"]))
    work_recounts()
    recount.refresh_from_db()
    assert recount.state == "applied"
    assert "применено" in web.get(answer.url).content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"final": ""}, "нет ни одного срока"),
        ({"final": "0"}, "Срок не меньше 1."),
        ({"title": ""}, "Назовите сроки"),
        ({"valid_from": ""}, "Укажите день, с которого действуют сроки."),
        ({"valid_to": "2020-01-01"}, "раньше чем начинаются"),
    ],
)
def test_bad_deadlines_are_one_clear_sentence(web, region, change, words):
    assert words in web.post(reverse("desk:deadlines_new"), fields(do="set", **change)).content.decode()
    assert not DeadlineVersion.objects.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (dict.fromkeys(WEEK, ""), "Календарь без рабочего времени"),
        ({"week_mon": "09:00-13:00, 12:00-18:00"}, "пересекаются"),
        ({"week_mon": "с девяти"}, "не часы"),
        ({"days": "31.02.2026 выходной"}, "Строка 1: «31.02.2026» нет в календаре"),
        ({}, "ничего не изменилось"),
    ],
)
def test_a_bad_calendar_is_one_clear_sentence(web, region, change, words):
    same = {f"week_{day}": "09:00-18:00" for day in ("mon", "tue", "wed", "thu", "fri")} if not change else WEEK
    if not change:
        WorkCalendar.objects.update(data={**region.data, "week": {**region.data["week"], "sat": [], "sun": []}, "days": {}})
    text = web.post(reverse("desk:calendar", args=["region"]), {"title": "Р", "days": "", **same, **change, "do": "set"}).content.decode()
    assert words in text
    assert not Recount.objects.exists()


def test_a_calendar_is_edited_by_lines_and_tried_first(web, region):
    url = reverse("desk:calendar", args=["region"]) + "?year=2026"
    sent = {"title": "Р", **WEEK, "days": "31.12.2026 праздник"}
    assert "Пример" in web.post(url, {**sent, "do": "try", "at": "2026-12-30T18:30"}).content.decode()
    assert not Recount.objects.exists()
    web.post(url, {**sent, "do": "set"})
    recount = Recount.objects.get()
    assert recount.calendar_data["days"] == {"2026-12-31": {"hours": [], "note": "праздник"}}
    assert WorkCalendar.objects.get().data == region.data


def test_a_body_gets_a_calendar_of_its_own(web, region, body):
    web.post(reverse("desk:calendar_add"), {"title": "Шесть дней"})
    calendar = WorkCalendar.objects.get(is_default=False)
    give = reverse("desk:calendar_give", args=[calendar.code])
    assert "такого не нашлось" in web.post(give, {"body": "Нет такой"}, follow=True).content.decode()
    web.post(give, {"body": "Школа № 1"})
    assert BodyCalendar.objects.get().body == body
    actions.drop_recount(recount=Recount.objects.get(), by=None)
    web.post(give, {"body": str(body.pk), "do": "take"})
    assert not BodyCalendar.objects.exists()


def test_school_holidays_are_a_named_set(web, region):
    web.post(reverse("desk:holidays"), {"spans": "26.10.2026–03.11.2026 осенние"})
    day = timezone.localdate().replace(year=2026, month=11, day=1)
    assert named_day("school-holidays", day) == "осенние"
    assert named_day("school-holidays", day.replace(day=9)) == ""
    web.post(reverse("desk:holidays"), {"spans": "скоро"})
    assert DaySet.objects.get().data["spans"][0]["note"] == "осенние"
