"""What the frame of every page asks of the office, and the numbers of «Моя ветвь»."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from gospult.lib.words import day_in_words
from gospult.registry.models import roles_of

from ..queries import ANSWERERS
from ..queries.branch import LEADERS, Row
from ..settings import sections_for

register = template.Library()


@register.simple_tag
def frame(user: Any) -> dict[str, bool]:
    """What the navigation offers: «Моя страница», «Моя ветвь», «Настройки». The roles are read once; the screens ask again for themselves."""
    roles = roles_of(user)
    return {"own": bool(roles & ANSWERERS), "branch": bool(roles & set(LEADERS)), "settings": bool(sections_for(roles))}


@register.simple_tag
def number(row: Row, figure: str, tone: str = "") -> SafeString | str:
    """A figure of a body that opens its rows; the row of a body of which nothing is heard has words instead."""
    count = row.counts[figure]
    if not count:
        return "0"
    address = reverse("office:branch_body", args=[row.pk])
    return format_html('<a href="{}?figure={}#rows"{}>{}</a>', address, figure, format_html(' class="{}"', tone) if tone else "", count)


@register.simple_tag
def counted(row: Row, figure: str) -> int:
    """A figure of a body."""
    return row.counts[figure]


@register.filter
def unheard(row: Row) -> str:
    """Since when and why nothing is known of what residents write."""
    if row.heard_at:
        return f"нет данных с {day_in_words(timezone.localdate(row.heard_at), timezone.localdate().year)}"
    return "нет данных: страница не подключена" if row.pages else "нет данных: нет страницы"


@register.filter
def points(value: int | None) -> str:
    """«+5», «−3»: a difference with its sign."""
    return "" if value is None else f"+{value}" if value > 0 else f"−{-value}" if value else "±0"


@register.filter
def indent(row: Row) -> str:
    """How deep the body stands in the tree, in dashes that a screen reader passes over."""
    return "— " * min(row.depth, 6)
