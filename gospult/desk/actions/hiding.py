"""Comments are hidden on a ground of the list and put back; the network's part is a deed of the exchange."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.exchange import actions as exchange
from gospult.exchange.models import Deed, Incoming
from gospult.exchange.queries import can_do, has_way
from gospult.lib.errors import Refused
from gospult.registry.models import Page

from ..models import Case, Hiding, Message
from ..moderation import rules
from .events import happened

State = Hiding.State
UNDER_WAY = (State.ASKED, State.BY_HAND, State.HIDDEN, State.RETURNING, State.RETURN_BY_HAND)


@transaction.atomic
def hide(*, message: Message, ground: str, note: str = "", by: Person) -> Hiding:
    """A resident's comment is taken out of sight on a ground of the list; where the page cannot by itself, a person does it and marks it."""
    chosen = rules().grounds.get(ground)
    if chosen is None:
        raise Refused("Выберите основание из списка: без основания комментарий не скрывают.")
    message = Message.objects.select_for_update(of=("self",)).select_related("page", "case").get(pk=message.pk)
    page, case = _where(message)
    by_itself = can_do(page, "hide")
    deed = exchange.order(page=page, what=Deed.What.HIDE, target=message.external_id, thread_id=message.thread_id) if by_itself else None
    row = Hiding.objects.create(
        message=message, case=case, page=page, state=State.ASKED if by_itself else State.BY_HAND, ground=chosen.code,
        title=chosen.title, basis=chosen.basis, note=note.strip()[:500], by=by, needs_second=chosen.second, deed=deed,
    )  # fmt: skip
    happened(case=row.case, event="comment_hiding", by=by, message=message.pk, ground=chosen.code)
    journal.write(by, "comment_hidden", row, case=row.case_id, ground=chosen.code, by_itself=by_itself)
    return row


def _where(message: Message) -> tuple[Page, Case]:
    """The page and the case of a comment that may be hidden."""
    if message.channel != "comment" or message.page is None or message.case is None:
        raise Refused("Скрыть можно только комментарий на странице: личное сообщение и так никто не видит.")
    if message.deleted_at:
        raise Refused("Автор уже удалил этот комментарий.")
    if message.hidings.filter(state__in=UNDER_WAY).exists():
        raise Refused("Этот комментарий уже скрыт или скрывается.")
    return message.page, message.case


@transaction.atomic
def hidden_by_hand(*, hiding: Hiding, by: Person) -> None:
    """A person has hidden the comment in the network himself."""
    if hiding.state not in (State.BY_HAND, State.FAILED):
        raise Refused(f"Комментарий уже «{State(hiding.state).label}». Обновите страницу.")
    _hidden(hiding, timezone.now())
    journal.write(by, "comment_hidden_by_hand", hiding)


@transaction.atomic
def give_back(*, hiding: Hiding, why: str, by: Person) -> None:
    """A hidden comment is put back into sight; Refused where the network deletes for good."""
    if not why.strip():
        raise Refused("Напишите, почему комментарий возвращают.")
    if not has_way(hiding.page, "unhide"):
        raise Refused(f"{hiding.page.network_name} удаляет комментарий насовсем, вернуть его нельзя: извинитесь и ответьте жителю в этой ветке.")
    by_itself = can_do(hiding.page, "unhide")
    told = {"returned_by": by, "returned_why": why.strip()[:500]}
    if by_itself:
        undo = exchange.order(page=hiding.page, what=Deed.What.UNHIDE, target=hiding.message.external_id, thread_id=hiding.message.thread_id)
        hiding.move_to(State.RETURNING, undo=undo, **told)
    else:
        hiding.move_to(State.RETURN_BY_HAND, **told)
    happened(case=hiding.case, event="comment_returning", by=by, message=hiding.message_id)
    journal.write(by, "comment_given_back", hiding, case=hiding.case_id, by_itself=by_itself)


@transaction.atomic
def returned_by_hand(*, hiding: Hiding, by: Person) -> None:
    """A person has put the comment back in the network himself."""
    if hiding.state != State.RETURN_BY_HAND:
        raise Refused(f"Комментарий уже «{State(hiding.state).label}». Обновите страницу.")
    _returned(hiding, timezone.now())
    journal.write(by, "comment_returned_by_hand", hiding)


@transaction.atomic
def try_again(*, hiding: Hiding, by: Person) -> None:
    """A deed that failed, or whose outcome nobody knows, is asked for again after a person has looked."""
    row = hiding.undo if hiding.state == State.RETURNING else hiding.deed
    if row is None or not row.needs_person:
        raise Refused("Повторять нечего: обновите страницу.")
    exchange.repeat_deed(row=row, by=by)
    if hiding.state == State.FAILED:
        hiding.move_to(State.ASKED)


@transaction.atomic
def look_over(*, hiding: Hiding, by: Person) -> None:
    """A second person has looked at what was hidden and agrees."""
    if hiding.by_id == by.pk:
        raise Refused("Скрытое по этому основанию смотрит второй человек, не тот, кто скрыл.")
    if not Hiding.objects.filter(pk=hiding.pk, needs_second=True, seen_at=None).update(seen_by=by, seen_at=timezone.now()):
        raise Refused("Это скрытие уже проверено.")
    journal.write(by, "hiding_looked_over", hiding)


def settle_hiding(*, deed: Deed) -> None:
    """A hiding takes notice of what became of its deed."""
    field = "deed" if deed.what == Deed.What.HIDE else "undo"
    hiding = Hiding.objects.select_related("message", "case").filter(**{field: deed}).first()
    done = deed.state == Deed.State.DONE
    if hiding is None:
        return
    if hiding.state == State.ASKED and field == "deed":
        if done:
            _hidden(hiding, deed.done_at or timezone.now())
        else:
            hiding.move_to(State.FAILED)
            happened(case=hiding.case, event="comment_not_hidden", message=hiding.message_id)
    elif hiding.state == State.RETURNING and field == "undo":
        if done:
            _returned(hiding, deed.done_at or timezone.now())
        else:
            hiding.move_to(State.RETURN_BY_HAND)


def _hidden(hiding: Hiding, at: datetime) -> None:
    hiding.move_to(State.HIDDEN, hidden_at=at)
    Message.objects.filter(pk=hiding.message_id).update(hidden_at=at)
    happened(case=hiding.case, event="comment_hidden", at=at, message=hiding.message_id)


def _returned(hiding: Hiding, at: datetime) -> None:
    hiding.move_to(State.RETURNED, returned_at=at)
    Message.objects.filter(pk=hiding.message_id).update(hidden_at=None)
    happened(case=hiding.case, event="comment_returned", at=at, message=hiding.message_id)


def hidden_by_us(*, row: Incoming, message: Message) -> bool:
    """Whether a deletion is our own hiding coming back as an event: then the author has deleted nothing, and the case stays."""
    hiding = message.hidings.filter(state__in=UNDER_WAY).select_related("deed", "case").first()
    if hiding is None:
        return False
    if hiding.state == State.ASKED and hiding.deed and hiding.deed.state == Deed.State.READY:
        return False  # nothing was asked of the network yet: the author was quicker
    if hiding.state == State.BY_HAND:
        _hidden(hiding, row.received_at)
    else:
        exchange.heard_done(incoming=row, what=Deed.What.HIDE)
    return True


def back_in_sight(*, row: Incoming, message: Message) -> None:
    """The network tells that a comment is back: by our deed, or by a person's hand in the network itself."""
    hiding = message.hidings.filter(state__in=[State.HIDDEN, State.RETURNING, State.RETURN_BY_HAND]).select_related("case").first()
    if hiding is None:
        return
    if not exchange.heard_done(incoming=row, what=Deed.What.UNHIDE) and hiding.state != State.RETURNING:
        _returned(hiding, row.received_at)
