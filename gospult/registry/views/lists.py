"""Lists of pages and of bodies, and the export of what the person sees."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from .. import actions, queries
from ..forms import BodyFilters, Filters, PageFilters
from ..models import Body
from ..paging import LongPaginator
from .access import IMPORTERS, Request

ROWS = 25  # drawing a row takes as long as finding it
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
@login_required
def pages(request: Request) -> HttpResponse:
    form = PageFilters(request.GET)
    return _list(
        request, "registry/pages.html", form, LongPaginator(queries.find_pages(request.user, form.chosen()), ROWS, dress=queries.with_owners)
    )


@require_safe
@login_required
def bodies(request: Request) -> HttpResponse:
    form = BodyFilters(request.GET)
    return _list(
        request, "registry/bodies.html", form, LongPaginator(queries.find_bodies(request.user, form.chosen()), ROWS, dress=queries.with_pages)
    )


@require_POST
@login_required
def export(request: Request) -> HttpResponse:
    content = actions.export_registry(by=request.user, bodies=Body.objects.visible_to(request.user))
    name = f"reestr-{timezone.localdate():%Y-%m-%d}.xlsx"
    return HttpResponse(content, XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _list(request: Request, template: str, form: Filters, rows: LongPaginator) -> HttpResponse:
    query = request.GET.copy()
    query.pop("page", None)
    page = rows.get_page(request.GET.get("page"))
    about = {"form": form, "page": page, "query": query.urlencode(), "filtered": bool(form.chosen())}
    return render(request, template, {**about, "figures": queries.figures(request.user), "may_import": queries.can(request.user, *IMPORTERS)})
