"""Who may connect pages, and the frame of every action on one."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect

from gospult.accounts.models import Person, Role
from gospult.lib.errors import Refused
from gospult.registry.models import Page
from gospult.registry.queries import can

CONNECTORS = (Role.OPERATOR, Role.ADMIN)

View = Callable[..., HttpResponse]
Deed = Callable[..., HttpResponse | None]


class Request(HttpRequest):
    """A request of somebody who is logged in."""

    user: Person


def connecting(view: View) -> View:
    """For operators and administrators of the whole region; for others the screen does not exist."""

    @login_required
    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not can(request.user, *CONNECTORS):
            raise Http404
        return view(request, *args, **kwargs)

    return wrapper


def acting(view: Deed) -> View:
    """The frame of an action on a page: post → role → page → the view → back to its card; a refusal is told."""

    @connecting
    @wraps(view)
    def wrapper(request: HttpRequest, pk: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        page = get_object_or_404(Page.objects.visible_to(request.user), pk=pk)
        try:
            answer = view(request, page)
        except Refused as no:
            messages.error(request, str(no))
            answer = None
        return answer or redirect("exchange:card", pk=pk)

    return wrapper
