"""What became of a message, in plain words for the one who wrote it. No texts, no names of people."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from gospult.desk.actions import marked_answer
from gospult.desk.models import WITHOUT_CLOCK, Case, Kind, Message, PhotoReport
from gospult.desk.queries import moderation_rules, public_photos
from gospult.lib.words import day_in_words

DIGITS = 12


@dataclass(frozen=True, slots=True)
class Status:
    """state is a class of base.css: wait, fine, soon; `more` says what comes next."""

    state: str
    title: str
    more: str = ""


def clean_number(text: str) -> str:
    """The twelve digits of a public number typed by hand, "" when they cannot be one."""
    digits = "".join(c for c in text if c in "0123456789")
    return digits if len(digits) == DIGITS and _luhn(digits) else ""


def _luhn(digits: str) -> bool:
    """Most slips are caught before the database is asked; so are most guesses."""
    doubled = [int(d) * 2 if n % 2 else int(d) for n, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def status_of(message: Message) -> Status:
    """The status of a message; needs its case and the case's body."""
    case = message.case
    if message.deleted_at:
        return Status("wait", "Сообщение удалено автором", "Отвечать на удалённое сообщение не будем. Если вопрос остался, напишите ещё раз.")
    if message.hidden_at:
        return Status("wait", "Комментарий скрыт со страницы", f"{_ground(message)} {moderation_rules().appeal}".strip())
    if case is None:
        return Status("wait", "Сообщение получено", "Его сейчас разбирают.")
    if case.state == Case.State.CLOSED:
        return _closed(case)
    if case.state == Case.State.ANSWERED:
        return Status("fine", f"Ответ дан{_on(case.answered_at)}", "Он там же, где вы писали: под вашим сообщением или в личных сообщениях страницы.")
    if case.state == Case.State.PROMISED:
        return Status("soon", "Дан промежуточный ответ", f"Окончательный ответ готовит {_who(case)}.{_until(case)}")
    if case.state == Case.State.ROUTED:
        return Status("soon", "Ответ готовится", f"Отвечает {_who(case)}.{_until(case)}")
    return Status("wait", "Выбираем, кто ответит", f"Сообщение получено{_on(message.received_at)}.{_until(case)}")


def photos_for(message: Message) -> list[PhotoReport]:
    """Photos of the work done in a public thread; a resident's own picture is never among them."""
    case = message.case and (message.case.merged_into or message.case)
    if case is None or message.deleted_at or message.hidden_at or message.channel != "comment":
        return []
    return public_photos(case)


def _ground(message: Message) -> str:
    hiding = message.hidings.order_by("-id").first()
    return f"Основание: {hiding.title.lower()} ({hiding.basis})." if hiding else ""


def may_mark(message: Message) -> bool:
    """Whether the answer may be marked now: it is given, final and not too old."""
    case = message.case and (message.case.merged_into or message.case)
    if case is None or message.deleted_at or case.kind in WITHOUT_CLOCK or case.state not in (Case.State.ANSWERED, Case.State.CLOSED):
        return False
    return marked_answer(case, timezone.now()) is not None


def _closed(case: Case) -> Status:
    if case.closed_as in ("answered", "thanked"):
        return Status("fine", f"Ответ дан{_on(case.answered_at)}", "Если он не помог, напишите в той же ветке: вопрос откроют снова.")
    if case.closed_as == Kind.GRATITUDE:
        return Status("fine", "Спасибо за добрые слова", "Мы их учли.")
    return Status(
        "wait",
        "Отвечать не будем",
        "Сообщение не относится к работе органов власти и учреждений или ответ на него не нужен. Если это ошибка, напишите снова.",
    )


def _who(case: Case) -> str:
    return case.body.name if case.body else "ответственный орган"


def _until(case: Case) -> str:
    if not case.next_due_at:
        return ""
    if case.next_due_at < timezone.now():
        return " Срок прошёл: обращение отмечено как просроченное."
    return f" Срок — до {_day(case.next_due_at)}."


def _on(moment: datetime | None) -> str:
    return f" {_day(moment)}" if moment else ""


def _day(moment: datetime) -> str:
    local: date = timezone.localtime(moment).date()
    return day_in_words(local, timezone.localdate().year)
