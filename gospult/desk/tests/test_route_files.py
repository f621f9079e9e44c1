"""Rules as a table: there and back, twice the same, never a formula, all rows or none."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from gospult.desk import actions
from gospult.desk.actions.route_files import TITLES
from gospult.desk.models import RoutingRule
from gospult.desk.queries.thinking import forget
from gospult.desk.testing import make_rule, make_topic
from gospult.lib.errors import Refused
from gospult.registry.testing import make_body, make_ogrn, make_territory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh():
    forget()


@pytest.fixture
def topic():
    return make_topic()


def table(*rows: dict[str, str], titles=TITLES) -> bytes:
    out = io.StringIO()
    sheet = csv.writer(out, delimiter=";")
    sheet.writerow(titles.values())
    sheet.writerows([row.get(name, "") for name in titles] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def line(body, **cells):
    return {"body": str(body), "priority": "10", "topic": "musor", **cells}


def load(content, by, **options):
    return actions.import_rules(content=content, by=by, **options)


def test_what_is_taken_away_comes_back_unchanged(operator, body, topic):
    twin = make_body(name="Школа", ogrn=make_ogrn(7))
    make_body(name="Школа", ogrn=make_ogrn(8))
    make_rule(twin, topic=topic, territory=make_territory(), overflow=body, priority=-5, from_date=timezone.localdate() - timedelta(days=9))
    make_rule(body, group_code="waste", to_date=timezone.localdate() + timedelta(days=9))
    assert load(actions.export_rules(by=operator).read(), operator) == {"added": 0, "changed": 0, "same": 2}
    assert RoutingRule.objects.count() == 2


def test_loading_twice_changes_nothing(operator, body, topic):
    content = table(line(body), line(make_body(), topic="", group="waste"))
    assert load(content, operator) == {"added": 2, "changed": 0, "same": 0}
    assert load(content, operator) == {"added": 0, "changed": 0, "same": 2}


def test_a_row_with_a_number_makes_a_new_version(operator, body, topic):
    rule = make_rule(body, topic=topic, priority=10)
    assert load(table(line(body, rule=f"№ {rule.pk}", priority="20")), operator)["changed"] == 1
    assert RoutingRule.objects.get(replaces=rule).priority == 20
    assert load(table(line(body, rule=f"№ {rule.pk}", priority="20")), operator) == {"added": 0, "changed": 0, "same": 1}


def test_one_bad_row_loads_nothing_and_is_named(operator, body, topic):
    with pytest.raises(Refused, match=r"Строка 3: Темы с кодом «нет» нет: .* Ничего не загружено"):
        load(table(line(body), line(body, topic="нет")), operator)
    assert not RoutingRule.objects.exists()


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"priority": "много"}, "Приоритет — целое число"),
        ({"body": ""}, "Напишите, кто отвечает"),
        ({"body": "нетакого"}, "в реестре нет"),
        ({"to": "завтра"}, "Дату «завтра» напишите так"),
        ({"rule": "999999"}, "Правила № 999999 нет"),
        ({"territory": "луна"}, "Территории с кодом «луна» нет"),
        ({"topic": ""}, "ловит всё"),
    ],
)
def test_each_wrong_cell_is_one_clear_sentence(operator, body, topic, cells, words):
    with pytest.raises(Refused, match=words):
        load(table(line(body) | cells), operator)


def test_shifted_or_missing_columns_are_named(operator):
    titles = {name: title for name, title in TITLES.items() if name not in ("to", "body")}
    with pytest.raises(Refused, match="нет столбцов: «Кто отвечает», «По»"):
        load(table(titles=titles), operator)


def test_a_trial_of_a_file_writes_nothing(operator, body, topic):
    assert load(table(line(body)), operator, only_try=True)["added"] == 1
    assert not RoutingRule.objects.exists()


def test_a_curator_loads_no_rule_outside_his_branch(curator, operator, body, topic):
    rule = make_rule(make_body(name="Больница"), topic=topic)
    with pytest.raises(Refused, match=f"Правила № {rule.pk} нет"):
        load(table(line(body, rule=str(rule.pk))), curator)
    with pytest.raises(Refused, match="куратор правит только то"):
        load(table(line(body)), curator)


def test_a_name_like_a_formula_leaves_as_words_and_finds_its_body_again(operator, topic):
    make_rule(make_body(name="=HYPERLINK(1)"), topic=topic)
    content = actions.export_rules(by=operator).read()
    assert "'=HYPERLINK" in content.decode("utf-8-sig")
    assert load(content, operator)["same"] == 1


def test_a_file_is_tried_and_loaded_on_the_screen(client, operator, body, topic):
    client.force_login(operator)
    send = lambda do: client.post(reverse("desk:route_load"), {"do": do, "file": SimpleUploadedFile("a.csv", table(line(body)))}, follow=True)  # noqa: E731
    assert "Файл в порядке: новых 1" in send("try").content.decode()
    assert "Загружено: новых 1" in send("load").content.decode()
    told = client.post(reverse("desk:route_load"), {"do": "load", "file": SimpleUploadedFile("a.csv", b"")}).content.decode()
    assert "Файл пустой" in told


def test_a_stranger_gets_404_on_the_table(client, stranger):
    client.force_login(stranger)
    assert client.get(reverse("desk:route_load")).status_code == 404
    assert client.post(reverse("desk:route_export")).status_code == 404
