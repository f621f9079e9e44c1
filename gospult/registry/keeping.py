"""Figures that take longer to count than to show are kept for some minutes, with the moment of their counting; small ones are never kept."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.utils import timezone

from .models import SEES
from .models.access import User, granted, keeps

LARGE = 5_000  # pages or bodies
SECONDS = 600

Figures = dict[str, int]


def kept(user: User, name: str, count: Callable[[], Figures], *, fresh: bool = False) -> tuple[Figures, datetime | None]:
    """The figures of this name as far as the person sees, and when they were counted (None: now); `fresh`: they are counted anew and kept."""
    key = _key(user, name)
    known = cache.get(key) if key and not fresh else None
    if known is not None:
        return known["figures"], known["at"]
    figures = count()
    if key and max(figures.values(), default=0) >= LARGE:
        cache.set(key, {"figures": figures, "at": timezone.now()}, SECONDS)
    return figures, None


def _key(user: User, name: str) -> str:
    """One for all who see the same; none for those who keep pages, which are few."""
    if not user.is_authenticated or not user.is_active or keeps(user):
        return ""
    rows: list[Any] = [row for row in granted(user) if row.role in SEES]
    whole = user.is_superuser or any(row.whole for row in rows)
    scope = "whole" if whole else repr(sorted({(row.body_path, row.territory_path) for row in rows}, key=repr))
    return f"registry:{name}:{sha256(scope.encode()).hexdigest()[:32]}" if rows or whole else ""
