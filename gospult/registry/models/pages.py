"""Official pages in the networks and the handles that they had."""

from typing import Self

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Upper
from django.utils import timezone

from gospult.lib.errors import Refused

from .access import EVERYTHING, User, granted, keeps, pages_of_steward, scope_q
from .bodies import Body
from .places import sort_key


class State(models.TextChoices):
    DRAFT = "draft", "готовится"
    PUBLISHED = "published", "действует"
    UNDER_REVIEW = "under_review", "на проверке"
    ARCHIVED = "archived", "в архиве"


NEXT = {
    State.DRAFT: {State.PUBLISHED, State.ARCHIVED},
    State.PUBLISHED: {State.UNDER_REVIEW, State.ARCHIVED},
    State.UNDER_REVIEW: {State.PUBLISHED, State.ARCHIVED},
    State.ARCHIVED: {State.UNDER_REVIEW},
}
NETWORK_NAMES = {"vk": "ВКонтакте", "ok": "Одноклассники", "telegram": "Telegram", "max": "MAX"}
# Where a page without an address of its own can be opened: by handle, else by id.
ADDRESSES = {
    "vk": ("https://vk.com/{}", "https://vk.com/club{}"),
    "ok": ("https://ok.ru/{}", "https://ok.ru/group/{}"),
    "telegram": ("https://t.me/{}", ""),
    "max": ("https://max.ru/{}", ""),
}


class PageQuerySet(models.QuerySet["Page"]):
    def visible_to(self, user: User) -> Self:
        """Pages of the bodies in the person's branches and the pages that the person keeps."""
        scope = scope_q(user, body_field="", page_field=None)
        if scope is EVERYTHING:  # pages without an owner are nobody's branch, but somebody must see them
            return self.all()
        if not user.is_authenticated or not user.is_active:
            return self.none()
        owned = PageBody.objects.filter(body__in=Body.objects.filter(scope).values("pk")).values("page_id")
        if not keeps(user):
            return self.filter(pk__in=owned)
        if not granted(user):
            return self.filter(pk__in=pages_of_steward(user))
        return self.filter(pk__in=owned.order_by().union(pages_of_steward(user)))  # an «or» would look at every page of the country

    def living(self) -> Self:
        """All but the archived."""
        return self.exclude(state=State.ARCHIVED)

    def move_to(self, state: State, reason: str = "") -> int:
        """Move those whose state allows it; returns how many moved, so that of two who press at once one gets 0."""
        allowed = [old for old, new in NEXT.items() if state in new]
        return self.filter(state__in=allowed).update(state=state, review_reason=reason)


class Page(models.Model):
    """An official page (госпаблик). Marks and connection come from the official export or a person, never from guessing."""

    network = models.CharField("сеть", max_length=20)
    external_id = models.CharField("ID в сети", max_length=30, null=True, blank=True)  # noqa: DJ001  unique only where it is known
    handle = models.CharField("короткое имя", max_length=100, blank=True)
    url = models.CharField("адрес", max_length=500, blank=True)
    name = models.CharField("название", max_length=1000)
    state = models.CharField("состояние", max_length=20, choices=State, default=State.PUBLISHED)
    review_reason = models.CharField("почему на проверке", max_length=300, blank=True)
    settings_address = models.CharField("адрес в настройках страницы", max_length=500, blank=True)
    connected = models.BooleanField("подключена к «Госпабликам»", null=True, blank=True)
    has_mark = models.BooleanField("госметка", null=True, blank=True)
    facts_date = models.DateField("сведения на дату", null=True, blank=True)
    design = models.PositiveSmallIntegerField("оформление, %", null=True, blank=True)
    widgets = models.PositiveSmallIntegerField("виджеты", null=True, blank=True)
    activity = models.PositiveSmallIntegerField("активность, %", null=True, blank=True)
    members = models.PositiveIntegerField("подписчики", null=True, blank=True)
    weekly_reach = models.PositiveIntegerField("охват за неделю", null=True, blank=True)
    post_reach = models.PositiveIntegerField("средний охват публикации", null=True, blank=True)
    bodies = models.ManyToManyField(Body, through="PageBody", related_name="pages")
    from_export = models.BooleanField("из выгрузки", default=False)
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    sort_name = sort_key()

    objects = PageQuerySet.as_manager()

    class Meta:
        verbose_name = "страница"
        verbose_name_plural = "страницы"
        ordering = ["sort_name", "id"]
        indexes = [
            models.Index(fields=["sort_name", "id"], include=["state"], name="page_order"),  # a common word is met without reading the rows
            models.Index(fields=["external_id"], name="page_by_id"),
            models.Index(fields=["state"], name="page_not_in_force", condition=~Q(state="published")),
            GinIndex(OpClass("sort_name", "gin_trgm_ops"), name="page_words"),  # a part of a name, of a handle
            GinIndex(OpClass(Upper("handle"), "gin_trgm_ops"), name="page_handle_words"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["network", "external_id"],
                condition=Q(external_id__isnull=False),
                name="page_external_id",
            ),
            models.UniqueConstraint("network", Lower("handle"), condition=~Q(handle=""), name="page_handle"),
            models.CheckConstraint(condition=~Q(external_id=""), name="page_external_id_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """Where a person opens the page, "" when it is not known."""
        by_handle, by_id = ADDRESSES.get(self.network, ("", ""))
        if self.url or not (self.handle or self.external_id):
            return self.url
        return by_handle.format(self.handle) if self.handle else by_id.format(self.external_id)

    @property
    def network_name(self) -> str:
        """The network as people call it; one registered by name only is its own name."""
        return NETWORK_NAMES.get(self.network, self.network)

    @property
    def next_states(self) -> set[State]:
        """States that the page may go to from where it is."""
        return NEXT[State(self.state)]

    def move_to(self, state: State, reason: str = "") -> None:
        """Change the state; Refused when it is not reachable or somebody else moved the page meanwhile."""
        moved = state in self.next_states and Page.objects.filter(pk=self.pk, state=self.state).update(state=state, review_reason=reason)
        if not moved:
            raise Refused(f"Страница «{self.name}» уже в другом состоянии. Обновите страницу и посмотрите ещё раз.")
        self.state, self.review_reason = state, reason


class PageBody(models.Model):
    """Whose page it is: one owner as a rule, others share it."""

    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="owners")
    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="page_links")
    shared = models.BooleanField("общая", default=False)

    class Meta:
        ordering = ["page", "shared", "id"]
        constraints = [
            models.UniqueConstraint(fields=["page", "body"], name="page_body_once"),
            models.UniqueConstraint(fields=["page"], condition=Q(shared=False), name="page_one_owner"),
        ]


class PageHandle(models.Model):
    """A handle that a page had; networks give freed handles to others, so old links are read by date."""

    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="handles")
    handle = models.CharField(max_length=100)
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["page", "-since", "-id"]
