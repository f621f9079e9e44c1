"""«Не наше», disputes, and limits of what a body can carry."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gospult.lib.errors import Refused
from gospult.registry.models import Body
from gospult.registry.queries import has_role

from .. import actions
from ..forms import BodyForm, BounceForm, LimitForm
from ..models import BodyLimit, Case
from ..queries import bounces as queries
from ..queries.routes import KEEPERS
from .access import WRITERS, Request, acting, cleaned
from .routes import ROWS, editor, keeper


@acting(*WRITERS)
def bounce(request: Request, case: Case) -> HttpResponse:
    form = BounceForm(request.POST)
    cleaned(form)
    actions.bounce(case=case, by=request.user, **form.said())
    messages.success(request, f"Обращение {case.number} вернулось оператору." if case.body is None else f"Передано: {case.body}.")
    return redirect("desk:queue")  # it may be out of sight by now


@acting(*queries.ARBITERS)
def settle(request: Request, case: Case) -> None:
    if not queries.in_dispute(case):
        raise Refused(f"Об обращении {case.number} никто не спорит: передайте его обычной кнопкой.")
    chosen = cleaned(BodyForm(request.POST, request.user))["body"]
    actions.route(case=case, body=chosen, by=request.user)
    messages.success(request, f"Решено: отвечает {chosen}.")


@require_safe
@keeper
def bounces(request: Request) -> HttpResponse:
    page = Paginator(queries.bounces_by_body(request.user), ROWS).get_page(request.GET.get("page"))
    return render(request, "desk/bounces.html", {"page": page})


@require_safe
@keeper
def bounces_of(request: Request, pk: int) -> HttpResponse:
    rows = queries.bounces_of(request.user, pk)
    if not rows.exists():
        raise Http404
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    return render(request, "desk/bounces_of.html", {"page": page, "body": Body.objects.get(pk=pk)})


@require_http_methods(["GET", "HEAD", "POST"])
@keeper
def limits(request: Request) -> HttpResponse:
    may_edit = has_role(request.user, *KEEPERS)
    form = LimitForm(request.POST or None)
    if request.method == "POST" and may_edit and form.is_valid():
        try:
            actions.set_limit(body=form.cleaned_data["organ"], most=form.cleaned_data["most"], by=request.user)
            messages.success(request, "Предел задан.")
        except Refused as no:
            messages.error(request, str(no))
        return redirect("desk:limits")
    rows = BodyLimit.objects.filter(body__in=Body.objects.visible_to(request.user)).select_related("body", "by").order_by("body__sort_name", "pk")
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    open_now = queries.open_by_body([row.body_id for row in page.object_list])
    rows_now = [{"limit": row, "now": open_now.get(row.body_id, 0)} for row in page.object_list]
    return render(request, "desk/limits.html", {"page": page, "rows": rows_now, "form": form, "may_edit": may_edit})


@require_POST
@editor
def drop_limit(request: Request, pk: int) -> HttpResponse:
    row = get_object_or_404(BodyLimit.objects.filter(body__in=Body.objects.visible_to(request.user)).select_related("body"), body=pk)
    try:
        actions.set_limit(body=row.body, most=None, by=request.user)
        messages.success(request, "Предела больше нет.")
    except Refused as no:
        messages.error(request, str(no))
    return redirect("desk:limits")
