"""A post that a steward writes, and the pages on which it is published."""

from typing import Self

from django.core.files.storage import Storage, storages
from django.db import models
from django.utils import timezone

from gospult.accounts.models import Role
from gospult.lib.errors import Refused
from gospult.registry.models import Body, Page, PageBody, pages_of_steward, scope_q
from gospult.registry.models.access import EVERYTHING, User

WRITERS = frozenset({Role.OPERATOR, Role.ADMIN})


def pages_to_post(user: User) -> models.QuerySet[Page]:
    """Pages on which the person may publish: those he keeps, and for an operator or an administrator those of his branch."""
    living = Page.objects.living()
    scope = scope_q(user, "", None, WRITERS)
    if scope is EVERYTHING:
        return living
    owned = PageBody.objects.filter(body__in=Body.objects.filter(scope).values("pk")).values("page_id")
    own = models.Q(pk__in=pages_of_steward(user)) if user.is_authenticated and user.is_active else models.Q(pk__in=[])
    return living.filter(models.Q(pk__in=owned) | own)


def private_storage() -> Storage:
    return storages["private"]


class WallPostQuerySet(models.QuerySet["WallPost"]):
    def visible_to(self, user: User) -> Self:
        """Posts for at least one page on which the person may publish."""
        mine = Publication.objects.filter(page__in=pages_to_post(user).order_by().values("pk")).values("post")
        return self.filter(pk__in=mine)


class WallPost(models.Model):
    """Words and photos for the walls of some pages.

    key           given by the form: the same form sent twice is one post
    scheduled_at  its hour, null for at once
    """

    class State(models.TextChoices):
        DRAFT = "draft", "черновик"
        PLANNED = "planned", "отдана в сети"
        WITHDRAWN = "withdrawn", "отозвана"

    NEXT = {
        State.DRAFT: {State.PLANNED, State.WITHDRAWN},
        State.PLANNED: {State.WITHDRAWN},
        State.WITHDRAWN: set(),
    }

    key = models.UUIDField(unique=True)
    author = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="wall_posts")
    text = models.TextField(blank=True)
    scheduled_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = WallPostQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["-created_at"], name="wallpost_latest")]

    def __str__(self) -> str:
        return self.text[:60] or "Фото"

    def move_to(self, state: "WallPost.State | str", **fields: object) -> None:
        """The only way from state to state; Refused when somebody else was quicker."""
        old = self.State(self.state)
        if self.State(state) not in self.NEXT[old] or not WallPost.objects.filter(pk=self.pk, state=old).update(state=state, **fields):
            raise Refused(f"Запись уже изменилась: {old.label}. Обновите страницу.")
        self.state = self.State(state)


class Publication(models.Model):
    """A post on one page. Whether it is out is told by the exchange's row of this number."""

    post = models.ForeignKey(WallPost, on_delete=models.CASCADE, related_name="publications")
    page = models.ForeignKey("registry.Page", on_delete=models.PROTECT, related_name="publications")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "page"], name="publication_once")]


class PostPhoto(models.Model):
    """A photo of a post, without anything but the picture."""

    post = models.ForeignKey(WallPost, on_delete=models.CASCADE, related_name="photos")
    file = models.FileField(storage=private_storage, upload_to="posts/%Y/%m/%d", max_length=250)
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["post", "sha256"], name="post_photo_once")]
