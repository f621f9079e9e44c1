import json
import re
from datetime import date, datetime
from html import unescape
from io import BytesIO

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from gospult.accounts.models import Journal
from gospult.desk.models import Case
from gospult.desk.testing import make_answer, make_case, make_topic, publish
from gospult.exchange.testing import make_connection
from gospult.lib.errors import Refused
from gospult.registry.testing import make_body, make_page, make_sphere, make_territory
from gospult.reports import actions
from gospult.reports.formats.pdf import files, pdf, printed
from gospult.reports.formats.plain import as_json
from gospult.reports.formats.xlsx import SHEET_TITLES, month_cells, workbook
from gospult.reports.periods import period
from gospult.reports.queries import Asked, report
from gospult.reports.testing import make_month

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 28)
HOSTILE = "=HYPERLINK(1) #panic() *Школа* $x$"


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(datetime(2026, 11, 28, 12, 0, tzinfo=timezone.get_default_timezone()), tick=False):
        yield


@pytest.fixture
def asked(operator, page, body):
    """A region with something of everything, and a name that would like to be a formula or markup."""
    topic = make_topic()
    make_connection(page, mode="full")
    case = make_case(page, "Яма на дороге у дома 4, когда её засыпят", body=body, by=operator)
    publish(make_answer(case, by=operator), by=operator)
    Case.objects.update(topic=topic)
    sphere = make_sphere(name="Образование")
    for n in range(7):
        place = make_territory(name=f"Район {n}" if n else HOSTILE)
        own = make_page(body=make_body(territory=place, spheres=[sphere]), network=("vk", "ok", "telegram")[n % 3], name=HOSTILE, members=100 * n)
        for month in (date(2026, 11, 1), date(2026, 10, 1), date(2026, 9, 1), date(2025, 11, 1)):
            make_month(own, month, each_week=n, members=100 * n + month.month, parts=[[n, n, n, n, 10 * n]] * 5)
    make_body(exempt="приказ")
    return Asked(period("month", TODAY), operator)


def said(value):
    return "нет данных" if value is None else value


def test_every_figure_is_the_same_in_every_format(asked, client, operator):
    found = report(asked)
    assert len(found.figures) > 20
    data = json.loads(as_json(found))
    on_paper = {row["code"]: row["shown"] for row in printed(found)}
    book = CalamineWorkbook.from_filelike(BytesIO(workbook(found)))
    sheet = {row[7]: row[2] for row in book.get_sheet_by_name("Показатели").to_python()[4:]}
    client.force_login(operator)
    html = client.get(reverse("reports:report")).content.decode()
    cells = re.findall(r'<summary>(.*?)</summary>.*?data-label="Значение">(?:<[^>]*>)?(.*?)<', html, re.S)
    on_screen = {unescape(title): unescape(value).strip() for title, value in cells}
    for one, plain in zip(found.figures, data["figures"], strict=True):
        assert plain["value"] == one.value
        assert plain["shown"] == one.shown
        assert on_paper[one.code] == one.shown
        assert sheet[one.code] == pytest.approx(one.value) if one.value is not None else sheet[one.code] == "нет данных"
        assert on_screen[one.title] == one.shown, one.code


def test_every_cell_of_every_table_is_the_same_in_every_format(asked, client, operator):
    found = report(asked)
    data = json.loads(as_json(found))
    on_paper = {row["code"]: row["shown"] for row in printed(found)}
    book = CalamineWorkbook.from_filelike(BytesIO(workbook(found)))
    client.force_login(operator)
    html = unescape(client.get(reverse("reports:report")).content.decode())
    names = {"months": "Месяцы", "networks": "Сети", "places": "Муниципалитеты", "spheres": "Сферы", "levels": "Уровни", "topics": "Темы"}
    for table, plain in zip(found.tables, data["tables"], strict=True):
        rows = book.get_sheet_by_name(names[table.code]).to_python()[1:]
        assert plain["shown"] == table.shown()
        for line, (row, shown, cells) in enumerate(zip(table.rows, table.shown(), rows, strict=True)):
            for column, text, cell in zip(table.columns, shown, cells, strict=True):
                assert on_paper[f"{table.code}:{line}:{column.code}"] == text
                assert f">{text}<" in html
                value = row[column.code]
                assert (
                    str(cell).removeprefix("'") == value
                    if isinstance(value, str)
                    else cell == (said(value) if value is None else pytest.approx(value))
                )


def test_names_are_neither_formulas_nor_markup(asked):
    content = pdf(report(asked))
    assert content.startswith(b"%PDF")
    book = CalamineWorkbook.from_filelike(BytesIO(actions.export_report(asked=asked, form="xlsx", by=asked.user, whole=True)))
    assert "Муниципалитеты" in book.sheet_names
    assert any(str(row[0]).startswith("'=") for row in book.get_sheet_by_name("Муниципалитеты").to_python())
    assert any(row["shown"] == HOSTILE for row in printed(report(asked)))


def test_the_workbook_holds_the_official_columns_and_the_monthly_sheet(asked):
    book = CalamineWorkbook.from_filelike(BytesIO(actions.export_report(asked=asked, form="xlsx", by=asked.user, whole=True)))
    registry = book.get_sheet_by_name("Реестр (20 столбцов)").to_python()
    assert (len(registry[0]), registry[0][0], registry[0][19]) == (20, "Уровень", "Средний охват одной публикации")
    months = book.get_sheet_by_name("Месяц по частям").to_python()
    assert months[0] == SHEET_TITLES
    row = next(row for row in months[1:] if row[3] == 5)
    assert row[3:8] == [5, 5, 5, 5, 50]
    assert row[28:33] == [20, 20, 20, 20, 200]


def test_a_part_that_is_not_known_stays_empty_and_spoils_its_sums():
    cells = month_cells([[1, 2, 3, 4, 5], None, [1, 1, 1, 1, 1], [1, 1, 1, 1, 1], [1, 1, 1, 1, 1]])
    assert cells[5:10] == [None] * 5
    assert cells[25:30] == [None] * 5
    assert month_cells([[1, 1, 1, 1, 1]] * 5)[25:] == [4] * 5 + [1] * 5 + [5] * 5


def test_the_document_has_its_charts(asked):
    names = set(files(report(asked)))
    assert {"months-kept_share.svg", "networks-pages.svg"} <= names


def test_an_empty_region_is_still_a_document(operator):
    found = report(Asked(period("year", TODAY), operator))
    assert pdf(found).startswith(b"%PDF")
    assert found.finding == "За этот период данных нет"


def test_an_export_leaves_a_line_in_the_journal(asked, operator):
    actions.export_report(asked=asked, form="json", by=operator)
    assert Journal.objects.filter(verb="report_exported", by=operator).exists()
    with pytest.raises(Refused, match="PDF, XLSX или JSON"):
        actions.export_report(asked=asked, form="exe", by=operator)
