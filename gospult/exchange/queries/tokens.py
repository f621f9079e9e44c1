"""What the tokens really allow, and which of them will not work much longer."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from gospult.networks.registry import NETWORKS
from gospult.registry.models import Page

from ..models import Token


def granted(page: Page) -> frozenset[str]:
    """Features that the tokens of a page carry: what their kinds allow, less what the network said that it has not granted."""
    rows = list(Token.objects.serving(page))
    if page.network not in NETWORKS:
        return frozenset()
    can = NETWORKS[page.network].can
    alone = {row.pk: can(frozenset({row.kind})) for row in rows}  # type: ignore[arg-type]
    known = [frozenset(row.rights) & alone[row.pk] if row.checked_at and not row.problem else alone[row.pk] for row in rows if row.problem != "auth"]
    together = can(frozenset(row.kind for row in rows if row.problem != "auth")) - frozenset().union(*alone.values())  # type: ignore[misc]
    return frozenset().union(*known) | together


def troubled_tokens(*, days: int | None = None) -> list[dict[str, Any]]:
    """Tokens that end within `days` (EXPIRY_DAYS) or that the network has refused: page, network, kind, label, expires_at, expired, problem."""
    now = timezone.now()
    end = now + timedelta(days=settings.EXPIRY_DAYS if days is None else days)
    rows = Token.objects.filter(Q(expires_at__lt=end) | ~Q(problem="")).select_related("page").order_by("expires_at", "id")
    return [
        {
            "token": row.pk,
            "page": row.page_id,
            "page_name": row.page.name if row.page else "",
            "network": row.network,
            "kind": row.kind,
            "label": row.label,
            "expires_at": row.expires_at,
            "expired": row.expires_at is not None and row.expires_at <= now,
            "problem": row.problem,
            "checked_at": row.checked_at,
        }
        for row in rows
    ]
