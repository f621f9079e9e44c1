"""How much of what should be known is known, and how old it is: beside every figure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q
from django.utils import timezone

from gospult.networks.registry import NETWORKS
from gospult.registry.models import Page
from gospult.registry.models.access import User
from gospult.registry.models.pages import NETWORK_NAMES

FRESH = timedelta(hours=36)  # a daily sweep and a half
WHAT = {"cards": "card", "walls": "wall"}


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of the pages of one network, or of all ("").

    got     pages that were read within the last day and a half
    ever    pages that were ever read
    oldest, newest   of the readings that count as got
    """

    network: str
    name: str
    pages: int
    got: int
    ever: int
    oldest: datetime | None
    newest: datetime | None
    collected: bool = True

    @property
    def text(self) -> str:
        """«собрано 6 871 из 6 885, самое старое 26 ч»."""
        if not self.collected:
            return f"{_number(self.pages)} страниц известны только из реестра: данных в этой сети не собираем"
        if not self.ever:
            return f"ещё не собрано ни одной страницы из {_number(self.pages)}"
        said = f"собрано {_number(self.got)} из {_number(self.pages)}"
        return f"{said}, самое старое {_hours(timezone.now() - self.oldest)}" if self.oldest else f"{said}: сбор отстал"


def coverage(user: User, *, what: str = "cards") -> list[Coverage]:
    """Coverage of the pages that the person sees: by network, then of all that are collected; `what` is cards or walls."""
    return _coverage(Page.objects.visible_to(user).living(), what)


def whole_coverage(*, what: str = "cards") -> list[Coverage]:
    """The same of all pages, for commands and jobs."""
    return _coverage(Page.objects.living(), what)


def _coverage(pages: Any, what: str) -> list[Coverage]:
    read = f"{WHAT[what]}__read_at"
    fresh = Q(**{f"{read}__gte": timezone.now() - FRESH})
    figures = {
        "n": Count("pk"), "got": Count("pk", filter=fresh), "ever": Count("pk", filter=Q(**{f"{read}__isnull": False})),
        "oldest": Min(read, filter=fresh), "newest": Max(read),
    }  # fmt: skip
    rows = pages.order_by().values("network").annotate(**figures).order_by("-n")
    found = [
        Coverage(row["network"], NETWORK_NAMES.get(row["network"], row["network"]), row["n"], row["got"], row["ever"], row["oldest"], row["newest"],
                 row["network"] in NETWORKS)
        for row in rows
    ]  # fmt: skip
    return [*found, _all([row for row in found if row.collected])]


def _all(rows: list[Coverage]) -> Coverage:
    oldest = min((row.oldest for row in rows if row.oldest), default=None)
    newest = max((row.newest for row in rows if row.newest), default=None)
    return Coverage("", "все сети", sum(row.pages for row in rows), sum(row.got for row in rows), sum(row.ever for row in rows), oldest, newest)


def _number(value: int) -> str:
    return f"{value:,}".replace(",", "\u00a0")


def _hours(span: timedelta) -> str:
    hours = int(span.total_seconds() // 3600)
    return f"{hours} ч" if hours else "меньше часа"
