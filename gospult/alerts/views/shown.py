from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from gospult.accounts.models import Person

from .. import actions, queries

ROWS = 50


class Request(HttpRequest):
    """A request of somebody who is logged in."""

    user: Person


@require_safe
@login_required
def alerts(request: Request) -> HttpResponse:
    rows = queries.alerts_of(request.user)
    context = {
        "page": Paginator(rows, ROWS).get_page(request.GET.get("page")),
        "unread": queries.unread(request.user),
        "contacts": request.user.contacts.exclude(confirmed_at=None).exists(),
    }
    return render(request, "alerts/alerts.html", context)


@require_POST
@login_required
def read(request: Request) -> HttpResponse:
    actions.mark_read(person=request.user)
    return redirect("alerts:alerts")


@require_safe
@login_required
def opened(request: Request, pk: int) -> HttpResponse:
    row = get_object_or_404(queries.alerts_of(request.user), pk=pk)
    actions.mark_read(person=request.user, alerts=[row.pk])
    return redirect(row.path or "alerts:alerts")
