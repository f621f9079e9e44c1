"""Screens that exist only for some people."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponseBase

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def only(allowed: Callable[[Any], bool]) -> Callable[[View], View]:
    """A view for those who are logged in and allowed; for everybody else it does not exist."""

    def guard(view: View) -> View:
        @login_required
        @wraps(view)
        def wrapper(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not allowed(request.user):
                raise Http404
            return view(request, *args, **kwargs)

        return wrapper  # type: ignore[return-value]

    return guard
