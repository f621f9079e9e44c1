"""What is known of the pages' posts."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Count, Q

from gospult.exchange.models import Connection, Hook, Wall
from gospult.networks.registry import NETWORKS
from gospult.registry.models import Page

from ..models import Post
from ..norms import DAYS_OFF, Facts, Norm, Seen, monday, norm, rules, told

__all__ = ["DAYS_OFF", "EVER", "Facts", "Norm", "Seen", "monday", "norm", "rules", "told", "weeks_posts"]

EVER = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


def weeks_posts(pages: Collection[Page], begins: Mapping[int, datetime], ends: Mapping[int, datetime]) -> dict[int, Seen]:
    """For each page what is seen of its week; `begins` and `ends` are the moments of the week by page, in the page's own zone."""
    if not pages:
        return {}
    week = Q()
    for page in pages:
        week |= Q(page=page.pk, published_at__gte=begins[page.pk], published_at__lt=ends[page.pk])
    rows = Post.objects.counted().filter(week).values("page").annotate(n=Count("pk"), ours=Count("pk", filter=Q(own=True))).order_by()
    counts = {row["page"]: (row["n"], row["ours"]) for row in rows}
    seeing = _sight(pages)
    return {page.pk: Seen(*counts.get(page.pk, (0, 0)), *seeing[page.pk]) for page in pages}


def _sight(pages: Collection[Page]) -> dict[int, tuple[datetime | None, datetime | None]]:
    """For each page since when its posts are seen, and as of when."""
    keys = [page.pk for page in pages]
    walls = dict(Wall.objects.filter(page__in=keys, read_at__isnull=False).values_list("page", "read_at"))
    heard = {row.page_id: row for row in Connection.objects.filter(page__in=keys, hook__in=[Hook.ALIVE, Hook.BY_HAND])}
    return {page.pk: _of_page(page, walls.get(page.pk), heard.get(page.pk)) for page in pages}


def _of_page(page: Page, read_at: datetime | None, hears: Connection | None) -> tuple[datetime | None, datetime | None]:
    kind = NETWORKS.get(page.network)
    told = hears if hears and kind and kind.tells_posts else None
    if read_at:  # a reading shows what stood before the connection, too
        return EVER, max(read_at, told.heard_at) if told and told.heard_at else read_at
    return (told.subscribed_at or told.created_at, told.heard_at) if told else (None, None)
