"""Figures that somebody has put into a table, month by month: read strictly, because a score follows from them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from gospult.lib.errors import Refused
from gospult.lib.sheets import grids

from .counting import Facts, Result, score
from .figures import COUNTS, FIGURES, PERCENTS, YES_NO
from .method import Method

MONTH = re.compile(r"(\d{4})-(\d{2})(?:-01)?(?: 00:00:00)?")
DIGITS = re.compile(r"-?\d+(?:[.,]\d+)?")
BLANKS = str.maketrans("", "", " \u00a0\u202f")
NOT_TOLD = {"", "—", "-", "н/д", "нетданных"}


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table: its month and the figures in it; an empty cell is None."""

    month: str
    figures: dict[str, Decimal | None]


def read_lines(content: bytes, method: Method) -> list[Line]:
    """The rows of an XLSX or CSV with the columns that the method asks for. Refused by one sentence that names row and column."""
    if not method.indicators:
        raise Refused(f"«{method.title}» — ведомость, а не балл: по ней считать нечего.")
    grid = next(grids(content), [])
    heads = [str(cell).strip().lower() for cell in grid[0]] if grid else []
    for name in ("month", *method.asks):
        if heads.count(name) != 1:
            told = f"Столбец {name} стоит дважды" if name in heads else f"Столбца {name} нет"
            raise Refused(f"{told}: нужны month, {', '.join(method.asks)}.")
    rows = [(number, row) for number, row in enumerate(grid[1:], start=2) if any(str(cell).strip() for cell in row)]
    if not rows:
        raise Refused("В таблице нет ни одной строки с показателями: впишите хотя бы один месяц.")
    return [_line(number, dict(zip(heads, row, strict=False)), method) for number, row in rows]


def _line(number: int, row: dict[str, Any], method: Method) -> Line:
    written = str(row.get("month", "")).strip()
    found = MONTH.fullmatch(written)
    if not found or not 1 <= int(found[2]) <= 12 or int(found[1]) < 1:
        raise Refused(f"Строка {number}, столбец month: «{written}» — не месяц, нужно вида 2026-04.")
    figures = {name: _cell(number, name, row.get(name, "")) for name in method.asks}
    _agree(number, figures)
    return Line(f"{found[1]}-{found[2]}", figures)


def number_of(number: int, name: str, cell: Any) -> Decimal | None:
    """The number in a cell; None for an empty one. Refused, naming row and column, when it is none."""
    text = str(cell).translate(BLANKS).replace("−", "-")
    if text.lower() in NOT_TOLD:
        return None
    if not DIGITS.fullmatch(text) or len(text) > 30:
        raise Refused(f"{_place(number, name, cell)} — не число; если показатель неизвестен, оставьте ячейку пустой.")
    return Decimal(text.replace(",", "."))


def _place(number: int, name: str, cell: Any) -> str:
    return f"Строка {number}, столбец {name}: «{str(cell).strip()[:40]}»"


def _cell(number: int, name: str, cell: Any) -> Decimal | None:
    value, place = number_of(number, name, cell), _place(number, name, cell)
    if value is None:
        return None
    if value < 0:
        raise Refused(f"{place} меньше нуля: проверьте число.")
    if name in COUNTS and value != value.to_integral_value():
        raise Refused(f"{place} — не целое, а это количество: проверьте число.")
    if value > 10**15 or (name in YES_NO and value > 1) or (name in PERCENTS and value > 100) or (name == "factor" and value > 1):
        raise Refused(f"{place} слишком велико для показателя «{FIGURES[name]}»: проверьте число.")
    return value


def _agree(number: int, figures: dict[str, Decimal | None]) -> None:
    """What cannot be more than something else, is not."""
    pages, cards, regular = (figures.get(name) for name in ("pages", "cards", "regular_pages"))
    if pages is not None and cards is not None and cards > pages:
        raise Refused(f"Строка {number}: «визиток» ({cards}) больше, чем всех страниц ({pages}).")
    if pages is not None and regular is not None and regular > pages - (cards or 0):
        raise Refused(f"Строка {number}: страниц с записями каждую неделю ({regular}) больше, чем страниц без «визиток» ({pages - (cards or 0)}).")


def count_lines(lines: Sequence[Line], method: Method) -> list[tuple[Line, Result]]:
    """The score of each row."""
    return [(line, score(method, Facts(line.figures))) for line in lines]


def month_of(text: str) -> date:
    """The first day of the month «2026-04». Refused when it is none."""
    found = MONTH.fullmatch(text.strip())
    if not found or not 1 <= int(found[2]) <= 12 or int(found[1]) < 1900:
        raise Refused(f"«{text[:20]}» — не месяц, нужно вида 2026-04.")
    return date(int(found[1]), int(found[2]), 1)
