"""Rows of quotas that no longer say anything go."""

from datetime import timedelta

from django.utils import timezone

from ..models import Pace, Spending, Waiting

SPENDING_DAYS = 31  # so long a screen can show what the tokens were used for


def tidy_quotas() -> int:
    """Forget chats that nobody has written to for a day, days long past, and those who stopped waiting unserved; returns how many rows."""
    now = timezone.now()
    day = now - timedelta(days=1)
    old = [
        Pace.objects.filter(bucket__startswith="peer:", free_at__lt=day),
        Spending.objects.filter(day__lt=(now - timedelta(days=SPENDING_DAYS)).date()),
        Waiting.objects.filter(until__lt=now - timedelta(hours=1)),
    ]
    return sum(rows.delete()[0] for rows in old)
