"""Vega-Lite specifications of the tables of a report: few colours, bars from nought, direct labels, the finding as the title. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .shapes import Report, Table
from .wording import large_count, number

Spec = dict[str, Any]
RUSSIAN = "datum.value >= 1e6 ? datum.value / 1e6 + ' млн' : datum.value >= 1e3 ? datum.value / 1e3 + ' тыс.' : datum.value"
WIDTH, BAR, LABELS = 340, 22, 170  # fits a phone and half a page of paper


@dataclass(frozen=True, slots=True)
class Ink:
    """What a chart is drawn with: on a screen the colours of the page, light or dark; on paper its own."""

    text: str
    muted: str
    line: str
    accent: str
    font: str


SCREEN = Ink("currentColor", "var(--muted)", "var(--line)", "var(--accent)", "system-ui, sans-serif")
PAPER = Ink("#1b2426", "#5b676b", "#d5dcde", "#0f6b66", "Libertinus Serif")


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with the table that it is drawn from: the title is the finding, the summary says it in words."""

    code: str
    title: str
    summary: str
    spec: Spec
    table: Table


def charts(report: Report, ink: Ink) -> list[Chart]:
    """The charts of a report; one of which too little is known is left out."""
    found = [
        *trend_charts(report.table("months"), ink),
        _bars(report.table("networks"), "pages", "Страниц по сетям", ink),
        _bars(report.table("topics"), "cases", "Обращений по группам тем", ink),
    ]
    return [chart for chart in found if chart]


def trend_charts(months: Table | None, ink: Ink = SCREEN) -> list[Chart]:
    """Pages kept actively and subscriptions by month."""
    found = [
        _line(months, "kept_share", "Активных страниц, % по месяцам", ink, top=100),
        _line(months, "members", "Подписок по месяцам", ink),
    ]
    return [chart for chart in found if chart]


def _base(ink: Ink) -> Spec:
    axis = {"labelColor": ink.muted, "tickColor": ink.line, "domainColor": ink.line, "gridColor": ink.line, "labelFontSize": 11, "title": None}
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": WIDTH,
        "background": None,
        "config": {"font": ink.font, "aria": False, "axis": axis, "view": {"stroke": None}, "text": {"color": ink.text, "fontSize": 11}},
    }


def _line(table: Table | None, code: str, title: str, ink: Ink, top: float | None = None) -> Chart | None:
    rows = [row for row in (table.rows if table else ()) if row[code] is not None]
    if table is None or len(rows) < 2:
        return None
    unit = next(column.unit for column in table.columns if column.code == code)
    values = [{"month": f"{row['month']}", "value": row[code], "said": _label(row[code], unit)} for row in rows]
    first, last = values[0], values[-1]
    x = {"field": "month", "type": "temporal", "axis": {"format": "%m.%y", "tickCount": 6, "grid": False}}
    scale: Spec = {"domain": [0, top]} if top else {"zero": True, "nice": True}
    y = {"field": "value", "type": "quantitative", "scale": scale, "axis": {"tickCount": 4, "domain": False, "ticks": False, "labelExpr": RUSSIAN}}
    ends = {"data": {"values": [first, last]}}
    label = {"type": "text", "dy": -10, "fontWeight": 600}
    spec = _base(ink) | {
        "height": 130, "data": {"values": values}, "encoding": {"x": x, "y": y},
        "layer": [
            {"mark": {"type": "line", "color": ink.accent, "strokeWidth": 2}},
            {**ends, "mark": {"type": "point", "filled": True, "opacity": 1, "color": ink.accent, "size": 40}},
            {"data": {"values": [first]}, "mark": label | {"align": "left", "dx": 2}, "encoding": {"text": {"field": "said"}}},
            {"data": {"values": [last]}, "mark": label | {"align": "right", "dx": 4}, "encoding": {"text": {"field": "said"}}},
        ],
    }  # fmt: skip
    summary = f"{title}: {rows[0]['name']} — {first['said']}, {rows[-1]['name']} — {last['said']}; месяцев с данными: {len(rows)}."
    return Chart(f"{table.code}-{code}", table.title if code == "kept_share" else f"{title}: {last['said']}", summary, spec, table)


def _bars(table: Table | None, code: str, title: str, ink: Ink) -> Chart | None:
    rows = [row for row in (table.rows if table else ()) if row[code]][:8]
    if table is None or len(rows) < 2:
        return None
    unit = next(column.unit for column in table.columns if column.code == code)
    values = [{"name": _short(row["name"]), "value": row[code], "said": number(row[code], unit)} for row in rows]
    extent = {"minExtent": LABELS, "maxExtent": LABELS}  # fonts differ from machine to machine, the place for words does not
    names = {
        "field": "name",
        "type": "nominal",
        "sort": None,
        "axis": {"domain": False, "ticks": False, "labelLimit": 400, "labelColor": ink.text, **extent},
    }
    length = {"field": "value", "type": "quantitative", "axis": None, "scale": {"zero": True, "domainMax": 1.15 * max(row[code] for row in rows)}}
    spec = _base(ink) | {
        "width": WIDTH - LABELS + 10, "height": BAR * len(rows), "data": {"values": values}, "encoding": {"y": names, "x": length},
        "layer": [
            {"mark": {"type": "bar", "color": ink.accent, "height": 12}},
            {"mark": {"type": "text", "align": "left", "dx": 4}, "encoding": {"text": {"field": "said"}}},
        ],
    }  # fmt: skip
    return Chart(f"{table.code}-{code}", table.title, f"{title}: {_told(values)}.", spec, table)


def _label(value: float, unit: str) -> str:
    """Beside a point a million is said short; the exact figure stands in the table."""
    return large_count(round(value)) if value >= 1_000_000 and "%" not in unit else number(value, unit)


def _short(name: str) -> str:
    return name if len(name) <= 27 else name[:26].rstrip() + "…"


def _told(values: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(f"{row['name']} {row['said']}" for row in values)
