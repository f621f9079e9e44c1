"""The rows behind a figure: the very pages or cases that it was counted from."""

from collections.abc import Callable, Iterable

from django.db.models import QuerySet

from gospult.desk.models import Case
from gospult.registry.models import Page
from gospult.registry.models.access import User

from ..catalogue import BY_CODE, DESK
from .desk import behind
from .pages import PageFacts, page_facts
from .scope import Asked, reads

COUNTED: dict[str, Callable[[PageFacts], bool]] = {
    "pages": lambda p: True, "marked": lambda p: p.has_mark is True, "connected": lambda p: p.connected is True, "kept": lambda p: p.kept is True,
    "kept_share": lambda p: p.kept is not None, "posts": lambda p: p.posts is not None, "views": lambda p: p.views is not None,
    "er": lambda p: p.er is not None, "members": lambda p: p.members is not None,
    "widgets": lambda p: p.widgets is True, "sector": lambda p: p.sector is True,
}  # fmt: skip


def is_of_desk(code: str) -> bool:
    """Whether the rows are cases."""
    return BY_CODE[code].section == DESK


def opens_rows(user: User, code: str) -> bool:
    """Whether the figure's rows are pages, or cases that the person reads; the rows of other figures stand in another room."""
    return code in BY_CODE and (reads(user) if is_of_desk(code) else code in COUNTED or bool(_network(code)))


def rows_behind(asked: Asked, code: str) -> QuerySet[Case] | list[PageFacts]:
    """The cases or the pages behind a figure."""
    return cases_behind(asked, code) if is_of_desk(code) else pages_behind(asked, code)


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


def with_names(rows: Iterable[object]) -> list[tuple[PageFacts, Page]]:
    """Of the rows that are shown the pages, each with its row of the registry."""
    pages = [row for row in rows if isinstance(row, PageFacts)]
    named = Page.objects.prefetch_related("owners__body").in_bulk([page.pk for page in pages])
    return [(page, named[page.pk]) for page in pages if page.pk in named]
