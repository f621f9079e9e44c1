"""Who may do what with a case, and the frame of every action on it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django_htmx.middleware import HtmxDetails

from gospult.accounts.models import Person, Role
from gospult.lib.errors import Refused

from ..models import Case
from ..queries import filters
from ..queries.rights import APPROVERS as APPROVERS
from ..queries.rights import ASKERS as ASKERS
from ..queries.rights import SORTERS as SORTERS
from ..queries.rights import WRITERS as WRITERS
from ..queries.rights import holds as holds
from ..queries.rights import may as may
from ..queries.rights import may_note as may_note

KEPT = ("view", "q", "page", "saved", *filters.NAMES)  # what the address keeps, so that the list stays as it was

View = Callable[..., HttpResponseBase]
Deed = Callable[..., HttpResponseBase | None]  # an action without an answer of its own leads back to its case


class Request(HttpRequest):
    """A request behind `member`: somebody is logged in, and django-htmx has looked at it."""

    user: Person
    htmx: HtmxDetails


def member(view: View) -> View:
    """For those who are logged in; a half-loaded page is sent to the login as a whole."""

    @wraps(view)
    def wrapper(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if request.htmx:
            return HttpResponse(status=204, headers={"HX-Redirect": reverse("account_login")})
        return redirect_to_login(request.get_full_path())

    return wrapper


def the_case(request: Request, number: str) -> Case:
    """The case, when the person may see it; else 404, as if there were none."""
    cases = Case.objects.visible_to(request.user).select_related("topic", "body", "territory", "page", "suggested_body", "merged_into")
    return get_object_or_404(cases, number=number)


def acting(*roles: Role) -> Callable[[Deed], View]:
    """The frame of an action of those whose role reaches the case."""
    return posting(lambda user, case: may(user, case, roles))


def posting(allowed: Callable[[Person, Case], bool]) -> Callable[[Deed], View]:
    """The frame of an action: post → case → right → the view → back to the case; a refusal is told and nothing is changed."""

    def decorator(view: Deed) -> View:
        @member
        @wraps(view)
        def wrapper(request: Request, number: str, **kwargs: Any) -> HttpResponseBase:
            if request.method != "POST":
                return HttpResponseNotAllowed(["POST"])
            case = the_case(request, number)
            if not allowed(request.user, case):
                raise PermissionDenied
            try:
                answer = view(request, case, **kwargs)
            except Refused as no:
                messages.error(request, str(no))
                answer = None
            return answer or back(request, case)

        return wrapper

    return decorator


def cleaned(form: BaseForm) -> dict[str, Any]:
    """What the form holds; its first error as a refusal."""
    if form.is_valid():
        return form.cleaned_data
    raise Refused(next(iter(form.errors.values()))[0])


def kept_query(request: Request, *, view: str = "") -> str:
    """The part of the address that every link and form on the screen carries on; `view` is the list that is shown."""
    kept = QueryDict(mutable=True)
    kept.update({name: request.GET[name] for name in KEPT if request.GET.get(name)})
    if view:
        kept["view"] = view
    return kept.urlencode()


def back(request: Request, case: Case) -> HttpResponseRedirect:
    """To the case, with the list as it was."""
    query = kept_query(request)
    return redirect(reverse("desk:case", args=[case.number]) + (f"?{query}" if query else ""))
