"""What the frame of every page asks of the office."""

from typing import Any

from django import template

from gospult.registry.models import roles_of

from .. import queries
from ..settings import sections_for

register = template.Library()


@register.simple_tag
def may_set_up(user: Any) -> bool:
    """Whether the navigation offers «Настройки»."""
    return bool(sections_for(roles_of(user)))


@register.simple_tag
def has_own_page(user: Any) -> bool:
    """Whether the navigation offers «Моя страница»."""
    return user.is_authenticated and queries.has_own_page(user)
