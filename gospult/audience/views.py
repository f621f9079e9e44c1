"""«Аудитория»: figures of territories, what pages add, people of chosen pages; for others than its readers it does not exist."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from gospult.accounts.models import Person, Role
from gospult.lib.doors import only
from gospult.lib.errors import Refused
from gospult.registry.models import Page
from gospult.registry.queries import has_role

from . import actions, queries
from .forms import AudienceForm, OverlapForm
from .models import Build, PageShare, Selection
from .queries.estimates import of_one_network

ROWS = 50
BUILDERS = (Role.OPERATOR, Role.ADMIN)
MOST = 2000  # pages of one choice


class Request(HttpRequest):
    """A request of somebody who reads the audience."""

    user: Person


reader = only(queries.reads_audience)  # for those who see the audience of some territory


@require_safe
@reader
def show(request: Request) -> HttpResponse:
    build = queries.latest()
    form = AudienceForm(request.GET, request.user, build)
    asked = form.asked()
    found = queries.headline(request.user, asked["territory"], sphere=asked["sphere"], network=asked["network"])
    context: dict[str, Any] = {
        "tab": "show",
        "form": form,
        "found": found,
        "build": build,
        "working": Build.objects.filter(unfinished=True).first(),
        **asked,
    }
    context["rows"] = queries.rows(request.user, asked["territory"], sphere=asked["sphere"], network=asked["network"])
    context["heat_network"] = heat = asked["network"] or (found.networks[0][0] if found and found.networks else "")
    context["spheres"], context["heat"] = queries.heat(request.user, network=heat) if heat else ([], [])
    context["may_build"] = has_role(request.user, *BUILDERS)
    context["network_names"] = dict(queries.networks(build))
    return render(request, "audience/show.html", context)


@require_safe
@reader
def pages(request: Request) -> HttpResponse:
    build = queries.latest()
    form = AudienceForm(request.GET, request.user, build)
    asked = form.asked()
    found = queries.shares(request.user, territory=asked["territory"], network=asked["network"])
    if asked["sphere"]:
        found = found.filter(page__bodies__spheres=asked["sphere"]).distinct()
    query = request.GET.copy()
    query.pop("page", None)
    page = Paginator(found, ROWS).get_page(request.GET.get("page"))
    return render(request, "audience/pages.html", {"tab": "pages", "form": form, "page": page, "query": query.urlencode(), "build": build, **asked})


@require_safe
@reader
def choose(request: Request) -> HttpResponse:
    build = queries.latest()
    chosen = _chosen(request, request.GET.getlist("one"))
    context: dict[str, Any] = {"tab": "choose", "build": build, "chosen": chosen, "mixed": bool(chosen) and not of_one_network(chosen)}
    if chosen and not context["mixed"]:
        context["found"] = queries.chosen([page.pk for page in chosen])
    form = OverlapForm(request.GET if "other" in request.GET else None, request.user, build)
    if form.is_bound and form.is_valid():
        context["first"], context["second"], context["both"], context["error"] = queries.common(form.pages("one"), form.pages("other"))
        context["compared"] = True
    saved = Selection.objects.visible_to(request.user).order_by("name").prefetch_related("counts", "pages")
    context |= {"overlap": form, "saved": [(row, [count for count in row.counts.all() if count.build_id == (build and build.pk)]) for row in saved]}
    return render(request, "audience/choose.html", context)


@require_POST
@reader
def save(request: Request) -> HttpResponse:
    chosen = _chosen(request, request.POST.getlist("one"))
    try:
        actions.save_selection(name=request.POST.get("name", ""), pages=chosen, by=request.user)
    except Refused as no:
        messages.error(request, str(no))
        query = "&".join(f"one={page.pk}" for page in chosen)
        return redirect(f"{reverse('audience:choose')}?{query}")
    messages.success(request, "Набор сохранён: точное число людей появится после ближайшего подсчёта.")
    return redirect("audience:choose")


@require_POST
@reader
def drop(request: Request, pk: int) -> HttpResponse:
    actions.drop_selection(selection=get_object_or_404(Selection.objects.visible_to(request.user), pk=pk), by=request.user)
    return redirect("audience:choose")


@require_POST
@reader
def build(request: Request) -> HttpResponse:
    if not has_role(request.user, *BUILDERS):
        raise Http404
    try:
        if request.POST.get("stop"):
            actions.stop_build(build=get_object_or_404(Build, unfinished=True), by=request.user)
        else:
            actions.start_build(by=request.user)
    except Refused as no:
        messages.error(request, str(no))
    return redirect("audience:show")


def _chosen(request: Request, keys: list[str]) -> list[Page]:
    """Counted pages that the person may see."""
    numbers = [int(key) for key in keys[:MOST] if key.isascii() and key.isdecimal() and len(key) < 19]
    seen = PageShare.objects.visible_to(request.user).filter(page__in=numbers)
    return list(Page.objects.filter(pk__in=seen.values("page")))
