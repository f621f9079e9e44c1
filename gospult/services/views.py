from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gospult.desk.models import Message

from .limit import seconds_to_wait
from .status import clean_number, status_of

LOOKUPS_A_MINUTE = 30  # a family behind one address never gets there, a program that tries numbers does


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
    context = {"typed": typed, "number": number, "status": status_of(message) if message else None}
    return render(request, "services/status.html", context, status=404 if typed and not message else 200)
