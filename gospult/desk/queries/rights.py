"""Which role reaches a case."""

from typing import Any

from gospult.accounts.models import Role
from gospult.registry import queries as registry

from ..models import Case, Task

SORTERS = (Role.OPERATOR, Role.CURATOR, Role.ADMIN)
WRITERS = (*SORTERS, Role.EXECUTOR, Role.STEWARD)
NOTERS = (*WRITERS, Role.ANALYST, Role.HEAD)  # who writes notes; an auditor only reads
ASKERS = (*SORTERS, Role.EXECUTOR)  # who asks bodies below for a part of a case, and who does such a part
APPROVERS = (Role.OPERATOR, Role.CURATOR, Role.HEAD, Role.ADMIN)


def may(user: Any, case: Case, roles: tuple[Role, ...]) -> bool:
    """Whether a role of the person reaches the case: by its body; by its page while it has none, and always for the page's steward."""
    if registry.can(user, *roles):
        return True
    if case.body and registry.can(user, *roles, body=case.body):
        return True
    by_page = tuple(r for r in roles if r == Role.STEWARD or not case.body)
    return bool(case.page and by_page) and registry.can(user, *by_page, page=case.page)


def holds(user: Any, task: Task) -> bool:
    """Whether the person answers for the body that a part of a case was asked of."""
    return registry.can(user, *ASKERS, body=task.body)


def helps(user: Any, case: Case) -> bool:
    """Whether some part of the case is asked of the person's bodies: he may write notes, nothing else."""
    rows = case.tasks.exclude(state__in=[Task.State.RETURNED, Task.State.CANCELLED]).select_related("body")
    return any(holds(user, task) for task in rows)


def may_note(user: Any, case: Case) -> bool:
    """Whether the person may write a note to the case."""
    return may(user, case, NOTERS) or helps(user, case)
