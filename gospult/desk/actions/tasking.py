"""«Поручение»: a body asks those below it for a part of a case, and hears what was done. The clock of the case goes on."""

from collections.abc import Sequence
from datetime import date, timedelta
from secrets import token_urlsafe

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.alerts.actions import outlive, tell
from gospult.alerts.models import Kind
from gospult.lib import photos
from gospult.lib.errors import Refused
from gospult.lib.words import day_in_words
from gospult.registry.models import Body

from ..models import Case, Task, private_storage
from ..queries import deadlines_for
from ..queries.notes import words_over
from ..queries.people import distinct, executors
from .events import happened
from .telling import about, case_path

State = Task.State
MOST = 50  # bodies that are asked at once
LONGEST = 2000  # signs
FAR = 366  # days ahead


@transaction.atomic
def ask(*, case: Case, bodies: Sequence[Body], text: str, due: date, because: str = "", by: Person) -> list[Task]:
    """Bodies below the case's body are asked to do a part of it by a working day; each is told."""
    known = Case.objects.select_for_update(of=("self",)).select_related("body", "topic", "territory").get(pk=case.pk)
    words = _words(text, "Напишите, что нужно сделать.")
    _must_be_below(known, bodies)
    late_because = _on_time(known, due, because.strip())
    asked = [_give(known, body, words, due, late_because, by) for body in bodies]
    journal.write(by, "tasks_given", known, tasks=[task.pk for task in asked], bodies=[body.pk for body in bodies], due=due.isoformat())
    return asked


def _words(text: str, empty: str) -> str:
    words = text.replace("\0", "").strip()
    if not words:
        raise Refused(empty)
    if len(words) > LONGEST:
        raise Refused("Текст длиннее 2 000 знаков: сократите его.")
    return words


def _must_be_below(case: Case, bodies: Sequence[Body]) -> None:
    if case.state in (Case.State.MERGED, Case.State.CLOSED):
        raise Refused(f"Обращение {case.number} уже «{Case.State(case.state).label}»: поручать по нему нечего.")
    if case.body is None:
        raise Refused("Сначала выберите орган, который ответит: поручают его подведомственным.")
    if not bodies:
        raise Refused("Выберите, кому поручить.")
    if len(bodies) > MOST:
        raise Refused(f"За один раз поручают не больше чем {MOST} организациям.")
    busy = set(case.tasks.open().values_list("body", flat=True))
    for body in bodies:
        if body.pk == case.body_id or not case.body.path or not body.path.startswith(case.body.path):
            raise Refused(f"«{body}» не подведомственна органу «{case.body}»: поручить можно только тем, кто ниже его.")
        if body.pk in busy:
            raise Refused(f"«{body}» уже выполняет поручение по этому обращению: дождитесь его или снимите.")


def _on_time(case: Case, due: date, because: str) -> str:
    """Why the day may be later than the case's own term, "" when it is not; Refused when the day is no good."""
    today, calendar = timezone.localdate(), deadlines_for(case)[1]
    if due < today or due > today + timedelta(days=FAR):
        raise Refused("День поручения уже прошёл: выберите другой." if due < today else "День поручения дальше года: выберите ближе.")
    if not calendar.hours(due):
        following = next(day for n in range(1, 31) if calendar.hours(day := due + timedelta(days=n)))
        raise Refused(f"{day_in_words(due, due.year).capitalize()} — выходной: ближайший рабочий день {day_in_words(following, due.year)}.")
    final = timezone.localdate(case.final_due_at) if case.final_due_at else None
    if final is None or due <= max(final, today):
        return ""
    if not because and final < today:
        raise Refused("Срок обращения уже прошёл: напишите, почему поручение нужно и после него.")
    if not because:
        raise Refused(f"На обращение надо ответить до {day_in_words(final, due.year)}: выберите день не позже или напишите, почему поручение дольше.")
    return because[:300]


def _give(case: Case, body: Body, text: str, due: date, late_because: str, by: Person) -> Task:
    task = Task.objects.create(case=case, asked_in=case, body=body, text=text, due_date=due, late_because=late_because, asked_by=by)
    happened(case=case, event="task_given", by=by, task=task.pk, body=body.pk)
    _tell_holders(task, "given", f"Вам поручение по обращению {about(case)}. Выполнить до {day_in_words(due, timezone.localdate().year)}.", by=by)
    return task


@transaction.atomic
def finish_task(*, task: Task, result: str, photo: bytes = b"", by: Person) -> None:
    """The part is done: in which words, and with a photo of it; who asked is told when nothing is left to wait for."""
    words = _words(result, "Напишите, что сделано.")
    picture = photos.clean(photo) if photo else None
    Case.objects.select_for_update().get(pk=task.case_id)  # of two who finish the last parts at once the second sees that all is done
    _end(task, State.DONE, words, by)
    if picture:
        now = timezone.localtime()
        task.photo.name = private_storage().save(f"tasks/{now:%Y/%m/%d}/{token_urlsafe(18)}.jpg", ContentFile(picture.content))
        task.save(update_fields=["photo"])
    case = task.case
    if not case.tasks.open().exists():
        done = list(case.tasks.filter(state=State.DONE).select_related("asked_by"))
        words = "Все поручения выполнены" if len(done) > 1 else "Поручение выполнено"
        for person in distinct([row.asked_by for row in done]):
            _tell(person, f"tasks/{case.pk}/{task.pk}/done", f"{words}: обращение {about(case)}.", case)


@transaction.atomic
def give_task_back(*, task: Task, why: str, by: Person) -> None:
    """The body cannot do the part; who asked is told at once and decides what now."""
    _end(task, State.RETURNED, _words(why, "Напишите, почему поручение возвращается."), by)
    _tell(task.asked_by, f"task/{task.pk}/returned", f"Поручение вернули, {task.body}: обращение {about(task.case)}.", task.case)


@transaction.atomic
def cancel_task(*, task: Task, why: str = "", by: Person | None) -> None:
    """The part is not needed any more; whoever had it is told."""
    _end(task, State.CANCELLED, why.replace("\0", "").strip()[:LONGEST], by)
    _tell_holders(task, "cancelled", f"Поручение снято: обращение {about(task.case)}.", by=by)


def _end(task: Task, state: str, result: str, by: Person | None) -> None:
    task.move_to(state, result=result, ended_by=by, ended_at=timezone.now())
    outlive(case=task.case_id, kinds={Kind.TASK}, key=f"task/{task.pk}/")
    happened(case=task.case, event=f"task_{state}", by=by, task=task.pk, body=task.body_id)
    journal.write(by, f"task_{state}", task.case, task=task.pk, body=task.body_id)


def drop_strange_tasks(*, case: Case, body: Body, by: Person | None) -> None:
    """The case goes to another body: what was asked of bodies that are not below it is taken off."""
    for task in case.tasks.open().select_related("body", "case__topic", "case__territory"):
        if not body.path or not task.body.path.startswith(body.path) or task.body_id == body.pk:
            cancel_task(task=task, why=f"Обращение передано: {body}", by=by)


def remind_tasks(*, limit: int = 500) -> int:
    """Those whose day has passed are told once; returns how many tasks were late."""
    rows = Task.objects.open().filter(due_date__lt=timezone.localdate(), told_late_at=None).order_by("due_date", "pk")
    told = 0
    for pk in list(rows.values_list("pk", flat=True)[:limit]):
        with transaction.atomic():
            if Task.objects.open().filter(pk=pk, told_late_at=None).update(told_late_at=timezone.now()):
                task = Task.objects.select_related("body__territory", "case__topic", "case__territory").get(pk=pk)
                day = day_in_words(task.due_date, timezone.localdate().year)
                _tell_holders(task, "late", f"Поручение просрочено, было до {day}: обращение {about(task.case)}.", by=None)
                told += 1
    return told


def _tell_holders(task: Task, what: str, text: str, *, by: Person | None) -> None:
    for person in executors(task.body):
        if person != by:
            _tell(person, f"task/{task.pk}/{what}", text, task.case)


def _tell(person: Person, key: str, text: str, case: Case) -> None:
    tell(person=person, key=key, kind=Kind.TASK, text=text, path=case_path(case), case=case.pk, page=case.page_id)


def forget_tasks(*, limit: int = 500) -> int:
    """Words and photos of tasks go when those of the residents have gone and their own term is over; returns how many."""
    for task in words_over(Task.objects.open().filter(case__state=Case.State.CLOSED), "asked_at").select_related("body", "case")[:limit]:
        cancel_task(task=task, why="Обращение давно закрыто.", by=None)
    rows = list(words_over(Task.objects.exclude(state=State.OPEN).filter(forgotten_at=None), "ended_at")[:limit])
    for task in rows:
        if task.photo:  # before the row forgets its name: a kill between leaves nothing behind
            private_storage().delete(str(task.photo.name))
    with transaction.atomic():
        Task.objects.filter(pk__in=[task.pk for task in rows]).update(text="", result="", late_because="", photo="", forgotten_at=timezone.now())
    return len(rows)
