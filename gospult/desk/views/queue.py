"""The queue: saved views, rows, what is new."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from gospult.lib.errors import Refused

from .. import actions, queries
from ..forms import ENDINGS, FilterForm
from ..models import Case, SavedView
from ..queries import filters
from .access import Request, kept_query, member

ROWS = 25  # two screens; most of a list's time goes into its rows (docs/scale.md)
ALARMS = {"danger", "overdue", "approve_late", "tasks_late", "trouble", "broken"}
EMPTY = {
    "danger": "Непринятых тревог нет. Слова об опасности поднимут обращение сюда сразу.",
    "new": "Всё разобрано. Новые сообщения жителей появятся здесь сами.",
    "dispute": "Споров нет. Сюда попадает обращение, которое органы вернули дважды: кому отвечать, решает арбитр.",
    "overdue": "Просроченных нет.",
    "soon": "В ближайшие два часа срок ни у чего не истекает.",
    "approve": "Ответов, которые ждут согласования, нет.",
    "approve_late": "Все ответы согласуют вовремя.",
    "tasks": "Поручений нет. Сюда попадает обращение, часть работы по которому поручена подведомственной организации.",
    "tasks_late": "Просроченных поручений нет.",
    "trouble": "Все ответы опубликованы. Если сеть не примет ответ, обращение появится здесь.",
    "broken": "Все обещанные дни впереди.",
    "control": "Проверять нечего: сюда попадают обращения с опубликованным ответом.",
}
KEYS = [
    ("j / k", "следующее и предыдущее обращение в списке"), ("Enter", "открыть"), ("r", "писать ответ или согласовать его"),
    ("i", "промежуточный ответ с датой"), ("t", "тема"), ("b", "орган, который ответит"), ("m", "объединить с другим обращением"),
    ("n", "не к нам, спам, благодарность"), ("a", "принял: об опасности знает человек"), ("l", "убрать личное из ответа под комментарием"),
    ("h", "скрыть комментарий на основании из списка"), ("x", "выбрать строку для действий со многими"), ("c", "закрыть"),
    ("w", "остановить срок: пауза"), ("e", "вставить шаблон ответа"),
    ("o", "заметка для своих: жителю не видна"), ("p", "поручить подведомственным"), ("u", "отменить отправку или объединение, вернуть в работу"),
    ("/", "поиск"), ("f", "условия списка: тема, орган, место, сеть, дни"), ("g v", "свои подборки"), ("g m", "модерация"), ("g b", "к своей ветви"),
    ("g o", "к обращениям"), ("g p", "к страницам"), ("g s", "к настройкам"), ("g a", "к оповещениям"), ("g c", "к контролю и рейтингу"),
    ("g h", "к своей странице"), ("1 … 9, 0", "на проверке качества: отметить, что не выполнено; не относится"),
    ("Ctrl + Enter", "отправить набранное"), ("Esc", "выйти из поля или меню"), ("?", "этот список"),
]  # fmt: skip


def side(request: Request, mine: QuerySet[Case] | None = None, *, counted: bool = True) -> dict[str, Any]:
    """The left pane: the standard views and the person's saved ones, each with its count where they are `counted`."""
    saved = list(SavedView.objects.visible_to(request.user))
    asked = {f"saved-{view.pk}": (_base(view.filters), _asked(view.filters)) for view in saved} if counted else {}
    counts = queries.counts(request.user, mine, asked) if counted else {}
    own = [
        {"name": view.name, "shared": view.shared, "count": _count(counts.get(f"saved-{view.pk}")),
         "query": urlencode({**view.filters, "saved": view.pk}), "here": request.GET.get("saved") == str(view.pk)}
        for view in saved
    ]  # fmt: skip
    standard = [
        {"code": code, "title": title, "count": _count(counts.get(code)), "alarm": code in ALARMS and counts.get(code)}
        for code, (title, _) in queries.VIEWS.items()
    ]
    return {"views": standard, "own_views": own, "counts": counts, "here": next((view["name"] for view in own if view["here"]), "")}


def _count(count: int | None) -> str:
    return "" if count is None else f"{count}+" if count >= queries.COUNT_LIMIT else str(count)


def _base(address: Mapping[str, str]) -> str:
    code = address.get("view", "")
    return code if code in queries.VIEWS and not address.get("q", "").strip() else "all"


def _asked(address: Mapping[str, str]) -> Q:
    code = address.get("view", "")
    return queries.in_view(code if code in queries.VIEWS else "all", filters.read(address), address.get("q", ""))


def searched(request: Request) -> str:
    """The words that are looked for."""
    return str(request.GET.get("q", "")).replace("\0", "")[:200]


def chosen_view(request: Request) -> str:
    """The standard view that the address names, "" when it names none."""
    return code if (code := str(request.GET.get("view", ""))) in queries.VIEWS else ""


def listing(request: Request) -> dict[str, Any]:
    """The left and middle panes: views with counts, filters, one page of rows."""
    mine, code = Case.objects.in_scope_of(request.user), chosen_view(request)
    # To count everything takes longer than the list itself, so the list goes first and the counts come after it (`counts`).
    search, chosen = searched(request), filters.read(request.GET)
    left = side(request, mine, counted=not (code or search.strip()) or "counts" in request.GET)
    code = code or ("all" if search.strip() else next((c for c in queries.TO_DO if left["counts"][c]), "new"))
    number = int(page) if (page := request.GET.get("page", "1")).isdecimal() and 0 < int(page[:6]) < 1000 else 1
    found = queries.queue(request.user, "all" if search.strip() else code, filters=chosen, mine=mine)  # a search looks in all views
    calm = bool(search.strip()) or code not in (*queries.TO_DO, "danger")
    burning = [] if calm else queries.first_in_queue(mine, queries.in_view(code, chosen))
    rows, also = _rows(found.exclude(pk__in=burning), search, (number - 1) * ROWS)
    first = [found.in_bulk(burning)[pk] for pk in burning] if burning and number == 1 else []
    query = kept_query(request, view=code)
    return left | {
        "view": code,
        "title": left["here"] or ("Нашлось" if search else queries.VIEWS[code][0]),
        "empty_text": EMPTY.get(code, "Обращения появятся здесь, когда для них настанет время."),
        "q": search,
        "also": also,
        "filters": chosen,
        "chips": [chip | {"without": _without(query, chip["name"], "saved", "page")} for chip in filters.in_words(chosen)],
        "rows": [*first, *rows[:ROWS]],
        "bulk_endings": ENDINGS,
        "number": number,
        "more": len(rows) > ROWS,
        "query": query,
        "pages": _without(query, "page"),
        "unfiltered": _without(query, "page", "saved", *filters.NAMES),
        "since": Case.objects.order_by("-pk").values_list("pk", flat=True).first() or 0,
    }


def _rows(found: QuerySet[Case], search: str, start: int) -> tuple[list[Case], tuple[str, ...]]:
    """One row more than the page shows, and the words that were looked for besides the typed ones."""
    stop = start + ROWS + 1
    if not search.strip():
        return queries.rows_of(found, start, stop), ()
    rows, meant = queries.search_page(found, search.strip(), start, stop)
    queries.show_hits(rows, meant.query)
    return rows, meant.also


def _without(query: str, *names: str) -> str:
    rest = QueryDict(query, mutable=True)
    for name in names:
        rest.pop(name, None)
    return rest.urlencode()


@require_safe
@member
def queue(request: Request) -> HttpResponse:
    return render(request, "desk/desk.html", listing(request))


@require_safe
@member
def counts(request: Request) -> HttpResponse:
    """The views with the counts of now: after the list has come, after each action, and once a minute."""
    return render(request, "desk/_views.html", side(request) | {"view": chosen_view(request)})


@require_safe
@member
def fresh(request: Request) -> HttpResponse:
    """How many cases have come into the view since the list was loaded; the list itself never moves."""
    code, since = chosen_view(request), request.GET.get("since", "")
    if not code or not since.isdecimal():
        return HttpResponse(status=204)
    rows = queries.queue(request.user, code, search=searched(request), filters=filters.read(request.GET))
    count = rows.filter(pk__gt=int(since[:18])).order_by()[:100].count()
    return render(request, "desk/_fresh.html", {"count": count, "pages": _without(kept_query(request), "page")})


@require_safe
@member
def conditions(request: Request) -> HttpResponse:
    """The panel of filters, fetched when it is opened: its lists of topics and places are longer than the page."""
    chosen = filters.read(request.GET)
    context = {"form": FilterForm(chosen), "chosen": chosen, "view": chosen_view(request) or "all", "q": searched(request)}
    return render(request, "desk/_filters.html" if request.htmx else "desk/filters.html", context)


@require_safe
@member
def keys(request: Request) -> HttpResponse:
    return render(request, "desk/keys.html", {"keys": KEYS})


@require_POST
@member
def export(request: Request) -> HttpResponseBase:
    code, form = chosen_view(request) or "all", request.POST.get("form", "")
    search, chosen = searched(request), filters.read(request.GET)
    asked = (*chosen, "q") if search else tuple(chosen)  # the names only: words may be of a person
    rows = queries.queue(request.user, code, search=search, filters=chosen)
    rows = rows.filter(pk__in=Case.objects.in_scope_of(request.user).values("pk"))  # who only helps with a case does not carry it away
    try:
        file = actions.export_cases(rows=rows, form=form, by=request.user, view=code, filters=asked)
    except Refused as no:
        messages.error(request, str(no))
        return redirect(f"{reverse('desk:queue')}?{kept_query(request)}")
    return FileResponse(file, as_attachment=True, filename=f"obrashcheniya-{timezone.localdate()}.{form}")
