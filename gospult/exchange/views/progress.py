"""How far thousands of pages have come, and links for many of them at once."""

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

from gospult.registry.models import Page

from .. import actions, queries
from ..forms import ProgressFilters
from ..models import Pilot
from ..queries.progress import OF_MANY
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
