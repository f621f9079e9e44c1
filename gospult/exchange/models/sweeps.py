"""Sweeps over all pages of a network and what they found last."""

from datetime import UTC, datetime

from django.db import models
from django.utils import timezone

from gospult.lib.errors import Refused


class Sweep(models.Model):
    """One pass over the pages of a network. Where it stands is told by the rows that it has written, not by memory."""

    class Goal(models.TextChoices):
        CARDS = "cards", "карточки страниц"
        WALLS = "walls", "записи на стенах"
        HISTORY = "history", "прежние записи"

    class State(models.TextChoices):
        RUNNING = "running", "идёт"
        DONE = "done", "закончен"
        STOPPED = "stopped", "остановлен"

    NEXT = {
        State.RUNNING: {State.DONE, State.STOPPED},
        State.STOPPED: {State.RUNNING},
        State.DONE: set(),
    }

    network = models.CharField(max_length=16)
    goal = models.CharField(max_length=8, choices=Goal)
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    total = models.PositiveIntegerField(default=0)  # pages
    done = models.PositiveIntegerField(default=0)
    unread = models.PositiveIntegerField(default=0)  # pages that the network did not show
    fault = models.CharField(max_length=16, blank=True)
    not_before = models.DateTimeField(default=timezone.now)  # also the lease of the process that works on it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "goal"], condition=models.Q(state="running"), name="sweep_one_at_a_time"),
        ]

    def move_to(self, state: "Sweep.State | str", **fields: object) -> None:
        """The only way from state to state; Refused when somebody else was quicker."""
        old = self.State(self.state)
        if self.State(state) not in self.NEXT[old] or not Sweep.objects.filter(pk=self.pk, state=old).update(state=state, **fields):
            raise Refused(f"Обход уже в другом состоянии: {old.label}. Обновите страницу.")
        self.state = self.State(state)
        for name, value in fields.items():
            setattr(self, name, value)


class Card(models.Model):
    """The latest card of a page, as its network showed it at `read_at`.

    tried_at  the last time it was asked for, also in vain: then `fault` says why, and the rest is what was known before
    gone      blocked, deleted, or unknown to the network
    """

    page = models.OneToOneField("registry.Page", on_delete=models.CASCADE)
    name = models.CharField(max_length=1000, blank=True)
    handle = models.CharField(max_length=100, blank=True)
    members = models.PositiveIntegerField(null=True)
    gone = models.BooleanField(default=False)
    closed = models.BooleanField(default=False)
    comments_open = models.BooleanField(null=True)
    comments_closed_at = models.DateTimeField(null=True)  # when they were first seen closed; null while open or not known
    messages_open = models.BooleanField(null=True)
    read_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(db_index=True)
    fault = models.CharField(max_length=16, blank=True)
    raw = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["comments_closed_at"], name="card_closed", condition=models.Q(comments_open=False))]


class Wall(models.Model):
    """How a page's wall stood when it was last read; the posts themselves belong to a higher room. `tried_at` and `fault` as in Card.

    seen_since  from when on every post was read; `EVER` when the wall has none that is older; null where readings have not told that yet
    depth       posts from the newest on that the reading of the past has passed
    deeper_at   when the past was asked for last
    """

    EVER = datetime(2000, 1, 1, tzinfo=UTC)

    page = models.OneToOneField("registry.Page", on_delete=models.CASCADE)
    posts = models.PositiveSmallIntegerField(default=0)  # read, of the latest
    seen_since = models.DateTimeField(null=True)
    depth = models.PositiveIntegerField(default=0)
    deeper_at = models.DateTimeField(null=True, db_index=True)
    last_post_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(db_index=True)
    fault = models.CharField(max_length=16, blank=True)
