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
    seeing = sight([page.pk for page in pages])
    return {page.pk: Seen(*counts.get(page.pk, (0, 0)), *seeing[page.pk]) for page in pages}


def sight(keys: Collection[int]) -> dict[int, tuple[datetime | None, datetime | None]]:
    """For each page since when its posts are seen, and as of when."""
    read = Wall.objects.filter(page__in=keys, read_at__isnull=False).values_list("page", "read_at", "seen_since")
    walls = {page: (read_at, since) for page, read_at, since in read if read_at}
    alive = Connection.objects.filter(page__in=keys, hook__in=[Hook.ALIVE, Hook.BY_HAND]).select_related("page")
    heard = {row.page_id: row for row in alive}
    return {page: _of_page(walls.get(page), heard.get(page)) for page in keys}


def _of_page(wall: tuple[datetime, datetime | None] | None, hears: Connection | None) -> tuple[datetime | None, datetime | None]:
    kind = NETWORKS.get(hears.page.network) if hears else None
    told = hears if hears and kind and kind.tells_posts else None
    if wall:  # a reading shows what stood before the connection, too
        read_at, since = wall
        return since or EVER, max(read_at, told.heard_at) if told and told.heard_at else read_at
    return (told.subscribed_at or told.created_at, told.heard_at) if told else (None, None)
