"""The rows behind a figure: the very pages or cases that it was counted from."""

from collections.abc import Callable

from django.db.models import Q, QuerySet

from gospult.desk.models import Case
from gospult.registry.models import Page

from ..catalogue import BY_CODE, DESK
from .desk import behind
from .pages import PageFacts, page_facts
from .scope import Asked

COUNTED: dict[str, Callable[[PageFacts], bool]] = {
    "pages": lambda p: True, "marked": lambda p: p.has_mark is True, "connected": lambda p: p.connected is True, "kept": lambda p: p.kept is True,
    "kept_share": lambda p: p.kept is not None, "posts": lambda p: p.posts is not None, "views": lambda p: p.views is not None,
    "er": lambda p: p.er is not None, "members": lambda p: p.members is not None,
    "widgets": lambda p: p.widgets is True, "sector": lambda p: p.sector is True,
}  # fmt: skip


def is_of_desk(code: str) -> bool:
    """Whether the rows are cases."""
    return BY_CODE[code].section == DESK


def has_rows(code: str) -> bool:
    """Whether the rows behind the figure are pages or cases of a report; of others they stand in another room."""
    return code in BY_CODE and (is_of_desk(code) or code in COUNTED or bool(_network(code)))


def cases_behind(asked: Asked, code: str) -> QuerySet[Case]:
    """Cases, newest first, as far as the reader may see each."""
    rows = behind(asked, code)
    seen = rows.filter(pk__in=Case.objects.in_scope_of(asked.user)) if asked.user else rows
    return seen.select_related("topic", "body", "territory").order_by("-opened_at", "-pk")


def pages_behind(asked: Asked, code: str) -> list[PageFacts]:
    """Pages: the not kept before the kept where the figure is about that, else the largest first."""
    network = _network(code)
    counts = (lambda p: p.network == network) if network else COUNTED[code]
    found = [page for page in page_facts(asked) if counts(page)]
    if code.startswith("kept"):
        return sorted(found, key=lambda p: (p.kept is True, p.posts or 0, p.pk))
    value = {"posts": "posts", "views": "views"}.get(code, "members")
    return sorted(found, key=lambda p: (-(getattr(p, value) or 0), p.pk))


def _network(code: str) -> str:
    return code.partition("_")[2] if code.startswith(("pages_", "share_")) else ""


def names_of(pages: list[PageFacts]) -> dict[int, Page]:
    """The registry's rows of the pages that are shown."""
    return Page.objects.filter(Q(pk__in=[page.pk for page in pages])).prefetch_related("owners__body").in_bulk()
