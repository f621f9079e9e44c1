"""Figures, their links and their charts in templates."""

from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse

from ..catalogue import BY_CODE
from ..drawing import Drawing, svg
from ..shapes import Figure, Link, Report
from ..wording import age, coverage, number

register = template.Library()


@register.simple_tag
def drawing(spec: dict[str, Any]) -> Drawing:
    """The chart as SVG."""
    return Drawing(svg(spec))


@register.filter
def opens(link: Link | None) -> str:
    """The address of the rows; "" where there are none."""
    if link is None:
        return ""
    return reverse(link.name, args=link.args) + (f"?{urlencode(link.query)}" if link.query else "")


@register.filter
def behind(report: Report, code: str) -> str:
    """The address of the rows of the report's figure."""
    figure = report.figure(code)
    return opens(figure.rows) if figure else ""


@register.simple_tag
def rows_of(table: Any, line: int) -> str:
    """The address behind a row of a table."""
    return opens(table.links.get(line))


@register.filter
def covered(figure: Figure) -> str:
    """«собрано N из M, самое старое 26 ч»."""
    return ", ".join(filter(None, [coverage(figure), age(figure)]))


@register.filter
def defined(code: str) -> str:
    """The definition of a figure."""
    return BY_CODE[code].definition if code in BY_CODE else ""


@register.filter
def shown(value: float | None, unit: str) -> str:
    """A value with its unit."""
    return number(value, unit)
