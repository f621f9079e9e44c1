"""The answer: draft, check, approval, the time to undo, and what to do when a network refuses."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from gospult.lib.errors import Refused
from gospult.lib.photos import LARGEST_FILE

from .. import actions, queries
from ..actions.answering import remarks
from ..forms import AddressForm, AnswerForm, BecauseForm
from ..models import Answer, Case, PhotoReport
from .access import APPROVERS, WRITERS, Request, acting, cleaned, may
from .showing import IN_WORK


def _kept(request: Request, case: Case) -> Answer:
    """The draft as it now stands in the form; refused when a colleague has written since the page was opened."""
    data = cleaned(AnswerForm(request.POST))
    old = case.answers.filter(state__in=IN_WORK).select_related("author").first()
    seen = parse_datetime(data["seen"]) if data["seen"] else None
    if old and old.author_id != request.user.pk and (seen is None or old.saved_at > seen) and old.text != data["text"]:
        at = f"{timezone.localtime(old.saved_at):%H:%M}"
        raise Refused(f"{old.author} изменил(а) черновик в {at}. Ваш текст не сохранён: скопируйте его и обновите страницу.")
    actions.hold(case=case, by=request.user)
    return actions.save_draft(
        case=case, text=data["text"], kind=data["kind"] or Answer.Kind.FINAL, promised_date=data["promised_date"], by=request.user
    )


def _open_answer(case: Case) -> Answer:
    answer = case.answers.filter(state__in=IN_WORK).select_related("case").first()
    if answer is None:
        raise Refused("Этого ответа уже нет в работе: обновите страницу.")
    return answer


@acting(*WRITERS)
def draft(request: Request, case: Case) -> HttpResponse:
    """Kept while it is typed; the checker answers beside it."""
    try:
        answer = _kept(request, case)
    except Refused as no:
        return render(request, "desk/_checker.html", {"conflict": str(no)})
    return render(request, "desk/_checker.html", {"remarks": remarks(answer), "saved_at": answer.saved_at})


@acting(*WRITERS)
def answer(request: Request, case: Case) -> None:
    kept = _kept(request, case)
    for name, moment in (("before", PhotoReport.Moment.BEFORE), ("photo", PhotoReport.Moment.AFTER)):
        for photo in request.FILES.getlist(name):
            # One byte over the limit is enough to refuse it: a huge file is never read whole.
            actions.attach_photo(answer=kept, content=photo.read(LARGEST_FILE + 1), moment=moment, by=request.user)
    do = request.POST.get("do")
    if do == "approve":
        if queries.needs_approval(kept):
            _approver(request, case)
        if actions.send(answer=kept, by=request.user).state == Answer.State.CHECKED:
            messages.success(request, f"Ответ ждёт другого человека. {queries.may_sign(kept, request.user) or 'Нужен ещё один согласующий.'}")
    elif do == "submit":
        actions.submit(answer=kept, by=request.user)
        messages.success(request, "Ответ отдан на согласование.")
    elif do == "private":
        actions.to_private(answer=kept, by=request.user)
        messages.success(request, "Личное убрано, готовая фраза вставлена. Прочтите и опубликуйте.")
    else:
        messages.success(request, "Черновик сохранён.")
    if do in ("approve", "submit"):
        actions.let_go(case=case, by=request.user)


@acting(*APPROVERS)
def decide(request: Request, case: Case) -> None:
    if request.POST.get("do") == "approve":
        if actions.approve(answer=_open_answer(case), by=request.user).state == Answer.State.CHECKED:
            messages.success(request, "Согласовано. Нужен ещё один человек: ответ ждёт его.")
    else:
        actions.return_draft(answer=_open_answer(case), why=cleaned(BecauseForm(request.POST))["because"], by=request.user)
        messages.success(request, "Ответ вернулся на доработку.")


@acting(*WRITERS)
def withdraw(request: Request, case: Case) -> None:
    answer = _open_answer(case)
    if answer.author_id != request.user.pk:
        _approver(request, case)
    actions.withdraw(answer=answer, by=request.user)
    messages.success(request, "Отменено: ответ снова черновик, жителю ничего не ушло.")


@acting(*APPROVERS)
def retry(request: Request, case: Case) -> None:
    actions.retry(answer=_open_answer(case), by=request.user)
    messages.success(request, "Отправляем ещё раз.")


@acting(*APPROVERS)
def by_hand(request: Request, case: Case) -> None:
    actions.mark_published(answer=_open_answer(case), url=cleaned(AddressForm(request.POST))["url"], by=request.user)
    messages.success(request, "Отмечено: ответ опубликован.")


def _approver(request: Request, case: Case) -> None:
    if not may(request.user, case, APPROVERS):
        raise PermissionDenied
