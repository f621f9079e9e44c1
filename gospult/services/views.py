from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from gospult.desk.actions import give_mark
from gospult.desk.models import Mark, Message
from gospult.lib.errors import Refused
from gospult.lib.limit import seconds_to_wait

from .status import clean_number, may_mark, photos_for, status_of

LOOKUPS_A_MINUTE = 30  # a family behind one address never gets there, a program that tries numbers does

MARKS_A_MINUTE = 5


@require_safe
@never_cache
def status(request: HttpRequest) -> HttpResponse:
    typed = request.GET.get("number", "")[:40]
    number = clean_number(typed)
    if number and (wait := seconds_to_wait(request, what="status", a_minute=LOOKUPS_A_MINUTE)):
        again = {"typed": typed, "too_many": True}
        response = render(request, "services/status.html", again, status=429)
        response.headers["Retry-After"] = str(wait)
        return response
    message = Message.objects.select_related("case__body").filter(number=number).first() if number else None
    context: dict[str, Any] = {
        "typed": typed,
        "number": number,
        "status": status_of(message) if message else None,
        "photos": photos_for(message) if message else [],
        "thanks": request.GET.get("said") == "1",
    }
    if message and may_mark(message):
        context |= {"may_mark": True, "values": range(1, 6), "reasons": Mark.Reason.choices}
    return render(request, "services/status.html", context, status=404 if typed and not message else 200)


@csrf_exempt  # no login and no cookie stand behind it: the number alone gives the right, and a token would set a cookie for reading
@require_POST
@never_cache
def mark(request: HttpRequest) -> HttpResponse:
    number = clean_number(request.POST.get("number", "")[:40])
    message = Message.objects.select_related("case__body").filter(number=number).first() if number else None
    context = {"typed": number, "number": number}
    if wait := seconds_to_wait(request, what="mark", a_minute=MARKS_A_MINUTE):
        response = render(request, "services/status.html", context | {"too_many": True}, status=429)
        response.headers["Retry-After"] = str(wait)
        return response
    if message is None:
        return render(request, "services/status.html", context | {"typed": number or "0"}, status=404)
    value, do = request.POST.get("value", ""), request.POST.get("do")
    try:
        given = int(value) if value in ("1", "2", "3", "4", "5") else None
        give_mark(message=message, value=given, unsolved=do == "unsolved", reason=request.POST.get("reason", ""))
    except Refused as no:
        return render(request, "services/status.html", context | {"status": status_of(message), "refused": str(no)}, status=422)
    return redirect(f"{reverse('services:status')}?number={number}&said=1")
