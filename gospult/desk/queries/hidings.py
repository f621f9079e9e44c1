"""What the screen of a case shows of hidden comments, and which comments may be hidden."""

from typing import Any

from gospult.exchange.models import Deed
from gospult.exchange.queries import can_do, has_way

from ..models import Appeal, Case, Hiding, Message
from ..moderation import Rules, rules
from .bans import bans_by_hiding

State = Hiding.State
HIDDEN = (State.HIDDEN, State.ASKED, State.BY_HAND)


def hidable(case: Case) -> list[Message]:
    """Comments of a case that may still be hidden, oldest first."""
    rows = case.message_set.filter(channel="comment", deleted_at=None, hidden_at=None, page__isnull=False)
    under_way = Hiding.objects.filter(case=case).exclude(state__in=[State.FAILED, State.RETURNED]).values("message")
    return list(rows.exclude(pk__in=under_way).order_by("sent_at", "pk"))


def hide_choices(case: Case) -> dict[str, Any]:
    """The form of hiding: messages, grounds, whether the page does it by itself, whether it can be undone."""
    rows = hidable(case)
    page = case.page
    return {
        "messages": rows,
        "grounds": list(rules().grounds.values()),
        "by_itself": can_do(page, "hide"),
        "way_back": has_way(page, "unhide"),
        "network": page.network_name if page else "",
    }


def hidings_by_message(case: Case) -> dict[int, dict[str, Any]]:
    """The latest hiding of each comment of a case with what a person has to know and do about it."""
    bans, found = bans_by_hiding(case), rules()
    rows = Hiding.objects.filter(message__case=case).select_related("by", "seen_by", "returned_by", "deed", "undo", "page")
    appeals: dict[int, list[Appeal]] = {}
    for appeal in Appeal.objects.filter(hiding__message__case=case).select_related("decided_by").order_by("id"):
        appeals.setdefault(appeal.hiding_id, []).append(appeal)
    return {
        row.message_id: {"row": row, **_said(row), **_after(row, bans.get(row.pk, []), appeals.get(row.pk, []), found)} for row in rows.order_by("id")
    }


def _after(row: Hiding, bans: list[dict[str, Any]], appeals: list[Appeal], found: Rules) -> dict[str, Any]:
    """What followed the hiding, and what may still follow."""
    ground = found.grounds.get(row.ground)
    standing = any(ban["row"].state not in ("declined", "over") for ban in bans)
    return {
        "bans": bans,
        "appeals": appeals,
        "terms": found.terms,
        "usual": found.usual,
        "may_propose": bool(ground and ground.ban) and not standing and row.state in HIDDEN,
        "may_appeal": (row.state == State.HIDDEN or standing) and all(appeal.granted is not None for appeal in appeals),
    }


def _said(row: Hiding) -> dict[str, Any]:
    deed = row.undo if row.state in (State.RETURNING, State.RETURN_BY_HAND) else row.deed
    trouble = bool(deed and deed.needs_person and deed.state in (Deed.State.FAILED, Deed.State.UNKNOWN))
    return {
        "trouble": _trouble(deed) if trouble and deed else "",
        "again": trouble and row.state in (State.ASKED, State.RETURNING, State.FAILED),
        "hand": row.state in (State.BY_HAND, State.FAILED, State.RETURN_BY_HAND) or (trouble and row.state == State.ASKED),
        "back": row.state == State.HIDDEN and has_way(row.page, "unhide"),
        "unseen": row.needs_second and row.seen_at is None and row.state != State.RETURNED,
    }


def _trouble(deed: Deed) -> str:
    if deed.state == Deed.State.UNKNOWN:
        return "Сеть не подтвердила, и прочитать её нельзя: откройте ветку и посмотрите сами."
    return deed.error or "Сеть отказала."
