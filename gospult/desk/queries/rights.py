"""Which role reaches a case."""

from typing import Any

from gospult.accounts.models import Role
from gospult.registry import queries as registry

from ..models import Case

SORTERS = (Role.OPERATOR, Role.CURATOR, Role.ADMIN)
WRITERS = (*SORTERS, Role.EXECUTOR, Role.STEWARD)
APPROVERS = (Role.OPERATOR, Role.CURATOR, Role.HEAD, Role.ADMIN)


def may(user: Any, case: Case, roles: tuple[Role, ...]) -> bool:
    """Whether a role of the person reaches the case: by its body; by its page while it has none, and always for the page's steward."""
    if registry.can(user, *roles):
        return True
    if case.body and registry.can(user, *roles, body=case.body):
        return True
    by_page = tuple(r for r in roles if r == Role.STEWARD or not case.body)
    return bool(case.page and by_page) and registry.can(user, *by_page, page=case.page)
