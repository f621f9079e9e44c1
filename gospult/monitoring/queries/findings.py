"""Findings as screens show them."""

from typing import Any

from django.db.models import Count, QuerySet

from gospult.accounts.models import Role
from gospult.registry.models import Page
from gospult.registry.models.access import User
from gospult.registry.queries import can, reached

from ..models import Finding
from ..noticing import say

DECIDERS = (Role.OPERATOR, Role.CURATOR, Role.ADMIN, Role.ANALYST)
# The reasons that are given most; one press each.
REASONS = ("Так и должно быть", "Ошибка в данных", "Уже исправляют")


def findings(user: User, *, kind: str = "", state: str = "open", page: Page | None = None) -> QuerySet[Finding]:
    """Findings that the person may see, the newest first."""
    rows = Finding.objects.visible_to(user).filter(state=state) if state else Finding.objects.visible_to(user)
    rows = rows.filter(kind=kind) if kind else rows
    rows = rows.filter(page=page) if page else rows
    return rows.order_by("-first_seen_at", "-id")


def with_pages(rows: QuerySet[Finding]) -> QuerySet[Finding]:
    """The findings with what a list tells of them."""
    return rows.select_related("page", "other", "decided_by")


def finding_counts(user: User, *, state: str = "open") -> list[dict[str, Any]]:
    """How many findings of each kind the person sees: kind, name, count; kinds of which there is none are left out."""
    counts = dict(findings(user, state=state).order_by().values_list("kind").annotate(n=Count("pk")))
    return [{"kind": kind.value, "name": kind.label, "count": counts[kind.value]} for kind in Finding.Kind if kind.value in counts]


def told_findings(user: User, rows: list[Finding]) -> list[dict[str, Any]]:
    """Each finding with its sentence, and whether the person may decide it."""
    mine = reached(user, {row.page_id for row in rows}, *DECIDERS)
    return [{"finding": row, "text": say(row.kind, row.evidence), "may_decide": row.page_id in mine} for row in rows]


def may_decide(user: User, finding: Finding) -> bool:
    """Whether the person decides what the finding means."""
    return can(user, *DECIDERS, page=finding.page)
