"""The queue: saved views, their counts and their rows."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.utils import timezone

from gospult.registry.models.access import User

from ..models import DISPUTE, OPEN, Answer, Case, Task
from .alarms import UNSEEN
from .branch import SOON as SOON
from .filters import condition as condition_of
from .searching import condition as found_by

COUNT_LIMIT = 1000  # beyond this a count says «1000+»: nobody acts on the difference
ONCE = datetime(1000, 1, 1, 12, tzinfo=UTC)  # stands for «now» in a statement that is kept
REMEMBERED = 300  # statements of people who see different things, about 20 KB each
Part = tuple[str, tuple[Any, ...]]
_put_together: dict[tuple[Any, ...], tuple[Part | None, dict[str, Part]]] = {}


def _asked(tasks: QuerySet[Task]) -> Q:
    return Q(pk__in=tasks.filter(state=Task.State.OPEN).values("case"))


# code → (title, filter made from «now»); the order is that of the screen.
VIEWS: dict[str, tuple[str, Any]] = {
    "danger": ("Опасность", lambda now: UNSEEN),
    "new": ("Разобрать", lambda now: Q(state="new") & (Q(bounced__lt=DISPUTE) | Q(settled=True))),
    "dispute": ("Спор о принадлежности", lambda now: Q(state="new", bounced__gte=DISPUTE, settled=False)),
    "overdue": ("Просрочено", lambda now: Q(state__in=OPEN, next_due_at__lt=now)),
    "soon": ("Скоро срок", lambda now: Q(state__in=OPEN, next_due_at__gte=now, next_due_at__lt=now + SOON)),
    "work": ("У исполнителей", lambda now: Q(state="routed") & ~Exists(Answer.objects.filter(case=OuterRef("pk"), state="checked"))),
    "approve": ("На согласовании", lambda now: Q(answers__state="checked")),
    "approve_late": ("Согласование просрочено", lambda now: Q(answers__state="checked", answers__approve_by__lt=now)),
    "handed_late": ("59-ФЗ и ПОС: просрочено", lambda now: Q(handovers__due_date__lt=timezone.localdate(now))),
    "handed": ("59-ФЗ и ПОС: идёт", lambda now: Q(handovers__due_date__gte=timezone.localdate(now))),
    "tasks_late": ("Поручения: просрочено", lambda now: _asked(Task.objects.filter(due_date__lt=timezone.localdate(now)))),
    "tasks": ("Поручения", lambda now: _asked(Task.objects.all())),
    "trouble": ("Не опубликовано", lambda now: Q(answers__state="failed")),
    "promised": ("Обещано", lambda now: Q(state="promised")),
    "broken": ("Обещание нарушено", lambda now: Q(state__in=OPEN, promised_date__lt=timezone.localdate(now))),
    "control": ("Проверить ответ", lambda now: Q(state="answered")),
    "thanks": ("Благодарности", lambda now: Q(kind="gratitude")),
    "spam": ("Спам и не к нам", lambda now: Q(kind__in=["spam", "not_for_us"])),
    "closed": ("Закрытые", lambda now: Q(state="closed")),
    "all": ("Все", lambda now: ~Q(state="merged")),
}
TASKS = ("tasks", "tasks_late")
IN_WORK = ("new", "dispute", "overdue", "soon", "work", "promised", "broken")  # each asks of open cases, and nothing that joins other rows
WIDE = (*TASKS, "all")  # the views that also hold cases of which only a part was asked of the reader's bodies
TO_DO = ("new", "overdue", "soon", "work", "approve", "tasks")  # where the desk opens: the first of these that holds something
NEWEST_FIRST = {"thanks", "spam", "closed", "all", "control"}


def reach(user: User, code: str, search: str = "") -> QuerySet[Case]:
    """The cases among which a view looks: the user's own work; also what he helps with, where the view or the search is about that."""
    if code in TASKS and not search.strip():
        return Case.objects.visible_to(user).filter(pk__in=Task.objects.visible_to(user).open().values("case"))
    return Case.objects.visible_to(user) if code in WIDE or search.strip() else Case.objects.in_scope_of(user)


def counts(
    user: User, mine: QuerySet[Case] | None = None, own: Mapping[str, tuple[str, Q]] | None = None, only: Collection[str] = VIEWS
) -> dict[str, int]:
    """How many cases each view holds; from COUNT_LIMIT on a count may stop there.

    `mine` is the user's own work, where it is known already; `own` holds further views: their code → the view that they narrow, their condition.
    `only`: the standard views that are asked for.
    """
    mine, now = Case.objects.in_scope_of(user) if mine is None else mine, timezone.now()
    codes = [code for code in VIEWS if code in only]
    wide = _wide(user, {*codes, *(view for view, _ in (own or {}).values())})
    together, alone = _kept(codes, mine, wide)
    parts = {code: _at(part, now) for code, part in alone.items()}
    parts |= {code: _part(wide.get(view, mine), condition) for code, (view, condition) in (own or {}).items()}
    found = dict.fromkeys(codes, 0)
    if parts:
        found |= _counted(
            list(parts), (f"SELECT {', '.join(sql for sql, _ in parts.values())}", tuple(v for _, values in parts.values() for v in values))
        )
    return found | _counted([code for code in IN_WORK if code in codes], _at(together, now)) if together else found


def _counted(codes: list[str], statement: Part) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(*statement)
        return dict(zip(codes, cursor.fetchone() or [0] * len(codes), strict=True))


def _wide(user: User, codes: Collection[str]) -> dict[str, QuerySet[Case]]:
    """The cases of the views that look further than at the reader's own work."""
    found = {"all": reach(user, "all")} if "all" in codes else {}
    return found | dict.fromkeys(TASKS, reach(user, "tasks")) if not set(TASKS).isdisjoint(codes) else found


def _kept(codes: Sequence[str], mine: QuerySet[Case], wide: Mapping[str, QuerySet[Case]]) -> tuple[Part | None, dict[str, Part]]:
    """The counts of the standard views; put together once for all who may see the same, since that takes longer than to count.

    Of a part of the region the open cases are looked through once, for all of IN_WORK; the whole region is counted view by view, up to the limit.
    """
    key = (tuple(codes), *(_part(cases, Q()) for cases in {id(cases): cases for cases in (mine, *wide.values())}.values()))
    if key not in _put_together:
        if len(_put_together) >= REMEMBERED:
            _put_together.clear()
        together = _open_ones(mine, [code for code in IN_WORK if code in codes]) if mine.query.where else None
        alone = {code: _part(wide.get(code, mine), VIEWS[code][1](ONCE)) for code in codes if not (together and code in IN_WORK)}
        _put_together[key] = together, alone
    return _put_together[key]


def _part(cases: QuerySet[Case], condition: Q) -> Part:
    try:
        sql, params = cases.filter(condition).order_by().values("pk")[:COUNT_LIMIT].query.sql_with_params()
    except EmptyResultSet:  # nothing can be visible, so Django has no statement for it
        return "0", ()
    return f"(SELECT count(*) FROM ({sql}) counted)", tuple(params)


def _open_ones(mine: QuerySet[Case], codes: Sequence[str]) -> Part | None:
    """The views of IN_WORK in one statement; None when nothing is asked for, or nothing can be visible."""
    asked = {f"n_{code}": Count("pk", filter=VIEWS[code][1](ONCE)) for code in codes}
    if not asked:
        return None
    rows: QuerySet[Any, Any] = mine.filter(state__in=OPEN).order_by().annotate(one=Value(1)).values("one").annotate(**asked).values(*asked)
    try:
        sql, params = rows.query.sql_with_params()
    except EmptyResultSet:
        return None
    return sql, tuple(params)


def _at(part: Part, now: datetime) -> Part:
    """The part with the moments of now in place of those of ONCE."""
    meant = {ONCE: now, ONCE + SOON: now + SOON, timezone.localdate(ONCE): timezone.localdate(now)}
    return part[0], tuple(meant.get(v, v) if isinstance(v, date) else v for v in part[1])


def in_view(code: str, filters: Mapping[str, str], search: str = "") -> Q:
    """What a view, the filters and a search ask of a case together; a search looks in all views."""
    asked = VIEWS["all" if search.strip() else code][1](timezone.now()) & condition_of(filters)
    return asked & found_by(search.strip()) if search.strip() else asked


def queue(
    user: User, code: str = "new", *, search: str = "", filters: Mapping[str, str] | None = None, mine: QuerySet[Case] | None = None
) -> QuerySet[Case]:
    """The rows of a view, most urgent first; `search` is a number or words, `filters` are those of `filters.read`, `mine` as in `counts`."""
    base = reach(user, code, search) if mine is None or code in WIDE or search.strip() else mine
    rows = base.filter(in_view(code, filters or {}, search))
    order: list[Any] = [F("opened_at").desc(), "-pk"] if search.strip() or code in NEWEST_FIRST else [F("next_due_at").asc(nulls_last=True), "pk"]
    if code in TASKS and not search.strip():
        open_ones = Task.objects.visible_to(user).open().filter(case=OuterRef("pk")).order_by("due_date")
        rows, order = rows.annotate(task_due=Subquery(open_ones.values("due_date")[:1])), ["task_due", *order]
    return rows.select_related("topic", "body", "territory").defer("body__raw", "body__founder_name", "territory__aliases").order_by(*order)
