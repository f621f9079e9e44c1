"""Control: a case is closed, returned for rework, reopened by the resident."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused

from ..models import OPEN, WITHOUT_CLOCK, Answer, Case, Message, Review
from .alarming import must_be_seen
from .events import happened, recount
from .telling import tell_rework

CLOSED_AS = {
    "answered": "отвечено",
    "thanked": "житель подтвердил",
    "deleted": "сообщение удалено автором",
    "no_answer_needed": "ответ не нужен",
    "gratitude": "благодарность",
    "not_for_us": "не к нам",
    "spam": "спам",
}


@transaction.atomic
def close(*, case: Case, closed_as: str = "answered", note: str = "", by: Person | None) -> None:
    """The case is closed; a person closes an unanswered one only with a reason."""
    if closed_as == "answered" and case.state != Case.State.ANSWERED:
        raise Refused(f"Обращение {case.number} ещё без ответа: ответьте или выберите, почему ответ не нужен.")
    if closed_as not in CLOSED_AS:
        raise Refused("Выберите причину закрытия из списка.")
    must_be_seen(case)
    case.move_to(Case.State.CLOSED, closed_at=timezone.now(), closed_as=closed_as)
    # Looked at after the move, which waits for somebody who approves at this very moment.
    if case.answers.filter(state__in=[Answer.State.APPROVED, Answer.State.FAILED]).exists():
        raise Refused("Ответ ещё публикуется или не опубликован: сначала дождитесь его или отзовите.")
    case.answers.filter(state__in=[Answer.State.DRAFT, Answer.State.CHECKED]).update(state=Answer.State.WITHDRAWN)
    happened(case=case, event="closed", by=by, closed_as=closed_as, note=note)
    if by and closed_as == "answered":
        Review.objects.create(case=case, answer=_last_answer(case), good=True, note=note, by=by)
    recount(case=case)
    journal.write(by, "case_closed", case, closed_as=closed_as)


def _last_answer(case: Case) -> Answer | None:
    return case.answers.filter(state__in=[Answer.State.PUBLISHED, Answer.State.NATIVE]).order_by("-published_at").first()


@transaction.atomic
def return_for_rework(*, case: Case, why: str, by: Person) -> None:
    """The answer was not good enough: the body answers again and its final clock runs on."""
    if not why.strip():
        raise Refused("Напишите, что не так с ответом: исполнитель должен понять, что исправить.")
    if case.state not in (Case.State.ANSWERED, Case.State.CLOSED):
        raise Refused(f"Обращение {case.number} ещё в работе: возвращать нечего.")
    Review.objects.create(case=case, answer=_last_answer(case), good=False, note=why, by=by)
    _back_to_work(case)
    event = happened(case=case, event="returned", by=by, why=why)
    recount(case=case)
    tell_rework(case, event.pk)
    journal.write(by, "case_returned", case)


@transaction.atomic
def reopen(*, case: Case, because: str, at: datetime | None = None, by: Person | None) -> None:
    """The resident is not satisfied: a new clock runs and the case counts as reopened."""
    if case.state in OPEN or case.state == Case.State.MERGED:
        raise Refused(f"Обращение {case.number} уже в работе.")
    answered = case.closed_as != "deleted" and case.kind not in WITHOUT_CLOCK  # else it says nothing of an answer's quality
    _back_to_work(case)
    if answered:
        Case.objects.filter(pk=case.pk).update(reopened=case.reopened + 1)
        case.reopened += 1
    event = happened(case=case, event="reopened", at=at, by=by, why=because)
    recount(case=case)
    if answered:
        tell_rework(case, event.pk)
    journal.write(by, "case_reopened", case)


def _back_to_work(case: Case) -> None:
    state = Case.State.ROUTED if case.body_id else Case.State.NEW
    case.move_to(state, closed_at=None, closed_as="", answered_at=None)


def thanked(*, case: Case, message: Message) -> None:
    """The resident has said thanks for the answer: the case is closed as confirmed."""
    happened(case=case, event="thanked", at=message.sent_at, message=message.pk)
    if case.state == Case.State.ANSWERED and not case.danger:
        case.move_to(Case.State.CLOSED, closed_at=timezone.now(), closed_as="thanked")
