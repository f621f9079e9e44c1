"""The tokens' budgets, shared by all processes on all hosts. Whose token it is, only its fingerprint knows."""

from django.db import models
from django.utils import timezone


class Task(models.TextChoices):
    """What a call is for; the first is served before the others."""

    REPLY = "reply", "ответ"
    POLL = "poll", "опрос"
    SWEEP = "sweep", "обход"


class Pace(models.Model):
    """When a token may call again.

    bucket   "" for all its calls, "method:…" for one method, "peer:…" for one chat (a keyed hash: a chat is a person)
    free_at  theoretical arrival time of the next call (GCRA), by the database's clock
    rate     calls a second, as far as a network without published limits has allowed
    """

    fingerprint = models.CharField(max_length=32)
    bucket = models.CharField(max_length=80, blank=True)
    free_at = models.DateTimeField()
    rate = models.FloatField(null=True)
    blocked_until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=16, blank=True)
    strikes = models.PositiveSmallIntegerField(default=0)
    refused_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["fingerprint", "bucket"], name="pace_once")]


class Spending(models.Model):
    """How many calls of a method with a daily limit a token has made, by task; `closed` when the network said that it was enough."""

    fingerprint = models.CharField(max_length=32)
    method = models.CharField(max_length=60)
    day = models.DateField(help_text="the network's own day")
    reply = models.PositiveIntegerField(default=0)
    poll = models.PositiveIntegerField(default=0)
    sweep = models.PositiveIntegerField(default=0)
    closed = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["fingerprint", "method", "day"], name="spending_once")]


class Waiting(models.Model):
    """Who waits for a place and why; gone when served. Without a page it is a sweep over many pages."""

    network = models.CharField(max_length=16)
    page = models.ForeignKey("registry.Page", null=True, on_delete=models.CASCADE)
    task = models.CharField(max_length=8, choices=Task)
    kind = models.CharField(max_length=12)
    label = models.CharField(max_length=60, blank=True)
    method = models.CharField(max_length=60)
    reason = models.CharField(max_length=16)
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "page", "task", "kind"], nulls_distinct=False, name="waiting_once"),
        ]
