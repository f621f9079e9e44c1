"""A report as a workbook: figures, tables, definitions, the registry in its official 20 columns, pages by parts of the month."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter
from django.utils import timezone
from python_calamine import CalamineWorkbook

from gospult.lib.tables import defuse

from ..shapes import Report
from ..wording import NONE, coverage

SHEETS = {"months": "Месяцы", "networks": "Сети", "places": "Муниципалитеты", "spheres": "Сферы", "levels": "Уровни", "topics": "Темы"}
FIGURES = ("Раздел", "Показатель", "Значение", "Единица", "Год назад", "С чем сравнено", "Собрано", "Код", "Определение")
UNITS = {"%%": "%", "мин": "минут"}
PARTS = ("1–7", "8–14", "15–21", "22–28", "с 29")
COUNTED = ("записи", "нравится", "комментарии", "репосты", "просмотры")
SHEET_TITLES = [
    "Страница", "Сеть", "Чья", *(f"{part}: {name}" for part in PARTS for name in COUNTED), *(f"4 недели: {name}" for name in COUNTED),
    *(f"в среднем за неделю: {name}" for name in COUNTED), *(f"месяц: {name}" for name in COUNTED),
]  # fmt: skip
LEGAL = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "default_date_format": "dd.mm.yyyy"}

PageRow = tuple[str, str, str, Sequence[Any]]


def workbook(report: Report, *, registry: bytes | None = None, parts: Iterable[PageRow] = ()) -> bytes:
    """The bytes; `registry` is an export of the registry, `parts` are pages with the parts of their month (domain: the Orenburg sheet)."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, LEGAL) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        _figures(book, bold, report)
        for table in report.tables:
            titles = [column.title + (f", {UNITS.get(column.unit, column.unit)}" if column.unit else "") for column in table.columns]
            rows = [[row[column.code] if row[column.code] is not None else NONE for column in table.columns] for row in table.rows]
            _sheet(book, bold, SHEETS[table.code], titles, rows)
        if registry:
            _registry(book, bold, registry)
            _parts(book, bold, parts)
    return buffer.getvalue()


def month_book(parts: Iterable[PageRow]) -> bytes:
    """The monthly sheet alone; its titles stand there also where the period is no month and it has no rows."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, LEGAL) as book:
        _parts(book, book.add_format({"bold": True, "text_wrap": True, "valign": "top"}), parts)
    return buffer.getvalue()


def _figures(book: Any, bold: Any, report: Report) -> None:
    rows = []
    for one in report.figures:
        value, before = (NONE if one.value is None else one.value), ("" if one.before is None else one.before)
        unit = UNITS.get(one.unit, one.unit)
        rows.append(
            [one.section, one.title, value, unit, before, one.before_title if one.before is not None else "", coverage(one), one.code, one.definition]
        )
    head = [[report.title], [report.finding], [f"Составлено {timezone.localtime(report.made_at):%d.%m.%Y %H:%M}"]]
    _sheet(book, bold, "Показатели", FIGURES, rows, head, widths=(16, 34, 14, 14, 14, 26, 34, 18, 90))


def _sheet(
    book: Any,
    bold: Any,
    name: str,
    titles: Sequence[str],
    rows: Iterable[Sequence[Any]],
    head: Sequence[Sequence[Any]] = (),
    widths: Sequence[int] = (),
) -> None:
    paper = book.add_worksheet(name)
    for column in range(len(titles)):
        paper.set_column(column, column, widths[column] if widths else 34 if column == 0 else 16)
    for line, words in enumerate(head):
        _row(paper, line, words)
    for column, title in enumerate(titles):
        paper.write_string(len(head), column, title, bold)
    paper.freeze_panes(len(head) + 1, 1)
    for line, row in enumerate(rows, start=len(head) + 1):
        _row(paper, line, row)


def _row(paper: Any, line: int, row: Sequence[Any]) -> None:
    for column, value in enumerate(row):
        if isinstance(value, bool) or value is None:
            continue
        if isinstance(value, int | float):
            paper.write_number(line, column, value)
        elif isinstance(value, datetime):
            paper.write_string(line, column, f"{value:%d.%m.%Y %H:%M}")
        elif value:
            paper.write_string(line, column, defuse(str(value)))


def _registry(book: Any, bold: Any, content: bytes) -> None:
    """The registry's own export as a sheet, cell by cell: its 20 columns are written in one place."""
    rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    _sheet(book, bold, "Реестр (20 столбцов)", [str(title) for title in rows[0]], rows[1:])


def _parts(book: Any, bold: Any, pages: Iterable[PageRow]) -> None:
    _sheet(book, bold, "Месяц по частям", SHEET_TITLES, ([name, network, body, *month_cells(parts)] for name, network, body, parts in pages))


def month_cells(parts: Sequence[Any]) -> list[Any]:
    """The monthly sheet of a page: four seven-day parts and the rest, the 4-week total and mean, the month; None where a part is not known."""
    known = [list(part) + [None] * (5 - len(part)) if part else [None] * 5 for part in [*parts, *[None] * (5 - len(parts))][:5]]
    columns = list(zip(*known, strict=True))
    four = [_total(column[:4]) for column in columns]
    mean = [None if total is None else round(total / 4, 2) for total in four]
    return [cell for part in known for cell in part] + four + mean + [_total(column) for column in columns]


def _total(values: Sequence[Any]) -> Any:
    return None if None in values else sum(values)
