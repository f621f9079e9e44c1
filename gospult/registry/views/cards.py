"""The card of a page and of a body, with what can be done to them."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from gospult.accounts.models import Role

from .. import actions, queries
from ..forms import ExemptForm, HandleForm, StateForm, StewardForm
from ..models import Body, Page, PageBody, Steward
from ..models.pages import State
from ..tree import ancestors
from .access import EDITORS, Request, acting

CHILDREN = 100


@require_safe
@login_required
def page(request: Request, pk: int) -> HttpResponse:
    found = get_object_or_404(Page.objects.visible_to(request.user), pk=pk)
    owners = found.owners.select_related("body__territory").prefetch_related("body__spheres")
    state_form = StateForm()
    state_form.fields["state"].choices = [(s.value, s.label) for s in State if s in found.next_states]  # type: ignore[attr-defined]
    context = {
        "page": found,
        "owners": owners,
        "handles": found.handles.all()[:20],
        "stewards": found.stewards.filter(until__isnull=True).select_related("person").order_by("is_deputy"),
        "facts": _facts(found),
        "may_edit": queries.can(request.user, *EDITORS, page=found),
        "may_post": queries.can(request.user, Role.OPERATOR, Role.ADMIN, Role.STEWARD, page=found),
        "state_form": state_form,
        "handle_form": HandleForm(initial={"handle": found.handle}),
        "steward_form": StewardForm(),
    }
    return render(request, "registry/page.html", context)


@require_safe
@login_required
def body(request: Request, pk: int) -> HttpResponse:
    found = get_object_or_404(Body.objects.visible_to(request.user).select_related("territory", "parent", "founder_territory"), pk=pk)
    above = Body.objects.visible_to(request.user).in_bulk(ancestors(found))
    context = {
        "body": found,
        "above": [above[key] for key in ancestors(found) if key in above],
        "children": found.children.filter(gone_at__isnull=True).order_by("sort_name", "id")[:CHILDREN],
        "spheres": [place.sphere for place in found.sphere_places.select_related("sphere")],
        "links": PageBody.objects.filter(body=found).select_related("page"),
        "exemption": found.exemptions.filter(ended_at__isnull=True).first(),
        "former": found.exemptions.filter(ended_at__isnull=False).order_by("-ended_at")[:10],
        "may_edit": queries.can(request.user, *EDITORS, body=found),
        "exempt_form": ExemptForm(),
    }
    return render(request, "registry/body.html", context)


def _facts(page: Page) -> list[tuple[str, str]]:
    """What the official export said of the page; what nobody said is told as such, never as a zero."""
    said = {True: "да", False: "нет", None: "нет сведений"}
    rows = [("Госметка", said[page.has_mark]), ("Подключена к «Госпабликам»", said[page.connected])]
    for title, value, unit in (
        ("Оформление", page.design, " %"),
        ("Виджеты", page.widgets, " из 2"),
        ("Активность", page.activity, " %"),
        ("Подписчики", page.members, ""),
        ("Охват за неделю", page.weekly_reach, ""),
        ("Средний охват публикации", page.post_reach, ""),
    ):
        rows.append((title, "нет сведений" if value is None else f"{value:,}".replace(",", "\u00a0") + unit))
    return rows


@acting(Page, StateForm)
def move(request: Request, page: Page, data: dict[str, Any]) -> None:
    actions.review_page(page=page, by=request.user, **data)
    messages.success(request, f"Состояние страницы: {page.get_state_display()}.")


@acting(Page, HandleForm)
def handle(request: Request, page: Page, data: dict[str, Any]) -> None:
    actions.change_handle(page=page, by=request.user, **data)
    messages.success(request, "Короткое имя изменено, прежнее осталось в истории.")


@acting(Page, StewardForm)
def appoint(request: Request, page: Page, data: dict[str, Any]) -> None:
    actions.appoint_steward(page=page, by=request.user, **data)
    messages.success(request, f"Страницу ведёт {data['person']}.")


@acting(Page)
def dismiss(request: Request, page: Page, data: dict[str, Any], steward: int) -> None:
    actions.dismiss_steward(steward=get_object_or_404(Steward, pk=steward, page=page), by=request.user)
    messages.success(request, "Администратор снят.")


@acting(Body, ExemptForm)
def exempt(request: Request, body: Body, data: dict[str, Any]) -> None:
    actions.exempt(body=body, by=request.user, **data)
    messages.success(request, "Основание записано: организация не входит в расчёты.")


@acting(Body)
def oblige(request: Request, body: Body, data: dict[str, Any]) -> None:
    actions.end_exemption(body=body, by=request.user)
    messages.success(request, "Основание прекращено: организация снова должна вести страницу.")
