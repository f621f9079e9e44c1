"""Scores as people read them."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import template

from .. import describing
from ..gains import Gain
from ..method import Indicator, Method
from ..saying import UNCONFIRMED, month_name, number, signed, week_name

register = template.Library()


@register.filter
def points(value: Decimal | float | str | None) -> str:
    """«86,97»; a dash where nothing is known. A row keeps decimals as text."""
    return number(Decimal(str(value))) if value is not None else number(None)


@register.filter
def total(value: Decimal | None) -> str:
    """«86,97», or that it is not confirmed."""
    return UNCONFIRMED if value is None else number(value)


@register.filter
def change(value: Decimal | None) -> str:
    """«+0,7», «−3,1»."""
    return signed(value)


@register.filter
def month(value: date) -> str:
    """«апрель 2026»."""
    return month_name(value)


@register.filter
def week(value: date) -> str:
    """«9–15 ноября»."""
    return week_name(value)


@register.filter
def value_of(parts: list[dict[str, Any]], code: str) -> str:
    """The value of one indicator among the parts of a kept score."""
    return points(next((part["value"] for part in parts if part["code"] == code), None))


@register.filter
def lacking(parts: list[dict[str, Any]]) -> str:
    """«Виджеты: 5 из 10; Недельный охват: нет данных»: where points are missing, the most first."""
    short = [(Decimal(p["most"]) - Decimal(p["points"] or 0), p) for p in parts if p["applies"]]
    short = sorted((one for one in short if one[0] > 0), key=lambda one: -one[0])
    said = [f"{p['title']}: " + ("нет данных" if p["points"] is None else f"{points(p['points'])} из {points(p['most'])}") for _, p in short]
    return "; ".join(said) or "всё есть"


@register.filter
def of_pages(gain: Gain, pages: dict[int, Any]) -> Any:
    """The page that a gain is about."""
    return pages.get(gain.page or 0)


@register.filter
def svg(value: float) -> str:
    """A coordinate with a point, whatever the language of the page."""
    return f"{value:g}"


@register.filter
def formula_of(one: Indicator) -> str:
    """The formula of an indicator in words."""
    return describing.formula(one.formula)


@register.filter
def applied(one: Indicator) -> str:
    """How an indicator enters the total."""
    return describing.applied(one)


@register.filter
def page_rules(one: Method) -> list[str]:
    """Which pages a method counts."""
    return describing.rules(one.pages, one)
