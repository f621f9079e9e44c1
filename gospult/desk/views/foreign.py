"""«ИМ и ПОС»: files of other systems, what they are about, and a second answer when a person insists."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gospult.accounts.models import Role
from gospult.lib.errors import Refused
from gospult.lib.sheets import MAX_BYTES
from gospult.registry import queries as registry

from .. import actions, layouts
from ..forms import BecauseForm
from ..forms_foreign import ForeignFileForm, ForeignFilters, TieForm
from ..models import Case, ForeignImport
from ..queries.foreign import candidates_for, foreign_rows
from .access import APPROVERS, Request, View, acting, cleaned, member

ROWS = 50
LOADERS = (Role.OPERATOR, Role.ADMIN)
PROBLEMS = {"no_number": "без номера", "no_date": "без даты создания", "number_twice": "номер стоит дважды, взята нижняя строка"}


def loader(view: View) -> View:
    """For operators and administrators of the whole region; for others the screen does not exist."""

    @member
    def wrapper(request: Request, **named: Any) -> Any:
        if not registry.can(request.user, *LOADERS):
            raise Http404
        return view(request, **named)

    return wrapper


@require_safe
@loader
def rows(request: Request) -> HttpResponse:
    form = ForeignFilters(request.GET)
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "form": form, "query": query.urlencode(), "file": ForeignFileForm(), "imports": ForeignImport.objects.select_related("by")[:5],
        "page": Paginator(foreign_rows(request.user, form.chosen()), ROWS).get_page(request.GET.get("page")), "filtered": bool(form.chosen()),
    }  # fmt: skip
    return render(request, "desk/foreign.html", context)


@require_POST
@loader
def load(request: Request) -> HttpResponse:
    try:
        data = cleaned(ForeignFileForm(request.POST, request.FILES))
        content = data["file"].read(MAX_BYTES + 1)
        chosen = {field: name for field in layouts.NAMES if (name := request.POST.get(f"column-{field}", ""))}
        made = actions.show_foreign(system=data["system"], content=content, file_name=data["file"].name, chosen=chosen, by=request.user)
    except Refused as no:
        messages.error(request, str(no))
        return redirect("desk:foreign")
    return redirect("desk:foreign_import", pk=made.pk)


@require_safe
@loader
def imported(request: Request, pk: int) -> HttpResponse:
    row = get_object_or_404(ForeignImport, pk=pk)
    going = row.state in (ForeignImport.State.QUEUED, ForeignImport.State.RUNNING)
    problems = [{"words": PROBLEMS.get(kind, kind), "lines": lines[:20], "count": len(lines)} for kind, lines in row.problems.items()]
    answer = render(request, "desk/foreign_import.html", {"row": row, "going": going, "problems": problems, "system": layouts.SYSTEMS[row.system]})
    if going:
        answer.headers["Refresh"] = "3"
    return answer


@require_POST
@loader
def decide(request: Request, pk: int, do: str) -> HttpResponse:
    row = get_object_or_404(ForeignImport, pk=pk)
    deed = {"take": actions.queue_foreign, "stop": actions.stop_foreign}.get(do)
    if deed is None:
        raise Http404
    try:
        deed(imported=row, by=request.user)
    except Refused as no:
        messages.error(request, str(no))
    return redirect("desk:foreign_import", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@loader
def row(request: Request, pk: int) -> HttpResponse:
    """Which case a row is about: a person chooses."""
    found = get_object_or_404(foreign_rows(request.user, {}), pk=pk)
    find = " ".join(request.GET.get("q", "").replace("\0", "").split())[:100]
    if request.method == "POST":
        try:
            case = cleaned(TieForm(request.POST, request.user))["case"]
            actions.tie_by_hand(foreign=found, case=case, by=request.user)
            messages.success(request, f"{found}: связано с обращением {case.number}.")
            return redirect("desk:foreign")
        except Refused as no:
            messages.error(request, str(no))
    return render(request, "desk/foreign_row.html", {"row": found, "find": find, "candidates": candidates_for(request.user, found, find)})


@require_POST
@loader
def untie(request: Request, pk: int) -> HttpResponse:
    found = get_object_or_404(foreign_rows(request.user, {}), pk=pk)
    actions.untie(foreign=found, by=request.user)
    messages.success(request, f"{found}: отвязано.")
    return redirect("desk:foreign_row", pk=pk)


@acting(*APPROVERS)
def insist(request: Request, case: Case) -> None:
    actions.insist_answer(case=case, why=cleaned(BecauseForm(request.POST))["because"], by=request.user)
    messages.success(request, "Можно ответить ещё раз.")
