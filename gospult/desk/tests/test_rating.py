import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from gospult.accounts.models import Journal, Role
from gospult.desk import actions
from gospult.desk.models import Case, Mark
from gospult.desk.queries import rating
from gospult.desk.testing import make_answer, make_case, make_topic, publish
from gospult.exchange.testing import make_connection
from gospult.registry.testing import make_body, make_page, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(page, body, operator):
    make_topic()
    make_connection(page, mode="full")
    return [make_case(page, f"Яма на дороге у дома {n}, когда её засыпят", body=body, by=operator) for n in range(1, 4)]


def asked(branch=None):
    return rating.Asked(timezone.localdate() - timedelta(days=5), timezone.localdate(), branch)


def row_of(user, body):
    found = rating.rating(user, asked())
    return next(row for row in [*found["rated"], *found["unrated"]] if row["body"] == body.pk)


def test_figures_follow_what_happened(world, body, operator):
    done, promised, back = world
    publish(make_answer(done, by=operator), by=operator)
    for days in (1, 3):
        date = timezone.localdate() + timedelta(days=days)
        publish(make_answer(promised, by=operator, kind="interim", promised_date=date), by=operator, external_id=f"i{days}")
    publish(make_answer(back, by=operator), by=operator, external_id="b")
    actions.reopen(case=Case.objects.get(pk=back.pk), because="не сделали", by=operator)
    row = row_of(operator, body)
    assert (row["cases"], row["answered"], row["postponed"], row["moved"], row["reopened"], row["late"]) == (3, 3, 1, 1, 1, 0)
    assert row["median_elapsed"] is not None
    assert rating.explained([row], rating.method_of(timezone.localdate()))[0]["lines"]


def test_a_returned_answer_counts_and_opens_its_row(world, body, operator):
    publish(make_answer(world[0], by=operator), by=operator)
    actions.return_for_rework(case=Case.objects.get(pk=world[0].pk), why="Не на тот вопрос", by=operator)
    assert row_of(operator, body)["returned"] == 1
    assert list(rating.rows_behind(operator, asked(), "returned", body.pk)) == [world[0]]


@pytest.mark.parametrize("figure", ["late", "postponed", "moved", "broken", "repeated", "reopened", "returned", "answered", "marks"])
def test_each_figure_equals_its_rows(world, body, operator, figure):
    Case.objects.filter(pk=world[0].pk).update(late=True, promises=2, broken=1, repeated=True, reopened=1, returned=1, first_elapsed=10)
    answer = make_answer(world[0], by=operator)
    Mark.objects.create(case=world[0], answer=answer, author=world[0].message_set.get(), value=5, source="site", at=timezone.now())
    assert row_of(operator, body)[figure] == rating.rows_behind(operator, asked(), figure, body.pk).count() == 1


def test_a_broken_promise_counts_from_the_next_morning(world, body, operator):
    Case.objects.filter(pk=world[0].pk).update(promised_date=timezone.localdate() - timedelta(days=1))
    assert row_of(operator, body)["broken"] == 1
    Case.objects.filter(pk=world[0].pk).update(promised_date=timezone.localdate())
    assert row_of(operator, body)["broken"] == 0


def test_a_second_case_of_the_same_words_is_repeated(page, body, operator):
    make_connection(page, mode="full")
    words = "На улице Садовой третий день не вывозят мусор, контейнеры переполнены"
    first = make_case(page, words, body=body, by=operator)
    publish(make_answer(first, by=operator), by=operator)
    actions.close(case=Case.objects.get(pk=first.pk), by=operator)
    again = make_case(page, words, body=body, by=operator)
    actions.recount(case=again)
    assert again.pk != first.pk
    assert Case.objects.get(pk=again.pk).repeated
    assert not Case.objects.get(pk=first.pk).repeated


def test_a_body_with_one_case_is_not_rated(page, operator, world):
    lonely = make_body()
    make_case(page, "Когда откроют каток?", body=lonely, by=operator)
    found = rating.rating(operator, asked())
    assert lonely.pk in [row["body"] for row in found["unrated"]]
    assert lonely.pk not in [row["body"] for row in found["rated"]]


def test_thanks_and_spam_are_not_rated(world, body, operator):
    actions.set_kind(case=world[0], kind="spam", by=operator)
    assert row_of(operator, body)["cases"] == 2


def test_a_body_sees_itself_and_others_without_names(page, body, operator, executor, world):
    names = []
    for number in range(5):
        other = make_body(name=f"Соседний орган {number}")
        names.append(other.name)
        for n in range(2):
            make_case(page, f"Вопрос {number} про дом {n}", body=other, by=operator)
    found = rating.rating(executor, asked())
    assert [row["body"] for row in found["rated"]] == [body.pk]
    assert found["peers"]
    assert found["peers_count"] == 6
    assert not [name for name in names if name in json.dumps(found["rated"] + found["unrated"], ensure_ascii=False)]


def test_fewer_than_five_others_are_not_shown_at_all(executor, world):
    assert rating.rating(executor, asked())["peers"] is None


def test_old_answers_get_their_figures_by_the_job(world, operator):
    Case.objects.filter(pk=world[0].pk).update(first_reaction_at=timezone.now(), first_elapsed=None)
    assert actions.fill_figures() == 1
    assert Case.objects.get(pk=world[0].pk).first_elapsed is not None
    assert actions.fill_figures() == 0


# Screens


def test_the_screen_shows_score_method_and_links(client, operator, body, world):
    client.force_login(operator)
    text = client.get(reverse("desk:rating")).content.decode()
    assert str(body) in text
    assert "Как считаем" in text
    assert reverse("desk:rating_rows", args=[body.pk, "cases"]) in text


@pytest.mark.parametrize(("name", "args"), [("rating", []), ("rating_rows", [1, "cases"])])
def test_stranger_gets_404_for_the_rating(client, name, args):
    client.force_login(make_person())
    assert client.get(reverse(f"desk:{name}", args=args)).status_code == 404
    assert client.post(reverse("desk:rating_export"), {"form": "json"}).status_code == 404


def test_executor_of_another_body_gets_404_for_the_rows(client, body, world):
    client.force_login(make_person(role=Role.EXECUTOR, body=make_body()))
    assert client.get(reverse("desk:rating_rows", args=[body.pk, "cases"])).status_code == 404
    assert str(body) not in client.get(reverse("desk:rating")).content.decode()


def test_days_the_wrong_way_round_get_one_sentence(client, operator, world):
    client.force_login(operator)
    text = client.get(reverse("desk:rating"), {"span": "free", "since": "2026-11-09", "until": "2026-11-01"}).content.decode()
    assert "Первый день позже последнего: поменяйте их местами." in text


def test_files_hold_the_figures_of_the_screen(client, operator, body, world, tmp_path):
    client.force_login(operator)
    shown = row_of(operator, body)
    data = json.loads(b"".join(client.post(reverse("desk:rating_export"), {"form": "json"}).streaming_content))
    assert next(row for row in data["rated"] if row["name"] == shown["name"])["cases"] == shown["cases"] == 3
    (tmp_path / "r.xlsx").write_bytes(b"".join(client.post(reverse("desk:rating_export"), {"form": "xlsx"}).streaming_content))
    sheet = CalamineWorkbook.from_path(tmp_path / "r.xlsx").get_sheet_by_index(0).to_python()
    line = dict(zip(sheet[0], sheet[1], strict=True))
    assert (line["Орган"], line["Обращений"], line["Балл"]) == (shown["name"], 3, shown["points"])
    assert Journal.objects.filter(verb="rating_exported").count() == 2


def test_a_page_of_another_body_is_no_way_in(client, steward, world):
    client.force_login(steward)
    assert client.get(reverse("desk:rating")).status_code == 404


def test_free_days_of_another_region_page(client, operator, world):
    make_page()
    client.force_login(operator)
    text = client.get(reverse("desk:rating"), {"span": "free", "since": "2020-01-01", "until": "2020-02-01"}).content.decode()
    assert "Оценивать пока нечего" in text
