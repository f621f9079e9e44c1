"""Old builds let go: of a day long past the month's last is enough."""

from datetime import timedelta

from django.utils import timezone

from ..models import Build

DAYS = 40
YEARS = 3


def thin() -> int:
    """Every done build stays 40 days, the last of each month three years, one without counts a week; returns how many went."""
    now, kept, gone = timezone.now(), set(), []
    for row in Build.objects.filter(unfinished=None).order_by("-started_at").only("pk", "state", "started_at"):
        age, month = now - row.started_at, f"{timezone.localtime(row.started_at):%Y-%m}"
        if row.state != Build.State.DONE:
            over = age > timedelta(days=7)
        else:
            over = age > timedelta(days=365 * YEARS) or (age > timedelta(days=DAYS) and month in kept)
            kept.add(month)
        gone += [row.pk] if over else []
    Build.objects.filter(pk__in=gone).delete()
    return len(gone)
