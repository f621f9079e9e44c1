"""Figures of the rating as people read them."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

SAYS = {"late": "поздно: {}", "moved": "перенос: {}", "marks": "оценок: {}", "inspected": "проверок: {}"}


def _number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".").replace(".", ",")


@register.filter
def figure(value: float | None) -> str:
    """«86,5»; a dash where nothing is known."""
    return "—" if value is None else _number(value)


@register.filter
def hours(minutes: float | None) -> str:
    """Working minutes as «2,5 раб. ч»."""
    return "—" if minutes is None else f"{_number(minutes / 60)} раб. ч"


@register.filter
def elapsed(minutes: float | None) -> str:
    """Minutes on end as «5 ч» or «2,1 сут.»."""
    if minutes is None:
        return ""
    return f"{_number(minutes / 60)} ч" if minutes < 48 * 60 else f"{_number(minutes / 1440)} сут."


@register.filter
def percent(share: float | None) -> str:
    """«88 %» of a share from 0 to 1."""
    return "—" if share is None else f"{round(100 * share)} %"


@register.simple_tag
def behind(row: Mapping[str, Any], name: str, query: str) -> SafeString | str:
    """A count that opens its rows; a zero opens nothing."""
    text = SAYS.get(name, "{}").format(row[name])
    if not row[name]:
        return text
    return format_html('<a href="{}?{}">{}</a>', reverse("desk:rating_rows", args=[row["body"], name]), query, text)
