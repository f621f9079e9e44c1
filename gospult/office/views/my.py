"""«Моя страница»: what waits, and an answer in two taps, on a phone."""

import re
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
from gospult.alerts.actions import mark_read
from gospult.desk import actions as desk
from gospult.desk.models import Answer, Case, Task, Template
from gospult.desk.queries.conversation import conversation
from gospult.desk.queries.notes import with_notes
from gospult.desk.queries.ready import placeholders, ready_for
from gospult.desk.queries.rights import WRITERS, may
from gospult.informing.models import pages_to_post
from gospult.informing.queries import troubled
from gospult.lib.errors import Refused
from gospult.lib.photos import LARGEST_FILE

from .. import queries
from ..forms import LONGEST, AnswerForm
from ..queries.remedies import own_tasks

ROWS = 20
READY = 12  # the templates that come nearest
IN_WORK = (Answer.State.DRAFT, Answer.State.CHECKED, Answer.State.APPROVED, Answer.State.FAILED)


class Request(HttpRequest):
    """A request of somebody who is logged in."""

    user: Person


@require_safe
@login_required
def home(request: Request) -> HttpResponse:
    return redirect(queries.home_of(request.user))


@require_safe
@never_cache
@login_required
def my(request: Request) -> HttpResponse:
    if not queries.has_own_page(request.user):
        raise Http404
    mine = queries.my_page(request.user)
    waiting, asked = own_tasks(request.user), Task.objects.asked_of(request.user).open()
    context = {
        "pages": mine.pages, "page": Paginator(mine.open, ROWS).get_page(request.GET.get("page")), "weeks": queries.my_weeks(request.user),
        "troubled": troubled(request.user), "posts": pages_to_post(request.user).exists(), "tasks": waiting.count(),
        "tasks_late": waiting.filter(due_date__lt=timezone.localdate()).count(), "asked": asked.count(),
        "asked_late": asked.filter(due_date__lt=timezone.localdate()).count(),
    }  # fmt: skip
    return render(request, "office/my.html", context)


def _case(request: Request, number: str) -> Case:
    cases = Case.objects.visible_to(request.user).select_related("topic", "territory", "page", "body", "merged_into")
    case = get_object_or_404(cases, number=number)
    if not may(request.user, case, WRITERS):
        raise Http404
    return case


@require_safe
@never_cache
@login_required
def case(request: Request, number: str) -> HttpResponse:
    found = _case(request, number)
    mark_read(person=request.user, case=found.pk)
    return _shown(request, found)


def _shown(request: Request, found: Case, *, error: str = "", text: str | None = None, status: int = 200) -> HttpResponse:
    draft = found.answers.filter(state__in=IN_WORK).select_related("author").first()
    context: dict[str, Any] = {
        "case": found, "thread": with_notes(found, conversation(found)), "draft": draft, "error": error,
        "text": text if text is not None else draft.text if draft and draft.state == Answer.State.DRAFT else "",
        "writes": (draft is None or draft.state == Answer.State.DRAFT) and found.state != Case.State.MERGED,
        "alone": queries.publishes_alone(request.user, found, draft), "query": "",
        "ready": ready_for(found)[:READY],
    }  # fmt: skip
    return render(request, "office/my_case.html", context, status=status)


@require_POST
@login_required
def answer(request: Request, number: str) -> HttpResponse:
    found, form = _case(request, number), AnswerForm(request.POST)
    try:
        if "ready" in request.POST:
            return _ready(request, found)
        if not form.is_valid():
            raise Refused(next(iter(form.errors.values()))[0])
        sent = _answered(request, found, form.cleaned_data)
    except Refused as no:  # nothing that was typed is lost
        return _shown(request, found, error=str(no), text=request.POST.get("text", ""), status=422)
    messages.success(request, "Ответ уходит жителю." if sent.state == Answer.State.APPROVED else "Ответ отдан на согласование.")
    return redirect("office:my_case", number=number)


def _ready(request: Request, case: Case) -> HttpResponse:
    """A ready answer stands below what was typed; the typed words are kept as the draft first."""
    number, typed = request.POST["ready"], request.POST.get("text", "").strip()
    template = Template.objects.filter(pk=int(number), retired_at=None).first() if re.fullmatch(r"\d{1,9}", number, re.ASCII) else None
    if template is None:
        raise Refused("Этого готового ответа уже нет: выберите другой.")
    desk.hold(case=case, by=request.user)
    if typed:
        desk.save_draft(case=case, text=typed[:LONGEST], by=request.user)
    answer = desk.put_template(case=case, template=template, by=request.user)
    desk.let_go(case=case, by=request.user)
    empty = placeholders(answer.text)
    if empty:
        messages.warning(request, f"Готовый ответ вставлен. Вместо скобок впишите: {', '.join(empty)}.")
    return redirect("office:my_case", number=case.number)


def _answered(request: Request, case: Case, data: dict[str, Any]) -> Answer:
    person, promised = request.user, data["promised_date"]
    kind = Answer.Kind.INTERIM if promised else Answer.Kind.FINAL
    desk.hold(case=case, by=person)
    kept = desk.save_draft(case=case, text=data["text"], kind=kind, promised_date=promised, by=person)
    for photo in request.FILES.getlist("photo"):
        desk.attach_photo(answer=kept, content=photo.read(LARGEST_FILE + 1), by=person)
    sent = desk.send(answer=kept, by=person) if queries.publishes_alone(person, case, kept) else desk.submit(answer=kept, by=person)
    desk.let_go(case=case, by=person)
    return sent


@require_POST
@login_required
def undo(request: Request, number: str) -> HttpResponse:
    found = _case(request, number)
    mine = found.answers.filter(state__in=IN_WORK, author=request.user).first()
    try:
        if mine is None:
            raise Refused("Отменять нечего: обновите страницу.")
        desk.withdraw(answer=mine, by=request.user)
        messages.success(request, "Отменено: ответ снова черновик, жителю ничего не ушло.")
    except Refused as no:
        messages.error(request, str(no))
    return redirect("office:my_case", number=number)
