"""On the first working morning of a week each curator is told how his branch stands: one letter for a person and a week."""

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.alerts.actions import tell
from gospult.alerts.models import Kind

from ..models import Digest
from ..queries import digest as queries
from ..queries.branch import norms
from ..weekly import is_due, week_of, words


def give_digests(*, now: datetime | None = None) -> int:
    """Whose morning it is and who has not been told yet is told; returns how many were."""
    now = now or timezone.now()
    due = {pk: week_of(now.astimezone(cal.tz)) for pk, cal in queries.calendars(now).items() if is_due(cal, now, norms().digest_hour)}
    given = set(Digest.objects.filter(person__in=due, week__in=set(due.values())).values_list("person", "week"))
    left = {pk: week for pk, week in due.items() if (pk, week) not in given}
    return sum(_give(person, left[person.pk], now) for person in queries.curators().filter(pk__in=left))


def _give(person: Person, week: str, now: datetime) -> bool:
    """The row is taken first: of two workers the second finds it, one that is killed leaves neither row nor letter."""
    figures, branch = queries.figures_of(person)
    if not branch.rows:
        return False  # nobody is led: nothing to tell
    before = queries.last_before(person, now)
    text = words(figures, before, [(row.name, "; ".join(row.reasons)) for row in branch.rows if row.reasons])
    with transaction.atomic():
        row, fresh = Digest.objects.get_or_create(person=person, week=week, defaults={"figures": figures})
        if fresh:
            tell(person=person, key=f"branch/{week}", kind=Kind.DIGEST, text=text, path=reverse("office:branch"))
            journal.write(None, "digest_given", row, week=week)
    return fresh
