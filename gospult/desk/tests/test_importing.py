import pytest
import xlsxwriter

from gospult.desk import actions
from gospult.desk.models import Case, Message, RoutingRule, Topic
from gospult.lib import regions
from gospult.lib.errors import Refused
from gospult.registry.actions import load_region

pytestmark = pytest.mark.django_db
LONG = "Во дворе третью неделю не вывозят мусор и контейнеры переполнены"


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def take(path, **options):
    return actions.import_messages(path=path, **options)


def test_rows_become_messages_and_a_second_run_creates_nothing(tmp_path):
    file = write(tmp_path / "m.csv", f"id,text\n1,{LONG}\n2,Спасибо за ремонт дороги!\n3,{LONG}\n4,ап\n")
    first = take(file)
    assert (first["rows"], first["messages"], first["duplicates"]) == (4, 4, 1)
    assert first["triaged"] + first["abstained"] == 4
    assert Message.objects.filter(text=LONG).values("case").distinct().count() == 1
    again = take(file)
    assert (again["messages"], again["cases"], Message.objects.count()) == (0, 0, 4)


def test_rows_without_an_id_are_known_by_text_and_ordinal(tmp_path):
    file = write(tmp_path / "m.csv", "текст;тема\nнет воды;жкх\nнет воды;жкх\nнет света;жкх\n")
    assert take(file)["messages"] == 3
    assert take(file)["messages"] == 0


def test_an_id_that_comes_back_with_another_text_is_named_and_changes_nothing(tmp_path):
    take(write(tmp_path / "a.csv", "id,text\n1,нет воды\n"))
    again = take(write(tmp_path / "b.csv", "id,text\n1,нет света\n2,нет воды\n"))
    assert (again["messages"], again["problems"]) == (1, {"id_with_other_text": 1})
    assert take(write(tmp_path / "b.csv", "id,text\n1,нет света\n"), layout="другая система")["messages"] == 1


def test_an_xlsx_of_an_incident_system_is_understood(tmp_path):
    book = xlsxwriter.Workbook(tmp_path / "m.xlsx")
    sheet = book.add_worksheet()
    for number, row in enumerate([["Номер инцидента", "Дата создания", "Текст инцидента"], [17, "05.11.2026 10:15", f"<p>{LONG}</p>"], [18, "", ""]]):
        sheet.write_row(number, 0, row)
    book.close()
    result = take(tmp_path / "m.xlsx")
    assert (result["messages"], result["problems"]) == (1, {"empty_text": 1})
    message = Message.objects.get()
    assert (message.text, message.external_id, f"{message.sent_at:%d.%m.%Y}") == (LONG, "id:17", "05.11.2026")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "пуст"),
        (b"\x00\x01\x02", "не таблица"),
        (b"PK\x03\x04broken", "не таблица"),
        (b"a,b\n1,2\n", "нет столбца"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_one_sentence(tmp_path, content, says):
    file = tmp_path / "m.csv"
    file.write_bytes(content)
    with pytest.raises(Refused) as refused:
        take(file)
    assert says in str(refused.value)
    assert Message.objects.count() == 0


def test_a_wrong_column_name_lists_the_columns_of_the_file(tmp_path):
    with pytest.raises(Refused) as refused:
        take(write(tmp_path / "m.csv", "id,text\n1,нет воды\n"), text_column="body")
    assert "«id», «text»" in str(refused.value)


def test_the_regions_rules_route_and_loading_twice_changes_nothing():
    region = regions.load("chelyabinsk")
    load_region(region=region, by=None, is_demo=True)
    first = actions.load_classifier(region=region)
    second = actions.load_classifier(region=region)
    assert first == second
    assert first["rules"] == len(region.rules) == RoutingRule.objects.count()
    assert Topic.objects.values("group").distinct().count() == 26


def test_an_imported_message_with_a_place_finds_its_body(tmp_path):
    region = regions.load("chelyabinsk")
    load_region(region=region, by=None, is_demo=True)
    actions.load_classifier(region=region)
    take(write(tmp_path / "m.csv", "id,text\n1,Магнитогорск проспект Ленина 30 огромная яма на дороге колесо пробил\n"))
    case = Case.objects.get()
    assert case.state == "routed"
    assert "агнитогорск" in case.body.name + case.body.short_name
    why = case.events.get(kind="routed").data["why"]
    assert "«Дороги»" in why
    assert "Магнитогорск" in why.partition("→")[0]


def test_two_texts_of_one_id_in_one_file_are_named(tmp_path):
    result = take(write(tmp_path / "a.csv", "id,text\n1,нет воды\n1,нет света\n"))
    assert (result["messages"], result["problems"]) == (1, {"id_with_other_text": 1})
