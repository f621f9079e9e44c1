from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from gospult.lib.errors import Refused
from gospult.lib.limit import seconds_to_wait
from gospult.registry.models.pages import NETWORK_NAMES

from .. import actions, queries
from ..forms import Choice
from ..models import Remark
from ..poster import pdf

ROWS = 20
SEARCHES_A_MINUTE = 120
REMARKS_A_MINUTE = 3
SITEMAP = 50_000  # addresses of one file, by the protocol


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    form = Choice(request.GET)
    chosen = form.chosen()
    if chosen["q"] and (wait := seconds_to_wait(request, what="catalogue", a_minute=SEARCHES_A_MINUTE)):
        return _too_many(request, wait)
    within = {key: chosen[key] for key in ("territory", "sphere", "network")}
    answer = queries.found(chosen["q"], **within) if chosen["q"] else None
    rows: Any = answer.hits if answer else queries.browse(**within)
    page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
    query = urlencode([(key, value) for key, value in request.GET.items() if key != "page" and value])
    context = {"form": form, "chosen": chosen, "answer": answer, "page": page, "query": query, "networks": NETWORK_NAMES}
    return render(request, "directory/catalogue.html", context | {"filtered": any(within.values())})


@require_safe
def places(request: HttpRequest) -> HttpResponse:
    return render(request, "directory/places.html", {"places": queries.places(), "spheres": queries.spheres()})


@require_safe
def card(request: HttpRequest, pk: int) -> HttpResponse:
    body = queries.card_of(pk)
    if body is None:
        raise Http404
    if body.pk != pk:
        return HttpResponsePermanentRedirect(reverse("directory:card", args=[body.pk]))
    pages = queries.pages_of(body)
    context = {"body": body, "pages": pages, "spheres": body.spheres.all(), "kinds": Remark.Kind.choices, "thanks": request.GET.get("said") == "1"}
    return render(request, "directory/card.html", context)


@require_safe
def structured(request: HttpRequest, pk: int) -> HttpResponse:
    body = queries.card_of(pk)
    if body is None:
        raise Http404
    told = queries.structured(body, queries.pages_of(body), settings.URL + reverse("directory:card", args=[body.pk]))
    return JsonResponse(told, json_dumps_params={"ensure_ascii": False}, content_type="application/ld+json")


@csrf_exempt  # no login and no cookie stand behind it; a token would set a cookie for reading
@require_POST
def remark(request: HttpRequest, pk: int) -> HttpResponse:
    body = queries.card_of(pk)
    if body is None:
        raise Http404
    if wait := seconds_to_wait(request, what="remark", a_minute=REMARKS_A_MINUTE):
        return _too_many(request, wait)
    card = reverse("directory:card", args=[body.pk])
    if request.POST.get("site"):  # a field that people do not see: a program filled it
        return redirect(f"{card}?said=1")
    try:
        actions.leave_remark(body=body, kind=request.POST.get("kind", ""), text=request.POST.get("text", ""))
    except Refused as no:
        context = {"body": body, "pages": queries.pages_of(body), "spheres": body.spheres.all(), "kinds": Remark.Kind.choices, "refused": str(no)}
        return render(request, "directory/card.html", context | {"typed": request.POST.get("text", "")[:1000]}, status=422)
    return redirect(f"{card}?said=1")


@require_safe
def poster(request: HttpRequest, pk: int) -> HttpResponse:
    body = queries.card_of(pk)
    if body is None:
        raise Http404
    if wait := seconds_to_wait(request, what="poster", a_minute=10):
        return _too_many(request, wait)
    content = pdf(body.name, queries.pages_of(body), settings.URL + reverse("directory:card", args=[body.pk]))
    return HttpResponse(content, "application/pdf", headers={"Content-Disposition": f'inline; filename="stranicy-{body.pk}.pdf"'})


@require_safe
def official(request: HttpRequest) -> HttpResponse:
    typed = request.GET.get("link", "")[:500]
    if typed and (wait := seconds_to_wait(request, what="official", a_minute=SEARCHES_A_MINUTE)):
        return _too_many(request, wait)
    verdict = queries.check(typed) if typed.strip() else None
    return render(request, "directory/official.html", {"typed": typed, "verdict": verdict})


@require_safe
def official_json(request: HttpRequest) -> HttpResponse:
    if wait := seconds_to_wait(request, what="official", a_minute=SEARCHES_A_MINUTE):
        return JsonResponse({"error": "Слишком часто. Подождите минуту."}, status=429, headers={"Retry-After": str(wait)})
    found = queries.check(request.GET.get("link", "")[:500]).as_json()
    return JsonResponse(found, json_dumps_params={"ensure_ascii": False}, headers={"Access-Control-Allow-Origin": "*"})


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    part = max(1, int(request.GET.get("part", "0") or 0)) if request.GET.get("part", "").isdigit() else 0
    bodies = queries.public_bodies().order_by("pk").values_list("pk", flat=True)
    number = bodies.count()
    if number > SITEMAP and not part:
        return _xml(request, [f"{settings.URL}/sitemap.xml?part={n}" for n in range(1, number // SITEMAP + 2)], index=True)
    start = (max(part, 1) - 1) * SITEMAP
    first = [reverse("directory:catalogue"), reverse("directory:official"), reverse("directory:places")] if start == 0 else []
    rows = [*first, *(reverse("directory:card", args=[pk]) for pk in bodies[start : start + SITEMAP])]
    return _xml(request, [settings.URL + row for row in rows], index=False)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    lines = [
        "User-agent: *",
        "Disallow: /",
        "Allow: /catalogue/",
        "Allow: /official/",
        "Allow: /opendata/",
        "Allow: /static/",
        "Disallow: /catalogue/remarks/",
    ]
    return HttpResponse("\n".join([*lines, f"Sitemap: {settings.URL}/sitemap.xml", ""]), "text/plain; charset=utf-8")


def _xml(request: HttpRequest, addresses: list[str], *, index: bool) -> HttpResponse:
    return render(request, "directory/sitemap.xml", {"addresses": addresses, "index": index}, content_type="application/xml")


def _too_many(request: HttpRequest, wait: int) -> HttpResponse:
    response = render(request, "directory/too_many.html", status=429)
    response.headers["Retry-After"] = str(wait)
    return response


__all__ = ["card", "catalogue", "official", "official_json", "places", "poster", "remark", "robots", "sitemap", "structured"]
