from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from gospult.accounts.models import Journal, Role
from gospult.desk import actions, queries
from gospult.desk.models import Case, SavedView
from gospult.desk.queries import filters
from gospult.desk.queries.branch import FIGURES, figures_by_body
from gospult.desk.testing import make_case, make_topic
from gospult.lib.errors import Refused
from gospult.networks.base import Attachment
from gospult.registry.models import Body
from gospult.registry.testing import make_body, make_page, make_person, make_territory

pytestmark = pytest.mark.django_db
PHOTO = [Attachment("photo", url="https://example.org/1.jpg")]


@pytest.fixture
def plain(page, body, operator) -> Case:
    """A case without anything that a filter asks for."""
    return make_case(make_page(body=make_body(name="Больница"), network="ok"), "Что-то другое", body=make_body(name="Больница"), by=operator)


def found(operator, code="all", **asked) -> set[Case]:
    return set(queries.queue(operator, code, filters=filters.read(asked)))


@pytest.mark.parametrize(
    ("fields", "asked"),
    [
        ({"kind": "question"}, {"kind": "question"}),
        ({"kind": ""}, {"kind": "none"}),
        ({"state": "promised"}, {"state": "promised"}),
        ({"urgent": True}, {"urgent": "1"}),
        ({"danger": True}, {"danger": "1"}),
        ({"has_photo": True}, {"photo": "1"}),
        ({"by_dm": True}, {"channel": "dm"}),
        ({"opened_at": "2025-03-05T12:00Z"}, {"from": "2025-03-05", "to": "2025-03-05"}),
    ],
)
def test_a_filter_finds_what_has_it_and_nothing_else(operator, page, plain, fields, asked):
    Case.objects.filter(pk=plain.pk).update(kind="problem")
    case = make_case(page, "Совсем про другое дело")
    Case.objects.filter(pk=case.pk).update(**{"kind": "problem", **fields})
    assert found(operator, **asked) == {case}


def test_topics_are_asked_one_by_one_or_by_group(operator, page, plain):
    one, two = make_topic("yamy", group="Дороги", group_code="roads"), make_topic("znaki", name="Знаки", group="Дороги", group_code="roads")
    first, second = make_case(page, "Первое дело"), make_case(page, "Второе дело")
    Case.objects.filter(pk=first.pk).update(topic=one)
    Case.objects.filter(pk=second.pk).update(topic=two)
    assert found(operator, topic="znaki") == {second}
    assert found(operator, topic="group:roads") == {first, second}


def test_a_territory_takes_its_settlements_along(operator, page, plain):
    town = make_territory(name="Миасс")
    village = make_territory(name="Тургояк", parent=town, level="settlement")
    case = make_case(page, "Нет воды")
    Case.objects.filter(pk=case.pk).update(territory=village)
    assert found(operator, territory=town.code) == {case}


def test_body_page_and_network_are_found_by_words(operator, page, body, plain):
    case = make_case(page, "Нет тепла", body=body, by=operator)
    assert found(operator, organ="школа 1") == {case}
    assert found(operator, public="school_one") == {case}
    assert found(operator, network="vk") == {case}
    assert found(operator, network="ok") == {plain}
    assert found(operator, network="file") == set()


def test_taking_a_message_notes_its_photo_and_its_channel(operator, page):
    case = make_case(page, "Вот что у нас во дворе", attachments=PHOTO)
    other = make_case(page, "Подскажите, когда приём", kind="dm", thread_id="d1", author_id="9")
    assert found(operator, photo="1", channel="comment") == {case}
    assert found(operator, channel="dm") == {other}


def test_filters_combine_with_a_view_and_with_a_search(operator, page, body):
    sent = make_case(page, "Яма на дороге у школы", body=body, by=operator)
    Case.objects.filter(pk=sent.pk).update(urgent=True)
    assert found(operator, "work", urgent="1") == {sent}
    assert found(operator, "new", urgent="1") == set()
    assert set(queries.queue(operator, "new", search="ямы", filters={"urgent": "1"})) == {sent}
    assert not queries.queue(operator, "new", search="ямы", filters={"danger": "1"}).exists()


@pytest.mark.parametrize(
    "asked", [{"kind": "x"}, {"from": "2026-02-31"}, {"to": "9999-12-31"}, {"topic": "group:нет"}, {"territory": "\0"}, {"photo": "да"}]
)
def test_a_value_that_means_nothing_does_not_filter(asked):
    assert filters.read(asked) == {}


def test_a_filter_shows_no_case_that_the_person_may_not_see(client, stranger, plain, page, body, operator):
    case = make_case(page, "Нет тепла", body=body, by=operator)
    client.force_login(stranger)
    html = client.get(reverse("desk:queue"), {"view": "all", "network": "vk", "organ": "школа"}).content.decode()
    assert case.number not in html
    assert "Под условия ничего не подходит" in html


def test_the_list_keeps_its_filters_on_every_link(client, operator, page):
    case = make_case(page, "Нет тепла", attachments=PHOTO)
    client.force_login(operator)
    html = client.get(reverse("desk:queue"), {"view": "all", "photo": "1"}).content.decode()
    assert f"{reverse('desk:case', args=[case.number])}?view=all&amp;photo=1" in html
    assert "с фото" in html


def test_the_panel_of_conditions_shows_what_is_chosen(client, operator):
    client.force_login(operator)
    html = client.get(reverse("desk:conditions"), {"kind": "question", "photo": "1", "from": "2026-11-01"}).content.decode()
    assert '<option value="question" selected>' in html
    assert 'value="2026-11-01"' in html
    assert 'name="photo" value="1" checked' in html


def test_fresh_counts_only_what_the_filter_asks_for(client, operator, page):
    since = make_case(page, "Первое дело").pk
    make_case(page, "Второе дело, без фото")
    make_case(page, "Третье дело, с фото", attachments=PHOTO)
    client.force_login(operator)
    assert "Новых: 1" in client.get(reverse("desk:fresh"), {"view": "all", "photo": "1", "since": since}).content.decode()


# Saved views


def test_a_filter_is_kept_under_a_name_and_counted_in_the_same_statement(client, operator, page):
    make_case(page, "Дело с фото", attachments=PHOTO)
    make_case(page, "Другое дело, без фото")
    client.force_login(operator)
    client.post(reverse("desk:view_save") + "?view=all&photo=1", {"name": " С   фото "})
    with CaptureQueriesContext(connection) as asked:
        html = client.get(reverse("desk:counts"), {"view": "all"}).content.decode()
    assert "С фото" in html
    assert sum("count(*)" in query["sql"] for query in asked) == 1
    view = SavedView.objects.get()
    assert view.filters == {"view": "all", "photo": "1"}
    assert client.get(reverse("desk:counts"), {**view.filters, "saved": view.pk}).context["own_views"][0]["count"] == "1"


def test_the_same_name_gets_the_new_filter(operator):
    first = actions.save_view(name="Дороги", filters={"kind": "problem"}, by=operator)
    assert actions.save_view(name="Дороги", filters={"kind": "question"}, by=operator).pk == first.pk
    assert SavedView.objects.get().filters == {"kind": "question"}


@pytest.mark.parametrize(("name", "asked", "words"), [(" ", {"kind": "problem"}, "Назовите"), ("Все", {"view": "all"}, "Сначала выберите")])
def test_save_refuses_a_view_without_a_name_or_conditions(operator, name, asked, words):
    with pytest.raises(Refused, match=words):
        actions.save_view(name=name, filters=asked, by=operator)


def test_save_refuses_more_views_than_a_person_can_use(operator):
    for number in range(20):
        actions.save_view(name=str(number), filters={"kind": "problem"}, by=operator)
    with pytest.raises(Refused, match="не больше 20"):
        actions.save_view(name="ещё", filters={"kind": "problem"}, by=operator)


def test_views_are_renamed_moved_and_removed_with_a_journal_line_each(client, operator):
    one, two = (actions.save_view(name=name, filters={"kind": "problem"}, by=operator) for name in ("раз", "два"))
    client.force_login(operator)
    client.post(reverse("desk:view_rename", args=[two.pk]), {"name": "второе"})
    client.post(reverse("desk:view_move", args=[two.pk]), {"to": "up"})
    assert [v.name for v in SavedView.objects.visible_to(operator)] == ["второе", "раз"]
    client.post(reverse("desk:view_remove", args=[one.pk]))
    assert [v.name for v in SavedView.objects.visible_to(operator)] == ["второе"]
    verbs = list(Journal.objects.filter(object_type="desk.savedview").order_by("id").values_list("verb", flat=True))
    assert verbs == ["view_saved", "view_saved", "view_renamed", "view_moved", "view_removed"]


def test_rename_refuses_a_name_that_is_taken(operator):
    one, _ = (actions.save_view(name=name, filters={"kind": "problem"}, by=operator) for name in ("раз", "два"))
    with pytest.raises(Refused, match="уже есть"):
        actions.rename_view(view=one, name="два", by=operator)


def test_a_shared_view_is_seen_by_the_centre_and_not_by_bodies(client, operator, executor):
    client.force_login(operator)
    client.post(reverse("desk:view_save") + "?view=all&danger=1", {"name": "Опасное", "shared": "on"})
    analyst = make_person(role=Role.ANALYST)
    assert [v.name for v in SavedView.objects.visible_to(analyst)] == ["Опасное"]
    assert not SavedView.objects.visible_to(executor).exists()
    assert not SavedView.objects.editable_by(analyst).exists()


def test_who_is_no_operator_shares_nothing(client, executor):
    client.force_login(executor)
    client.post(reverse("desk:view_save") + "?view=all&danger=1", {"name": "Опасное", "shared": "on"})
    assert not SavedView.objects.get().shared


@pytest.mark.parametrize("name", ["view_rename", "view_move", "view_remove"])
def test_stranger_gets_404_for_somebody_elses_view(client, stranger, operator, name):
    view = actions.save_view(name="Моё", filters={"kind": "problem"}, by=operator)
    client.force_login(stranger)
    assert client.post(reverse(f"desk:{name}", args=[view.pk]), {"name": "x"}).status_code == 404
    assert SavedView.objects.get().name == "Моё"


def test_period_is_whole_days_of_the_centre(operator, page):
    case = make_case(page, "Поздно вечером")
    day = timezone.localdate() - timedelta(days=3)
    late = timezone.localtime().replace(year=day.year, month=day.month, day=day.day, hour=23, minute=59)
    Case.objects.filter(pk=case.pk).update(opened_at=late)
    assert found(operator, **{"from": str(day), "to": str(day)}) == {case}
    assert found(operator, **{"from": str(day + timedelta(days=1))}) == set()


def test_a_body_is_meant_exactly_and_a_branch_with_everything_below(operator, page, body, plain):
    twin = make_body(name="Школа № 1")
    mine, other = (make_case(page, f"Дело {n}", body=b, by=operator) for n, b in enumerate((body, twin)))
    assert found(operator, organ="школа 1") == {mine, other}
    assert found(operator, body=str(body.pk)) == {mine}
    assert found(operator, branch=str(body.parent.pk)) == {mine}
    assert found(operator, body=str(body.parent.pk)) == set()


@pytest.mark.parametrize("value", ["", "школа", "-1", "1' or 1=1", "9" * 40, "²"])
def test_a_body_that_is_no_id_does_not_filter(value, db):
    assert filters.read({"body": value, "branch": value}) == {}


def test_a_body_that_does_not_exist_has_no_cases(operator, plain):
    assert found(operator, body="999999") == found(operator, branch="999999") == set()


HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("fields", "figures"),
    [
        ({"next_due_at": -HOUR}, {"open", "overdue"}),
        ({"next_due_at": HOUR}, {"open", "soon"}),
        ({"next_due_at": 3 * HOUR}, {"open"}),
        ({"state": "answered", "answered_at": -DAY}, {"week", "week_on_time", "month", "month_on_time"}),
        ({"state": "closed", "answered_at": -DAY, "late": True}, {"week", "week_late", "month", "month_late"}),
        ({"state": "answered", "answered_at": -9 * DAY, "late": True}, {"before", "before_late", "month", "month_late"}),
        ({"state": "closed", "answered_at": -DAY, "kind": "gratitude"}, set()),
        ({"next_due_at": 3 * HOUR, "reopened": 1}, {"open", "reopened"}),
    ],
)
def test_each_figure_of_a_branch_is_counted_and_opens_the_same_rows(operator, page, body, fields, figures):
    case = make_case(page, "Одно дело", body=body, by=operator)
    at = {name: timezone.now() + value for name, value in fields.items() if isinstance(value, timedelta)}
    Case.objects.filter(pk=case.pk).update(**{"kind": "problem", "late": False, **fields, **at})
    counted = figures_by_body(Body.objects.all()).get(body.pk, {})
    assert {code for code, number in counted.items() if number} == figures
    assert {code for code in FIGURES if found(operator, body=str(body.pk), figure=code)} == figures


def test_the_conditions_that_cannot_be_typed_are_kept_by_the_panel(client, operator, body):
    client.force_login(operator)
    html = client.get(reverse("desk:conditions"), {"body": body.pk, "figure": "overdue"}).content.decode()
    assert f'name="body" value="{body.pk}"' in html
    assert 'name="figure" value="overdue"' in html


def test_a_body_and_a_figure_are_read_as_words(body):
    chips = filters.in_words({"body": str(body.pk), "figure": "overdue"})
    assert [chip["text"] for chip in chips] == ["организация «Школа № 1»", "просрочены"]
