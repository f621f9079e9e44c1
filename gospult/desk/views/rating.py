"""«Рейтинг органов»: the table, the rows behind each figure, and the same figures as a file."""

from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from gospult.accounts.models import Role
from gospult.lib.errors import Refused
from gospult.registry.queries import has_role

from .. import actions
from ..forms_control import RatingForm
from ..queries import rating
from .access import Request, View, member

READERS = (Role.OPERATOR, Role.CURATOR, Role.EXECUTOR, Role.ANALYST, Role.HEAD, Role.ADMIN)
CONTROLLERS = (Role.OPERATOR, Role.CURATOR, Role.ANALYST, Role.HEAD, Role.ADMIN)
ROWS = 50
FIGURES = {
    "cases": "Все обращения", "answered": "С первой реакцией", "late": "С опозданием", "postponed": "Отложено", "moved": "Обещание перенесено",
    "broken": "Обещание нарушено", "repeated": "Повторно", "reopened": "Открыто снова", "returned": "Возвращено контролем",
    "marks": "С оценкой жителя", "good": "С оценкой 4 или 5", "inspected": "С проверенным ответом",
}  # fmt: skip


def reader(view: View) -> View:
    """For those who read ratings; for others the screens do not exist."""

    @member
    @wraps(view)
    def wrapper(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not has_role(request.user, *READERS):
            raise Http404
        return view(request, *args, **kwargs)

    return wrapper


def _query(request: Request) -> str:
    kept = request.GET.copy()
    for name in list(kept):
        if name not in ("span", "since", "until", "branch"):
            kept.pop(name)
    return kept.urlencode()


@require_safe
@reader
def show(request: Request) -> HttpResponse:
    form = RatingForm(request.GET, request.user)
    asked = form.asked()
    found = rating.rating(request.user, asked)
    page = Paginator(found["rated"], ROWS).get_page(request.GET.get("page"))
    page.object_list = rating.explained(page.object_list, found["method"])
    context = {"form": form, "asked": asked, "found": found, "page": page, "query": _query(request), "now": timezone.now(), "tab": "rating"}
    context["may_check"] = has_role(request.user, *CONTROLLERS)
    return render(request, "desk/rating.html", context)


@require_safe
@reader
def behind(request: Request, body: int, figure: str) -> HttpResponse:
    if figure not in FIGURES:
        raise Http404
    asked = RatingForm(request.GET, request.user).asked()
    organ = get_object_or_404(rating.bodies_of(request.user, asked), pk=body)
    page = Paginator(rating.rows_behind(request.user, asked, figure, body), ROWS).get_page(request.GET.get("page"))
    context = {"organ": organ, "title": FIGURES[figure], "asked": asked, "page": page, "query": _query(request)}
    return render(request, "desk/rating_rows.html", context)


@require_POST
@reader
def export(request: Request) -> HttpResponseBase:
    form, asked = request.POST.get("form", ""), RatingForm(request.GET, request.user).asked()
    try:
        file = actions.export_rating(found=rating.rating(request.user, asked), asked=asked, form=form, by=request.user)
    except Refused as no:
        messages.error(request, str(no))
        return redirect(f"{reverse('desk:rating')}?{_query(request)}")
    return FileResponse(file, as_attachment=True, filename=f"reiting-{asked.since}-{asked.until}.{form}")
