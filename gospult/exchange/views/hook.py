from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.datastructures import CaseInsensitiveMapping
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from gospult.networks.registry import NETWORKS

from .. import actions


# The networks call from outside: no session and no CSRF token, the page's secret is the guard.
@csrf_exempt
@require_POST
def hook(request: HttpRequest, network: str, door: str = "") -> HttpResponse:
    if network not in NETWORKS:
        raise Http404
    if int(request.headers.get("Content-Length") or 0) > settings.HOOK_MAX_BYTES:
        return HttpResponse("too large", status=413, content_type="text/plain")
    try:
        answer = actions.accept(network=network, body=request.body, headers=_headers(request), door=door)
    except (actions.BadEvent, RequestDataTooBig):
        return HttpResponse("bad event", status=400, content_type="text/plain")
    except actions.WrongSecret:
        return HttpResponse("wrong secret", status=403, content_type="text/plain")
    return HttpResponse(answer, content_type="text/plain")


def _headers(request: HttpRequest) -> CaseInsensitiveMapping:
    """The headers and, for networks that can only be told a secret inside the address, the secret of that address."""
    secret = request.GET.get("s")
    return request.headers if secret is None else CaseInsensitiveMapping({**request.headers, "X-Door-Secret": secret})
