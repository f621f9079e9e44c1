"""«Поручения»: parts of a case asked of bodies below, from both sides."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from gospult.lib.errors import Refused
from gospult.lib.photos import LARGEST_FILE
from gospult.lib.words import plural

from .. import actions
from ..forms_tasks import SaidForm, TaskForm
from ..models import Case, Task
from ..queries.people import executors
from ..queries.tasks import may_ask, to_choose
from .access import ASKERS, Request, back, cleaned, holds, kept_query, may, member, posting, the_case
from .files import send_file


@require_http_methods(["GET", "POST"])
@member
def ask(request: Request, number: str) -> HttpResponseBase:
    case = the_case(request, number)
    if not may_ask(request.user, case):
        raise PermissionDenied
    form = TaskForm(request.POST if request.method == "POST" else None, case)
    if request.POST.get("do") == "ask":
        try:
            _ask(request, case, cleaned(form))
            return back(request, case)
        except Refused as no:
            messages.error(request, str(no))
    find = request.POST.get("q", "").replace("\0", "")[:100]
    chosen = [int(pk) for pk in request.POST.getlist("body") if pk.isdecimal() and len(pk) < 19]
    typed = {name: request.POST.get(name, "") for name in ("text", "due", "because")}
    context: dict[str, Any] = {"case": case, "form": TaskForm(None, case, initial=typed), "find": find, "query": kept_query(request)}
    return render(request, "desk/task_new.html", context | {"bodies": to_choose(case, find, chosen), "chosen": chosen})


def _ask(request: Request, case: Case, data: dict[str, Any]) -> None:
    asked = actions.ask(
        case=case, bodies=list(data["body"]), text=data["text"], due=data["due"], because=data["because"], by=request.user
    )  # fmt: skip
    messages.success(request, f"Поручено: {plural(len(asked), ('организации', 'организациям', 'организациям'))}. Срок ответа жителю не изменился.")
    for task in asked:
        if not executors(task.body):
            messages.warning(request, f"У организации «{task.body}» в системе нет исполнителя: сообщите ей о поручении сами.")


@posting(lambda user, case: True)
def do(request: Request, case: Case, pk: int, do: str) -> HttpResponse | None:
    if do not in DO:
        raise Http404
    task = get_object_or_404(
        Task.objects.visible_to(request.user).select_related("body", "asked_by", "case__topic", "case__territory"), pk=pk, case=case
    )
    return DO[do](request, case, task)


def _done(request: Request, case: Case, task: Task) -> None:
    _must_hold(request, task)
    file = request.FILES.get("photo")
    # One byte over the limit is enough to refuse it: a huge file is never read whole.
    actions.finish_task(task=task, result=_said(request), photo=file.read(LARGEST_FILE + 1) if file else b"", by=request.user)
    messages.success(request, "Выполнено: тот, кто поручил, узнает об этом.")


def _return(request: Request, case: Case, task: Task) -> HttpResponse | None:
    _must_hold(request, task)
    actions.give_task_back(task=task, why=_said(request), by=request.user)
    messages.success(request, f"Поручение возвращено: {task.asked_by} узнает об этом сейчас.")
    seen = Case.objects.visible_to(request.user).filter(pk=case.pk).exists()
    return None if seen else redirect(f"{reverse('desk:queue')}?view=tasks")


def _cancel(request: Request, case: Case, task: Task) -> None:
    if not may(request.user, case, ASKERS):
        raise PermissionDenied
    actions.cancel_task(task=task, why=_said(request), by=request.user)
    messages.success(request, "Поручение снято.")


def _said(request: Request) -> str:
    return str(cleaned(SaidForm(request.POST))["said"])


def _must_hold(request: Request, task: Task) -> None:
    if not holds(request.user, task):
        raise PermissionDenied


DO = {"done": _done, "return": _return, "cancel": _cancel}


@require_safe
@member
def photo(request: Request, pk: int) -> FileResponse:
    task = get_object_or_404(Task.objects.visible_to(request.user).exclude(photo=""), pk=pk)
    return send_file(task.photo, "image/jpeg", f"{task.pk}.jpg")
