"""What was asked of bodies below, as the screen of a case shows it; and whom one may ask."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet

from gospult.registry.models import Body

from ..models import Case, Task
from .rights import ASKERS, holds, may

SHOWN = 50


def may_ask(user: Any, case: Case) -> bool:
    """Whether the person may give a part of the case to bodies below its own, and there are such."""
    going = case.body is not None and case.state not in (Case.State.MERGED, Case.State.CLOSED)
    return going and may(user, case, ASKERS) and below(case).exists()


def below(case: Case) -> QuerySet[Body]:
    """The bodies that stand under the case's body."""
    return Body.objects.under(case.body).filter(gone_at=None).exclude(pk=case.body.pk) if case.body else Body.objects.none()


def to_choose(case: Case, find: str, chosen: Sequence[int]) -> list[Body]:
    """Bodies to tick: the chosen ones first, then those found by all words, or the nearest below where nothing is looked for."""
    rows = below(case)
    found = rows if find.strip() else rows.filter(parent=case.body)
    for word in find.lower().replace("ё", "е").split():
        found = found.filter(Q(sort_name__contains=word) | Q(short_name__icontains=word) | Q(ogrn=word))
    first = list(rows.filter(pk__in=chosen)[:SHOWN])
    return [*first, *found.exclude(pk__in=[body.pk for body in first])[: SHOWN - len(first)]]


def tasks_of(user: Any, case: Case) -> list[dict[str, Any]]:
    """The tasks of a case that the person sees, open ones first: the row, whether he does it (`mine`), whether he may take it off (`asked`)."""
    rows = list(Task.objects.visible_to(user).filter(case=case).select_related("body", "asked_by", "ended_by").order_by("asked_at", "pk"))
    asked = bool(rows) and may(user, case, ASKERS)
    known = [{"row": row, "mine": row.state == Task.State.OPEN and holds(user, row), "asked": asked and row.state == Task.State.OPEN} for row in rows]
    return sorted(known, key=lambda item: item["row"].state != Task.State.OPEN)
