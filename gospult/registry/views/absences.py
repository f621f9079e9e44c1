"""«Замещения»: who is away and who stands in."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from gospult.accounts.models import Role
from gospult.lib.errors import Refused

from .. import actions, queries
from ..forms import AbsenceForm
from .access import Request

ROWS = 50
MAY = (*queries.LEADERS, Role.EXECUTOR, Role.STEWARD)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def absences(request: Request) -> HttpResponse:
    """The list, and the form that sends somebody away."""
    if not queries.has_role(request.user, *MAY):
        raise Http404
    form = AbsenceForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = {"person": request.user, **form.cleaned_data}
        try:
            made = actions.begin_absence(**data, by=request.user)
            messages.success(request, f"{made.deputy} замещает {made.person} с {made.from_date:%d.%m.%Y} по {made.to_date:%d.%m.%Y}.")
            return redirect("registry:absences")
        except Refused as no:
            form.add_error(None, str(no))
    rows = queries.absences_seen_by(request.user)
    past = request.GET.get("state") == "past"
    if not past:
        rows = rows.standing()  # type: ignore[attr-defined]
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    listed = [{"absence": row, "may_end": row.is_standing and queries.may_send_away(request.user, row.person)} for row in page.object_list]
    context = {"form": form, "page": page, "rows": listed, "past": past, "query": "state=past" if past else ""}
    return render(request, "registry/absences.html", context)


@require_POST
@login_required
def end(request: Request, pk: int) -> HttpResponse:
    row = get_object_or_404(queries.absences_seen_by(request.user), pk=pk)
    try:
        actions.end_absence(absence=row, by=request.user)
        messages.success(request, f"Замещение закончено: {row.deputy} больше не отвечает за {row.person}.")
    except Refused as no:
        messages.error(request, str(no))
    return redirect("registry:absences")
