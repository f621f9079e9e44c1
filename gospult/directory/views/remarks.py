from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from gospult.accounts.models import Role
from gospult.lib.errors import Refused
from gospult.registry.queries import can

from .. import actions
from ..models import Remark

ROLES = (Role.OPERATOR, Role.EDITOR, Role.ADMIN)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def remarks(request: HttpRequest) -> HttpResponse:
    if not can(request.user, *ROLES):
        raise Http404
    refused = ""
    if request.method == "POST":
        number = request.POST.get("remark", "")
        chosen = get_object_or_404(Remark, pk=int(number) if number.isdigit() else 0)
        try:
            actions.close_remark(remark=chosen, by=request.user)  # type: ignore[arg-type]
            return redirect("directory:remarks")
        except Refused as no:
            refused = str(no)
    rows = Remark.objects.filter(closed_at__isnull=True).select_related("body").order_by("created_at", "pk")
    page = Paginator(rows, 30).get_page(request.GET.get("page"))
    return render(request, "directory/remarks.html", {"page": page, "query": "", "refused": refused})
