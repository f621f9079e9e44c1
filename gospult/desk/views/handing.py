"""What lies beside a case: a resident's formal appeal by 59-ФЗ or through ПОС, and the answer ready to be pasted elsewhere."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from gospult.accounts.models import Role
from gospult.lib.errors import Refused

from .. import actions
from ..forms_foreign import NumberThereForm
from ..forms_handing import HandoverForm, StepForm
from ..models import Case, Handover
from ..queries.foreign import foreign_of
from ..queries.handovers import OFFER, handovers_of, pack_of
from .access import SORTERS, Request, acting, cleaned, may, member, the_case

HANDERS = (*SORTERS, Role.EXECUTOR)
# step → (the action, the fields that it asks for, what is said afterwards)
STEPS: dict[str, tuple[Callable[..., None], tuple[str, ...], str]] = {
    "register": (actions.register_handover, ("number", "on"), "Регистрация отмечена: пошёл срок ответа."),
    "forward": (actions.forward_handover, ("to", "on"), "Переадресация отмечена: ждём регистрации там."),
    "extend": (actions.extend_handover, ("on",), "Срок ответа продлён."),
    "answer": (actions.answer_handover, ("on",), "Ответ отмечен. По официальному обращению больше ничего не ждём."),
    "drop": (actions.drop_handover, ("why",), "Запись снята."),
}


@require_safe
@member
def beside(request: Request, number: str) -> HttpResponse:
    case = the_case(request, number)
    rows = handovers_of(case)
    going = any(line["row"].state not in (Handover.State.ANSWERED, Handover.State.DROPPED) for line in rows)
    may_hand = may(request.user, case, HANDERS)
    form = HandoverForm() if may_hand and not going and case.state != Case.State.MERGED else None
    there = NumberThereForm(auto_id="there-%s") if may_hand and case.state != Case.State.MERGED else None
    return render(request, "desk/beside.html", {
        "case": case, "handovers": rows, "form": form, "may_hand": may_hand, "offer": OFFER, "pack": pack_of(case), "foreign": foreign_of(case),
        "there": there,
    })  # fmt: skip


@acting(*HANDERS)
def hand_over(request: Request, case: Case) -> HttpResponse:
    return _told(request, case, _hand_over)


@acting(*HANDERS)
def step(request: Request, case: Case, step: str) -> HttpResponse:
    if step not in STEPS:
        raise Http404
    return _told(request, case, lambda request, case: _step(request, case, step))


@acting(*HANDERS)
def entered(request: Request, case: Case) -> HttpResponse:
    return _told(request, case, _entered)


def _told(request: Request, case: Case, deed: Callable[[Request, Case], str]) -> HttpResponse:
    """A refusal is told on the very screen where the person pressed."""
    try:
        messages.success(request, deed(request, case))
    except Refused as no:
        messages.error(request, str(no))
    return redirect("desk:beside", case.number)


def _hand_over(request: Request, case: Case) -> str:
    row = actions.hand_over(case=case, **cleaned(HandoverForm(request.POST)), by=request.user)
    return f"Записано {row}. У него свой срок, срок ответа в соцсети идёт дальше."


def _entered(request: Request, case: Case) -> str:
    data = cleaned(NumberThereForm(request.POST))
    row = actions.note_foreign(case=case, system=data["system"], number=data["there"], by=request.user)
    return f"Записано: {row}. Когда придёт выгрузка с этим номером, она найдёт обращение сама."


def _step(request: Request, case: Case, name: str) -> str:
    action, fields, said = STEPS[name]
    data: dict[str, Any] = cleaned(StepForm(request.POST, case))
    if "on" in fields and data["on"] is None:
        raise Refused("Укажите день.")
    action(handover=data["handover"], **{field: data[field] for field in fields}, by=request.user)
    return said
