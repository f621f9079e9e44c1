"""Connectors are made here, since that only opens tokens; each with the pacer that keeps its tokens within their quotas."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings

from gospult.networks.base import UNHURRIED, Credentials, Network, NetworkError, Pacer, UtteranceKind
from gospult.networks.registry import NETWORKS
from gospult.registry.models import Page

from .. import vault
from ..models import Task, Token
from ..pacing import Holder, TokenPacer
from .budgets import roomiest

# What the installation lacks for reading cards may be borrowed from a page: never a person's token.
LENT = "community"


def connector(page: Page, *, task: Task = Task.REPLY) -> Network:
    """The connector of a page with the tokens that serve it: of each kind its own, else the installation's; of several the one with most left."""
    rows = list(Token.objects.serving(page))
    own = {row.kind for row in rows if row.page_id is not None}
    return _made(page.network, page, [row for row in rows if row.page_id is not None or row.kind not in own], task)


def service_connector(network: str, *, task: Task = Task.SWEEP) -> Network:
    """The connector of the installation itself, for reading any page."""
    return _made(network, None, _service_tokens(network), task)


def service_kinds(network: str) -> frozenset[Any]:
    """The kinds of the tokens that `service_connector` reads with."""
    return frozenset(row.kind for row in _service_tokens(network))


def _service_tokens(network: str) -> list[Token]:
    rows = list(Token.objects.filter(network=network, page=None))
    if not any(row.kind == LENT for row in rows):
        rows += Token.objects.filter(network=network, kind=LENT, problem="").order_by("id")[:1]
    return rows


def token_connector(token: Token, *, task: Task = Task.POLL) -> Network:
    """A connector with one token only, to ask the network about that very token; the installation's is asked about some page of its network."""
    living = Page.objects.living().filter(network=token.network, external_id__isnull=False).order_by("pk")
    return _made(token.network, token.page or living.first(), [token], task)


def connector_with(page: Page, tokens: Mapping[Any, str], *, task: Task = Task.REPLY) -> Network:
    """The connector of a page with these tokens only: for a key that is not kept yet."""
    holders: dict[Any, Holder] = {kind: Holder(vault.fingerprint(token)) for kind, token in tokens.items()}
    return _connector(page.network, page, tokens, TokenPacer(page.network, holders, page=page.pk, task=task))


def kinds_of(page: Page) -> frozenset[Any]:
    """The kinds of the tokens that serve a page; no token is opened."""
    return frozenset(Token.objects.serving(page).values_list("kind", flat=True))


def address(page: Page, thread_id: str, kind: UtteranceKind) -> str:
    """Where a person opens a thread in its network; no token is opened for that. "" for networks known by name only."""
    try:
        return _connector(page.network, page, {}, UNHURRIED).url(thread_id, kind=kind)
    except (NetworkError, KeyError, ValueError):
        return ""


def post_address(page: Page, external_id: str) -> str:
    """Where a person opens a post of the page; as `address`."""
    try:
        return _connector(page.network, page, {}, UNHURRIED).post_url(external_id)
    except (NetworkError, KeyError, ValueError):
        return ""


def _made(network: str, page: Page | None, rows: Iterable[Token], task: Task) -> Network:
    chosen = roomiest(network, rows, task=task)
    tokens = {kind: vault.unseal(row.sealed) for kind, row in chosen.items()}
    holders: dict[Any, Holder] = {kind: Holder(row.fingerprint or vault.fingerprint(tokens[kind]), row.label) for kind, row in chosen.items()}
    return _connector(network, page, tokens, TokenPacer(network, holders, page=page.pk if page else None, task=task))


def _connector(network: str, page: Page | None, tokens: Mapping[Any, str], pacer: Pacer) -> Network:
    where = settings.NETWORKS.get(network, {})
    return NETWORKS[network](
        Credentials(page_id=(page and page.external_id) or "", tokens=tokens),
        base_url=where.get("base_url", ""),
        ca_file=where.get("ca_file", ""),
        timeout=settings.NETWORK_TIMEOUT,
        pacer=pacer,
    )
