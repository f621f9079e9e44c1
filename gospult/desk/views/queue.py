"""The queue: saved views, rows, what is new, and several cases at once."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from gospult.accounts.models import Person
from gospult.lib.errors import Refused

from .. import actions, queries
from ..forms import BulkForm
from ..models import Case
from .access import SORTERS, Request, cleaned, kept_query, may, member

ROWS = 25  # two screens; most of a list's time goes into its rows (docs/scale.md)
ALARMS = {"overdue", "trouble"}
EMPTY = {
    "new": "Всё разобрано. Новые сообщения жителей появятся здесь сами.",
    "overdue": "Просроченных нет.",
    "soon": "В ближайшие два часа срок ни у чего не истекает.",
    "approve": "Ответов, которые ждут согласования, нет.",
    "trouble": "Все ответы опубликованы. Если сеть не примет ответ, обращение появится здесь.",
    "control": "Проверять нечего: сюда попадают обращения с опубликованным ответом.",
}
KEYS = [
    ("j / k", "следующее и предыдущее обращение в списке"), ("Enter", "открыть"), ("r", "писать ответ или согласовать его"),
    ("i", "промежуточный ответ с датой"), ("t", "тема"), ("b", "орган, который ответит"), ("m", "объединить с другим обращением"),
    ("n", "не к нам, спам, благодарность"), ("x", "выбрать строку для действий со многими"), ("c", "закрыть"),
    ("u", "отменить отправку, вернуть в работу"), ("/", "поиск"), ("g o", "к обращениям"), ("g p", "к страницам"),
    ("Esc", "выйти из поля или меню"), ("?", "этот список"),
]  # fmt: skip


def saved_views(counts: dict[str, int]) -> list[dict[str, Any]]:
    """The left pane: each saved view with its count."""
    many = queries.COUNT_LIMIT
    return [
        {"code": c, "title": title, "count": f"{many}+" if counts[c] >= many else counts[c], "alarm": c in ALARMS and counts[c]}
        for c, (title, _) in queries.VIEWS.items()
    ]


def listing(request: Request) -> dict[str, Any]:
    """The left and middle panes: saved views with counts, one page of rows."""
    mine = Case.objects.visible_to(request.user)
    counts = queries.counts(request.user, mine)
    code = request.GET.get("view", "")
    code = code if code in queries.VIEWS else next((c for c in queries.TO_DO if counts[c]), "new")
    search = request.GET.get("q", "").replace("\0", "")[:200]
    number = int(page) if (page := request.GET.get("page", "1")).isdecimal() and 0 < int(page[:6]) < 1000 else 1
    rows = list(queries.queue(request.user, "all" if search else code, search=search, mine=mine)[(number - 1) * ROWS : number * ROWS + 1])
    return {
        "views": saved_views(counts),
        "view": code,
        "title": "Нашлось" if search else queries.VIEWS[code][0],
        "empty_text": EMPTY.get(code, "Обращения появятся здесь, когда для них настанет время."),
        "q": search,
        "rows": rows[:ROWS],
        "number": number,
        "more": len(rows) > ROWS,
        "query": kept_query(request, view=code),
        "since": Case.objects.order_by("-pk").values_list("pk", flat=True).first() or 0,
    }


@require_safe
@member
def queue(request: Request) -> HttpResponse:
    return render(request, "desk/desk.html", listing(request))


@require_safe
@member
def fresh(request: Request) -> HttpResponse:
    """How many cases have come into the view since the list was loaded; the list itself never moves."""
    code, since = request.GET.get("view", ""), request.GET.get("since", "")
    if code not in queries.VIEWS or not since.isdecimal():
        return HttpResponse(status=204)
    count = queries.queue(request.user, code).filter(pk__gt=int(since[:18])).order_by()[:100].count()
    return render(request, "desk/_fresh.html", {"count": count, "view": code})


@require_safe
@member
def keys(request: Request) -> HttpResponse:
    return render(request, "desk/keys.html", {"keys": KEYS})


@require_POST
@member
def bulk(request: Request) -> HttpResponse:
    query = kept_query(request)
    try:
        data = cleaned(BulkForm(request.POST, request.user))
        done = _each(list(data["case"]), data["do"], request.user)
        messages.success(request, f"Готово, обращений: {done}.")
    except Refused as no:
        messages.error(request, f"{no} Остальные выбранные обращения не изменены.")
    return redirect(reverse("desk:queue") + (f"?{query}" if query else ""))


@transaction.atomic
def _each(cases: list[Case], do: str, by: Person) -> int:
    """The same for every chosen case, or nothing at all; merging keeps the earliest."""
    if not all(may(by, case, SORTERS) for case in cases):
        raise PermissionDenied
    if do == "merge" and len(cases) < 2:
        raise Refused("Чтобы объединить, выберите два обращения или больше.")
    for case in cases[1:] if do == "merge" else cases:
        if do == "merge":
            actions.merge(case=case, into=cases[0], by=by)
        else:
            actions.set_kind(case=case, kind=do, by=by)
    return len(cases)
