"""What a steward sees who was sent a link: what is asked for, one field for the key, and what became of it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from gospult.lib.errors import Refused

from .. import actions
from ..forms import KeyForm
from ..models import Connection, Invitation, works

LOOK_AGAIN = "5"  # seconds until the browser asks what the check has brought


# The key in the address is the right to act here: nobody is logged in, and no cookie is set.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def connect(request: HttpRequest, key: str) -> HttpResponse:
    try:
        if request.method == "POST":
            return _given(request, key)
        invitation = actions.open_link(key=key)
    except Refused as no:
        return _closed(render(request, "exchange/connect_closed.html", {"why": str(no)}, status=404))
    return _shown(request, invitation)


def _given(request: HttpRequest, key: str) -> HttpResponse:
    form = KeyForm(request.POST)
    token = form.cleaned_data["token"] if form.is_valid() else "\n"
    invitation = actions.open_link(key=key)
    try:
        actions.give_key(key=key, token=token)
    except Refused as no:
        return _shown(request, invitation, error=str(no))
    return redirect("exchange:connect", key=key)


def _shown(request: HttpRequest, invitation: Invitation, error: str = "") -> HttpResponse:
    page, checking = invitation.page, invitation.next_check_at is not None
    connection = Connection.objects.filter(page=page).first() if invitation.connected_at else None
    context = {
        "page": page, "by": invitation.by, "until": invitation.expires_at, "form": KeyForm(), "how": f"exchange/how/{page.network}.html",
        "checking": checking and not error, "connected": invitation.connected_at is not None, "mode": connection and connection.get_mode_display(),
        "works": connection and works(connection.mode, page.network, actions.abilities(connection)), "error": error or invitation.problem,
    }  # fmt: skip
    answer = render(request, "exchange/connect.html", context, status=422 if error else 200)
    if context["checking"]:
        answer.headers["Refresh"] = LOOK_AGAIN
    return _closed(answer)


def _closed(answer: HttpResponse) -> HttpResponse:
    """The address is a key: no search engine keeps it, no other site hears of it."""
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
