"""What an operator watches of moderation, and the open monthly count."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from gospult.accounts.models import Role
from gospult.registry import queries as registry
from gospult.registry.models.pages import NETWORK_NAMES

from ..models import Ban, Hiding
from ..queries import moderation as asked
from ..queries import moderation_rules
from .access import Request, member

ROWS = 50
READERS = (Role.OPERATOR, Role.CURATOR, Role.ANALYST, Role.HEAD, Role.ADMIN, Role.AUDITOR, Role.STEWARD)
TABS: dict[str, tuple[str, Any]] = {
    "hidden": ("Скрытые", asked.hidings),
    "bans": ("Закрытый доступ", asked.bans),
    "appeals": ("Обжалования", asked.appeals),
    "closed": ("Комментарии закрыты", asked.closed_pages),
    "deletions": ("Массовые удаления", asked.mass_deletions),
}
STATES: dict[str, list[tuple[str, str]]] = {
    "hidden": list(Hiding.State.choices),
    "bans": list(Ban.State.choices),
    "appeals": [("open", "ждут решения"), ("granted", "удовлетворены"), ("refused", "отказано")],
}


@require_safe
@member
def moderation(request: Request) -> HttpResponse:
    if not registry.has_role(request.user, *READERS):
        raise PermissionDenied
    tab = request.GET.get("tab", "") if request.GET.get("tab") in TABS else "hidden"
    grounds = [(ground.code, ground.title) for ground in moderation_rules().grounds.values()] if tab in ("hidden", "bans") else []
    known = {"state": STATES.get(tab, []), "ground": grounds, "network": list(NETWORK_NAMES.items()) if tab != "appeals" else []}
    chosen = {name: value for name, choices in known.items() if (value := request.GET.get(name, "")) in dict(choices)}
    if tab == "hidden" and request.GET.get("second"):
        chosen["second"] = "1"
    query = request.GET.copy()
    query.pop("page", None)
    return render(request, "desk/moderation.html", {
        "tab": tab, "tabs": [(code, title) for code, (title, _) in TABS.items()], "known": known, "chosen": chosen, "query": query.urlencode(),
        "page": Paginator(TABS[tab][1](request.user, chosen), ROWS).get_page(request.GET.get("page")), "most": moderation_rules().deletions_a_day,
        "days": asked.WATCHED_DAYS,
    })  # fmt: skip


@require_safe
def open_count(request: HttpRequest) -> HttpResponse:
    month = asked.month_of(request.GET.get("month", ""))
    counted = asked.open_count(month)
    page = Paginator(counted["rows"], ROWS).get_page(request.GET.get("page"))
    context = {"month": month, "total": counted["total"], "grounds": counted["grounds"], "page": page, "query": f"month={month:%Y-%m}"}
    return render(request, "desk/moderation_open.html", context | {"rules": moderation_rules()})
