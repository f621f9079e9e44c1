"""Many cases of the list at once, and «Отменить»."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from gospult.lib.errors import Refused

from .. import actions
from ..forms import BulkForm
from ..models import BulkAction
from .access import SORTERS, Request, cleaned, kept_query, may, member

NAMED = 5  # cases that could not be restored are named one by one up to so many


@require_POST
@member
def bulk(request: Request) -> HttpResponse:
    try:
        data = cleaned(BulkForm(request.POST, request.user))
        cases = list(data["case"])
        if not all(may(request.user, case, SORTERS) for case in cases):
            raise PermissionDenied
        done = actions.bulk(cases=cases, do=data["do"], closed_as=data["closed_as"], by=request.user)
        undo = f"{reverse('desk:bulk_undo', args=[done.pk])}?{kept_query(request)}"
        messages.success(request, f"Готово, обращений: {len(cases)}.", extra_tags=undo)
    except Refused as no:
        messages.error(request, f"{no} Ни одно из выбранных обращений не изменено.")
    return _to_the_list(request)


@require_POST
@member
def undo(request: Request, pk: int) -> HttpResponse:
    action = get_object_or_404(BulkAction.objects.visible_to(request.user), pk=pk)
    try:
        undone = actions.undo_bulk(action=action, by=request.user)
    except Refused as no:
        messages.error(request, str(no))
        return _to_the_list(request)
    if undone.restored:
        messages.success(request, f"Отменено, обращений: {undone.restored}.")
    if undone.left:
        more = f" и ещё {len(undone.left) - NAMED}" if len(undone.left) > NAMED else ""
        messages.warning(request, f"Не отменено, обращений: {len(undone.left)}. {'; '.join(why.rstrip('.') for why in undone.left[:NAMED])}{more}.")
    return _to_the_list(request)


def _to_the_list(request: Request) -> HttpResponse:
    query = kept_query(request)
    return redirect(reverse("desk:queue") + (f"?{query}" if query else ""))
