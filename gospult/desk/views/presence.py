"""Who else is at the open case; asked every fifteen seconds by the page."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from gospult.accounts.models import Person

from .. import actions, queries
from ..models import Case
from .access import WRITERS, Request, acting, kept_query, may, member, the_case


@member
def presence(request: Request, number: str) -> HttpResponse:
    case = the_case(request, number)
    if request.method == "POST":
        actions.look(case=case, by=request.user)
    return render(request, "desk/_presence.html", company(request, case) | {"query": kept_query(request)})


def company(request: Request, case: Case) -> dict[str, object]:
    """Who looks, who writes, and whether the draft may be taken from him."""
    writes = queries.writer_of(case)
    others = queries.others_at(case, request.user)
    other = writes if writes and writes.pk != request.user.pk else None
    return {"case": case, "others": others, "writes": other, "may_take": bool(other) and may(request.user, case, WRITERS)}


@acting(*WRITERS)
def take_over(request: Request, case: Case) -> None:
    of = get_object_or_404(Person, pk=int(pk) if (pk := request.POST.get("of", "")).isdecimal() and len(pk) < 19 else 0)
    actions.take_over(case=case, of=of, by=request.user)
    messages.success(request, f"Черновик у вас. {of} увидит это, когда продолжит писать.")
