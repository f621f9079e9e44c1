"""The card of a page, what a person confirms there, and the list of findings."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from gospult.lib.errors import Refused
from gospult.monitoring import actions
from gospult.monitoring import queries as monitoring
from gospult.monitoring.models import Finding
from gospult.registry.models import Page, roles_of
from gospult.registry.queries import LongPaginator

from ..forms import ConfirmForm
from ..queries import pages as queries
from ..queries import week_posts
from ..queries.scoring import standings
from .my import Request

ROWS = 20
STATES = {state.value: state.label for state in Finding.State}


@require_safe
@login_required
def card(request: Request, pk: int) -> HttpResponse:
    page = get_object_or_404(Page.objects.visible_to(request.user), pk=pk)
    view = monitoring.page_view(page)
    rows = [row for row in monitoring.with_pages(monitoring.findings(request.user, state="", page=page))[:50] if row.state != Finding.State.PAST]
    context = {
        "card": page,
        "view": view,
        "sources": list(zip(monitoring.SOURCES.values(), view.dates, strict=True)),
        "bars": queries.bars(view.months),
        "wide": queries.STEP * max(1, len(view.months)),
        "faults": dict.fromkeys(fault.text for fault in view.widgets.faults) if view.widgets else (),
        "standings": standings(request.user, page),
        "says": queries.finding_of_months(view.months),
        "week": week_posts(page)[0] if page.state != "archived" else None,
        "findings": monitoring.told_findings(request.user, rows),
        "reasons": monitoring.REASONS,
        "page": Paginator(queries.standing_posts(request.user, page), ROWS).get_page(request.GET.get("page")),
        "form": ConfirmForm() if queries.may_confirm(request.user, page) else None,
    }
    return render(request, "office/page_card.html", context)


@require_POST
@login_required
def confirm(request: Request, pk: int) -> HttpResponse:
    page = get_object_or_404(Page.objects.visible_to(request.user), pk=pk)
    if not queries.may_confirm(request.user, page):
        raise Http404
    form = ConfirmForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused(next(iter(form.errors.values()))[0])
        actions.confirm(page=page, by=request.user, **form.told())
        messages.success(request, "Записано: с датой и вашим именем.")
    except Refused as no:
        messages.error(request, str(no))
    return redirect("office:page_card", pk=pk)


@require_safe
@login_required
def findings(request: Request) -> HttpResponse:
    if not queries.sees_findings(request.user, roles_of(request.user)):
        raise Http404
    state = request.GET.get("state", "open") if request.GET.get("state") in STATES else "open"
    counts = monitoring.finding_counts(request.user, state=state)
    kind = request.GET.get("kind", "") if request.GET.get("kind") in Finding.Kind.values else ""
    rows = monitoring.findings(request.user, kind=kind, state=state)
    page = LongPaginator(rows, ROWS, dress=monitoring.with_pages).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "page": page,
        "rows": monitoring.told_findings(request.user, list(page.object_list)),
        "counts": counts,
        "total": sum(row["count"] for row in counts),
        "kind": kind,
        "state": state,
        "states": STATES,
        "reasons": monitoring.REASONS,
        "coverage": monitoring.coverage(request.user)[-1],
        "query": urlencode({"kind": kind, "state": state}),
    }
    return render(request, "office/findings.html", context)


@require_POST
@login_required
def decide(request: Request, pk: int) -> HttpResponse:
    found = get_object_or_404(Finding.objects.visible_to(request.user).select_related("page"), pk=pk)
    if not monitoring.may_decide(request.user, found):
        raise Http404
    try:
        if "again" in request.POST:
            actions.reconsider(finding=found, by=request.user)
        else:
            actions.decide(finding=found, confirmed="confirm" in request.POST, reason=request.POST.get("reason", ""), by=request.user)
    except Refused as no:
        messages.error(request, str(no))
    return redirect(_back(request))


def _back(request: Request) -> str:
    """To where the person was: the list with its filter, or the card of the page."""
    there = request.POST.get("back", "")
    return there if there.startswith("/pages/") and "//" not in there and "\\" not in there else "/pages/findings/"
