"""What happened to a case, and the clocks that follow from it."""

from datetime import datetime
from typing import Any

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import Count, Min, Q
from django.utils import timezone

from gospult.accounts.models import Person
from gospult.alerts.actions import outlive
from gospult.alerts.models import Kind as Told

from ..models import Case, CaseEvent
from ..queries import clocks_of
from .figures import figures_of

_WORK = frozenset({Told.ROUTED, Told.RETURNED, Told.DUE_SOON, Told.OVERDUE})
# After these events nobody has to be told any more what he was told before them.
OUTLIVED = {
    "routed": frozenset({Told.ROUTED}), "bounced": frozenset({Told.ROUTED}), "interim_published": _WORK - {Told.RETURNED},
    "answer_approved": frozenset({Told.APPROVAL}), "answer_returned": frozenset({Told.APPROVAL}), "answer_withdrawn": frozenset({Told.APPROVAL}),
    "answer_published": _WORK, "native_answer": _WORK | {Told.APPROVAL}, "closed": _WORK | {Told.APPROVAL},
}  # fmt: skip


def happened(*, case: Case, event: str, at: datetime | None = None, by: Person | None = None, **data: Any) -> CaseEvent:
    """One line of the case's history; `at` is when it happened in the world, not when we heard of it."""
    row = CaseEvent.objects.create(case=case, kind=event, at=at or timezone.now(), by=by, data=data)
    if event in OUTLIVED:
        outlive(case=case.pk, kinds=OUTLIVED[event])
    return row


def recount(*, case: Case) -> None:
    """The case's clocks are counted again from all its events and kept for the queue."""
    clocks = clocks_of(case)
    said = case.message_set.aggregate(
        first=Min("sent_at"), count=Count("pk"), photo=BoolOr("has_photo"), comment=BoolOr(Q(channel="comment")), dm=BoolOr(Q(channel="dm"))
    )
    fields: dict[str, Any] = {
        "opened_at": said["first"] or case.opened_at,
        "message_count": said["count"],
        "has_photo": bool(said["photo"]),
        "by_comment": bool(said["comment"]),
        "by_dm": bool(said["dm"]),
        "first_due_at": clocks.first.due_at,
        "final_due_at": clocks.final.due_at,
        "next_due_at": clocks.next_due_at,
        "first_reaction_at": clocks.first_reaction_at,
        "late": clocks.late,
    }
    fields |= figures_of(case, fields["opened_at"])
    Case.objects.filter(pk=case.pk).update(**fields)
    for name, value in fields.items():
        setattr(case, name, value)
