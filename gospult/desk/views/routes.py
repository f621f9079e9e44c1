"""«Маршруты»: rules of routing, tried on last month's cases before they are kept."""

from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from gospult.lib.errors import Refused
from gospult.registry.queries import has_role

from .. import actions
from ..actions.routes import check, doubts_of
from ..forms import EndRuleForm, RuleFilters, RuleForm, rule_words
from ..models import Case, RoutingRule
from ..models.rules import KEEPS
from ..queries import routes
from .access import Request, View, cleaned, member

ROWS = 50


def keeper(view: View) -> View:
    """For those who read rules; `actions` ask who may change which. For others the screens do not exist."""

    @member
    @wraps(view)
    def wrapper(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not has_role(request.user, *KEEPS):
            raise Http404
        return view(request, *args, **kwargs)

    return wrapper


def editor(view: View) -> View:
    """For those who write rules."""

    @member
    @wraps(view)
    def wrapper(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not has_role(request.user, *routes.KEEPERS):
            raise Http404
        return view(request, *args, **kwargs)

    return wrapper


def _rule(request: Request, pk: int) -> RoutingRule:
    rules = RoutingRule.objects.visible_to(request.user)
    return get_object_or_404(rules.select_related("topic", "territory", "sphere", "body", "overflow", "made_by", "ended_by"), pk=pk)


@require_safe
@keeper
def rules(request: Request) -> HttpResponse:
    form = RuleFilters(request.GET)
    chosen = form.chosen()
    page = Paginator(routes.find_rules(request.user, chosen), ROWS).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {"form": form, "page": page, "query": query.urlencode(), "filtered": bool(chosen), "may_edit": has_role(request.user, *routes.KEEPERS)}
    return render(request, "desk/routes.html", context)


@require_safe
@keeper
def rule(request: Request, pk: int) -> HttpResponse:
    found = _rule(request, pk)
    versions = routes.versions_of(found)
    context = {
        "rule": found,
        "versions": versions if len(versions) > 1 else [],
        "newer": versions[0] if versions[0].pk != found.pk else None,
        "may_edit": versions[0].pk == found.pk and routes.holds_on(found) and has_role(request.user, *routes.KEEPERS),
        "form": EndRuleForm(),
    }
    return render(request, "desk/route.html", context)


@require_safe
@editor
def write(request: Request, pk: int = 0) -> HttpResponse:
    """The form of a new rule, or of a new version of a rule; it leads to `trial`, which keeps nothing."""
    old = _rule(request, pk) if pk else None
    form = RuleForm(initial=rule_words(old) if old else {})
    return render(request, "desk/route_form.html", {"form": form, "old": old})


@require_safe
@editor
def trial(request: Request, pk: int = 0) -> HttpResponse:
    """What the rule would have done last month, and the button that keeps it."""
    old = _rule(request, pk) if pk else None
    form = RuleForm(request.GET)
    try:
        if not form.is_valid():
            return render(request, "desk/route_form.html", {"form": form, "old": old})
        check(form.draft())
    except Refused as no:
        return render(request, "desk/route_form.html", {"form": form, "old": old, "no": str(no)})
    row = form.draft().as_row()
    outlook = routes.look_ahead(row, old, request.user)
    found = outlook.trial
    names = routes.names_in(found)
    page = Paginator(sorted(found.changed, reverse=True), ROWS).get_page(request.GET.get("page"))
    cases = Case.objects.visible_to(request.user).select_related("body", "topic", "territory").in_bulk(list(page.object_list))
    query = urlencode({name: value for name, value in request.GET.items() if name in form.fields})
    context = {
        "form": form, "old": old, "rule": row, "outlook": outlook, "trial": found, "doubts": doubts_of(outlook), "page": page, "query": query,
        "moves": [{"was": names[was], "now": names[now], "count": count} for (was, now), count in found.moves.most_common(20)],
        "cases": [{"case": cases[pk], "was": names[found.changed[pk][0]], "now": names[found.changed[pk][1]]} for pk in page if pk in cases],
    }  # fmt: skip
    return render(request, "desk/route_trial.html", context)


@require_POST
@editor
def keep(request: Request, pk: int = 0) -> HttpResponse:
    """The rule comes into force as it was tried."""
    old = _rule(request, pk) if pk else None
    form = RuleForm(request.POST)
    sure = request.POST.get("sure") == "on"
    try:
        draft = (cleaned(form), form.draft())[1]
        made = (
            actions.change_rule(rule=old, draft=draft, sure=sure, by=request.user)
            if old
            else actions.add_rule(draft=draft, sure=sure, by=request.user)
        )
    except Refused as no:
        messages.error(request, str(no))
        query = urlencode({name: value for name, value in request.POST.items() if name in form.fields})
        return redirect(f"{reverse('desk:route_trial_of', args=[pk]) if pk else reverse('desk:route_trial')}?{query}")
    messages.success(request, f"Правило {made} сохранено.")
    return redirect("desk:routes")


@require_POST
@editor
def end(request: Request, pk: int) -> HttpResponse:
    found = _rule(request, pk)
    try:
        actions.end_rule(rule=found, last=cleaned(EndRuleForm(request.POST))["last"], by=request.user)
        messages.success(request, f"Правило {found} прекращено; в истории оно останется.")
    except Refused as no:
        messages.error(request, str(no))
    return redirect("desk:route", pk=pk)
