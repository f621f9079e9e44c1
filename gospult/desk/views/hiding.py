"""Comments out of sight and back."""

from django.contrib import messages

from .. import actions
from ..forms import BackForm, HideForm, HidingForm
from ..models import Case, Hiding
from .access import Request, acting, cleaned
from .showing import MODERATORS


@acting(*MODERATORS)
def hide(request: Request, case: Case) -> None:
    data = cleaned(HideForm(request.POST, case))
    row = actions.hide(message=data["message"], ground=data["ground"], note=data["note"], by=request.user)
    by_hand = "Откройте ветку, скройте комментарий и отметьте это здесь."
    messages.success(request, by_hand if row.state == Hiding.State.BY_HAND else "Скрываем. Текст остаётся здесь до конца срока хранения.")


@acting(*MODERATORS)
def back(request: Request, case: Case) -> None:
    data = cleaned(BackForm(request.POST, case))
    actions.give_back(hiding=data["hiding"], why=data["because"], by=request.user)
    messages.success(request, "Возвращаем комментарий.")


@acting(*MODERATORS)
def by_hand(request: Request, case: Case) -> None:
    row = cleaned(HidingForm(request.POST, case))["hiding"]
    done = actions.returned_by_hand if row.state == Hiding.State.RETURN_BY_HAND else actions.hidden_by_hand
    done(hiding=row, by=request.user)
    messages.success(request, "Отмечено.")


@acting(*MODERATORS)
def again(request: Request, case: Case) -> None:
    actions.try_again(hiding=cleaned(HidingForm(request.POST, case))["hiding"], by=request.user)
    messages.success(request, "Пробуем ещё раз.")


@acting(*MODERATORS)
def seen(request: Request, case: Case) -> None:
    actions.look_over(hiding=cleaned(HidingForm(request.POST, case))["hiding"], by=request.user)
    messages.success(request, "Проверено вторым человеком.")
