"""What has been seen on walls is kept: by reading, by events, from our own publishing. All three end in the same row."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from gospult.exchange.models import Addressee, Incoming, Posting
from gospult.networks.base import Post as Told
from gospult.networks.registry import NETWORKS
from gospult.registry.models import Page

from ..models import Post

KINDS = {"photo": Post.Kind.PHOTO, "video": Post.Kind.VIDEO, "link": Post.Kind.LINK}
FIGURES = ("views", "likes", "comments", "reposts")
FRESH = timedelta(minutes=10)  # a post younger than the reading may be missing in it
LARGEST = 2**31 - 1


@transaction.atomic
def take_posts(page: Page, posts: Sequence[Told]) -> None:
    """The newest posts of a wall, as a sweep has read them: figures are renewed, and what should be among them and is not, is gone."""
    now = timezone.now()
    _keep(page, posts, read_at=now)
    dated = [post.sent_at for post in posts if not post.is_pinned]
    if not dated:
        return  # an empty wall is more often a hiccup of the network than a page that has deleted everything
    standing = Post.objects.filter(page=page, gone_at=None, published_at__gt=min(dated), published_at__lt=now - FRESH, seen_at__lt=now - FRESH)
    standing.exclude(external_id__in=[post.external_id for post in posts]).update(gone_at=now)


@transaction.atomic
def take_older_posts(page: Page, posts: Sequence[Told]) -> None:
    """A portion of the past of a wall; it shows nothing of what stands between it and today, so nothing is gone by it."""
    _keep(page, posts, read_at=timezone.now())


def _keep(page: Page, posts: Iterable[Told], *, read_at: datetime | None) -> None:
    rows = {post.external_id[:120]: _row(page, post, read_at) for post in posts if post.external_id}
    own = set(Posting.objects.filter(page=page, external_id__in=rows).values_list("external_id", flat=True))
    for name in own:
        rows[name].own = True
    renewed = ["length", "kind", "is_pinned", "gone_at", *(FIGURES if read_at else ()), *(["read_at"] if read_at else ())]
    Post.objects.bulk_create(rows.values(), update_conflicts=True, unique_fields=["page", "external_id"], update_fields=renewed)


def _row(page: Page, post: Told, read_at: datetime | None) -> Post:
    figures: dict[str, Any] = {name: _figure(getattr(post, name)) for name in FIGURES}
    return Post(
        page=page, external_id=post.external_id[:120], album=post.album[:64], published_at=min(post.sent_at, timezone.now()), kind=_kind(post),
        length=len(post.text), is_repost=post.is_repost, is_pinned=post.is_pinned, read_at=read_at, **figures,
    )  # fmt: skip


def _figure(told: int | None) -> int | None:
    return None if told is None or told < 0 else min(told, LARGEST)


def _kind(post: Told) -> str:
    if not post.attachments:
        return Post.Kind.TEXT
    return KINDS.get(post.attachments[0].kind, Post.Kind.OTHER)


def take_events(*, limit: int = 200) -> int:
    """New posts that networks have told of; returns how many events were taken. The pictures of one album are one post."""
    waiting = Incoming.objects.filter(addressee=Addressee.WALLS, taken_at=None)
    with transaction.atomic():
        rows = list(waiting.order_by("id").select_for_update(skip_locked=True, of=("self",)).select_related("page")[:limit])
        for row in rows:
            post = _told(row)
            if post and row.page and not (post.album and _known_album(row.page, post)):
                _keep(row.page, [post], read_at=None)
        Incoming.objects.filter(pk__in=[row.pk for row in rows], taken_at=None).update(taken_at=timezone.now())
    return len(rows)


def _told(row: Incoming) -> Told | None:
    try:
        return NETWORKS[row.network].parse_event(row.raw, row.page_key).post
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError):
        return None


def _known_album(page: Page, post: Told) -> bool:
    return Post.objects.filter(page=page, album=post.album[:64]).exclude(external_id=post.external_id[:120]).exists()


def take_own(*, limit: int = 200) -> int:
    """Posts that went out through Госпульт are known as such at once, also where nobody could read them; returns how many."""
    with transaction.atomic():
        sent = Posting.objects.filter(state=Posting.State.SENT, settled_at=None)
        rows = list(sent.order_by("id").select_for_update(skip_locked=True, of=("self",)).select_related("page")[:limit])
        made = [
            Post(
                page=row.page, external_id=row.external_id, published_at=row.sent_at or timezone.now(), length=len(row.text), own=True,
                kind=Post.Kind.PHOTO if row.photos else Post.Kind.TEXT,
            )
            for row in rows
        ]  # fmt: skip
        Post.objects.bulk_create(made, update_conflicts=True, unique_fields=["page", "external_id"], update_fields=["own"])
        Posting.objects.filter(pk__in=[row.pk for row in rows], settled_at=None).update(settled_at=timezone.now())
    return len(rows)


def forget_old(*, days: int = 800, limit: int = 5000) -> int:
    """Posts older than two years and a quarter leave: no figure asks for them any more; returns how many."""
    old = Post.objects.filter(Q(published_at__lt=timezone.now() - timedelta(days=days))).order_by("pk").values_list("pk", flat=True)[:limit]
    return Post.objects.filter(pk__in=list(old)).delete()[0]
