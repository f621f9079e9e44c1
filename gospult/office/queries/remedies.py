"""Tasks as their screens and the job need them: whose they are, what the system sees of each, in a few statements for many."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet
from django.utils import timezone

from gospult.accounts.models import Person, Role
from gospult.desk.models import OPEN, Case
from gospult.desk.queries.branch import cases_behind
from gospult.desk.queries.people import distinct, executors, stewards
from gospult.exchange.queries import PageState, faults, page_states
from gospult.registry import queries as registry
from gospult.registry.models import Body, Exemption, Page, PageBody
from gospult.registry.models.access import User

from ..facts import Facts
from ..models import Goal, Remedy

SETTERS = (Role.CURATOR, Role.HEAD, Role.OPERATOR, Role.ADMIN)
DOERS = (*SETTERS, Role.EXECUTOR, Role.STEWARD)


def may_set(user: User, body: Body) -> bool:
    """Whether the person may ask this body to put something right."""
    return registry.can(user, *SETTERS) or registry.can(user, *SETTERS, body=body)


def tasks_of(user: User) -> QuerySet[Remedy]:
    """Tasks that the person may see, with what a row shows."""
    return Remedy.objects.visible_to(user).select_related("body", "page", "set_by", "closed_by").prefetch_related("cases")


def open_tasks(user: User) -> QuerySet[Remedy]:
    """Those that wait, the nearest day first."""
    return tasks_of(user).filter(state=Remedy.State.OPEN).order_by("due_date", "pk")


def own_tasks(person: Person) -> QuerySet[Remedy]:
    """What waits for the person to do himself: as executor of the body or steward of the page, not as who watches over it."""
    bodies = Body.objects.filter(registry.scope_q(person, "", None, {Role.EXECUTOR})).values("pk")
    pages = registry.pages_of_steward(person)
    mine = Remedy.objects.filter(body__in=bodies) | Remedy.objects.filter(page__in=pages)
    mine |= Remedy.objects.filter(page=None, body__in=PageBody.objects.filter(page__in=pages).values("body"))
    return open_tasks(person).filter(pk__in=mine.values("pk"))


def doers(task: Remedy) -> list[Person]:
    """Who puts it right: those who answer for the body, and whoever keeps the page (of a body without a named page, its pages)."""
    pages = [task.page] if task.page else list(Page.objects.living().filter(owners__body=task.body, owners__shared=False)[:5])
    return distinct([*executors(task.body), *(person for page in pages for person in stewards(page))])


def overdue_cases(body: Body) -> QuerySet[Case]:
    """The body's cases past their term, the oldest term first."""
    return Case.objects.filter(cases_behind("overdue"), body=body).order_by("next_due_at", "pk")


def facts_of(tasks: Collection[Remedy], now: datetime | None = None) -> dict[int, Facts]:
    """What is true of each of the tasks now, by task: at most six statements however many there are."""
    now = now or timezone.now()
    of_goal = {goal: [task for task in tasks if task.goal == goal] for goal in Goal}
    states = _states(task.page_id for task in tasks if task.page_id)
    overdue = _overdue({task.body_id for task in of_goal[Goal.NO_OVERDUE]})
    named, waiting = _named(of_goal[Goal.ANSWER_NAMED])
    published, grounds = _in_force({task.body_id for task in of_goal[Goal.GET_PAGE]})
    return {
        task.pk: Facts(
            timezone.localtime(task.set_at), named=named[task.pk], waiting=tuple(waiting[task.pk]), overdue=overdue.get(task.body_id, 0),
            published=published.get(task.body_id, ""), ground=grounds.get(task.body_id, ""), **_of_page(states.get(task.page_id or 0), now),
        )
        for task in tasks
    }  # fmt: skip


def _states(pages: Iterable[int]) -> dict[int, PageState]:
    asked = list(pages)
    return {state.page: state for state in page_states(Page.objects.living().filter(pk__in=asked))} if asked else {}


def _of_page(state: PageState | None, now: datetime) -> dict[str, Any]:
    if state is None:  # archived meanwhile: nothing is known of it
        return {}
    local = {"proof_at": state.proof_at, "card_at": state.card_at, "last_post_at": state.last_post_at}
    return {
        "faults": frozenset(fault.code for fault in faults(state, now, silent_after=None)), "connected": state.connected_at is not None,
        "comments_open": state.comments_open, "has_mark": state.has_mark, **{name: at and timezone.localtime(at) for name, at in local.items()},
    }  # fmt: skip


def _overdue(bodies: set[int]) -> dict[int, int]:
    rows = Case.objects.filter(cases_behind("overdue"), body__in=bodies).order_by() if bodies else Case.objects.none()
    return dict(rows.values_list("body").annotate(Count("pk")))


def _named(tasks: list[Remedy]) -> tuple[dict[int, int], dict[int, list[str]]]:
    """How many cases each task names, and the numbers of those that still wait; a merged case is looked at where it went."""
    named: dict[int, int] = defaultdict(int)
    waiting: dict[int, list[str]] = defaultdict(list)
    links = Remedy.cases.through.objects.filter(remedy__in=tasks).select_related("case__merged_into", "remedy") if tasks else []
    for link in links:
        named[link.remedy_id] += 1
        case = link.case.merged_into or link.case
        if case.state in OPEN and case.body_id == link.remedy.body_id:
            waiting[link.remedy_id].append(case.number)
    return named, waiting


def _in_force(bodies: set[int]) -> tuple[dict[int, str], dict[int, str]]:
    if not bodies:
        return {}, {}
    pages = PageBody.objects.filter(body__in=bodies, page__state="published").order_by("-page")
    grounds = Exemption.objects.filter(body__in=bodies, ended_at=None)
    return dict(pages.values_list("body", "page__name")), dict(grounds.values_list("body", "ground"))


def concerned(user: User) -> bool:
    """Whether tasks are a screen of this person's."""
    return registry.has_role(user, *DOERS)


def may_do(user: User, task: Remedy) -> bool:
    """Whether the person may act on a task that he sees: who watches over the body, answers for it or keeps its page."""
    pages = [task.page] if task.page else list(Page.objects.living().filter(owners__body=task.body)[:20])
    return (
        may_set(user, task.body) or registry.can(user, Role.EXECUTOR, body=task.body) or any(registry.can(user, Role.STEWARD, page=p) for p in pages)
    )


def leads(user: User, body: Body) -> bool:
    """Whether the body is one of «Моя ветвь»."""
    return Body.objects.filter(registry.scope_q(user, "", None, {Role.CURATOR, Role.HEAD}), pk=body.pk).exists()


def led_of(user: User, tasks: Iterable[Remedy]) -> set[int]:
    """Which of the tasks the person watches over, so that he may close, return and cancel them."""
    rows = list(tasks)
    bodies = set(Body.objects.filter(registry.scope_q(user, "", None, SETTERS), pk__in=[t.body_id for t in rows]).values_list("pk", flat=True))
    return {task.pk for task in rows if task.body_id in bodies}


def names_of_doers(task: Remedy) -> str:
    """Who was told, for a sentence."""
    return ", ".join(str(person) for person in doers(task)[:3])
