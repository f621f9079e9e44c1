from collections.abc import Callable
from functools import wraps

from django.conf import settings as site
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from gospult.lib.errors import Refused

from .. import actions, queries
from ..forms import CodeForm, ConnectForm, HabitForm
from ..models import Channel, Contact, Habit
from .shown import Request

Deed = Callable[..., HttpResponse | None]


@require_safe
@login_required
def settings(request: Request) -> HttpResponse:
    return _page(request)


def _page(request: Request, **more: object) -> HttpResponse:
    habit = Habit.objects.filter(person=request.user).first() or Habit(person=request.user)
    given = {"quiet_from": habit.quiet_from, "quiet_to": habit.quiet_to, "quiet_weekends": habit.quiet_weekends}
    contacts = list(request.user.contacts.select_related("page"))
    context = {
        "contacts": contacts, "channels": queries.channels(), "mails": site.MAILS,
        "waiting": next((row for row in contacts if row.channel == Channel.EMAIL and row.confirmed_at is None), None),
        "habit": HabitForm(initial={**given, "deputy": habit.deputy and habit.deputy.username, "away_until": habit.away_until}), "now": habit, **more,
    }  # fmt: skip
    return render(request, "alerts/settings.html", context)


def acting(view: Deed) -> Callable[..., HttpResponse]:
    """The frame of an action on one's own settings: post → the view → back; a refusal is told."""

    @require_POST
    @login_required
    @wraps(view)
    def wrapper(request: Request, **named: int) -> HttpResponse:
        try:
            answer = view(request, **named)
        except Refused as no:
            messages.error(request, str(no))
            answer = None
        return answer or redirect("alerts:settings")

    return wrapper


@acting
def habit(request: Request) -> None:
    actions.set_habit(**HabitForm(request.POST).chosen(), by=request.user)
    messages.success(request, "Сохранено.")


@acting
def connect(request: Request) -> HttpResponse | None:
    channel, address = ConnectForm(request.POST).chosen()
    code = actions.begin_pairing(person=request.user, channel=channel, address=address)
    if channel == Channel.EMAIL:
        messages.success(request, f"Код отправлен на {address}: введите его здесь.")
        return None
    where = next(row for row in queries.channels() if row["code"] == channel)
    return _page(request, code=f"{code[:4]} {code[4:]}", start=code, where=where)


@acting
def confirm(request: Request) -> None:
    actions.confirm_mail(person=request.user, code=CodeForm(request.POST).chosen())
    messages.success(request, "Почта подключена.")


@acting
def first(request: Request, pk: int) -> None:
    contact = get_object_or_404(Contact, pk=pk, person=request.user)
    actions.move_contact(contact=contact, by=request.user)
    messages.success(request, f"Сначала — {contact.get_channel_display()}.")


@acting
def remove(request: Request, pk: int) -> None:
    contact = get_object_or_404(Contact, pk=pk, person=request.user)
    actions.remove_contact(contact=contact, by=request.user)
    messages.success(request, f"{contact.get_channel_display()}: отключено.")
