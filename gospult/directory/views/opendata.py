from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from gospult.lib.limit import seconds_to_wait
from gospult.registry.models import PageBody

from .. import opendata, queries

SETS_A_MINUTE = 6


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "directory/opendata.html", {"passport": _passport(), "columns": opendata.COLUMNS})


@require_safe
def passport(request: HttpRequest) -> HttpResponse:
    return JsonResponse(_passport(), json_dumps_params={"ensure_ascii": False})


@require_safe
def as_csv(request: HttpRequest) -> HttpResponseBase:
    return _too_many(request) or _streamed(opendata.as_csv(queries.open_rows()), "text/csv; charset=utf-8", "official-pages.csv")


@require_safe
def as_json(request: HttpRequest) -> HttpResponseBase:
    return _too_many(request) or _streamed(opendata.as_json(queries.open_rows()), "application/json", "official-pages.json")


@require_safe
def signed(request: HttpRequest) -> HttpResponseBase:
    return _too_many(request) or JsonResponse(opendata.signed(queries.open_rows(), timezone.localdate()), json_dumps_params={"ensure_ascii": False})


def _passport() -> dict[str, object]:
    rows = PageBody.objects.filter(page__state="published", body__gone_at__isnull=True, body__listed=True).count()
    return opendata.passport(rows, timezone.localdate())


def _streamed(lines: Iterator[str], kind: str, name: str) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Access-Control-Allow-Origin": "*"}
    return StreamingHttpResponse(lines, content_type=kind, headers=headers)


def _too_many(request: HttpRequest) -> HttpResponse | None:
    if not (wait := seconds_to_wait(request, what="opendata", a_minute=SETS_A_MINUTE)):
        return None
    response = render(request, "directory/too_many.html", status=429)
    response.headers["Retry-After"] = str(wait)
    return response
