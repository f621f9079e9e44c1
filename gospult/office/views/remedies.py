"""Tasks: those of a person's branch and those that wait for himself."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from gospult.accounts.models import Person
from gospult.lib.errors import Refused
from gospult.registry.models import Body

from .. import actions
from ..forms import NoteForm, RemedyForm
from ..models import Goal, Remedy
from ..queries import remedies as queries

ROWS = 25
SHOWS = {"": "Выполняются", "late": "Срок прошёл", "closed": "Закрытые"}


class Request(HttpRequest):
    """A request of somebody who is logged in."""

    user: Person


@require_safe
@never_cache
@login_required
def tasks(request: Request) -> HttpResponse:
    if not queries.concerned(request.user):
        raise Http404
    show = request.GET.get("show", "")
    rows = {
        "late": queries.open_tasks(request.user).filter(due_date__lt=timezone.localdate()),
        "closed": queries.tasks_of(request.user).exclude(state=Remedy.State.OPEN).order_by("-closed_at", "-pk"),
    }.get(show, queries.open_tasks(request.user))
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    query = f"show={show}" if show in ("late", "closed") else ""
    context = {"page": page, "show": show if query else "", "shows": SHOWS, "query": query, "led": queries.led_of(request.user, page.object_list)}
    return render(request, "office/tasks.html", context)


def acting(act: Callable[[Request, Remedy], str]) -> Callable[..., HttpResponse]:
    """Post → a task that the person may see → the action → back to where he was; a refusal is told."""

    @require_POST
    @login_required
    @wraps(act)
    def wrapper(request: Request, pk: int) -> HttpResponse:
        task = get_object_or_404(queries.tasks_of(request.user), pk=pk)
        if not queries.may_do(request.user, task):
            raise Http404
        try:
            messages.success(request, act(request, task))
        except Refused as no:
            messages.error(request, str(no))
        return redirect("office:tasks")

    return wrapper


@acting
def done(request: Request, task: Remedy) -> str:
    form = NoteForm(request.POST)
    if not form.is_valid():
        raise Refused(next(iter(form.errors.values()))[0])
    actions.finish_remedy(task=task, note=form.cleaned_data["note"], by=request.user)
    return "Задача закрыта: кто её поставил, узнает."


@acting
def cancel(request: Request, task: Remedy) -> str:
    actions.cancel_remedy(task=task, by=request.user)
    return "Задача отменена."


@acting
def back(request: Request, task: Remedy) -> str:
    actions.return_remedy(task=task, by=request.user)
    return "Задача снова выполняется, исполнителю сказано."


@require_POST
@login_required
def assign(request: Request, pk: int) -> HttpResponse:
    body = get_object_or_404(Body.objects.visible_to(request.user), pk=pk)
    if not queries.may_set(request.user, body):
        raise Http404
    form = RemedyForm(body, request.POST)
    try:
        if not form.is_valid():
            raise Refused(next(iter(form.errors.values()))[0])
        task = actions.set_remedy(body=body, by=request.user, **_given(form.cleaned_data))
        told = queries.names_of_doers(task)
        text = f"Задача поставлена до {task.due_date:%d.%m.%Y}."
        messages.success(request, f"{text} Узнают: {told}." if told else f"{text} Сказать о ней некому: назначьте организации исполнителя.")
    except Refused as no:
        messages.error(request, str(no))
    return redirect("office:branch_body", pk=pk) if queries.leads(request.user, body) else redirect("office:tasks")


def _given(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "cases": list(data["cases"]), "goal": Goal(data["goal"])}
