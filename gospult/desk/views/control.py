"""«Проверить» and «Обещания»: lists of cases that control looks at, one question at a time."""

from functools import wraps
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from gospult.registry.queries import has_role

from ..queries import control
from ..queries.photos import proofs_of
from .access import Request, View, member
from .rating import CONTROLLERS, ROWS, reader

PICTURED = ("photos", "answers")  # lists that are judged by their photos too


def controller(view: View) -> View:
    """For those who check others' work; for others the screen does not exist."""

    @member
    @wraps(view)
    def wrapper(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not has_role(request.user, *CONTROLLERS):
            raise Http404
        return view(request, *args, **kwargs)

    return wrapper


@require_safe
@controller
def check(request: Request) -> HttpResponse:
    return _lists(request, control.CHECKS, "Проверить", "check")


@require_safe
@reader
def promises(request: Request) -> HttpResponse:
    return _lists(request, control.PROMISES, "Обещания", "promises")


def _lists(request: Request, lists: Any, title: str, tab: str) -> HttpResponse:
    counts = control.counts_of(request.user, lists)
    why = request.GET.get("why", "")
    code = why if why in lists else next((one for one in lists if counts[one]), next(iter(lists)))
    _, asked, empty = lists[code]
    page = Paginator(control.to_check(request.user, asked(), by_date=tab == "promises"), ROWS).get_page(request.GET.get("page"))
    proofs = proofs_of(list(page.object_list)) if code in PICTURED else {}
    for row in page.object_list:
        row.proofs = proofs.get(row.pk, [])  # type: ignore[attr-defined]
    figures = [
        {"code": one, "title": name, "count": f"{control.MOST}+" if counts[one] >= control.MOST else counts[one]} for one, (name, *_) in lists.items()
    ]
    may_check = has_role(request.user, *CONTROLLERS)
    context = {"title": title, "tab": tab, "lists": figures, "here": code, "page": page, "empty": empty, "query": f"why={code}"}
    return render(request, "desk/control.html", context | {"may_check": may_check})
