"""What was heard of danger in a case, and what to do about it at once."""

from typing import Any

from django.db.models import Exists, OuterRef, Q

from ..models import Alarm, Case
from ..moderation import rules

UNSEEN = Q(Exists(Alarm.objects.filter(case=OuterRef("pk"), seen_at=None)))


def alarms_of(case: Case) -> dict[str, Any]:
    """`rows`, the latest first, and the `hints` of the region for what was named."""
    rows = list(Alarm.objects.filter(case=case).select_related("seen_by").order_by("-id")[:5]) if case.danger else []
    named = list(dict.fromkeys(word for row in rows for word in row.heard))
    known = rules().hints
    return {"rows": rows, "named": named, "open": bool(rows) and rows[0].seen_at is None, "hints": [known[word] for word in named if word in known]}


def first_in_queue(mine: Any, asked: Q, limit: int = 20) -> list[int]:
    """Ids of the cases of a list that nobody has taken notice of, the oldest alarm first."""
    rows = Alarm.objects.filter(seen_at=None, case__in=mine.filter(asked).order_by().values("pk"))
    return list(rows.order_by("raised_at").values_list("case", flat=True)[:limit])
