"""How often one address may ask: public look-ups are counted by the minute, without keeping the address itself."""

import time

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

MINUTE = 60  # seconds


def seconds_to_wait(request: HttpRequest, *, what: str, a_minute: int) -> int:
    """Count one look-up; 0 when it is allowed, else the seconds until the next minute. Two at once may be counted as one."""
    minute, past = divmod(int(time.time()), MINUTE)
    key = f"limit:{what}:{minute}:{salted_hmac('services.limit', _address(request)).hexdigest()[:32]}"
    asked = cache.get(key, 0)
    if asked >= a_minute:
        return MINUTE - past
    cache.set(key, asked + 1, MINUTE)
    return 0


def _address(request: HttpRequest) -> str:
    """The client's address as the login sees it, behind as many proxies as GOSPULT_PROXIES; those who hide it share one count."""
    try:
        return str(get_adapter().get_client_ip(request))
    except (PermissionDenied, ImproperlyConfigured):
        return ""
