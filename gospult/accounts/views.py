from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from gospult.lib.errors import Refused

from . import actions

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


# A messenger's preview opens links by itself, so only the button uses the link up.
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, key: str) -> HttpResponse:
    try:
        link = actions.use_login_link(key=key) if request.method == "POST" else actions.find_login_link(key=key)
    except Refused as no:
        return _closed(render(request, "accounts/link_closed.html", {"why": str(no)}, status=404))
    if request.user == link.person:
        return redirect(link.path)
    if request.method == "POST":
        login(request, link.person, backend=BACKEND)
        return redirect(link.path)
    return _closed(render(request, "accounts/enter.html", {"person": link.person}))


def _closed(answer: HttpResponse) -> HttpResponse:
    """The address is a key: no search engine keeps it, no other site hears of it."""
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
