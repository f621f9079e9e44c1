"""What the screen of a case shows of closed access and of appeals."""

from typing import Any

from gospult.exchange.models import Deed
from gospult.exchange.queries import can_do

from ..models import Ban, Case

State = Ban.State


def bans_by_hiding(case: Case) -> dict[int, list[dict[str, Any]]]:
    """Bans of a case by the hiding that they follow, the latest last: the row, what troubles it, what a person may do."""
    rows = Ban.objects.filter(hiding__message__case=case).select_related("proposed_by", "decided_by", "deed", "undo", "page", "hiding")
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows.order_by("id"):
        found.setdefault(row.hiding_id, []).append({"row": row, **_said(row)})
    return found


def _said(row: Ban) -> dict[str, Any]:
    deed = row.undo if row.state == State.LIFTING else row.deed
    trouble = bool(deed and deed.needs_person and row.state in (State.ASKED, State.FAILED, State.LIFTING))
    said = "Сеть не подтвердила: посмотрите список закрытых в настройках страницы." if deed and deed.state == Deed.State.UNKNOWN else ""
    return {
        "trouble": (said or (deed.error if deed else "")) if trouble else "",
        "again": trouble,
        "hand": trouble or row.state in (State.BY_HAND, State.FAILED, State.LIFT_BY_HAND),
        "by_itself": can_do(row.page, "ban"),
        "undecided": row.state == State.PROPOSED,
        "lift": row.state in (State.IN_FORCE, State.BY_HAND),
    }
