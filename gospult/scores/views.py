from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from gospult.accounts.models import Person, Role
from gospult.lib.doors import only
from gospult.lib.errors import Refused
from gospult.registry.models import SEES, Body, Page
from gospult.registry.queries import LongPaginator, has_role

from . import actions, queries
from .drawing import lines, strip
from .forms import ScoresForm, asked
from .method import SUBJECTS, Method
from .models import FAR, OfficialScore, Score

READERS = (*SEES, Role.STEWARD)
ROWS, GAINS = 25, 12
ROWS_OF_TABLE, DRAWN = 120, 300  # a region stands on one page; of a country the best are drawn
KINDS = {"municipality": "scores:table", "body": "scores:bodies", "page": "scores:pages"}


class Request(HttpRequest):
    """A request of somebody who works with pages."""

    user: Person


reader = only(lambda user: has_role(user, *READERS))  # for everybody who keeps pages or sees those of others


def _form(request: Request, subject: str) -> ScoresForm:
    methods = queries.methods_for(subject)
    if not methods:
        raise Http404
    return ScoresForm(request.GET, methods)


def _frame(request: Request, tab: str) -> dict[str, Any]:
    return {"tab": tab, "sees_places": queries.territories(request.user).exists()}


@require_safe
@reader
def table(request: Request) -> HttpResponse:
    if not queries.territories(request.user).exists():
        return redirect("scores:pages")
    form = _form(request, "municipality")
    found = queries.table(request.user, form.method_chosen, form.month_chosen)
    ours = [(line.name, line.total) for line in found.lines if line.total is not None]
    official = [(line.name, line.official) for line in found.lines if line.official is not None]
    picture = strip(found.method, ours[:DRAWN], official[:DRAWN])
    page = Paginator(found.lines, ROWS_OF_TABLE).get_page(request.GET.get("page"))
    context = {
        "form": form, "found": found, "strip": picture, "subject": "municipality", "wide": len(found.method.indicators) <= 4, "page": page,
        "query": form.query, "drawn": min(DRAWN, len(ours)),
    }  # fmt: skip
    return render(request, "scores/table.html", context | _frame(request, "municipality"))


@require_safe
@reader
def pages(request: Request) -> HttpResponse:
    return _listed(request, "page")


@require_safe
@reader
def bodies(request: Request) -> HttpResponse:
    return _listed(request, "body")


def _listed(request: Request, subject: str) -> HttpResponse:
    form, what = _form(request, subject), asked(request.GET)
    rows = queries.lines_of(request.user, form.method_chosen, form.month_chosen, subject, what)
    page = LongPaginator(rows, ROWS, dress=lambda scores: scores.select_related(subject), far=FAR).get_page(request.GET.get("page"))
    found = queries.table_of(form.method_chosen, form.month_chosen, subject, page.object_list)
    kept = request.GET.copy()
    kept.pop("page", None)
    context = {
        "form": form, "found": found, "page": page, "subject": subject, "what": what, "query": kept.urlencode(), "opens": f"scores:{subject}",
        "places": queries.places(request.user, what.territory).values_list("pk", "name"), **_frame(request, subject),
    }  # fmt: skip
    return render(request, "scores/list.html", context)


@require_safe
@reader
def territory(request: Request, pk: int) -> HttpResponse:
    one, form = get_object_or_404(queries.territories(request.user), pk=pk), _form(request, "municipality")
    found = queries.of_group(form.method_chosen, form.month_chosen, territory=pk)
    official = OfficialScore.objects.filter(method=form.method_chosen.code, month=form.month_chosen, territory=pk).first()
    return _subject(request, form, one, found, {"official": official, "key": {"territory": pk}, "subject": "municipality"})


@require_safe
@reader
def body(request: Request, pk: int) -> HttpResponse:
    one, form = get_object_or_404(Body.objects.visible_to(request.user), pk=pk), _form(request, "body")
    found = queries.of_group(form.method_chosen, form.month_chosen, body=pk)
    return _subject(request, form, one, found, {"key": {"body": pk}, "subject": "body"})


@require_safe
@reader
def page(request: Request, pk: int) -> HttpResponse:
    one, form = get_object_or_404(Page.objects.visible_to(request.user), pk=pk), _form(request, "page")
    found = queries.of_one_page(one, form.method_chosen, form.month_chosen)
    peers = queries.among_peers(one, form.method_chosen, form.month_chosen)
    return _subject(request, form, one, found, {"peers": peers, "key": {"page": pk}, "subject": "page"})


def _subject(request: Request, form: ScoresForm, one: Any, found: Any, more: dict[str, Any]) -> HttpResponse:
    method, month = form.method_chosen, form.month_chosen
    visible = Page.objects.visible_to(request.user).in_bulk([row.page.pk for row in found.behind])
    series = queries.series(_methods_first(method, more["subject"]), month, **more["key"])
    rows = [(line.method.title, line.totals) for line in series]
    rows += [("официально", series[0].official)] if series and any(series[0].official) else []
    earlier = Score.objects.filter(method=method.code, month=queries.before(month), **more["key"]).first()
    result = found.result
    shown = [row for row in found.behind if row.page.pk in visible]
    page = Paginator(shown, ROWS).get_page(request.GET.get("page"))
    context = {
        "form": form, "one": one, "found": found, "method": method, "month": month, "series": series, "earlier": earlier, "pages": visible,
        "picture": lines(series[0].months, rows) if series else None, "group": method.group(result.total) if result else None, "page": page,
        "gains": found.gains[:GAINS], "more_gains": found.gains[GAINS:60], "query": form.query, "back": KINDS[more["subject"]],
        "unseen": len(found.behind) - len(shown),
    }  # fmt: skip
    return render(request, "scores/subject.html", context | _frame(request, more["subject"]) | more)


def _methods_first(method: Method, subject: str) -> Sequence[Method]:
    return [method, *(one for one in queries.methods_for(subject) if one != method)]


@require_safe
@reader
def methods(request: Request) -> HttpResponse:
    known = queries.methods()
    rows = sorted(known.methods.values(), key=lambda one: (one.until is not None, one.from_date, one.code))
    return render(request, "scores/methods.html", {"rows": rows, "broken": known.broken.values(), "subjects": SUBJECTS, **_frame(request, "methods")})


@require_safe
@reader
def method(request: Request, code: str) -> HttpResponse:
    one = queries.methods().methods.get(code)
    if one is None:
        raise Http404
    context = {"one": one, "subjects": [SUBJECTS[name] for name in SUBJECTS if name in one.subjects], **_frame(request, "methods")}
    return render(request, "scores/method.html", context)


@require_safe
@reader
def sheet(request: Request, code: str) -> HttpResponse:
    one = queries.methods().methods.get(code)
    if one is None or not one.sheet:
        raise Http404
    form = ScoresForm(request.GET, [one])
    rows = Page.objects.visible_to(request.user).living().filter(months__month=form.month_chosen).order_by("sort_name", "id")
    page = Paginator(rows, 20).get_page(request.GET.get("page"))
    found = queries.sheet(one, form.month_chosen, list(page.object_list))
    context = {"one": one, "form": form, "page": page, "found": found, "query": form.query, **_frame(request, "methods")}
    return render(request, "scores/sheet.html", context)


@require_POST
@reader
def export(request: Request, subject: str) -> HttpResponseBase:
    if subject not in KINDS:
        raise Http404
    form, user = _form(request, subject), request.user
    if subject == "municipality":
        found = queries.table(user, form.method_chosen, form.month_chosen)
    else:
        rows = queries.lines_of(user, form.method_chosen, form.month_chosen, subject, asked(request.GET))
        found = queries.table_of(form.method_chosen, form.month_chosen, subject, rows)
    kind = request.POST.get("form", "")
    try:
        file = actions.export_scores(table=found, form=kind, by=user)
    except Refused as no:
        messages.error(request, str(no))
        return redirect(f"{reverse(KINDS[subject])}?{form.query}")
    return FileResponse(file, as_attachment=True, filename=f"bally-{form.method_chosen.code}-{form.month_chosen:%Y-%m}.{kind}")
