"""A case on pause: its clock waits for somebody outside."""

from django.contrib import messages

from gospult.lib.words import day_in_words

from .. import actions
from ..forms_deadlines import PauseForm
from ..models import Case
from .access import SORTERS, Request, acting, cleaned


@acting(*SORTERS)
def pause(request: Request, case: Case) -> None:
    data = cleaned(PauseForm(request.POST))
    actions.pause(case=case, reason=data["reason"], until=data["until"], by=request.user)
    messages.success(request, f"Срок стоит до конца дня: {day_in_words(data['until'], data['until'].year)}. Дальше пойдёт сам.")


@acting(*SORTERS)
def resume(request: Request, case: Case) -> None:
    actions.resume(case=case, by=request.user)
    messages.success(request, "Срок идёт дальше.")
