import csv
import io
import tracemalloc
import zipfile

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from gospult.accounts.models import Journal
from gospult.desk.actions import exporting as action
from gospult.desk.models import Case
from gospult.desk.testing import make_case
from gospult.lib.tables import defuse, write_csv, write_xlsx

HOSTILE = [
    "=1+1", "+7 351 000", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", '=HYPERLINK("https://example.org";"x")', "=cmd|' /C calc'!A0",
    '";=1;"', "a\r\n=1", "{=1}", "https://example.org",
]  # fmt: skip
RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝")


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_begins_like_a_formula(text):
    assert not defuse(text).lstrip(" ").startswith(RUNS)
    assert text in defuse(text)


def test_honest_words_stay_as_they_are():
    assert defuse("Яма у дома 5 - когда уберут?") == "Яма у дома 5 - когда уберут?"
    assert defuse("") == ""


def test_hostile_texts_come_back_from_csv_cell_by_cell():
    file = io.BytesIO()
    write_csv(file, {"text": "Текст", "next": "Дальше"}, ({"text": text, "next": "тут"} for text in HOSTILE))
    rows = list(csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"), newline=""), delimiter=";"))
    assert rows[1:] == [[defuse(text), "тут"] for text in HOSTILE]


def test_hostile_texts_are_strings_and_no_formulas_in_xlsx():
    file = io.BytesIO()
    write_xlsx(file, {"text": "Текст"}, ({"text": text} for text in HOSTILE))
    sheet = zipfile.ZipFile(file).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet.lower().replace("=hyperlink(", "")
    file.seek(0)
    assert len(CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()) == len(HOSTILE) + 1


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_memory_does_not_grow_with_the_rows(write, tmp_path):
    def peak(count):
        tracemalloc.start()
        with (tmp_path / "out").open("w+b") as file:
            write(file, {"text": "Текст"}, ({"text": f"Обращение № {number} о том, что во дворе не убирают снег"} for number in range(count)))
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    peak(10)
    assert peak(8000) < peak(1000) + 400_000


@pytest.fixture
def cases(db, page, body, operator):
    mine = make_case(page, "=1+1 мусор", body=body, by=operator)
    Case.objects.filter(pk=mine.pk).update(headline="=1+1 мусор", urgent=True)
    return [mine, make_case(page, "Совсем другое, у больницы")]


def download(client, person, form, query="view=all"):
    client.force_login(person)
    response = client.post(reverse("desk:export") + f"?{query}", {"form": form})
    return response, b"".join(response.streaming_content) if response.streaming else b""


def test_a_view_is_downloaded_as_csv_with_its_filters(client, operator, cases):
    response, content = download(client, operator, "csv", "view=all&urgent=1")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert response["Content-Disposition"].startswith("attachment")
    assert [(row["Номер"], row["Первые слова"], row["Срочная тема"]) for row in rows] == [(cases[0].number, "'=1+1 мусор", "да")]


def test_a_view_is_downloaded_as_xlsx(client, operator, cases):
    _, content = download(client, operator, "xlsx")
    grid = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert {row[0] for row in grid[1:]} == {case.number for case in cases}


def test_only_what_the_person_may_see_leaves(client, executor, stranger, cases):
    assert cases[1].number not in download(client, executor, "csv")[1].decode()
    assert len(download(client, stranger, "csv")[1].decode().splitlines()) == 1


def test_a_download_leaves_one_journal_line_without_words(client, operator, cases):
    download(client, operator, "csv", "view=all&q=Ивановой&organ=школа")
    row = Journal.objects.get(verb="cases_exported")
    assert row.by == operator
    assert row.data == {"rows": 0, "form": "csv", "view": "all", "filters": ["organ", "q"]}


def test_a_list_over_the_limit_is_refused_and_says_what_to_do(client, operator, cases, monkeypatch):
    monkeypatch.setattr(action, "MOST", 1)
    response, _ = download(client, operator, "xlsx")
    assert response.status_code == 302
    assert "сузьте" in client.get(response.url).content.decode()
    assert not Journal.objects.filter(verb="cases_exported").exists()


def test_nobody_downloads_by_following_a_link(client, operator):
    client.force_login(operator)
    assert client.get(reverse("desk:export")).status_code == 405


def test_who_is_not_logged_in_downloads_nothing(client, db):
    assert "login" in client.post(reverse("desk:export")).url
