"""What is known of posts and of the pages they go to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils import timezone

from gospult.desk.queries import book
from gospult.exchange.models import Posting
from gospult.exchange.queries import can_do, can_publish
from gospult.registry.models import Page, PageBody, pages_of_steward
from gospult.registry.models.access import User

from .fitting import room_in_words
from .models import Publication, WallPost, pages_to_post

__all__ = ["Out", "can_post", "choices", "is_open", "outs", "own_posts", "room_in_words", "troubled", "why_not", "zone_of"]

NOT_WHOLE = "публиковать отсюда нельзя: попросите оператора подключить страницу полностью"
NO_KEY = "публиковать отсюда нельзя: нужен ключ, которым сеть даёт публиковать"


@dataclass(frozen=True)
class Out:
    """How a post stands on one page: the row of the exchange is None while it is a draft."""

    publication: Publication
    page: Page
    posting: Posting | None


def outs(post: WallPost) -> list[Out]:
    """A post on each of its pages, in the pages' order."""
    rows = list(post.publications.select_related("page").order_by("page__sort_name", "page__network", "pk"))
    sent = {row.publication: row for row in Posting.objects.filter(publication__in=[row.pk for row in rows])}
    return [Out(row, row.page, sent.get(row.pk)) for row in rows]


def is_open(post: WallPost) -> bool:
    """Whether it may still be changed: nobody has tried to publish it anywhere."""
    if post.state == WallPost.State.DRAFT:
        return True
    rows = [out.posting for out in outs(post)]
    waits = [row.state == Posting.State.READY and row.first_claimed_at is None for row in rows if row]
    return post.state == WallPost.State.PLANNED and len(waits) == len(rows) and all(waits)


def can_post(page: Page) -> bool:
    """Whether posts of the page leave by themselves."""
    return can_do(page, "publish")


def why_not(page: Page) -> str:
    """What is missing for publishing on the page."""
    return NO_KEY if can_publish(page) else NOT_WHOLE


def choices(user: User, wanted: Collection[int] = ()) -> list[Page]:
    """The pages to choose from: those the person keeps, and of the others that he may post on those that he asked for by number."""
    mine = pages_to_post(user).filter(Q(pk__in=pages_of_steward(user)) | Q(pk__in=[number for number in wanted if 0 < number < 2**63]))
    return list(mine.order_by("sort_name", "network", "pk")[:50])


def own_posts(user: User) -> QuerySet[WallPost]:
    """Posts of the pages that the person keeps, and those that he has written himself; the latest first."""
    kept = Publication.objects.filter(page__in=pages_of_steward(user)).values("post")
    return WallPost.objects.visible_to(user).filter(Q(pk__in=kept) | Q(author=user.pk)).order_by("-created_at", "-pk")


def troubled(user: User) -> list[WallPost]:
    """Posts of the person's own pages that wait for a person's look at some network."""
    asked = Posting.objects.filter(needs_person=True, state__in=[Posting.State.FAILED, Posting.State.UNKNOWN]).values("publication")
    rows = Publication.objects.filter(pk__in=asked, page__in=pages_of_steward(user)).values("post")
    return list(WallPost.objects.visible_to(user).filter(pk__in=rows).order_by("-created_at")[:20])


def zone_of(pages: Sequence[Page], day: date | None = None) -> ZoneInfo:
    """The time zone of the first page's body; the installation's where the page has none."""
    owner = PageBody.objects.filter(page__in=[page.pk for page in pages[:1]]).order_by("shared", "pk").values_list("body", flat=True).first()
    return book().basis(day or timezone.localdate(), None, None, owner).calendar.tz
