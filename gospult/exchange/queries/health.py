"""Figures for `gospult doctor`."""

from typing import Any

from django.utils import timezone

from ..models import Incoming, Outgoing, Posting


def oldest_unfinished() -> dict[str, Any]:
    """When the oldest unfinished work of each kind began, for `gospult doctor`; None where nothing waits."""
    return {
        "incoming": Incoming.objects.filter(taken_at=None, addressee="desk").order_by("id").values_list("received_at", flat=True).first(),
        "outgoing": Outgoing.objects.filter(state__in=["ready", "claimed", "unknown"])
        .order_by("created_at")
        .values_list("created_at", flat=True)
        .first(),
        "posts": Posting.objects.filter(state__in=["ready", "claimed", "unknown"], not_before__lte=timezone.now())
        .order_by("not_before")
        .values_list("not_before", flat=True)
        .first(),
    }
