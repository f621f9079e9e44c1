"""Closed access and appeals: proposed, agreed to, lifted; written down, decided."""

from django.contrib import messages

from .. import actions
from ..forms import AppealForm, BackForm, BanForm, DecisionForm, ProposalForm
from ..models import Case
from ..queries import moderation_rules
from .access import SORTERS, Request, acting, cleaned
from .showing import MODERATORS


@acting(*MODERATORS)
def propose(request: Request, case: Case) -> None:
    data = cleaned(ProposalForm(request.POST, case))
    actions.propose_ban(hiding=data["hiding"], days=data["days"], note=data["note"], by=request.user)
    messages.success(request, "Предложено. Доступ закроется, когда согласится второй человек.")


@acting(*SORTERS)
def confirm(request: Request, case: Case) -> None:
    ban = cleaned(BanForm(request.POST, case))["ban"]
    actions.confirm_ban(ban=ban, by=request.user)
    messages.success(request, f"Согласовано. Сообщите жителю: {moderation_rules().appeal}")


@acting(*MODERATORS)
def decline(request: Request, case: Case) -> None:
    actions.decline_ban(ban=cleaned(BanForm(request.POST, case))["ban"], by=request.user)
    messages.success(request, "Предложение снято: доступ остаётся открытым.")


@acting(*MODERATORS)
def by_hand(request: Request, case: Case) -> None:
    actions.ban_by_hand(ban=cleaned(BanForm(request.POST, case))["ban"], by=request.user)
    messages.success(request, "Отмечено.")


@acting(*MODERATORS)
def again(request: Request, case: Case) -> None:
    actions.ban_again(ban=cleaned(BanForm(request.POST, case))["ban"], by=request.user)
    messages.success(request, "Пробуем ещё раз.")


@acting(*SORTERS)
def lift(request: Request, case: Case) -> None:
    actions.lift_ban(ban=cleaned(BanForm(request.POST, case))["ban"], by=request.user)
    messages.success(request, "Открываем доступ.")


@acting(*MODERATORS)
def appeal(request: Request, case: Case) -> None:
    data = cleaned(BackForm(request.POST, case))
    actions.record_appeal(hiding=data["hiding"], said=data["because"], by=request.user)
    messages.success(request, "Обжалование записано. Решит тот, кто в решении не участвовал.")


@acting(*SORTERS)
def decide(request: Request, case: Case) -> None:
    chosen = cleaned(AppealForm(request.POST, case))["appeal"]
    data = cleaned(DecisionForm(request.POST))
    actions.decide_appeal(appeal=chosen, granted=data["granted"] == "yes", why=data["because"], by=request.user)
    messages.success(request, "Решено. Сообщите решение жителю.")
