"""The card of one page's connection, and what can be done with it."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from gospult.lib.errors import Refused
from gospult.networks.registry import NETWORKS
from gospult.registry.models import Page

from .. import actions, queries
from ..forms import ModeForm
from ..models import FAULT_WORDS, FEATURE_WORDS, KIND_WORDS, Connection, Mode, Token, refusal, works
from .access import Request, acting, connecting


@require_safe
@connecting
@never_cache
def card(request: Request, pk: int) -> HttpResponse:
    return _shown(request, get_object_or_404(Page.objects.visible_to(request.user), pk=pk))


def _shown(request: Request, page: Page, link: str = "") -> HttpResponse:
    connection = Connection.objects.filter(page=page).first()
    stepped = queries.stepped(Page.objects.filter(pk=page.pk)).first()
    invitation = page.invitations.filter(connected_at=None, revoked_at=None).select_related("by").first()
    context = {
        "page": page, "connection": connection, "link": link, "invitation": invitation,
        "step": queries.STEPS[stepped.step] if stepped else ("не подключается", "wait"),  # type: ignore[attr-defined]
        "proof_at": stepped and stepped.proof_at,  # type: ignore[attr-defined]
        "tokens": _tokens(page), "known": page.network in NETWORKS,
        "history": page.invitations.exclude(connected_at=None, revoked_at=None).order_by("-pk")[:5],
    }  # fmt: skip
    if connection and page.network in NETWORKS:
        context |= _abilities(connection) | {"hook_address": actions.hook_address(connection)}
    return render(request, "exchange/card.html", context)


def _abilities(connection: Connection) -> dict[str, Any]:
    """What works, what the network could do with other keys, and which ways of work these keys carry."""
    can, every = actions.abilities(connection), NETWORKS[connection.page.network]
    whole = every.can(frozenset(every.kinds))
    modes = [{"mode": mode, "words": works(mode, connection.page.network, can), "why": refusal(mode, connection.page.network, can)} for mode in Mode]
    told = [words for feature, words in FEATURE_WORDS.items() if feature not in {"rights", "webhook", "fetch", "posts_of", "members_of"}]
    names = {words: feature for feature, words in FEATURE_WORDS.items()}
    return {
        "can": [words for words in told if names[words] in can],
        "cannot": [words for words in told if names[words] in whole - can],
        "never": [words for words in told if names[words] not in whole],
        "modes": modes,
    }


def _tokens(page: Page) -> list[dict[str, Any]]:
    """Every token that serves the page, described and never shown."""
    rows = Token.objects.serving(page).order_by("page_id", "kind", "label")
    return [
        {"kind": KIND_WORDS.get(row.kind, row.kind), "label": row.label, "own": row.page_id is not None, "expires_at": row.expires_at,
         "checked_at": row.checked_at, "problem": FAULT_WORDS.get(row.problem, row.problem), "created_at": row.created_at}
        for row in rows
    ]  # fmt: skip


@acting
@never_cache
def link(request: Request, page: Page) -> HttpResponse:
    key = actions.invite(page=page, by=request.user)
    return _shown(request, page, settings.URL + reverse("exchange:connect", args=[key]))


@acting
def revoke(request: Request, page: Page) -> None:
    actions.revoke(page=page, by=request.user)
    messages.success(request, "Ссылка больше не действует.")


@acting
def mode(request: Request, page: Page) -> None:
    form = ModeForm(request.POST)
    if not form.is_valid():
        raise Refused("Выберите способ работы.")
    actions.set_mode(page=page, mode=form.cleaned_data["mode"], by=request.user)
    messages.success(request, f"Способ работы: {Mode(form.cleaned_data['mode']).label}.")


@acting
def observe(request: Request, page: Page) -> None:
    actions.observe(page=page, by=request.user)
    messages.success(request, "Страницу читаем общим ключом: её администратора ни о чём не спрашивали.")


@acting
def look(request: Request, page: Page) -> None:
    actions.look_again(page=page, by=request.user)
    messages.success(request, "Проверим ключи и события в ближайшую минуту.")


@acting
def disconnect(request: Request, page: Page) -> None:
    actions.disconnect(page=page, by=request.user)
    messages.success(request, "Страница отключена, её ключи удалены. Отзовите ключ и в настройках самой страницы.")
