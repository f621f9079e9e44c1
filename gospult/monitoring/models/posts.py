"""Posts that were seen on pages."""

from typing import Self

from django.db import models
from django.utils import timezone

from gospult.registry.models import Page
from gospult.registry.models.access import User


class PostQuerySet(models.QuerySet["Post"]):
    def visible_to(self, user: User) -> Self:
        """Posts of the pages that the person may see."""
        return self.filter(page__in=Page.objects.visible_to(user).values("pk"))

    def counted(self) -> Self:
        """Posts that stand and that the page has written itself: a repost is somebody else's work."""
        return self.filter(gone_at=None, is_repost=False, is_placed=False)


class Post(models.Model):
    """A post of a page with the figures of its latest reading; null where the network does not count.

    own       it went out through Госпульт
    is_placed  a recommended post from above that the page has published: not its own work
    album     where a network tells the pictures of one post one by one, what they have in common
    read_at   when its figures were read, null while it is only known from an event
    gone_at   when a reading of the wall did not show it any more
    """

    class Kind(models.TextChoices):
        TEXT = "text", "текст"
        PHOTO = "photo", "фото"
        VIDEO = "video", "видео"
        LINK = "link", "ссылка"
        OTHER = "other", "другое"

    page = models.ForeignKey("registry.Page", on_delete=models.CASCADE, related_name="posts")
    external_id = models.CharField(max_length=120)
    album = models.CharField(max_length=64, blank=True)
    published_at = models.DateTimeField()
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.TEXT)
    length = models.PositiveIntegerField(default=0)  # characters
    is_repost = models.BooleanField(default=False)
    is_pinned = models.BooleanField(default=False)
    own = models.BooleanField(default=False)
    is_placed = models.BooleanField(default=False)
    views = models.PositiveIntegerField(null=True)
    likes = models.PositiveIntegerField(null=True)
    comments = models.PositiveIntegerField(null=True)
    reposts = models.PositiveIntegerField(null=True)
    seen_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)
    gone_at = models.DateTimeField(null=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["page", "external_id"], name="post_once"),
            models.UniqueConstraint(fields=["page", "album"], condition=~models.Q(album=""), name="post_album_once"),
        ]
        indexes = [models.Index(fields=["page", "published_at"], name="post_of_page")]

    def __str__(self) -> str:
        return f"{self.page_id}/{self.external_id}"
