"""A formal appeal beside a case: written down when it is lodged, then step by step until its answer. The case keeps its own clock."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused
from gospult.lib.words import day_in_words

from ..handover_terms import next_due, terms_of, terms_on
from ..models import Case, Handover
from .events import happened

State = Handover.State


@transaction.atomic
def hand_over(*, case: Case, way: str, handed: date, number: str = "", link: str = "", by: Person) -> Handover:
    """An appeal about the matter of a case is written down; with a number it is registered already. The case's clock goes on."""
    known = Case.objects.select_for_update().get(pk=case.pk)
    if known.state == Case.State.MERGED:
        raise Refused("Это обращение объединено с другим: запишите официальное обращение там.")
    if known.handovers.exclude(state__in=[State.ANSWERED, State.DROPPED]).exists():
        raise Refused("По этому обращению официальное уже записано: отметьте его ход или снимите запись.")
    _in_order(handed, timezone.localtime(known.opened_at).date(), "жителем написано сообщение")
    row = Handover(case=known, way=way, handed_date=handed, link=link.strip(), by=by)
    if number.strip():
        row.number, row.registered_date, row.state = number.strip(), handed, State.REGISTERED
    row.due_date = next_due(row.dates(), terms_on(handed))
    row.save()
    happened(case=known, event="handed_over", by=by, handover=row.pk)
    journal.write(by, "case_handed_over", known, handover=row.pk, way=way)
    return row


@transaction.atomic
def register_handover(*, handover: Handover, number: str, on: date, by: Person) -> None:
    """A body has registered the appeal under a number: the days of the answer begin."""
    row = _locked(handover)
    if not number.strip():
        raise Refused("Напишите номер, под которым обращение зарегистрировано.")
    again = row.forwarded_date is not None
    _in_order(on, row.forwarded_date or row.handed_date, "обращение поступило")
    named = {"again_number": number.strip(), "again_date": on} if again else {"number": number.strip(), "registered_date": on}
    row.move_to(State.REGISTERED, **named)
    _noted(row, "handover_registered", by)


@transaction.atomic
def forward_handover(*, handover: Handover, to: str, on: date, by: Person) -> None:
    """The appeal has gone to the body whose matter it is, once."""
    row = _locked(handover)
    if not to.strip():
        raise Refused("Напишите, какому органу переадресовано.")
    if row.forwarded_date:
        raise Refused("Обращение уже переадресовано один раз: снимите эту запись и сделайте новую с номером последнего органа.")
    _in_order(on, row.registered_date or row.handed_date, "обращение зарегистрировано")
    row.move_to(State.FORWARDED, forwarded_to=to.strip(), forwarded_date=on)
    _noted(row, "handover_forwarded", by)


@transaction.atomic
def extend_handover(*, handover: Handover, on: date, by: Person) -> None:
    """The resident was told that the answer takes longer: once, and before its term is over."""
    row = _locked(handover)
    began = row.again_date if row.forwarded_date else row.registered_date
    if row.state != State.REGISTERED or began is None:
        raise Refused("Продлевать нечего: срок ответа не идёт. Сначала отметьте регистрацию.")
    if row.extended_date:
        raise Refused("Срок ответа уже продлён: второй раз продлить его нельзя.")
    _in_order(on, began, "обращение зарегистрировано")
    due = terms_of(row.dates(), terms_on(row.handed_date))[-1].due
    if on > due:
        raise Refused(f"Срок ответа был до {day_in_words(due, on.year)}: продлевают до его конца.")
    Handover.objects.filter(pk=row.pk).update(extended_date=on)
    row.extended_date = on
    _noted(row, "handover_extended", by)


@transaction.atomic
def answer_handover(*, handover: Handover, on: date, by: Person) -> None:
    """The resident has the formal answer: nothing is owed any more."""
    row = _locked(handover)
    _in_order(on, row.again_date or row.registered_date or row.handed_date, "обращение зарегистрировано")
    row.move_to(State.ANSWERED, answered_date=on, due_date=None)
    _noted(row, "handover_answered", by)


@transaction.atomic
def drop_handover(*, handover: Handover, why: str, by: Person) -> None:
    """What was written down by mistake counts no more; the line stays."""
    if not why.strip():
        raise Refused("Напишите, почему запись снимается: она останется в истории.")
    row = _locked(handover)
    row.move_to(State.DROPPED, dropped_why=why.strip()[:300], due_date=None)
    _noted(row, "handover_dropped", by)


def _locked(handover: Handover) -> Handover:
    """The row under its lock, but with the state that the person saw: of two who press one is refused."""
    row = Handover.objects.select_for_update(of=("self",)).select_related("case").get(pk=handover.pk)
    row.state = handover.state
    return row


def _in_order(on: date, after: date, what: str) -> None:
    if on > timezone.localdate():
        raise Refused("Этот день ещё не наступил: укажите сегодняшний или более ранний.")
    if on < after:
        raise Refused(f"Укажите день не раньше {day_in_words(after, on.year)}: тогда {what}.")


def _noted(row: Handover, event: str, by: Person) -> None:
    over = row.state in (State.ANSWERED, State.DROPPED)
    due = None if over else next_due(row.dates(), terms_on(row.handed_date))
    Handover.objects.filter(pk=row.pk).update(due_date=due)
    row.due_date = due
    happened(case=row.case, event=event, by=by, handover=row.pk)
    journal.write(by, event, row, case=row.case_id)
