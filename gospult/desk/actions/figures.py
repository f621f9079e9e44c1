"""What the rating asks of a case, kept with it: a look at every event of the region would take minutes."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from ..history import Event
from ..models import Case, Message
from ..queries.deadlines import deadlines_for
from ..track import TELLING, Track, track

BATCH = 500


def figures_of(case: Case, opened_at: datetime) -> dict[str, Any]:
    """The fields of the case that its rating is counted from; minutes are whole, by the case's calendar and elapsed."""
    events = case.events.filter(kind__in=TELLING, undone=False).values_list("kind", "at", "data")
    found = track((Event(*row) for row in events), timezone.get_current_timezone())
    return {
        **_minutes(case, opened_at, found), "promises": found.promises, "promised_date": found.promised, "broken": found.broken,
        "returned": found.returned, "repeated": _repeated(case),
    }  # fmt: skip


def _minutes(case: Case, opened_at: datetime, found: Track) -> dict[str, int | None]:
    reaction = found.reaction_at or case.first_reaction_at  # an import knows the moment without the event
    if reaction is None:
        return {"first_elapsed": None, "first_worked": None}
    calendar, minute = deadlines_for(case, opened_at)[1], timedelta(minutes=1)
    # A page may be known to have answered before the words reached us: that is no time at all.
    end = max(reaction, opened_at)
    return {"first_elapsed": (end - opened_at) // minute, "first_worked": calendar.worked(opened_at, end) // minute}


def _repeated(case: Case) -> bool:
    """Whether a resident had to come with it again: his thread has an earlier case, or the same words stand in another case."""
    said = Message.objects.filter(case=case)
    if said.filter(duplicate_of__case__isnull=False).exclude(Q(duplicate_of__case=F("case")) | Q(duplicate_of__case__merged_into=F("case"))).exists():
        return True
    first = said.exclude(author_id="").order_by("sent_at", "pk").first()
    if first is None or not first.thread_id:
        return False
    same = Message.objects.filter(network=first.network, page_key=first.page_key, thread_id=first.thread_id, author_id=first.author_id)
    return same.filter(sent_at__lt=first.sent_at, case__isnull=False).exclude(Q(case=case) | Q(case__merged_into=case)).exists()


def fill_figures(*, limit: int = BATCH) -> int:
    """Cases answered before the rating was counted get their figures; returns how many. Nothing is left after the first hours."""
    due = Case.objects.filter(first_reaction_at__isnull=False, first_elapsed=None).order_by("pk")[:limit]
    for case in due:
        Case.objects.filter(pk=case.pk).update(**figures_of(case, case.opened_at))
    return len(due)
