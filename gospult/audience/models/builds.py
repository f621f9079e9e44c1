"""One counting of the audience, from the first id at the door to the last count."""

from typing import Any, Self

from django.db import models
from django.utils import timezone

from gospult.lib.errors import Refused


class BuildQuerySet(models.QuerySet["Build"]):
    def done(self) -> Self:
        """Builds whose counts can be shown, the latest first."""
        return self.filter(state=Build.State.DONE).order_by("-as_of", "-pk")


class Build(models.Model):
    """A build lives in one process, for only that process has its key: killed, it is broken, and the next one begins anew.

    total      living pages of the registry; listed: those whose network names subscribers and that we have a key for
    done, unread   of the listed: counted; not shown by the network
    as_of      the moment for which the counts stand: when the last page was read
    not_before the lease of the process that works on it
    unfinished true while it is not over, then null: so there is one at a time
    """

    class Source(models.TextChoices):
        NETWORKS = "networks", "из сетей"
        FILE = "file", "из файла пар"

    class State(models.TextChoices):
        WAITING = "waiting", "ждёт очереди"
        COLLECTING = "collecting", "собирает"
        COUNTING = "counting", "считает"
        DONE = "done", "готов"
        STOPPED = "stopped", "остановлен"
        BROKEN = "broken", "прерван"

    NEXT = {
        State.WAITING: {State.COLLECTING, State.STOPPED},
        State.COLLECTING: {State.COUNTING, State.STOPPED, State.BROKEN},
        State.COUNTING: {State.DONE, State.STOPPED, State.BROKEN},
        State.DONE: set(),
        State.STOPPED: set(),
        State.BROKEN: set(),
    }

    source = models.CharField(max_length=8, choices=Source, default=Source.NETWORKS)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    unfinished = models.BooleanField(null=True, default=True, unique=True)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    as_of = models.DateTimeField(null=True)
    total = models.PositiveIntegerField(default=0)
    listed = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    unread = models.PositiveIntegerField(default=0)
    pairs = models.PositiveBigIntegerField(default=0)
    fault = models.CharField(max_length=16, blank=True)
    not_before = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")

    objects = BuildQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["-as_of"], name="build_as_of", condition=models.Q(state="done"))]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "collecting", "counting"], unfinished=True)
                | models.Q(state__in=["done", "stopped", "broken"], unfinished=None),
                name="build_over_or_not",
            )
        ]

    def move_to(self, state: "Build.State | str", **fields: Any) -> None:
        """The only way from state to state; Refused when somebody else was quicker."""
        old, new = self.State(self.state), self.State(state)
        if not self.NEXT[new]:
            fields |= {"unfinished": None, "finished_at": timezone.now()}
        if new not in self.NEXT[old] or not Build.objects.filter(pk=self.pk, state=old).update(state=new, **fields):
            raise Refused(f"Подсчёт аудитории уже в другом состоянии: {old.label}. Обновите страницу.")
        self.state = new
        for name, value in fields.items():
            setattr(self, name, value)

    @property
    def percent(self) -> int:
        """How far the collecting is."""
        return min(100, 100 * (self.done + self.unread) // self.listed) if self.listed else 0
