"""Who else is at a case now."""

from datetime import timedelta

from django.utils import timezone

from gospult.accounts.models import Person

from ..models import Case, Lease, Presence

HERE = timedelta(seconds=40)  # two looks of a page that asks every fifteen seconds, and some


def writer_of(case: Case) -> Person | None:
    """Whose hand is on the draft, None when it is free."""
    lease = Lease.objects.filter(case=case, until__gt=timezone.now()).select_related("person").first()
    return lease.person if lease else None


def others_at(case: Case, me: Person) -> list[Person]:
    """Who else has the case open, but for the one who writes; at most five."""
    rows = Presence.objects.filter(case=case, seen_at__gt=timezone.now() - HERE).exclude(person=me)
    writing = writer_of(case)
    return [row.person for row in rows.exclude(person=writing).select_related("person").order_by("person_id")[:5]]
