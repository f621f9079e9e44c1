"""Residents' marks: heard in the thread or given on the page of the status; a bad one opens the case again."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from gospult.accounts import journal
from gospult.lib.errors import Refused

from .. import marks
from ..models import WITHOUT_CLOCK, Answer, Case, Mark, Message
from ..wording import RATE_US
from .control import reopen, thanked
from .events import happened

OVER = (Case.State.ANSWERED, Case.State.CLOSED)
GIVEN = (Answer.State.PUBLISHED, Answer.State.NATIVE)


def marked_answer(case: Case, at: datetime) -> Answer | None:
    """The answer that a mark given at a moment is about: the last final one, for GOSPULT_MARK_DAYS days."""
    given = case.answers.filter(kind=Answer.Kind.FINAL, state__in=GIVEN, published_at__lte=at)
    return given.filter(published_at__gte=at - timedelta(days=settings.MARK_DAYS)).order_by("-published_at", "-pk").first()


@transaction.atomic
def hear(*, case: Case, message: Message, thanks: bool = False) -> Mark | None:
    """A reply that is a mark of our answer is counted as one; a bad one opens the case again. None when it is none."""
    said = marks.read(message.text) or (marks.Heard(None, True) if thanks else None)
    answer = marked_answer(case, message.sent_at) if said and case.kind not in WITHOUT_CLOCK else None
    if said is None or answer is None:
        return None
    if said.value and "?" in answer.text and not RATE_US.search(answer.text):
        return None  # «Какой у вас этаж?» — «5»
    return _keep(case, answer, message, said, Mark.Source.THREAD, message.sent_at)


@transaction.atomic
def give_mark(*, message: Message, value: int | None = None, unsolved: bool = False, reason: str = "") -> Mark:
    """A mark from the page of the status, by the number of the message; who knows the number is its author to us."""
    if message.case is None or message.deleted_at:
        raise Refused("Оценить пока нечего: ответа ещё нет.")
    case = Case.objects.select_for_update().get(pk=message.case.merged_into_id or message.case.pk)
    answer = marked_answer(case, timezone.now()) if case.kind not in WITHOUT_CLOCK else None
    if answer is None:
        raise Refused(f"Оценить можно в течение {settings.MARK_DAYS} дней после ответа. Если вопрос остался, напишите там же, где писали.")
    if unsolved and reason not in Mark.Reason.values:
        raise Refused("Выберите, что не так: так орган поймёт, что исправить.")
    if not unsolved and value not in range(1, 6):
        raise Refused("Выберите оценку от 1 до 5.")
    said = marks.Heard(None, False) if unsolved else marks.of_value(value or 0)
    return _keep(case, answer, message, said, Mark.Source.SITE, timezone.now(), reason if unsolved else "")


def _keep(case: Case, answer: Answer, message: Message, said: marks.Heard, source: str, at: datetime, reason: str = "") -> Mark:
    author = _first_of(message)
    old = Mark.objects.select_for_update().filter(answer=answer, author=author).first()
    if old and (old.at > at or (old.value, old.solved, old.reason) == (said.value, said.solved, reason)):
        return old  # an older word that came late, or the same once more
    if old and said.value is None and said.solved and not old.bad:
        return old  # thanks after a mark take nothing from it
    fields = {"case": case, "value": said.value, "solved": said.solved, "reason": reason, "source": source, "at": at}
    mark = Mark.objects.update_or_create(answer=answer, author=author, defaults=fields)[0]
    happened(case=case, event="marked", at=at, value=said.value, solved=said.solved, answer=answer.pk)
    journal.write(None, "answer_marked", case, value=said.value, solved=said.solved, source=str(source))
    if mark.bad and case.state in OVER:
        reopen(case=case, at=at, because=_because(mark), by=None)
    elif mark.solved and case.state == Case.State.ANSWERED:
        thanked(case=case, message=message)
    return mark


def _because(mark: Mark) -> str:
    return f"житель поставил {mark.value}" if mark.value else "житель: не решено" + (f", {mark.get_reason_display()}" if mark.reason else "")


def _first_of(message: Message) -> Message:
    """The author as we keep him: his first message of the case; whoever has no id is his message."""
    if not message.author_id:
        return message
    same = Message.objects.filter(case=message.case, network=message.network, page_key=message.page_key, author_id=message.author_id)
    return same.order_by("sent_at", "pk").first() or message
