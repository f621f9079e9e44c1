"""«Согласование»: which answers are looked at by another person, by two, or by nobody."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from gospult.lib.errors import Refused

from .. import actions, queries
from ..forms_approving import AwayForm, PolicyForm
from ..models import ApprovalPolicy
from .access import Request, cleaned
from .setting import ROWS, setter


@require_http_methods(["GET", "HEAD", "POST"])
@setter
def policies(request: Request) -> HttpResponse:
    form = PolicyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        try:
            data = cleaned(form)
            row = actions.set_policy(**data, by=request.user)
            messages.success(request, f"Правило «{row}» действует.")
            return redirect("desk:approval")
        except Refused as no:
            messages.error(request, str(no))
    rows = ApprovalPolicy.objects.filter(retired_at=None).select_related("topic", "sphere", "approver", "substitute").order_by("-approvers", "pk")
    groups = {topic.group_code: topic.group for topic in queries.known_topics().values()}
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "rows": [{"row": row, "asks": _asks(row, groups)} for row in page]}
    return render(request, "desk/approval.html", context)


def _asks(row: ApprovalPolicy, groups: dict[str, str]) -> list[str]:
    """What a policy asks of an answer, in words."""
    words = [
        f"тема «{row.topic.name}»" if row.topic else "",
        groups.get(row.group_code, row.group_code),
        f"сфера «{row.sphere}»" if row.sphere else "",
    ]
    words += ["срочная тема" if row.urgent else "", "опасность" if row.danger else "", "обещано позже срока" if row.beyond_norm else ""]
    words.append(f"сообщений от {row.mass_from}" if row.mass_from else "")
    return [word for word in words if word] or ["все ответы"]


@require_POST
@setter
def away(request: Request, pk: int) -> HttpResponse:
    try:
        data = cleaned(AwayForm(request.POST))
        actions.set_away(policy=get_object_or_404(ApprovalPolicy, pk=pk), since=data["since"], until=data["until"], by=request.user)
        messages.success(request, "Записано.")
    except Refused as no:
        messages.error(request, str(no))
    return redirect("desk:approval")


@require_POST
@setter
def retire(request: Request, pk: int) -> HttpResponse:
    try:
        actions.retire_policy(policy=get_object_or_404(ApprovalPolicy, pk=pk), by=request.user)
        messages.success(request, "Правило убрано.")
    except Refused as no:
        messages.error(request, str(no))
    return redirect("desk:approval")
