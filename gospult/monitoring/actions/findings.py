"""Findings come and go by what is seen; what they mean a person decides."""

from django.db import transaction
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused

from ..models import Finding
from ..noticing import thresholds
from ..queries.suspects import suspects

State = Finding.State


@transaction.atomic
def notice() -> int:
    """What is noticed now is kept, what is not seen any more is past; returns how many new findings there are."""
    now = timezone.now()
    rows = {(found.page, found.kind, found.mark): found for found in suspects(thresholds())}
    made = [
        Finding(page_id=page, kind=kind, mark=mark, evidence=found.evidence, other_id=found.other, first_seen_at=now, last_seen_at=now)
        for (page, kind, mark), found in rows.items()
    ]
    before = Finding.objects.count()
    Finding.objects.bulk_create(
        made, batch_size=1000, update_conflicts=True, unique_fields=["page", "kind", "mark"], update_fields=["evidence", "other", "last_seen_at"]
    )
    Finding.objects.filter(state=State.PAST, last_seen_at=now).update(
        state=State.OPEN, first_seen_at=now, decided_by=None, decided_at=None, reason=""
    )
    # A dismissed one stays dismissed: if it is seen again, nobody wants to decide it twice.
    Finding.objects.filter(state__in=[State.OPEN, State.CONFIRMED], last_seen_at__lt=now).update(state=State.PAST)
    return Finding.objects.count() - before


@transaction.atomic
def decide(*, finding: Finding, confirmed: bool, reason: str = "", by: Person) -> None:
    """A person says whether a finding is so; one that is dismissed has a reason. Refused when somebody else was quicker."""
    if not confirmed and not reason.strip():
        raise Refused("Напишите, почему это не беда: следующий не будет гадать.")
    state = State.CONFIRMED if confirmed else State.DISMISSED
    finding.move_to(state, decided_by=by, decided_at=timezone.now(), reason=reason.strip()[:300])
    journal.write(by, f"monitoring.finding_{state.value}", finding.page, finding=finding.kind, reason=reason.strip()[:300])


@transaction.atomic
def reconsider(*, finding: Finding, by: Person) -> None:
    """A decision is taken back, and the finding waits again."""
    finding.move_to(State.OPEN, decided_by=None, decided_at=None, reason="")
    journal.write(by, "monitoring.finding_open", finding.page, finding=finding.kind)
