from datetime import timedelta

import pytest
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils import timezone

from gospult.accounts.models import Role
from gospult.desk import actions as desk
from gospult.desk.models import Case
from gospult.desk.queries.branch import FIGURES
from gospult.desk.testing import make_case
from gospult.exchange.models import Card, Connection, Wall
from gospult.exchange.queries import PageState, faults
from gospult.exchange.testing import make_connection
from gospult.office.queries import branch as queries
from gospult.office.trouble import rank, reasons, share
from gospult.registry.models import Body
from gospult.registry.testing import make_body, make_grant, make_page, make_person, make_steward, make_territory

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def late_case(page, body, by, **fields):
    case = make_case(page, f"Дело {Case.objects.count()}", body=body, by=by)
    Case.objects.filter(pk=case.pk).update(**{"next_due_at": timezone.now() - HOUR, **fields})
    return case


def heard(page, **fields):
    make_connection(page)
    Connection.objects.filter(page=page).update(last_proof_at=timezone.now(), **fields)


def of(person) -> dict[str, queries.Row]:
    return {row.name: row for row in queries.branch(queries.bodies_led(person)).rows}


def shown(client, name="branch", *args, **asked):
    response = client.get(reverse(f"office:{name}", args=args), asked)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def desk_of(client, curator):
    client.force_login(curator)
    return client


ADDRESSES = [("branch", []), ("branch_pages", []), ("branch_owing", []), ("branch_rows", ["open"])]


@pytest.mark.parametrize(("name", "args"), ADDRESSES)
@pytest.mark.parametrize("who", ["stranger", "operator", "executor", "steward"])
def test_who_leads_nobody_gets_404(client, request, who, name, args):
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse(f"office:{name}", args=args)).status_code == 404


def test_stranger_gets_404_for_a_body_also_when_he_leads_another_branch(client, stranger, body):
    for person in (stranger, make_person(role=Role.CURATOR, body=make_body(name="Другое министерство"))):
        client.force_login(person)
        assert client.get(reverse("office:branch_body", args=[body.pk])).status_code == 404
        assert client.get(reverse("office:branch"), {"under": body.pk}).status_code == 404


def test_a_branch_is_that_of_the_grants_and_not_all_that_the_person_sees(curator, page, body, operator):
    away = make_body(name="Чужая школа")
    make_steward(curator, make_page(body=away))
    make_grant(curator, Role.OPERATOR)
    assert set(of(curator)) == {"Школа № 1", "Министерство образования"}


def test_a_territory_is_a_branch_too_and_a_head_has_one(body, db):
    town = make_territory()
    Body.objects.filter(pk=body.pk).update(territory=town)
    head = make_person(role=Role.HEAD, territory=town)
    assert set(of(head)) == {"Школа № 1"}


def test_the_worst_stands_first_and_says_why(desk_of, operator, page, body):
    calm, worse = make_body(name="Спокойная школа", parent=body.parent), make_body(name="Школа с бедой", parent=body.parent)
    heard(page)
    for organ, times in ((body, 1), (worse, 2)):
        for _ in range(times):
            late_case(page, organ, operator)
    html = shown(desk_of)
    assert html.index("Школа с бедой") < html.index("Школа № 1") < html.index(calm.name)
    assert "просрочено 2" in html
    assert "Просрочено 3" in html


@pytest.mark.parametrize("figure", list(FIGURES))
def test_every_number_opens_its_very_rows(desk_of, curator, operator, page, body, figure):
    heard(page)
    asked = {"overdue": {}, "soon": {"next_due_at": timezone.now() + HOUR}, "reopened": {"reopened": 1}, "open": {}}
    answered = {"state": "answered", "answered_at": timezone.now() - (10 * DAY if figure.startswith("before") else DAY), "late": "late" in figure}
    case = late_case(page, body, operator, **asked.get(figure, answered))
    row = of(curator)["Школа № 1"]
    assert row.counts[figure] == 1
    assert case.number in shown(desk_of, "branch_body", body.pk, figure=figure)
    assert case.number in shown(desk_of, "branch_rows", figure)
    assert case.number not in shown(desk_of, "branch_body", body.parent.pk, figure=figure)


def test_a_return_counts_for_who_returned_it_though_the_case_is_gone(desk_of, curator, operator, page, body):
    heard(page)
    case = make_case(make_page(), "Не наше дело", body=body, by=operator)
    desk.bounce(case=case, why="не наш двор", by=operator)
    assert not Case.objects.visible_to(curator).filter(pk=case.pk).exists()
    assert of(curator)["Школа № 1"].counts["bounces"] == 1
    html = shown(desk_of, "branch_body", body.pk, figure="bounces")
    assert case.number in html
    assert "Не наше дело" not in html


def test_nothing_heard_is_no_nought(desk_of, curator, page, body):
    assert of(curator)["Школа № 1"].figures is None
    assert "Нет данных: страница не подключена" in shown(desk_of, "branch_body", body.pk)
    heard(page)
    assert of(curator)["Школа № 1"].figures is not None
    Connection.objects.update(last_proof_at="2026-11-01T12:00Z", created_at="2026-10-01T12:00Z")
    assert "Нет данных с вс 1 ноября" in shown(desk_of, "branch_body", body.pk)


def test_a_share_says_its_trend(curator, operator, page, body):
    for days, late in ((1, True), (2, False), (8, False), (9, False)):
        late_case(page, body, operator, state="answered", answered_at=timezone.now() - days * DAY, late=late)
    row = of(curator)["Школа № 1"]
    assert (row.week, row.month, row.trend) == (50, 75, -50)
    assert "в срок стало реже на 50 п. п." in row.reasons
    assert share(0, 0) is None


def test_silence_is_a_wall_and_never_a_guess(curator, page, body):
    now = timezone.now()
    assert queries.branch(queries.bodies_led(curator)).walls == 0
    assert not of(curator)["Школа № 1"].counts["silent"]
    wall = Wall.objects.create(page=page, tried_at=now, read_at=now, last_post_at=now - 9 * DAY)
    assert "нет новых записей 9 дней" in of(curator)["Школа № 1"].reasons
    Body.objects.filter(pk=body.pk).update(status="card")
    assert not of(curator)["Школа № 1"].counts["silent"]
    Body.objects.filter(pk=body.pk).update(status="active")
    Wall.objects.filter(pk=wall.pk).update(last_post_at=now - 6 * DAY)
    assert not of(curator)["Школа № 1"].counts["silent"]


def test_no_fault_of_a_page_hides_another(desk_of, page):
    now = timezone.now()
    heard(page, problem="Ключ отозван.", created_at=now - 9 * DAY)
    Connection.objects.update(last_proof_at=now - 2 * DAY)
    Card.objects.create(page=page, tried_at=now, read_at=now, gone=True, comments_open=False)
    Wall.objects.create(page=page, tried_at=now, read_at=now, last_post_at=None)
    html = shown(desk_of, "branch_pages")
    for words in ("в сети не открывается", "Ключ отозван.", "нет признаков жизни с", "комментарии закрыты", "на стене нет записей"):
        assert words in html


def test_what_nobody_has_read_is_no_fault():
    assert [fault.code for fault in faults(PageState(1, "Страница", "vk"), timezone.now(), silent_after=7)] == ["apart"]
    assert faults(PageState(1, "Страница", "другая сеть"), timezone.now(), silent_after=7) == []


def test_pages_are_listed_by_their_fault(desk_of, page, body):
    other = make_page(body=body, name="Вторая страница")
    Card.objects.create(page=other, tried_at=timezone.now(), read_at=timezone.now(), gone=True)
    html = shown(desk_of, "branch_pages", fault="gone")
    assert (other.name in html, page.name in html) == (True, False)
    assert page.name in shown(desk_of, "branch_pages", fault="unread")


def test_each_obliged_body_shows_its_step_and_all_that_is_wrong(desk_of, body, page, curator):
    none, draft, review = (make_body(name=name, parent=body.parent) for name in ("Ничего", "Готовит", "Проверяется"))
    make_page(body=draft, state="draft", name="Черновая", handle="", external_id=None)
    make_page(body=review, state="under_review", review_reason="нет в выгрузке", name="Спорная")
    make_body(name="Освобождена", parent=body.parent, exempt="Приказ")
    rows = {row.body.name: row for row in queries.explained(list(queries.owing(queries.bodies_led(curator))))}
    assert {name: row.step for name, row in rows.items()} == {
        "Министерство образования": "страницы нет, не начинали", "Ничего": "страницы нет, не начинали",
        "Готовит": "страница готовится, администратора нет", "Проверяется": "страница на проверке",
    }  # fmt: skip
    assert rows["Готовит"].wrong == [
        "у «Черновая» нет администратора",
        "у «Черновая» нет адреса в сети",
        "исполнитель не назначен",
        "нет телефона и почты",
    ]
    assert "«Спорная» на проверке: нет в выгрузке" in rows["Проверяется"].wrong
    assert none.name in shown(desk_of, "branch_owing", step="none")
    assert "Готовит" not in shown(desk_of, "branch_owing", step="none")


def test_by_the_tree_each_body_stands_before_those_below_it(curator, body):
    make_body(name="Аппарат", parent=body)
    rows = queries.by_tree(queries.branch(queries.bodies_led(curator)).rows)
    assert [(row.name, row.depth) for row in rows] == [("Министерство образования", 0), ("Школа № 1", 1), ("Аппарат", 2)]


def test_the_order_is_of_the_first_difference_and_the_reasons_of_the_same_things():
    assert rank({"overdue": 1}) < rank({"soon": 50, "silent": 9})
    assert reasons({"overdue": 2, "week_late": 1, "week": 4}, ["комментарии закрыты"], -20) == [
        "просрочено 2", "комментарии закрыты", "за неделю с опозданием 1 из 4", "в срок стало реже на 20 п. п.",
    ]  # fmt: skip
    assert reasons({"open": 5}, [], None) == []


def test_an_empty_branch_teaches(client, db):
    client.force_login(make_person(role=Role.CURATOR, territory=make_territory()))
    assert "В ветви пока никого" in shown(client)


@pytest.mark.parametrize("asked", [{"page": "x"}, {"order": "?"}, {"under": "²"}, {"q": "\0"}, {"page": "9" * 30}])
def test_a_broken_address_breaks_nothing(desk_of, body, asked):
    shown(desk_of, **asked)


def test_a_big_branch_is_a_handful_of_statements(desk_of, body, page, django_assert_max_num_queries, operator):
    schools = Body.objects.bulk_create(Body(name=f"Школа {n}", parent=body.parent, status="active") for n in range(500))
    Body.objects.filter(path="").update(path=Concat(Value(body.parent.path), Cast("pk", CharField()), Value("/")))
    moment = timezone.now()
    Case.objects.bulk_create(
        Case(number=f"T{n}", state="routed" if n % 5 else "answered", answered_at=None if n % 5 else moment - n % 28 * DAY, body=schools[n % 500],
             opened_at=moment, next_due_at=moment + (n % 48 - 1) * HOUR)
        for n in range(5_000)
    )  # fmt: skip
    with django_assert_max_num_queries(20):
        shown(desk_of)


def test_walls_that_nobody_has_read_are_no_nought_on_the_screen(desk_of, page):
    assert "стены страниц ещё не читали" in shown(desk_of)
    Wall.objects.create(page=page, tried_at=timezone.now(), read_at=timezone.now(), last_post_at=timezone.now())
    assert "стены прочитаны у 1 из 1" in shown(desk_of)
