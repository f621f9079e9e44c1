"""Words and small parts of the screens «Соцсети»."""

from datetime import datetime
from typing import Any

from django import template
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from gospult.accounts.models import Role
from gospult.registry.models import Page
from gospult.registry.queries import can

from ..models import FAULT_WORDS, KIND_WORDS, Connection
from ..queries import STEPS

register = template.Library()


@register.simple_tag
def step_badge(step: str) -> SafeString:
    """The step of a page in words and in its colour."""
    words, state = STEPS[step]
    return format_html('<span class="badge {}">{}</span>', state, words)


@register.simple_tag
def proof(at: datetime | None) -> SafeString:
    """When a page last gave a sign of life: «5 минут назад», the full date on hover."""
    if at is None:
        return format_html('<span class="muted">{}</span>', "ещё не было")
    local = timezone.localtime(at)
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(), f"{local:%d.%m.%Y %H:%M}", naturaltime(at))


@register.filter
def connection_of(page: Page) -> Connection | None:
    """The page's connection, None where there is none."""
    return getattr(page, "connection", None)


@register.filter
def trouble_of(page: Page) -> str:
    """What is wrong with a page, in a sentence: its connection's trouble, else that of the key given by its open link."""
    connection = connection_of(page)
    if connection and connection.problem:
        return connection.problem
    return next((row.problem for row in page.invitations.filter(connected_at=None, revoked_at=None)), "")


@register.filter
def kind_words(kind: str) -> str:
    """The kind of a token as people call it."""
    return KIND_WORDS.get(kind, kind)


@register.filter
def fault_words(fault: str) -> str:
    """What a network said against a token, in a sentence."""
    return FAULT_WORDS.get(fault, fault)


@register.simple_tag
def may_connect(user: Any) -> bool:
    """Whether the navigation offers «Соцсети»; the screens ask again for themselves."""
    return can(user, Role.OPERATOR, Role.ADMIN)
