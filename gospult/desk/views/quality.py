"""«Качество ответов»: what waits for a review, one answer by the checklist, objections, figures of bodies, draws."""

from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from gospult.lib.errors import Refused
from gospult.registry.queries import has_role

from .. import actions
from ..forms_quality import DrawForm, rows_of, verdicts_of
from ..models import Draw, Inspection
from ..queries import quality
from ..queries.conversation import conversation
from ..queries.rating import Asked, bodies_of
from .access import Request, View, cleaned, may, member
from .rating import CONTROLLERS, READERS, ROWS

TABS = ("waiting", "objected", "done", "bodies", "draws")
EMPTY = {
    "waiting": "Выборка прошлой недели появится здесь в ночь на понедельник. Можно выбрать ответы и сейчас: «Выборки».",
    "objected": "Здесь появятся проверки, с которыми орган не согласен: решает не тот, кто проверял.",
    "done": "Здесь появятся проверенные ответы с баллом и тем, за что он снижен.",
}


def concerned(view: View) -> View:
    """For those who review and for the bodies' people; for others the screens do not exist."""

    @member
    @wraps(view)
    def wrapper(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not has_role(request.user, *READERS, *quality.BODYS_SIDE):
            raise Http404
        return view(request, *args, **kwargs)

    return wrapper


@require_safe
@concerned
def lists(request: Request) -> HttpResponse:
    inspects = has_role(request.user, *quality.DECIDERS)
    tabs = TABS if inspects else ("done", "bodies")
    counts = quality.counts_of(request.user)
    asked = request.GET.get("show", "")
    here = asked if asked in tabs else next((code for code in tabs if counts.get(code)), tabs[0])
    figures = [{"code": code, "title": quality.LISTS[code][0], "count": counts[code]} for code in tabs if code in counts]
    context = {"figures": figures, "tabs": tabs, "here": here, "tab": "quality", "title": "Качество ответов", "inspects": inspects}
    context |= {"may_check": has_role(request.user, *CONTROLLERS), "may_rate": has_role(request.user, *READERS), "query": f"show={here}"}
    return render(request, "desk/quality.html", context | _shown(request, here))


def _shown(request: Request, here: str) -> dict[str, Any]:
    if here == "bodies":
        return {"page": _page(request, quality.by_body(request.user)), "days": quality.LOOK_BACK.days, "least": quality.least_reviewed()}
    if here == "draws":
        page = _page(request, Draw.objects.visible_to(request.user).select_related("by").order_by("-at"))
        rows = [{"draw": draw, "drawn": draw.inspections.count(), "of": len(draw.frame), "same": quality.repeats(draw)} for draw in page]
        return {"page": page, "rows": rows, "form": DrawForm(), "may_draw": quality.may_draw(request.user)}
    body = request.GET.get("body", "")
    number = int(body) if body.isdecimal() and len(body) < 12 else None
    return {"page": _page(request, quality.in_list(request.user, here, number)), "empty": EMPTY[here], "query": f"show={here}&body={number or ''}"}


def _page(request: Request, rows: Any) -> Any:
    return Paginator(rows, ROWS).get_page(request.GET.get("page"))


@require_POST
@concerned
def draw(request: Request) -> HttpResponse:
    if not quality.may_draw(request.user):
        raise PermissionDenied
    try:
        asked = cleaned(DrawForm(request.POST))
        mine = bodies_of(request.user, Asked(asked["since"], asked["until"]))
        drawn = actions.draw_sample(**asked, bodies=mine, by=request.user)
        messages.success(request, f"Выбрано ответов: {drawn.inspections.count()} из {len(drawn.frame)}, число жребия {drawn.seed}.")
    except Refused as no:
        messages.error(request, str(no))
    return redirect(reverse("desk:quality") + "?show=draws")


@require_safe
@concerned
def inspection(request: Request, pk: int) -> HttpResponse:
    return _card(request, _found(request, pk))


def _found(request: Request, pk: int) -> Inspection:
    """The review, when the person may see it: nobody's own answer waits for him, and the body sees only what is reviewed."""
    rows = Inspection.objects.visible_to(request.user).select_related("case__body", "case__page", "answer", "body", "draw", "by", "decided_by")
    found = get_object_or_404(rows, pk=pk)
    waits = found.state == Inspection.State.WAITING and not may(request.user, found.case, quality.DECIDERS)
    if waits or not quality.may_see(request.user, found.case):
        raise Http404
    return found


def _card(request: Request, found: Inspection, *, error: str = "", status: int = 200) -> HttpResponse:
    checklist, can = quality.checklist_of(found), quality.abilities(request.user, found)
    said = conversation(found.case)
    verdicts = verdicts_of(request.POST, checklist) if error and checklist else {m["code"]: (m["verdict"], m["note"]) for m in found.marks}
    context = {
        "row": found, "case": found.case, "checklist": checklist, "can": can, "error": error, "typed": request.POST if error else {},
        "asked": [item for item in said if item["what"] == "message"],
        "answered": [item for item in said if item["what"] == "answer" and item["row"].pk == found.answer_id],
        "lines": rows_of(checklist, verdicts) if checklist and (can["inspect"] or can["decide"]) else [],
        "own": found.state == Inspection.State.WAITING and not can["inspect"],
    }  # fmt: skip
    return render(request, "desk/inspection.html", context, status=status)


@require_POST
@concerned
def inspect(request: Request, pk: int) -> HttpResponse:
    found = _found(request, pk)
    if not may(request.user, found.case, quality.INSPECTORS):
        raise PermissionDenied
    try:
        checklist = quality.checklist_of(found)
        actions.inspect(inspection=found, verdicts=verdicts_of(request.POST, checklist) if checklist else {}, by=request.user)
    except Refused as no:
        return _card(request, found, error=str(no), status=422)
    messages.success(request, f"Проверено: {found.score} из 100.")
    following = quality.in_list(request.user, "waiting").first()
    return redirect("desk:inspection", pk=following.pk) if following else redirect("desk:quality")


@require_POST
@concerned
def object_to(request: Request, pk: int) -> HttpResponse:
    found = _found(request, pk)
    if not may(request.user, found.case, quality.BODYS_SIDE):
        raise PermissionDenied
    try:
        actions.raise_objection(inspection=found, text=request.POST.get("text", "").replace("\0", ""), by=request.user)
    except Refused as no:
        return _card(request, found, error=str(no), status=422)
    messages.success(request, "Возражение передано. Решит не тот, кто проверял.")
    return redirect("desk:inspection", pk=pk)


@require_POST
@concerned
def decide(request: Request, pk: int) -> HttpResponse:
    found = _found(request, pk)
    if not may(request.user, found.case, quality.DECIDERS):
        raise PermissionDenied
    checklist, change = quality.checklist_of(found), request.POST.get("do") == "change"
    verdicts = (verdicts_of(request.POST, checklist) if checklist else {}) if change else None
    try:
        actions.decide_objection(inspection=found, why=request.POST.get("why", "").replace("\0", ""), verdicts=verdicts, by=request.user)
    except Refused as no:
        return _card(request, found, error=str(no), status=422)
    messages.success(request, f"{found.get_state_display().capitalize()}: {found.score} из 100.")
    return redirect(reverse("desk:quality") + "?show=objected")
