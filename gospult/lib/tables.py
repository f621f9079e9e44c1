"""A table written as XLSX or CSV. Words of others never run as a formula in whatever opens the file."""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import IO, Any

import xlsxwriter

# What a spreadsheet takes for a formula at the beginning of a cell, the wide forms too; blanks before it are trimmed by some of them.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
NARROW: Mapping[str, int] = {}

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
    return str(value).replace(".", ",") if isinstance(value, int | float | Decimal) else defuse(value or "")


def write_xlsx(file: IO[bytes], titles: Mapping[str, str], rows: Iterable[Row], *, sheet: str = "Таблица", widths: Mapping[str, int] = NARROW) -> int:
    """One sheet, row after row to the disk; `widths` of columns in characters, 16 where none is given; returns how many rows were written."""
    count = 0
    with xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        paper, bold, moment = book.add_worksheet(sheet), book.add_format({"bold": True}), book.add_format({"num_format": "dd.mm.yyyy hh:mm"})
        for column, (name, title) in enumerate(titles.items()):
            paper.set_column(column, column, widths.get(name, 16))
            paper.write_string(0, column, title, bold)
        paper.freeze_panes(1, 1)
        for count, row in enumerate(rows, start=1):
            for column, name in enumerate(titles):
                _write(paper, count, column, row[name], moment)
    return count


def _write(paper: Any, line: int, column: int, value: Any, moment: Any) -> None:
    if isinstance(value, datetime):
        paper.write_datetime(line, column, value, moment)
    elif isinstance(value, int | float | Decimal):
        paper.write_number(line, column, value)
    elif value:
        paper.write_string(line, column, defuse(value))
