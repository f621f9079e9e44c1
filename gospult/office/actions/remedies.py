"""Tasks are set, closed by what is seen or by people, and told of."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.alerts.actions import overtake, tell
from gospult.alerts.models import Kind
from gospult.desk.models import Case
from gospult.lib.errors import Refused
from gospult.lib.words import day_in_words
from gospult.registry.models import Body, Page

from ..facts import seen
from ..models import OF_A_PAGE, Goal, Remedy
from ..queries import remedies as queries

State = Remedy.State
LONGEST = timedelta(days=366)
LOOK_EVERY = timedelta(minutes=5)
BATCH = 200
NAMED_MOST = 100
ALREADY = "Это уже так: {}. Задача не нужна."


@transaction.atomic
def set_remedy(
    *, body: Body, goal: str, due_date: date, by: Person, page: Page | None = None, cases: Collection[Case] = (), text: str = ""
) -> Remedy:
    """The body has something to put right by the day; those who answer for it are told."""
    if not queries.may_set(by, body):
        raise Refused("Эта организация не в вашей ветви: попросите оператора.")
    if not timezone.localdate() <= due_date <= timezone.localdate() + LONGEST:
        raise Refused("Срок — сегодня или позже, но не дальше года: поправьте день.")
    named = _named(body, cases) if goal == Goal.ANSWER_NAMED else []
    kept = {"body": body, "goal": Goal(goal), "page": _page(body, page, goal), "text": _words(goal, text), "due_date": due_date, "set_by": by}
    try:
        with transaction.atomic():
            task = Remedy.objects.create(**kept, reminded_at=None if due_date > timezone.localdate() + timedelta(days=1) else timezone.now())
    except IntegrityError:
        raise Refused("Такая задача этой организации уже стоит: дождитесь её или отмените.") from None
    task.cases.set(named)
    _refuse_what_is_so(task)
    journal.write(by, "remedy_set", task, body=body.pk, goal=goal, due=due_date.isoformat())
    _tell(task, "set", f"Вам задача до {_day(task.due_date)}: {_about(task)}.")
    return task


def _named(body: Body, cases: Collection[Case]) -> list[Case]:
    named = list(queries.overdue_cases(body).filter(pk__in=[case.pk for case in cases])[: NAMED_MOST + 1])
    if not named:
        raise Refused("Отметьте просроченные обращения, на которые ждёте ответа.")
    if len(named) > NAMED_MOST:
        raise Refused("Назвать можно до 100 обращений: поставьте цель «ни одного просроченного».")
    return named


def _page(body: Body, page: Page | None, goal: str) -> Page | None:
    if goal not in OF_A_PAGE:
        return None
    if page is None or not Page.objects.living().filter(pk=page.pk, owners__body=body).exists():
        raise Refused("Выберите страницу этой организации.")
    return page


def _words(goal: str, text: str) -> str:
    if goal == Goal.WORDS and not text.strip():
        raise Refused("Напишите, что исправить.")
    return text.strip()[:500]


def _refuse_what_is_so(task: Remedy) -> None:
    """A goal that is reached already is no task; a new post is asked for whatever stands on the wall."""
    if task.goal != Goal.PUBLISH and (fact := seen(task.goal, replace(queries.facts_of([task])[task.pk], set_at=datetime(1970, 1, 1, tzinfo=UTC)))):
        raise Refused(ALREADY.format(fact))


def _about(task: Remedy) -> str:
    where = f"{task.body}" + (f", «{task.page}»" if task.page else "")
    return f"{where[:200]} — {task.title}"[:430]


def _day(day: date) -> str:
    return day_in_words(day, timezone.localdate().year)


def _occasions(task: Remedy) -> list[str]:
    return [f"remedy/{task.pk}/{when}" for when in ("set", "day", "late")]


def _tell(task: Remedy, occasion: str, text: str) -> None:
    for person in queries.doers(task):
        tell(person=person, key=f"remedy/{task.pk}/{occasion}", kind=Kind.TASK, text=text, path=reverse("office:tasks"), page=task.page_id)


@transaction.atomic
def finish_remedy(*, task: Remedy, note: str, by: Person) -> None:
    """A person says that it is done: whoever does it only of a task in words, whoever watches over the body of any."""
    if task.goal != Goal.WORDS and not queries.may_set(by, task.body):
        raise Refused("Эта задача закроется сама, как только станет видно, что исправлено.")
    own = by.pk == task.set_by_id
    if not note.strip() and not own:
        raise Refused("Напишите, что сделано: это прочтёт тот, кто поставил задачу.")
    task.move_to(State.DONE, closed_at=timezone.now(), closed_by=by, seen=note.strip()[:500], reported_at=timezone.now() if own else None)
    overtake(keys=_occasions(task))
    journal.write(by, "remedy_done", task)


@transaction.atomic
def return_remedy(*, task: Remedy, by: Person) -> None:
    """The curator is not content with what was said: the task is open again, those who do it are told."""
    _must_lead(task, by)
    try:
        with transaction.atomic():
            task.move_to(State.OPEN, closed_at=None, closed_by=None, seen="", look_at=timezone.now(), reported_at=None)
    except IntegrityError:
        raise Refused("Такая задача этой организации уже стоит: дождитесь её или отмените.") from None
    journal.write(by, "remedy_returned", task)
    _tell(task, f"again/{timezone.now():%y%m%d%H%M%S}", f"Задачу вернули, срок {_day(task.due_date)}: {_about(task)}.")


@transaction.atomic
def cancel_remedy(*, task: Remedy, by: Person) -> None:
    """The task is not needed any more."""
    _must_lead(task, by)
    task.move_to(State.CANCELLED, closed_at=timezone.now(), closed_by=by, reported_at=timezone.now())
    overtake(keys=_occasions(task))
    journal.write(by, "remedy_cancelled", task)


def _must_lead(task: Remedy, by: Person) -> None:
    if not queries.may_set(by, task.body):
        raise Refused("Эта организация не в вашей ветви: попросите оператора.")


def look_at_remedies(*, limit: int = BATCH) -> int:
    """Open tasks whose time has come are looked at in batches; those whose goal is reached close by themselves; returns how many closed."""
    closed = 0
    while tasks := _claim(limit):
        facts = queries.facts_of(tasks)
        closed += sum(_close(task, seen(task.goal, facts[task.pk])) for task in tasks)
    return closed


def _claim(limit: int) -> list[Remedy]:
    """The tasks are this process's for some minutes: a killed one leaves nothing behind but a later look."""
    with transaction.atomic():
        due = Remedy.objects.open().exclude(goal=Goal.WORDS).filter(look_at__lte=timezone.now()).order_by("look_at", "pk")
        keys = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
        Remedy.objects.filter(pk__in=keys).update(look_at=timezone.now() + LOOK_EVERY)
    return list(Remedy.objects.open().filter(pk__in=keys).select_related("body", "page"))


def _close(task: Remedy, fact: str) -> bool:
    if not fact:
        return False
    try:
        with transaction.atomic():
            task.move_to(State.SEEN, closed_at=timezone.now(), seen=fact[:500])
            overtake(keys=_occasions(task))
            journal.write(None, "remedy_seen", task, goal=task.goal)
    except Refused:
        return False  # a person was quicker
    return True


def remind_of_remedies() -> int:
    """Those who do it are told the day before, and once when the day has passed; returns how many times."""
    today = timezone.localdate()
    told = _each_once("warned_at", "late", "Срок задачи прошёл {}: {}.", Remedy.objects.open().filter(due_date__lt=today, warned_at=None))
    ahead = Remedy.objects.open().filter(due_date__gte=today, due_date__lte=today + timedelta(days=1), reminded_at=None)
    return told + _each_once("reminded_at", "day", "Задача до {}: {}.", ahead)


def _each_once(field: str, occasion: str, words: str, due: QuerySet[Remedy]) -> int:
    told = 0
    for task in due.select_related("body", "page").order_by("pk")[:BATCH]:
        with transaction.atomic():
            if not Remedy.objects.open().filter(pk=task.pk, **{field: None}).update(**{field: timezone.now()}):
                continue  # another process was quicker, or the task is closed
            _tell(task, occasion, words.format(_day(task.due_date), _about(task)))
            told += 1
    return told


@transaction.atomic
def report_closed() -> int:
    """Whoever set tasks learns in one alert which of them have closed since the last one; returns how many people were told."""
    rows = Remedy.objects.filter(state__in=[State.SEEN, State.DONE], reported_at=None).order_by("pk")
    tasks = list(rows.select_for_update(skip_locked=True, of=("self",)).select_related("body", "page", "set_by")[:2000])
    Remedy.objects.filter(pk__in=[task.pk for task in tasks]).update(reported_at=timezone.now())
    by_person: dict[Person, list[Remedy]] = {}
    for task in tasks:
        by_person.setdefault(task.set_by, []).append(task)
    path = f"{reverse('office:tasks')}?show=closed"
    for person, mine in by_person.items():
        lines = [f"{task.body}: {task.seen or task.title}"[:120] for task in mine[:3]]
        more = f"; и ещё {len(mine) - 3}" if len(mine) > 3 else ""
        text = f"Закрыто задач: {len(mine)}. {'; '.join(lines)}{more}."
        tell(person=person, key=f"remedies-closed/{mine[-1].pk}/{timezone.now():%y%m%d%H%M}", kind=Kind.TASK, text=text, path=path)
    return len(by_person)
