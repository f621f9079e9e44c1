"""A report on A4 by typst: the finding is its title; sentences, figures, charts, tables, definitions. Data go in as JSON, never as markup."""

import json
from pathlib import Path
from typing import Any

import typst
from django.utils import timezone

from ..charts import PAPER, charts
from ..drawing import svg
from ..press import as_text, press
from ..shapes import Figure, Report
from ..wording import age, coverage

SOURCE = Path(__file__).with_name("report.typ")


def pdf(report: Report) -> bytes:
    """The bytes of the document."""
    made: bytes = typst.compile(files(report))
    return made


def pictures(report: Report, ppi: float = 80) -> list[bytes]:
    """The same pages as PNG, for those who look."""
    made: Any = typst.compile(files(report), format="png", ppi=ppi)
    return made if isinstance(made, list) else [made]


def printed(report: Report) -> list[dict[str, Any]]:
    """What the compiled document says of each figure and cell: {code, shown}."""
    found: list[dict[str, Any]] = json.loads(typst.query(files(report), "<printed>", field="value"))
    return found


def files(report: Report) -> Any:
    """What typst reads: the source, the data, the pictures."""
    drawn = charts(report, PAPER)
    made = {"main": SOURCE.read_bytes(), "data.json": json.dumps(_data(report, drawn), ensure_ascii=False).encode()}
    return made | {f"{chart.code}.svg": svg(chart.spec).encode() for chart in drawn}


def _data(report: Report, drawn: list[Any]) -> dict[str, Any]:
    return {
        "title": report.title, "finding": report.finding, "running": report.running,
        "made_at": f"{timezone.localtime(report.made_at):%d.%m.%Y %H:%M}",
        "sentences": as_text(press(report)).split("\n\n"),
        "sections": [[name, [_figure(one) for one in rows]] for name, rows in report.sections().items()],
        "charts": [{"title": chart.title, "file": f"{chart.code}.svg", "summary": chart.summary} for chart in drawn],
        "tables": [
            {"code": t.code, "title": t.title, "note": t.note, "columns": [[c.title, c.code, bool(c.unit)] for c in t.columns], "rows": t.shown()}
            for t in report.tables if t.rows
        ],
    }  # fmt: skip


def _figure(one: Figure) -> dict[str, str]:
    return {
        "code": one.code, "title": one.title, "shown": one.shown, "before": one.shown_before, "before_title": one.before_title,
        "coverage": coverage(one), "age": age(one), "definition": one.definition,
    }  # fmt: skip
