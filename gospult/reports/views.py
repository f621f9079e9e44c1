"""«Отчёты»: the choice, the figures, the sentences for the press, the rows behind each figure, the file."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from gospult.accounts.models import Person
from gospult.lib.errors import Refused

from . import actions, queries
from .catalogue import BY_CODE
from .charts import SCREEN, charts
from .forms import ReportForm
from .press import as_text
from .press import press as sentences

ROWS = 50
TYPES = {
    "pdf": "application/pdf", "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip
NAMES = ("kind", "since", "until", "territory", "body")


class Request(HttpRequest):
    """A request of somebody who reads reports."""

    user: Person


View = Callable[..., HttpResponse]


def _only(allowed: Callable[[Any], bool]) -> Callable[[View], View]:
    def guard(view: View) -> View:
        @login_required
        @wraps(view)
        def wrapper(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
            if not allowed(request.user):
                raise Http404
            return view(request, *args, **kwargs)

        return wrapper

    return guard


reader = _only(queries.reads)  # those who lead or analyse; for others the screens do not exist
writer = _only(queries.writes)


def _query(request: Request) -> str:
    kept = request.GET.copy()
    for name in list(kept):
        if name not in NAMES:
            kept.pop(name)
    return kept.urlencode()


@require_safe
@reader
def report(request: Request) -> HttpResponse:
    form = ReportForm(request.GET, request.user)
    found = queries.report(form.asked())
    context = {
        "form": form, "found": found, "charts": charts(found, SCREEN), "query": _query(request), "formats": actions.FORMATS,
        "now": timezone.now(), "tab": "report", "reads": True,
    }  # fmt: skip
    return render(request, "reports/report.html", context)


@require_safe
@writer
def press(request: Request) -> HttpResponse:
    form = ReportForm(request.GET, request.user)
    found = queries.report(form.asked())
    told = sentences(found)
    context = {
        "form": form,
        "found": found,
        "sentences": told,
        "text": as_text(told),
        "query": _query(request),
        "now": timezone.now(),
        "tab": "press",
        "reads": queries.reads(request.user),
    }
    return render(request, "reports/press.html", context)


@require_safe
@writer
def rows(request: Request, code: str) -> HttpResponse:
    if not queries.opens_rows(request.user, code):
        raise Http404
    asked = ReportForm(request.GET, request.user).asked()
    page = Paginator(queries.rows_behind(asked, code), ROWS).get_page(request.GET.get("page"))
    context = {
        "measure": BY_CODE[code], "asked": asked, "page": page, "of_desk": queries.is_of_desk(code), "query": _query(request),
        "rows": queries.with_names(list(page.object_list)),
    }  # fmt: skip
    return render(request, "reports/rows.html", context)


@require_POST
@reader
def export(request: Request) -> HttpResponse:
    form, asked = request.POST.get("form", ""), ReportForm(request.GET, request.user).asked()
    try:
        content = actions.export_report(asked=asked, form=form, by=request.user)
    except Refused as no:
        messages.error(request, str(no))
        return redirect(f"{reverse('reports:report')}?{_query(request)}")
    name = f'attachment; filename="{actions.file_name(asked, form)}"'
    return HttpResponse(content, TYPES.get(form, TYPES["xlsx"]), headers={"Content-Disposition": name})
