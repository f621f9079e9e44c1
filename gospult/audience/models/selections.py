"""Pages that somebody wants counted together, exactly, at every build."""

from typing import Self

from django.db import models
from django.utils import timezone

from gospult.registry.models import Page
from gospult.registry.models.access import User

from .builds import Build


class SelectionQuerySet(models.QuerySet["Selection"]):
    def visible_to(self, user: User) -> Self:
        """The person's own."""
        return self.filter(owner_id=user.pk or 0)


class Selection(models.Model):
    """A person's pages under a name."""

    owner = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    name = models.CharField("название", max_length=100)
    pages = models.ManyToManyField(Page, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = SelectionQuerySet.as_manager()

    class Meta:
        verbose_name = "набор страниц"
        verbose_name_plural = "наборы страниц"
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="selection_name", violation_error_message="Набор с таким названием уже есть.")
        ]


class SelectionCount(models.Model):
    """Exact people of a selection in one network at one build; null where they are too few."""

    selection = models.ForeignKey(Selection, on_delete=models.CASCADE, related_name="counts")
    build = models.ForeignKey(Build, on_delete=models.CASCADE, related_name="+")
    network = models.CharField(max_length=20)
    pages = models.PositiveIntegerField()
    subscriptions = models.PositiveBigIntegerField(null=True)
    people = models.PositiveBigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["selection", "build", "network"], name="selection_count_once")]
