"""Rules of routing as people read them."""

from collections.abc import Mapping

from django import template

from gospult.desk.models import RoutingRule
from gospult.desk.queries.thinking import known_topics
from gospult.lib.words import plural

register = template.Library()


@register.filter
def rule_about(rule: RoutingRule) -> str:
    """«Дороги: вся группа, Миасс»."""
    group = next((t.group for t in known_topics().values() if t.group_code == rule.group_code), rule.group_code)
    what = rule.topic.name if rule.topic else f"{group}: вся группа" if rule.group_code else "Любая тема"
    return f"{what}, {rule.territory.name if rule.territory else 'вся область'}"


@register.filter
def cases(count: int) -> str:
    """«3 обращения»."""
    return plural(count, ("обращение", "обращения", "обращений"))


@register.filter
def short_body(row: Mapping[str, str]) -> str:
    """A body's name out of a row of figures."""
    return row["body__short_name"] or row["body__name"]
