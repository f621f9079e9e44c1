"""What a page looked like on a day, by each who told us; rows are added and never rewritten by a later day."""

from typing import Self

from django.db import models
from django.utils import timezone

from gospult.registry.models import Page
from gospult.registry.models.access import User


class SnapshotQuerySet(models.QuerySet["Snapshot"]):
    def visible_to(self, user: User) -> Self:
        """Snapshots of the pages that the person may see."""
        return self.filter(page__in=Page.objects.visible_to(user).values("pk"))


class Snapshot(models.Model):
    """A page on a day. What the source does not tell is null, never zero.

    source    the network's own card, the official export, or a person
    date      the day that it speaks of, in Moscow: the day of a card's reading, the date of an export
    design, activity              percents of the export
    widgets                       0, 1 or 2 valid ПОС links, as counted from the card or told by the export
    weekly_reach, post_reach      people, as the export tells them
    marks                         code of the design checklist → True, False or null, as the card shows it
    """

    class Source(models.TextChoices):
        CARD = "card", "карточка в сети"
        EXPORT = "export", "выгрузка реестра"
        PERSON = "person", "человек"

    page = models.ForeignKey("registry.Page", on_delete=models.CASCADE, related_name="snapshots")
    date = models.DateField()
    source = models.CharField(max_length=8, choices=Source)
    at = models.DateTimeField(default=timezone.now)
    name = models.CharField(max_length=1000, blank=True)
    handle = models.CharField(max_length=100, blank=True)
    members = models.PositiveIntegerField(null=True)
    gone = models.BooleanField(null=True)
    closed = models.BooleanField(null=True)
    comments_open = models.BooleanField(null=True)
    messages_open = models.BooleanField(null=True)
    has_mark = models.BooleanField(null=True)
    connected = models.BooleanField(null=True)
    status = models.CharField(max_length=20, blank=True)
    design = models.PositiveSmallIntegerField(null=True)
    widgets = models.PositiveSmallIntegerField(null=True)
    activity = models.PositiveSmallIntegerField(null=True)
    weekly_reach = models.PositiveIntegerField(null=True)
    post_reach = models.PositiveIntegerField(null=True)
    marks = models.JSONField(default=dict)

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["page", "date", "source"], name="snapshot_once_a_day")]
        indexes = [
            models.Index(fields=["date"], name="snapshot_date"),
            models.Index(fields=["page", "-date"], name="snapshot_told", condition=~models.Q(source="card")),  # few beside the daily cards
        ]

    def __str__(self) -> str:
        return f"{self.page_id} {self.date} {self.source}"
