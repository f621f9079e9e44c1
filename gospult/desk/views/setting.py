"""«Сроки и календари»: versions of the deadlines, calendars, and the recount that shows what a change would do."""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gospult.accounts.models import Role
from gospult.lib.calendar import Calendar
from gospult.lib.calendar_text import day_lines, spans_of, week_texts
from gospult.lib.errors import Refused
from gospult.registry import queries as registry
from gospult.registry.models import Body

from .. import actions, queries
from ..actions.setting import whole_calendar
from ..deadlines import DeadlineRule as Deadlines
from ..forms_deadlines import CalendarForm, DeadlinesForm
from ..models import BodyCalendar, Case, DaySet, DeadlineRule, DeadlineVersion, Recount, WorkCalendar
from ..queries.sampling import moments, samples
from .access import Request, View, cleaned, member

SETTERS = (Role.OPERATOR, Role.ADMIN)
ROWS = 50
UNDER_WAY = (Recount.State.TRYING, Recount.State.READY, Recount.State.APPLYING, Recount.State.STOPPED)
HOLIDAYS = ("school-holidays", "Школьные каникулы")


def setter(view: View) -> View:
    """For those who set up the whole region; nobody else learns that the screen is there."""

    @member
    @wraps(view)
    def wrapper(request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not registry.can(request.user, *SETTERS):
            raise Http404
        return view(request, *args, **kwargs)

    return wrapper


def _zoned(data: dict[str, Any]) -> Calendar:
    return whole_calendar({"zone": timezone.get_current_timezone_name(), **data})


@require_safe
@setter
def deadlines(request: Request) -> HttpResponse:
    basis = queries.book().basis(timezone.localdate(), None, None, None)
    versions = DeadlineVersion.objects.exclude(state="dropped").select_related("territory", "sphere", "calendar").order_by("-valid_from", "-pk")
    context = {
        "page": Paginator(versions, ROWS).get_page(request.GET.get("page")),
        "preset": DeadlineRule.objects.filter(is_default=True).first(),
        "presets": DeadlineRule.objects.order_by("title"),
        "groups": {topic.group_code: topic.group for topic in queries.known_topics().values()},
        "calendars": WorkCalendar.objects.order_by("-is_default", "title"),
        "recount": Recount.objects.filter(state__in=UNDER_WAY).first(),
        "today": timezone.localdate(),
        "rule": basis.rule,
        "samples": samples(basis.rule, basis.calendar, moments(basis.calendar, timezone.localdate())),
        "holiday_lines": _span_lines(DaySet.objects.filter(code=HOLIDAYS[0]).first()),
    }
    return render(request, "desk/deadlines.html", context)


def _span_lines(days: DaySet | None) -> str:
    spans = days.data.get("spans", []) if days else []
    return "\n".join(f"{date.fromisoformat(s['from']):%d.%m.%Y}–{date.fromisoformat(s['to']):%d.%m.%Y} {s.get('note', '')}".rstrip() for s in spans)


@require_http_methods(["GET", "HEAD", "POST"])
@setter
def new_deadlines(request: Request) -> HttpResponse:
    if request.method != "POST":
        row = get_object_or_404(DeadlineRule, code=request.GET["preset"]) if request.GET.get("preset") else None
        return _deadlines_form(request, DeadlinesForm(preset=row.data if row else None))
    form = DeadlinesForm(request.POST)
    try:
        data = cleaned(form)
        if request.POST.get("do") == "try":
            return _deadlines_form(request, form, _tried(form))
        wanted = ("title", "valid_from", "valid_to", "group_code", "territory", "sphere", "calendar", "closed_since")
        version, recount = actions.set_deadlines(**{name: data[name] for name in wanted}, terms=form.terms(), by=request.user)
    except Refused as no:
        messages.error(request, str(no))
        return _deadlines_form(request, form)
    if recount:
        return redirect("desk:recount", pk=recount.pk)
    messages.success(request, f"Сроки «{version}» начнут действовать {version.valid_from:%d.%m.%Y}.")
    return redirect("desk:deadlines")


def _deadlines_form(request: Request, form: DeadlinesForm, tried: list[Any] | None = None) -> HttpResponse:
    return render(request, "desk/deadlines_new.html", {"form": form, "presets": DeadlineRule.objects.order_by("title"), "samples": tried})


def _tried(form: DeadlinesForm) -> list[Any]:
    try:
        rule = Deadlines.from_json({"code": "x", "title": "x", **form.terms()})
    except ValueError as wrong:
        raise Refused(str(wrong)) from wrong
    row = form.cleaned_data["calendar"]
    calendar = _zoned(row.data) if row else queries.book().basis(timezone.localdate(), None, None, None).calendar
    return samples(rule, calendar, moments(calendar, timezone.localdate()))


@require_POST
@setter
def drop_deadlines(request: Request, pk: int) -> HttpResponse:
    try:
        actions.drop_deadlines(version=get_object_or_404(DeadlineVersion, pk=pk), by=request.user)
        messages.success(request, "Сроки отменены: они не успели начаться.")
    except Refused as no:
        messages.error(request, str(no))
    return redirect("desk:deadlines")


def _year(request: Request) -> int:
    asked = request.GET.get("year", "")
    return int(asked) if asked.isdecimal() and 2000 <= int(asked) < 2100 else timezone.localdate().year


@require_http_methods(["GET", "HEAD", "POST"])
@setter
def calendar(request: Request, code: str) -> HttpResponse:
    row, year = get_object_or_404(WorkCalendar, code=code), _year(request)
    if request.method != "POST":
        return _calendar_page(request, row, CalendarForm(title=row.title, week=week_texts(row.data), days=day_lines(row.data, year)), row.data)
    form = CalendarForm(request.POST)
    try:
        cleaned(form)
        data = form.calendar_data(row.data, year)
        whole_calendar(data)
        if request.POST.get("do") == "try":
            return _calendar_page(request, row, form, data)
        recount = actions.change_calendar(calendar=row, data=data, by=request.user)
    except Refused as no:
        messages.error(request, str(no))
        return _calendar_page(request, row, form, None)
    return redirect("desk:recount", pk=recount.pk)


def _calendar_page(request: Request, row: WorkCalendar, form: CalendarForm, data: dict[str, Any] | None) -> HttpResponse:
    year, rule = _year(request), queries.book().basis(timezone.localdate(), None, None, None).rule
    asked = parse_datetime(request.POST.get("at", "") or "2000") if request.POST.get("at") else None
    tried = None
    if data is not None:
        built = _zoned(data)
        at = [asked.replace(tzinfo=built.tz)] if asked and asked.tzinfo is None else []
        tried = samples(rule, built, [*at, *moments(built, timezone.localdate())])
    context = {
        "calendar": row, "form": form, "year": year, "years": range(year - 1, year + 2), "samples": tried, "rule": rule,
        "bodies": Paginator(row.bodies.select_related("body").order_by("body__sort_name"), ROWS).get_page(request.GET.get("page")),
    }  # fmt: skip
    return render(request, "desk/calendar.html", context)


@require_POST
@setter
def add_calendar(request: Request) -> HttpResponse:
    """A further calendar begins as a copy of the region's."""
    title = request.POST.get("title", "").replace("\0", "").strip()[:120]
    try:
        code = slugify(title, allow_unicode=True)[:60]
        region = queries.book()
        row = actions.add_calendar(code=code, title=title, data=region.calendars[region.region_calendar][1], by=request.user)
    except Refused as no:
        messages.error(request, str(no))
        return redirect("desk:deadlines")
    return redirect("desk:calendar", code=row.code)


@require_POST
@setter
def give_calendar(request: Request, code: str) -> HttpResponse:
    """A body, named by its ОГРН or its whole name, works by this calendar; with `take` no longer."""
    row, asked = get_object_or_404(WorkCalendar, code=code), request.POST.get("body", "").replace("\0", "").strip()
    try:
        body = _one_body(asked, row if request.POST.get("do") == "take" else None)
        recount = actions.give_calendar(body=body, calendar=None if request.POST.get("do") == "take" else row, by=request.user)
    except Refused as no:
        messages.error(request, str(no))
        return redirect("desk:calendar", code=code)
    return redirect("desk:recount", pk=recount.pk)


def _one_body(asked: str, worked_by: WorkCalendar | None) -> Body:
    if worked_by:
        return get_object_or_404(BodyCalendar.objects.select_related("body"), calendar=worked_by, body=int(asked) if asked.isdecimal() else 0).body
    known = Body.objects.filter(gone_at=None)
    name = asked.lower().replace("ё", "е")
    found = list((known.filter(ogrn=asked) if asked.isdecimal() else known.filter(sort_name=name) | known.filter(short_name__iexact=asked))[:2])
    if len(found) != 1:
        raise Refused("Напишите ОГРН органа или его название целиком: " + ("таких несколько." if found else "такого не нашлось."))
    return found[0]


@require_POST
@setter
def holidays(request: Request) -> HttpResponse:
    try:
        actions.set_days(code=HOLIDAYS[0], title=HOLIDAYS[1], spans=spans_of(request.POST.get("spans", "").replace("\0", "")[:5000]), by=request.user)
        messages.success(request, "Каникулы записаны.")
    except (Refused, ValueError) as no:
        messages.error(request, str(no))
    return redirect("desk:deadlines")


@require_safe
@setter
def recount(request: Request, pk: int) -> HttpResponse:
    row = get_object_or_404(Recount.objects.select_related("version", "calendar", "by", "applied_by"), pk=pk)
    changes = row.changes.filter(case__in=Case.objects.visible_to(request.user)).select_related("case", "case__body").order_by("turn", "pk")
    context = {
        "recount": row,
        "page": Paginator(changes, ROWS).get_page(request.GET.get("page")),
        "works": row.state in (Recount.State.TRYING, Recount.State.APPLYING),
        "share": min(100, row.seen * 100 // row.total) if row.total else 0,
        "moved": row.changed - row.became_overdue - row.no_longer_late,
    }
    return render(request, "desk/_recount.html" if request.htmx else "desk/recount.html", context)


DEEDS: dict[str, tuple[Callable[..., None], str]] = {
    "apply": (actions.apply_recount, "Изменение действует. Сроки пересчитываются."),
    "stop": (actions.stop_recount, "Остановлено: продолжить можно с того же места."),
    "go_on": (actions.go_on_recount, "Пересчёт продолжается."),
    "drop": (actions.drop_recount, "Отменено: ничего не изменилось."),
}


@require_POST
@setter
def recount_do(request: Request, pk: int, do: str) -> HttpResponse:
    if do not in DEEDS:
        raise Http404
    deed, said = DEEDS[do]
    try:
        deed(recount=get_object_or_404(Recount.objects.select_related("version", "calendar"), pk=pk), by=request.user)
        messages.success(request, said)
    except Refused as no:
        messages.error(request, str(no))
    return redirect("desk:recount", pk=pk)
