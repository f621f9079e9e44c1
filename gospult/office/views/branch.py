"""«Моя ветвь»: the table, the card of a body, and the rows behind every number."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from gospult.accounts.models import Person
from gospult.desk.queries.branch import FIGURES
from gospult.exchange.queries import FAULTS
from gospult.registry.models import Body
from gospult.registry.queries import WAY, step_counts, unpaged

from ..forms import RemedyForm
from ..queries import branch as queries
from ..queries.remedies import open_tasks
from ..trouble import BY_ORDER

ROWS = 25
FIRST_OWING = 5
SHOWN = ("open", "overdue", "soon", "week", "week_late", "month", "month_late", "reopened", "bounces")  # on the card of a body
ORDERS = {"trouble": "По бедам", "tree": "По дереву"}


class Request(HttpRequest):
    """A request of somebody who leads a branch."""

    user: Person


def leader(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For curators and heads; for others the screens do not exist."""

    @login_required
    @wraps(view)
    def wrapper(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        if not queries.leads(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return wrapper


def _under(request: Request) -> Body | None:
    """The body below which to look, None for the whole branch; a body that is not led does not exist."""
    given = request.GET.get("under", "")
    return get_object_or_404(queries.bodies_led(request.user), pk=given[:18]) if given.isascii() and given.isdecimal() else None


def _query(request: Request, *names: str) -> str:
    kept = request.GET.copy()
    for name in list(kept):
        if name not in names:
            kept.pop(name)
    return kept.urlencode()


@require_safe
@leader
def branch(request: Request) -> HttpResponse:
    under, order = _under(request), request.GET.get("order", "")
    led = queries.bodies_led(request.user, under)
    found = queries.branch(led)
    words = str(request.GET.get("q", "")).lower().split()[:6]
    rows = [row for row in found.rows if all(word in row.name.lower() for word in words)]
    rows = queries.by_tree(rows) if order == "tree" else rows
    owing = queries.explained(list(queries.owing(led)[:FIRST_OWING]))
    context = {
        "found": found, "page": Paginator(rows, ROWS).get_page(request.GET.get("page")), "order": order if order in ORDERS else "trouble",
        "orders": ORDERS, "under": under, "owing": owing, "q": request.GET.get("q", ""), "query": _query(request, "order", "under", "q"),
        "scope": _query(request, "under"), "now": timezone.now(), "by_order": BY_ORDER, "norms": queries.norms(), "faults": _kinds(found),
    }  # fmt: skip
    return render(request, "office/branch.html", context)


def _kinds(found: queries.Branch) -> list[tuple[str, str, int]]:
    return [(code, words, found.kinds[code]) for code, words in FAULTS.items() if found.kinds[code]]


@require_safe
@leader
def body(request: Request, pk: int) -> HttpResponse:
    one = get_object_or_404(queries.bodies_led(request.user).select_related("territory"), pk=pk)
    led = queries.bodies_led(request.user).filter(pk=pk)
    found = queries.branch(led)
    row = found.rows[0] if found.rows else None
    figure = request.GET.get("figure", "")
    if figure not in (*FIGURES, "bounces"):
        figure = "overdue" if row and row.counts["overdue"] else "open"
    rows = queries.bounces_of(led) if figure == "bounces" else queries.cases_of(request.user, led, figure)
    tasks = list(open_tasks(request.user).filter(body=one))
    context = {
        "one": one, "row": row, "above": queries.bodies_led(request.user).filter(pk__in=_above(one)).order_by("path"), "figure": figure,
        "title": _title(figure), "page": Paginator(rows, ROWS).get_page(request.GET.get("page")), "query": _query(request, "figure"),
        "owing": queries.explained(list(queries.owing(led))), "below": queries.bodies_led(request.user, one).exclude(pk=pk).count(),
        "tasks": tasks, "task_form": RemedyForm(one), "led": {task.pk for task in tasks},
        "figures": [(code, _title(code)) for code in SHOWN],
    }  # fmt: skip
    return render(request, "office/branch_body.html", context)


def _above(one: Body) -> list[int]:
    return [int(part) for part in one.path.strip("/").split("/")[:-1] if part]


def _title(figure: str) -> str:
    return "возвращены как «не наше» за 30 дней" if figure == "bounces" else FIGURES[figure][0]


@require_safe
@leader
def rows(request: Request, figure: str) -> HttpResponse:
    """The rows behind a sum of the branch."""
    if figure not in (*FIGURES, "bounces"):
        raise Http404
    led = queries.bodies_led(request.user, _under(request))
    behind = queries.bounces_of(led) if figure == "bounces" else queries.cases_of(request.user, led, figure)
    page = Paginator(behind, ROWS).get_page(request.GET.get("page"))
    context = {"page": page, "figure": figure, "title": _title(figure), "under": _under(request), "query": _query(request, "under")}
    return render(request, "office/branch_rows.html", context)


@require_safe
@leader
def pages(request: Request) -> HttpResponse:
    """The pages of the branch with everything that is wrong with each."""
    found = queries.branch(queries.bodies_led(request.user, _under(request)))
    kind = request.GET.get("fault", "")
    shown = {state.page: (state, faults, row) for row in found.rows for state, faults in row.pages if _has(state, faults, kind)}
    context = {
        "page": Paginator(list(shown.values()), ROWS).get_page(request.GET.get("page")), "kinds": _kinds(found), "kind": kind, "found": found,
        "under": _under(request), "query": _query(request, "under", "fault"), "scope": _query(request, "under"),
    }  # fmt: skip
    return render(request, "office/branch_pages.html", context)


def _has(state: Any, faults: list[Any], kind: str) -> bool:
    if kind == "unread":
        return state.seen_at is None
    return any(fault.code == kind for fault in faults) if kind in FAULTS else True


@require_safe
@leader
def owing(request: Request) -> HttpResponse:
    """Obliged bodies without a page in force, by the step that each is at."""
    led = queries.bodies_led(request.user, _under(request))
    step = request.GET.get("step", "")
    page = Paginator(queries.owing(led, step if step in WAY else ""), ROWS).get_page(request.GET.get("page"))
    rows = queries.explained(list(page.object_list))
    counts = step_counts(unpaged(led))
    context = {
        "page": page, "rows": rows, "steps": [(code, words, counts[code]) for code, words in WAY.items()], "step": step, "under": _under(request),
        "query": _query(request, "under", "step"), "scope": _query(request, "under"),
    }  # fmt: skip
    return render(request, "office/branch_owing.html", context)
