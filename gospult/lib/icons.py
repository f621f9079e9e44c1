"""`{% icon "name" %}`, known to every template: a picture of `static/icons.svg` beside words that say the same."""

from functools import lru_cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=200)  # a list draws a hundred of them
def icon(name: str) -> SafeString:
    """The picture as markup; a screen reader passes it by."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', static("icons.svg"), name)
