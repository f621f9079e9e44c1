"""The monthly sheet: per page the four seven-day parts and the rest, their sum and mean, the whole month. A layout and no score."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from gospult.monitoring.models import PageMonth
from gospult.registry.models import Page

from ..method import SHEET, Method

ORDER = ("posts", "likes", "comments", "reposts", "views")  # of a part in PageMonth
FOUR = 4


def sheet(method: Method, month: date, pages: Iterable[Page]) -> list[dict[str, Any]]:
    """For each page {page, name, rows: [{title, parts, four, mean, month}]}; None where a part is not known, and then no sum of it either."""
    known = {row.page_id: row.parts for row in PageMonth.objects.filter(month=month, page__in=[page.pk for page in pages])}
    return [{"page": page.pk, "name": page.name, "rows": [_row(name, known.get(page.pk) or []) for name in method.sheet]} for page in pages]


def _row(name: str, parts: list[list[int | None]]) -> dict[str, Any]:
    place = ORDER.index(name)
    values = [part[place] for part in parts]
    four, whole = _sum(values[:FOUR]) if len(values) >= FOUR else None, _sum(values) if values else None
    return {"title": SHEET[name], "parts": values, "four": four, "mean": None if four is None else four / FOUR, "month": whole}


def _sum(values: list[int | None]) -> int | None:
    return None if None in values else sum(value for value in values if value is not None)
