import secrets

from django.db import models
from django.utils import timezone


def new_number() -> str:
    """A public number: 11 random digits and a Luhn check digit; digits because people read it out over the phone."""
    digits = f"{secrets.randbelow(10**11):011d}"
    total = sum(d if i % 2 else (2 * d if d < 5 else 2 * d - 9) for i, d in enumerate(map(int, reversed(digits))))
    return digits + str(-total % 10)


class Addressee(models.TextChoices):
    DESK = "desk"
    BOTS = "bots"
    ALERTS = "alerts"
    WALLS = "walls"
    NOBODY = "nobody"


class Incoming(models.Model):
    """One raw revision of something that came in. Immutable but for `taken_at` and forgetting."""

    network = models.CharField(max_length=16)
    page = models.ForeignKey("registry.Page", null=True, on_delete=models.PROTECT)
    page_key = models.CharField(max_length=64)
    external_id = models.CharField(max_length=120)
    revision = models.CharField(max_length=80)
    action = models.CharField(max_length=12)
    kind = models.CharField(max_length=8)
    thread_id = models.CharField(max_length=120, blank=True)
    reply_to = models.CharField(max_length=120, blank=True)
    author_id = models.CharField(max_length=64, blank=True)
    author_name = models.CharField(max_length=200, blank=True)
    by_page = models.BooleanField(default=False)
    guard = models.CharField(max_length=20, blank=True)
    text = models.TextField(blank=True)
    attachments = models.JSONField(default=list)
    sent_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)
    number = models.CharField(max_length=12, default=new_number, unique=True)
    addressee = models.CharField(max_length=8, choices=Addressee, default=Addressee.DESK)
    taken_at = models.DateTimeField(null=True)
    forgotten_at = models.DateTimeField(null=True)
    raw = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "page_key", "external_id", "revision"], name="incoming_once"),
        ]
        indexes = [
            models.Index(fields=["addressee", "id"], name="incoming_waiting", condition=models.Q(taken_at__isnull=True)),
        ]
