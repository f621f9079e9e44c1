"""What may be done on a page by itself, and what its network has a way for at all."""

from gospult.networks.registry import NETWORKS
from gospult.registry.models import Page

from .replies import can_publish
from .tokens import granted


def can_do(page: Page | None, feature: str) -> bool:
    """Whether a deed (a word of FEATURES) is carried out by itself: the page works in full and its tokens carry it."""
    return page is not None and can_publish(page) and feature in granted(page)


def has_way(page: Page | None, feature: str) -> bool:
    """Whether the page's network has such a deed with any token at all."""
    kind = NETWORKS.get(page.network) if page else None
    return kind is not None and feature in kind.can(frozenset(kind.kinds))
