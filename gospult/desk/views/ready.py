"""«Шаблоны ответов»: written here, put into an answer by a key, and how many answers were made by them."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gospult.lib.errors import Refused
from gospult.registry.models import Body

from .. import actions, queries
from ..forms_ready import TemplateForm, topic_groups
from ..models import Case, Template
from ..templating import placeholders
from .access import WRITERS, Request, acting
from .setting import ROWS, setter

PERIOD = timedelta(days=30)


def _period() -> tuple[datetime, datetime]:
    now = timezone.now()
    return now - PERIOD, now


@require_safe
@setter
def templates(request: Request) -> HttpResponse:
    rows = Template.objects.filter(retired_at=None).order_by("group_code", "title", "pk")
    groups = dict(topic_groups())
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    shown = [{"row": row, "group": groups.get(row.group_code, row.group_code) or "Для всех тем", "names": placeholders(row.text)} for row in page]
    return render(request, "desk/templates.html", {"page": page, "rows": shown})


@require_safe
@setter
def use(request: Request) -> HttpResponse:
    """The share of template answers by body; with `body` the answers behind its figures."""
    since, until = _period()
    asked = request.GET.get("body", "")
    if asked.isdecimal():
        body = get_object_or_404(Body.objects.visible_to(request.user), pk=int(asked[:18]))
        answers = queries.template_answers(request.user, since, until).filter(case__body=body)
        rows = answers.select_related("case", "template_version__template").order_by("-published_at", "-pk")
        context: dict[str, Any] = {"body": body, "page": Paginator(rows, ROWS).get_page(request.GET.get("page")), "query": f"body={body.pk}"}
    else:
        context = {"page": Paginator(queries.template_share(request.user, since, until), ROWS).get_page(request.GET.get("page"))}
    return render(request, "desk/template_use.html", context | {"since": since, "until": until})


@require_http_methods(["GET", "HEAD", "POST"])
@setter
def template(request: Request, pk: int | None = None) -> HttpResponse:
    row = get_object_or_404(Template, pk=pk, retired_at=None) if pk else None
    initial = {"title": row.title, "text": row.text, "group_code": row.group_code} if row else {}
    form = TemplateForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.write_template(template=row, **form.cleaned_data, by=request.user)
            messages.success(request, "Шаблон записан.")
            return redirect("desk:templates")
        except Refused as no:
            messages.error(request, str(no))
    versions = row.versions.order_by("-number")[:ROWS] if row else []
    return render(request, "desk/template.html", {"form": form, "template": row, "versions": versions})


@require_POST
@setter
def retire(request: Request, pk: int) -> HttpResponse:
    try:
        actions.retire_template(template=get_object_or_404(Template, pk=pk), by=request.user)
        messages.success(request, "Шаблон убран; данные по нему ответы на месте.")
    except Refused as no:
        messages.error(request, str(no))
    return redirect("desk:templates")


@acting(*WRITERS)
def put(request: Request, case: Case) -> None:
    chosen = request.POST.get("template", "")
    row = Template.objects.filter(pk=int(chosen[:18]) if chosen.isdecimal() else 0).first()
    if row is None:
        raise Refused("Выберите шаблон из списка.")
    actions.hold(case=case, by=request.user)
    answer = actions.put_template(case=case, template=row, by=request.user)
    left = placeholders(answer.text)
    messages.success(request, f"Шаблон вставлен. Заполните: {', '.join(left)}." if left else "Шаблон вставлен.")
