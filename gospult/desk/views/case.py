"""One case: its pane, and what is decided about it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from .. import actions
from ..forms import BecauseForm, BodyForm, CloseForm, KindForm, MergeForm, PlaceForm, SplitForm, TopicForm
from ..models import Case
from . import showing
from .access import SORTERS, WRITERS, Request, acting, back, cleaned, kept_query, may, member, the_case
from .presence import company
from .queue import listing

PICKERS = {
    "topic": "Тема",
    "body": "Орган, который ответит",
    "place": "Место",
    "merge": "С каким обращением это одна проблема",
    "template": "Шаблон ответа",
}


@require_safe
@member
def case(request: Request, number: str) -> HttpResponse:
    return shown(request, the_case(request, number))


def shown(request: Request, found: Case, **typed: str) -> HttpResponse:
    """The screen of a case; `typed` is what a refused form gets back, so that no word of it is lost."""
    context = showing.card(request.user, found) | company(request, found) | typed
    context["may_unmerge"] = found.state == Case.State.MERGED and may(request.user, found, SORTERS)
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "desk/_case_swap.html", context | {"query": kept_query(request), "row": found})
    return render(request, "desk/desk.html", context | listing(request))


@require_safe
@member
def choose(request: Request, number: str, what: str) -> HttpResponse:
    found = the_case(request, number)
    if what not in PICKERS or not may(request.user, found, WRITERS if what == "template" else SORTERS):
        raise Http404
    find = request.GET.get("q", "").replace("\0", "")[:100]
    context = {"case": found, "what": what, "label": PICKERS[what], "find": find, "choices": showing.choices(request.user, found, what, find)}
    return render(request, "desk/_choices.html" if request.htmx else "desk/choose.html", context)


@acting(*SORTERS)
def topic(request: Request, case: Case) -> None:
    chosen = cleaned(TopicForm(request.POST))["topic"]
    actions.set_topic(case=case, topic=chosen, by=request.user)
    messages.success(request, f"Тема — «{chosen}».")


@acting(*SORTERS)
def body(request: Request, case: Case) -> None:
    chosen = cleaned(BodyForm(request.POST, request.user))["body"]
    actions.route(case=case, body=chosen, by=request.user)
    messages.success(request, f"Передано: {chosen}.")


@acting(*SORTERS)
def place(request: Request, case: Case) -> None:
    chosen = cleaned(PlaceForm(request.POST))["place"]
    actions.set_place(case=case, territory=chosen, place=case.place, by=request.user)
    messages.success(request, f"Место — {chosen}.")


@acting(*SORTERS)
def kind(request: Request, case: Case) -> None:
    actions.set_kind(case=case, kind=cleaned(KindForm(request.POST))["kind"], by=request.user)
    messages.success(request, f"Тип — {case.get_kind_display()}.")


@acting(*SORTERS)
def merge(request: Request, case: Case) -> HttpResponse:
    into = cleaned(MergeForm(request.POST, request.user))["merge"]
    if not may(request.user, into, SORTERS):
        raise PermissionDenied
    actions.merge(case=case, into=into, by=request.user)
    messages.success(request, f"Обращение {case.number} объединено с этим.")
    return back(request, into)


@acting(*SORTERS)
def split(request: Request, case: Case) -> HttpResponse:
    new = actions.split(case=case, messages=[cleaned(SplitForm(request.POST, case))["message"]], by=request.user)
    messages.success(request, f"Сообщение выделено из обращения {case.number}.")
    return back(request, new)


@acting(*SORTERS)
def unmerge(request: Request, case: Case) -> None:
    """Posted to the case that went into another one; it must be in the person's reach as well as the other."""
    if case.merged_into and not may(request.user, case.merged_into, SORTERS):
        raise PermissionDenied
    actions.unmerge(case=case, by=request.user)
    messages.success(request, f"Обращение {case.number} снова само по себе, со своим сроком.")


@acting(*SORTERS)
def close(request: Request, case: Case) -> None:
    actions.close(case=case, closed_as=cleaned(CloseForm(request.POST))["closed_as"], by=request.user)
    messages.success(request, "Закрыто.")


@acting(*SORTERS)
def reopen(request: Request, case: Case) -> None:
    because = cleaned(BecauseForm(request.POST))["because"]
    if case.state == Case.State.ANSWERED:
        actions.return_for_rework(case=case, why=because, by=request.user)
    else:
        actions.reopen(case=case, because=because or "решение сотрудника", by=request.user)
    messages.success(request, "Снова в работе.")
