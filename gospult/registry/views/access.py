"""Who may act on what, and the frame of every action."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect

from gospult.accounts.models import Person, Role
from gospult.lib.errors import Refused

from .. import queries
from ..models import Body, Page

EDITORS = (Role.OPERATOR, Role.CURATOR, Role.ADMIN)
IMPORTERS = (Role.OPERATOR, Role.ADMIN)

View = Callable[..., HttpResponse]
Act = Callable[..., None]


class Request(HttpRequest):
    """A request of somebody who is logged in."""

    user: Person


def importer(view: View) -> View:
    """For those who keep the whole region's registry; for others the screen does not exist."""

    @login_required
    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not queries.can(request.user, *IMPORTERS):
            raise Http404
        return view(request, *args, **kwargs)

    return wrapper


def acting(model: type[Body] | type[Page], form_class: type[BaseForm] | None = None) -> Callable[[Act], View]:
    """The frame of an action: post → visible object → role → form → the view → back to the card; a refusal is told."""

    def decorator(view: Act) -> View:
        @login_required
        @wraps(view)
        def wrapper(request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponse:
            if request.method != "POST":
                return HttpResponseNotAllowed(["POST"])
            obj = get_object_or_404(model.objects.visible_to(request.user), pk=pk)
            if not queries.can(request.user, *EDITORS, **{model._meta.model_name: obj}):  # type: ignore[arg-type]
                raise PermissionDenied
            try:
                data = cleaned(form_class(request.POST)) if form_class else {}
                view(request, obj, data, **kwargs)
            except Refused as no:
                messages.error(request, str(no))
            return redirect(f"registry:{model._meta.model_name}", pk=pk)

        return wrapper

    return decorator


def cleaned(form: BaseForm) -> dict[str, Any]:
    """What the form holds; its first error as a refusal."""
    if form.is_valid():
        return form.cleaned_data
    name, errors = next(iter(form.errors.items()))
    field = form.fields.get(name)
    raise Refused(f"{field.label}: {errors[0]}" if field and field.label else errors[0])
