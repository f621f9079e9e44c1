"""A table written as XLSX or CSV. A resident's words never run as a formula in whatever opens the file."""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import IO, Any

import xlsxwriter

# What a spreadsheet takes for a formula at the beginning of a cell, the wide forms too; blanks before it are trimmed by some of them.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
WIDTHS = {"headline": 60, "body": 40, "topic": 30, "group": 24, "page": 30, "place": 24, "territory": 24}

Row = Mapping[str, Any]


def defuse(text: str) -> str:
    """The text as a spreadsheet shows it and never computes it: an apostrophe stands before what looks like a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def write_csv(file: IO[bytes], titles: Mapping[str, str], rows: Iterable[Row]) -> int:
    """Semicolons, quotes and a BOM, as Russian Excel opens it; returns how many rows were written."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    out = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL)
    out.writerow(titles.values())
    count = 0
    for row in rows:
        out.writerow([_said(row[name]) for name in titles])
        count += 1
    text.detach()  # the file stays open for who reads it
    return count


def _said(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%d.%m.%Y %H:%M}"
    return str(value).replace(".", ",") if isinstance(value, int | float) else defuse(value or "")


def write_xlsx(file: IO[bytes], titles: Mapping[str, str], rows: Iterable[Row]) -> int:
    """One sheet, row after row to the disk; returns how many rows were written."""
    count = 0
    with xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet, bold, moment = book.add_worksheet("Обращения"), book.add_format({"bold": True}), book.add_format({"num_format": "dd.mm.yyyy hh:mm"})
        for column, (name, title) in enumerate(titles.items()):
            sheet.set_column(column, column, WIDTHS.get(name, 16))
            sheet.write_string(0, column, title, bold)
        sheet.freeze_panes(1, 1)
        for count, row in enumerate(rows, start=1):
            for column, name in enumerate(titles):
                _write(sheet, count, column, row[name], moment)
    return count


def _write(sheet: Any, line: int, column: int, value: Any, moment: Any) -> None:
    if isinstance(value, datetime):
        sheet.write_datetime(line, column, value, moment)
    elif isinstance(value, int | float):
        sheet.write_number(line, column, value)
    elif value:
        sheet.write_string(line, column, defuse(value))
