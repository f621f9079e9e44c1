"""What the frame of every page asks of the office."""

from typing import Any

from django import template

from gospult.registry.models import roles_of

from ..queries import ANSWERERS
from ..settings import sections_for

register = template.Library()


@register.simple_tag
def frame(user: Any) -> dict[str, bool]:
    """What the navigation offers: «Моя страница», «Настройки». The roles are read once; the screens ask again for themselves."""
    roles = roles_of(user)
    return {"own": bool(roles & ANSWERERS), "settings": bool(sections_for(roles))}
