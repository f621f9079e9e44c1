"""What the frame of every page asks of the office, and the numbers of «Моя ветвь»."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from gospult.lib.words import day_in_words, plural
from gospult.monitoring.models import PageMonth
from gospult.registry.models import roles_of
from gospult.reports.queries import READERS, WRITERS, Chart, number_in_words, trend_charts

from ..queries import ANSWERERS
from ..queries.branch import LEADERS, Row
from ..queries.pulse import Burning, Pulse
from ..settings import sections_for

register = template.Library()


@register.simple_tag
def frame(user: Any) -> dict[str, bool]:
    """What the navigation offers: «Моя страница», «Пульт» and «Отчёты», «Сводка для СМИ» alone, «Моя ветвь», «Настройки».

    The roles are read once; the screens ask again for themselves.
    """
    roles = roles_of(user)
    return {
        "own": bool(roles & ANSWERERS),
        "pulse": bool(roles & set(READERS)),
        "press": bool(roles & set(WRITERS)),
        "branch": bool(roles & set(LEADERS)),
        "settings": bool(sections_for(roles)),
    }


@register.simple_tag
def number(row: Row, figure: str, tone: str = "") -> SafeString | str:
    """A figure of a body that opens its rows; the row of a body of which nothing is heard has words instead."""
    count = row.counts[figure]
    if not count:
        return "0"
    address = reverse("office:branch_body", args=[row.pk])
    return format_html('<a href="{}?figure={}#rows"{}>{}</a>', address, figure, format_html(' class="{}"', tone) if tone else "", count)


@register.filter
def missed(month: PageMonth) -> str:
    """«2 из 3»: in how many of the weeks that were seen the norm was missed; «–» where none was."""
    seen = month.weeks_due - month.weeks_unseen
    return f"{month.weeks_missed} из {seen}" if seen else "–"


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


@register.filter
def after_count(one: Burning) -> str:
    """The words that stand after a count."""
    return plural(one.count, one.forms).partition(" ")[2]


@register.filter
def urgent(burning: list[Burning]) -> str:
    """What burns most, as the title: «3 обращения просрочены и ещё 2 повода»."""
    first, more = plural(burning[0].count, burning[0].forms), len(burning) - 1
    return f"{first} и ещё {plural(more, ('повод', 'повода', 'поводов'))}" if more else first


@register.filter
def lower_first(text: str) -> str:
    """The text as it stands inside a sentence."""
    return text[:1].lower() + text[1:]


@register.simple_tag
def heat(found: Pulse, row: dict[str, Any], line: int, code: str, unit: str) -> SafeString:
    """A cell of the heat table: the value in words, its place among the others as a shade."""
    step, text = found.heat[code][line], number_in_words(row.get(code), unit)
    return format_html('<td class="num heat{}">{}</td>', "" if step is None else f" h{step}", text)


@register.simple_tag
def pulse_charts(months: Any) -> list[Chart]:
    """The trend of thirteen months as charts."""
    return trend_charts(months)
