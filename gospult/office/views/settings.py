from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from gospult.registry.models import roles_of

from ..settings import sections_for


@require_safe
@login_required
def settings(request: HttpRequest) -> HttpResponse:
    sections: list[Any] = sections_for(roles_of(request.user))
    if not sections:
        raise Http404
    return render(request, "office/settings.html", {"sections": sections})
