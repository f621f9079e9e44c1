"""Something about a page that a person should look at, with what it is seen by."""

from typing import Self

from django.db import models
from django.utils import timezone

from gospult.lib.errors import Refused
from gospult.registry.models import Page
from gospult.registry.models.access import User


class FindingQuerySet(models.QuerySet["Finding"]):
    def visible_to(self, user: User) -> Self:
        """Findings about the pages that the person may see."""
        pages = Page.objects.visible_to(user)
        return self.filter(page__in=pages.values("pk")) if pages.query.where else self.all()

    def open(self) -> Self:
        return self.filter(state=Finding.State.OPEN)


class Finding(models.Model):
    """One thing that was noticed; a person decides whether it is so, and it closes by itself when it is not seen any more.

    mark      tells two findings of a kind on one page apart: the other page, the day of a jump, the new name
    evidence  the numbers and names by which it is seen
    other     of look-alikes and twins: the other page
    reason    why a person dismissed it
    """

    class Kind(models.TextChoices):
        GONE = "gone", "не открывается в сети"
        CLOSED = "closed", "закрыта в сети"
        UNKNOWN = "unknown", "номер в сети неизвестен"
        HANDLE = "handle", "сменилось короткое имя"
        NAME = "name", "сменилось название"
        EMPTIED = "emptied", "исчезли записи"
        COMMENTS = "comments", "комментарии закрыты"
        LOOK_ALIKE = "look_alike", "похожа на страницу другой организации"
        TWIN = "twin", "несколько страниц одной организации"
        JUMP = "jump", "скачок подписчиков"
        ENGAGEMENT = "engagement", "необычная вовлечённость"

    class State(models.TextChoices):
        OPEN = "open", "ждёт решения"
        CONFIRMED = "confirmed", "подтверждено"
        DISMISSED = "dismissed", "отклонено"
        PAST = "past", "больше не видно"

    NEXT = {
        State.OPEN: {State.CONFIRMED, State.DISMISSED},
        State.CONFIRMED: {State.OPEN, State.DISMISSED},
        State.DISMISSED: {State.OPEN, State.CONFIRMED},
        State.PAST: set(),
    }

    page = models.ForeignKey("registry.Page", on_delete=models.CASCADE, related_name="findings")
    kind = models.CharField(max_length=12, choices=Kind)
    mark = models.CharField(max_length=120, blank=True)
    other = models.ForeignKey("registry.Page", null=True, on_delete=models.CASCADE, related_name="+")
    evidence = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    first_seen_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["page", "kind", "mark"], name="finding_once")]
        indexes = [
            models.Index(fields=["state", "kind", "-first_seen_at"], name="finding_list"),
            models.Index(fields=["state", "-first_seen_at", "-id"], name="finding_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.page_id} {self.kind} {self.mark}"

    def move_to(self, state: "Finding.State | str", **fields: object) -> None:
        """The only way from state to state by a person; Refused when somebody else was quicker."""
        old = self.State(self.state)
        if self.State(state) not in self.NEXT[old] or not Finding.objects.filter(pk=self.pk, state=old).update(state=state, **fields):
            raise Refused(f"Находка уже в другом состоянии: {old.label}. Обновите страницу.")
        self.state = self.State(state)
        for name, value in fields.items():
            setattr(self, name, value)
