"""Who may do what, and figures of the registry. Reads only."""

from django.db import models

from gospult.accounts.models import Role

from .models import (
    SEES,
    Body,
    Page,
    Territory,
    has_role,
    live_on,
    pages_of_steward,
    roles_of,
    scope_q,
)
from .models.access import User

__all__ = [
    "SEES",
    "bodies_visible_to",
    "can",
    "has_role",
    "live_on",
    "pages_of_steward",
    "pages_visible_to",
    "roles_of",
    "scope_q",
]


def bodies_visible_to(user: User) -> models.QuerySet[Body]:
    """The bodies that the person may see; usable inside `__in`."""
    return Body.objects.visible_to(user)


def pages_visible_to(user: User) -> models.QuerySet[Page]:
    """The pages that the person may see; usable inside `__in`."""
    return Page.objects.visible_to(user)


def can(
    user: User,
    *roles: Role,
    body: Body | None = None,
    territory: Territory | None = None,
    page: Page | None = None,
) -> bool:
    """Whether one of the person's roles reaches the body, territory or page; without an object, the whole region.

    A steward's role reaches only the pages that the person keeps.
    """
    if page is not None:
        return _reaches_page(user, page, roles)
    if body is not None:
        return Body.objects.filter(scope_q(user, "", None, roles), pk=body.pk).exists()
    granted = _whole(user, roles)
    if granted or territory is None:
        return granted
    grants = user.grants.filter(live_on(), role__in=roles, body__isnull=True, territory__isnull=False) if user.is_active else []
    return any(g.territory.path and territory.path.startswith(g.territory.path) for g in grants)


def _reaches_page(user: User, page: Page, roles: tuple[Role, ...]) -> bool:
    if Role.STEWARD in roles and user.is_active and pages_of_steward(user).filter(page=page).exists():
        return True
    return Body.objects.filter(scope_q(user, "", None, roles), pages=page).exists() or _whole(user, roles)


def _whole(user: User, roles: tuple[Role, ...]) -> bool:
    if not user.is_authenticated or not user.is_active:
        return False
    if user.is_superuser and Role.ADMIN in roles:
        return True
    return user.grants.filter(live_on(), role__in=roles, body__isnull=True, territory__isnull=True).exists()
