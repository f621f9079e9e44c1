"""A person's saved views: kept from the list, renamed, moved, removed."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from gospult.accounts.models import Role
from gospult.lib.errors import Refused
from gospult.registry import queries as registry

from .. import actions
from ..forms import SaveViewForm
from ..models import SavedView
from ..queries import filters
from .access import Request, View, cleaned, kept_query, member
from .queue import chosen_view, searched

SHARERS = (Role.OPERATOR, Role.ADMIN)


@require_safe
@member
def views(request: Request) -> HttpResponse:
    """The saved views with what can be done to them; an address with filters offers to keep them."""
    chosen = filters.read(request.GET)
    context = {
        "saved": [{"row": view, "filters": _words(view.filters)} for view in SavedView.objects.editable_by(request.user)],
        "now": _words({**chosen, "q": searched(request)}) if chosen or searched(request) else [],
        "query": kept_query(request),
        "may_share": registry.can(request.user, *SHARERS),
    }
    return render(request, "desk/views.html", context)


def _words(address: dict[str, str]) -> list[str]:
    search = [f"слова «{address['q']}»"] if address.get("q") else []
    return search + [found["text"] for found in filters.in_words(filters.read(address))]


@require_POST
@member
def save(request: Request) -> HttpResponse:
    kept = {"view": chosen_view(request), "q": searched(request), **filters.read(request.GET)}
    try:
        data = cleaned(SaveViewForm(request.POST))
        shared = data["shared"] and registry.can(request.user, *SHARERS)
        view = actions.save_view(name=data["name"], filters={k: v for k, v in kept.items() if v}, shared=shared, by=request.user)
        messages.success(request, f"Подборка «{view}» стоит слева.")
    except Refused as no:
        messages.error(request, str(no))
    return redirect(f"{reverse('desk:queue')}?{kept_query(request)}")


def _on_view(deed: Callable[[Request, SavedView], None]) -> View:
    @require_POST
    @member
    @wraps(deed)
    def wrapper(request: Request, pk: int, **kwargs: Any) -> HttpResponseBase:
        try:
            deed(request, get_object_or_404(SavedView.objects.editable_by(request.user), pk=pk))
        except Refused as no:
            messages.error(request, str(no))
        return redirect("desk:views")

    return wrapper


@_on_view
def rename(request: Request, view: SavedView) -> None:
    actions.rename_view(view=view, name=cleaned(SaveViewForm(request.POST))["name"], by=request.user)


@_on_view
def move(request: Request, view: SavedView) -> None:
    actions.move_view(view=view, up=request.POST.get("to") == "up", by=request.user)


@_on_view
def remove(request: Request, view: SavedView) -> None:
    actions.remove_view(view=view, by=request.user)
    messages.success(request, f"Подборки «{view}» больше нет; обращения на месте.")
