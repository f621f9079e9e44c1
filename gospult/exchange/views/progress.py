"""How far thousands of pages have come, links for many of them at once, and the queues to the networks."""

import csv
from io import StringIO
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from gospult.lib.errors import Refused
from gospult.registry.models import Page
from gospult.registry.queries import pages_visible_to

from .. import actions, queries
from ..forms import ProgressFilters
from ..models import Pilot
from ..queries.progress import OF_MANY
from ..queries.queues import queue_counts, token_budgets
from .access import Request, connecting

ROWS = 50
MOST_LINKS = 10_000  # of one file
WELL = ("given", "checked", "alive")  # steps at which a new link would only end what works


@require_safe
@connecting
def progress(request: Request) -> HttpResponse:
    form = ProgressFilters(request.GET)
    chosen = form.chosen()
    found = queries.find_progress(request.user, chosen)
    rows = found.filter(step=chosen["step"]) if "step" in chosen else found
    query = request.GET.copy()
    query.pop("page", None)
    counts = queries.step_counts(found)
    context = {
        "tab": "progress", "form": form, "query": query.urlencode(),
        "page": Paginator(queries.with_rows(rows), ROWS).get_page(request.GET.get("page")),
        "steps": _steps(counts, query), "filtered": bool(chosen), "chosen_step": chosen.get("step", ""),
        "fresh": not chosen and any(counts.values()) and queries.nothing_begun(request.user), "pilot": Pilot.objects.exists(),
    }  # fmt: skip
    return render(request, "exchange/progress.html", context)


def _steps(counts: dict[str, int], query: QueryDict) -> list[dict[str, Any]]:
    """A figure for each step, with the address of its rows inside the same filters."""
    steps = []
    for code, (words, state) in queries.STEPS.items():
        there = query.copy()
        there["step"] = code
        steps.append({"code": code, "words": OF_MANY.get(code, words), "state": state, "count": counts[code], "query": there.urlencode()})
    return steps


@require_POST
@connecting
@never_cache
def links(request: Request) -> HttpResponse:
    """Links for the chosen pages as a file: they are shown this once and kept nowhere."""
    pages = _chosen(request)
    if not pages:
        messages.error(request, "Выберите страницы, которые ещё не подключены: для работающих новая ссылка не нужна.")
        return redirect(reverse("exchange:progress") + f"?{request.POST.get('query', '')}")
    made = actions.invite_many(pages=pages, by=request.user)
    content = "\ufeff" + _table([(page, settings.URL + reverse("exchange:connect", args=[key])) for page, key in made])
    name = f"ssylki-{timezone.localdate():%Y-%m-%d}.csv"
    return HttpResponse(content, "text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _chosen(request: Request) -> list[Page]:
    """The ticked pages, or all of the filter when that was ticked; those that work already are left out."""
    if request.POST.get("all"):
        chosen = ProgressFilters(QueryDict(request.POST.get("query", ""))).chosen()
        found = queries.find_progress(request.user, chosen)
        found = found.filter(step=chosen["step"]) if "step" in chosen else found
    else:
        found = queries.find_progress(request.user, {}).filter(pk__in=[pk for pk in request.POST.getlist("page") if pk.isdecimal()][:ROWS])
    return list(queries.with_rows(found.exclude(step__in=WELL))[:MOST_LINKS])


def _table(made: list[tuple[Page, str]]) -> str:
    """One line a page; a value that a spreadsheet would take for a formula is made a text."""
    out = StringIO()
    lines = csv.writer(out, delimiter=";")
    lines.writerow(["Сеть", "Страница", "Адрес страницы", "Ссылка для администратора", "Действует дней"])
    for page, link in made:
        lines.writerow([_text(value) for value in (page.network_name, page.name, page.address, link)] + [settings.LINK_DAYS])
    return out.getvalue()


def _text(value: str) -> str:
    return f"'{value}" if value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value


@require_POST
@connecting
def choose_pilot(request: Request) -> HttpResponse:
    pages = Page.objects.visible_to(request.user).filter(pk__in=[pk for pk in request.POST.getlist("page") if pk.isdecimal()][:ROWS])
    try:
        actions.choose_pilot(pages=pages, by=request.user)
        messages.success(request, "Пилот выбран. Теперь создайте ссылку для администратора каждой страницы.")
    except Refused as no:
        messages.error(request, str(no))
    return redirect("exchange:pilot")


@require_POST
@connecting
def end_pilot(request: Request) -> HttpResponse:
    try:
        actions.end_pilot(by=request.user)
        messages.success(request, "Пилот завершён, его страницы работают дальше. Выберите, кого подключать следующим.")
    except Refused as no:
        messages.error(request, str(no))
    return redirect(reverse("exchange:progress") + "?step=none")


@require_safe
@connecting
def pilot(request: Request) -> HttpResponse:
    pages = queries.pilot_pages(request.user)
    today = queries.pilot_today(pages)
    rows = [{"page": page, "today": today[page.pk], "step": queries.STEPS[page.step]} for page in pages]  # type: ignore[attr-defined]
    ready = bool(pages) and all(page.step in ("checked", "alive") for page in pages)  # type: ignore[attr-defined]
    candidates = [] if pages else _candidates(request)
    context = {"tab": "pilot", "pages": rows, "ready": ready, "candidates": candidates, "q": request.GET.get("q", "")[:200]}
    return render(request, "exchange/pilot.html", context)


def _candidates(request: Request) -> list[Page]:
    """Pages to begin with: those that were looked for, else the largest."""
    found = queries.find_progress(request.user, {"q": request.GET.get("q", "")[:200]})
    largest = pages_visible_to(request.user).filter(pk__in=found.values("pk"), members__isnull=False).order_by("-members")
    return list(
        queries.with_rows(found if request.GET.get("q") else found.filter(pk__in=list(largest.values_list("pk", flat=True)[:12])) or found)[:12]
    )


@require_safe
@connecting
def queues(request: Request) -> HttpResponse:
    context = {
        "tab": "queues", "networks": queue_counts(), "waiting": queries.waiting()[:100], "budgets": token_budgets(),
        "troubled": queries.troubled_tokens()[:100],
    }  # fmt: skip
    return render(request, "exchange/queues.html", context)
