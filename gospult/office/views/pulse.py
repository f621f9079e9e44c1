"""«Пульт»: the region or the branch today, and the pages behind its figures."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gospult.accounts.models import Person

from ..queries import pulse as queries
from ..queries.branch import norms

ROWS = 50
BEHIND: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "silent": ("Страницы молчат", queries.silent_pages), "unread": ("Страницы ни разу не прочитаны", queries.unread_pages),
}  # fmt: skip


class Request(HttpRequest):
    """A request of somebody who reads reports."""

    user: Person


def reader(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For those who lead or analyse; for others the screens do not exist."""

    @login_required
    @wraps(view)
    def wrapper(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        if not queries.reads(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return wrapper


@require_safe
@never_cache
@reader
def pulse(request: Request) -> HttpResponse:
    found = queries.pulse(request.user)
    return render(request, "office/pulse.html", {"found": found, "now": timezone.now()})


@require_safe
@reader
def pages(request: Request, fault: str) -> HttpResponse:
    if fault not in BEHIND:
        raise Http404
    title, rows = BEHIND[fault]
    page = Paginator(rows(request.user), ROWS).get_page(request.GET.get("page"))
    return render(request, "office/pulse_pages.html", {"title": title, "page": page, "fault": fault, "norms": norms()})
