"""What the frame of every page asks of the alerts."""

from typing import Any

from django import template

from ..queries import unread

register = template.Library()


@register.simple_tag
def unread_alerts(user: Any) -> int:
    """How many alerts are news to the person."""
    return unread(user) if user.is_authenticated else 0
