"""A connector for a page is made here, since that only opens tokens."""

from typing import Any

from django.conf import settings

from gospult.networks.base import Credentials, Network, NetworkError, UtteranceKind
from gospult.networks.registry import NETWORKS
from gospult.registry.models import Page

from .. import vault
from ..models import Token


def connector(page: Page) -> Network:
    """The connector of a page with every token that serves it: its own, then the installation's."""
    rows = Token.objects.serving(page)
    tokens: dict[Any, str] = {}
    for row in sorted(rows, key=lambda t: t.page_id is not None):
        tokens[row.kind] = vault.unseal(row.sealed)
    return _connector(page, tokens)


def connector_with(page: Page, tokens: dict[Any, str]) -> Network:
    """The connector of a page with these tokens only: for a key that is not kept yet."""
    return _connector(page, tokens)


def kinds_of(page: Page) -> frozenset[Any]:
    """The kinds of the tokens that serve a page; no token is opened."""
    return frozenset(Token.objects.serving(page).values_list("kind", flat=True))


def address(page: Page, thread_id: str, kind: UtteranceKind) -> str:
    """Where a person opens a thread in its network; no token is opened for that. "" for networks known by name only."""
    try:
        return _connector(page, {}).url(thread_id, kind=kind)
    except (NetworkError, KeyError, ValueError):
        return ""


def _connector(page: Page, tokens: dict[Any, str]) -> Network:
    where = settings.NETWORKS.get(page.network, {})
    return NETWORKS[page.network](
        Credentials(page_id=page.external_id or "", tokens=tokens),
        base_url=where.get("base_url", ""),
        ca_file=where.get("ca_file", ""),
        timeout=settings.NETWORK_TIMEOUT,
    )
