"""What is asked again and again while one page is made is read once."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from .models.access import known_grants


def grants_read_once(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """For the time of a request a person's grants are those of its first look; the actions that change grants make it look again."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        before = known_grants.set({})
        try:
            return get_response(request)
        finally:
            known_grants.reset(before)

    return middleware
