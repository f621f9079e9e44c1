"""The pilot: its few pages are chosen, looked at, changed, and let go."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from gospult.lib.errors import Refused
from gospult.registry.models import Page
from gospult.registry.queries import pages_visible_to

from .. import actions, queries
from ..actions.inviting import MAX_PILOT
from .access import Request, connecting
from .progress import ROWS, WELL

OFFERED = 12  # pages to choose from


@require_safe
@connecting
def pilot(request: Request) -> HttpResponse:
    pages = queries.pilot_pages(request.user)
    today = queries.pilot_today(pages)
    rows = [{"page": page, "today": today[page.pk]} for page in pages]
    steps = [page.step for page in pages]  # type: ignore[attr-defined]
    context = {
        "tab": "pilot", "pages": rows, "ready": bool(pages) and all(step in ("checked", "alive") for step in steps),
        "unlinked": [page for page in pages if page.step not in WELL],  # type: ignore[attr-defined]
        "room": max(0, MAX_PILOT - len(pages)), "q": _words(request),
    }  # fmt: skip
    if context["room"]:
        context |= _offered(request, pages)
    return render(request, "exchange/pilot.html", context)


def _words(request: Request) -> str:
    return str(request.GET.get("q", "")).replace("\0", "")[:200]


def _ticked(values: list[str]) -> list[str]:
    return [pk for pk in values if pk.isdecimal() and len(pk) < 19][:ROWS]


def _offered(request: Request, pages: list[Page]) -> dict[str, Any]:
    """Pages to add: those ticked before a search, then those that were looked for, else the largest, else the first."""
    free = queries.find_progress(request.user, {}).exclude(pk__in=[page.pk for page in pages])
    ticked = list(queries.with_rows(free.filter(pk__in=_ticked(request.GET.getlist("page")))))
    found, heading = _found(request, free.exclude(pk__in=[page.pk for page in ticked]))
    return {"ticked": ticked, "candidates": list(queries.with_rows(found)[:OFFERED]), "heading": heading}


def _found(request: Request, free: QuerySet[Any]) -> tuple[QuerySet[Any], str]:
    if words := _words(request):
        return queries.find_progress(request.user, {"q": words}).filter(pk__in=free.values("pk")), "Нашлись"
    largest = pages_visible_to(request.user).filter(pk__in=free.values("pk"), members__isnull=False).order_by("-members")
    known = list(largest.values_list("pk", flat=True)[:OFFERED])
    return (free.filter(pk__in=known), "Самые большие страницы") if known else (free, "Страницы")


@require_POST
@connecting
def choose(request: Request) -> HttpResponse:
    pages = Page.objects.visible_to(request.user).filter(pk__in=_ticked(request.POST.getlist("page")))
    try:
        actions.choose_pilot(pages=pages, by=request.user)
        messages.success(request, "Страницы в пилоте. Теперь создайте ссылки для их администраторов.")
    except Refused as no:
        messages.error(request, str(no))
    return redirect("exchange:pilot")


@require_POST
@connecting
def leave(request: Request, pk: int) -> HttpResponse:
    page = get_object_or_404(Page.objects.visible_to(request.user), pk=pk)
    try:
        actions.leave_pilot(page=page, by=request.user)
        messages.success(request, f"«{page.name}» больше не в пилоте. Подключение и ссылка не изменились.")
    except Refused as no:
        messages.error(request, str(no))
    return redirect("exchange:pilot")


@require_POST
@connecting
def end(request: Request) -> HttpResponse:
    try:
        actions.end_pilot(by=request.user)
        messages.success(request, "Пилот завершён, его страницы работают дальше. Выберите, кого подключать следующим.")
    except Refused as no:
        messages.error(request, str(no))
    return redirect(reverse("exchange:progress") + "?step=none")
