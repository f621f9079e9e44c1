"""What residents said."""

from django.db import models
from django.utils import timezone

from gospult.exchange.models import Incoming

from .cases import Case
from .kinds import Kind


class Message(models.Model):
    """One utterance of one person in one thread, as it reads now; its revisions are rows of `exchange.Incoming`."""

    network = models.CharField(max_length=16)
    page = models.ForeignKey("registry.Page", null=True, on_delete=models.PROTECT)
    page_key = models.CharField(max_length=64)
    external_id = models.CharField(max_length=120)
    channel = models.CharField(max_length=8)  # comment | dm | web | file
    thread_id = models.CharField(max_length=120, blank=True)
    reply_to = models.CharField(max_length=120, blank=True)
    author_id = models.CharField(max_length=64, blank=True)
    author_name = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    fingerprint = models.CharField(max_length=32, blank=True)
    number = models.CharField(max_length=12, unique=True)
    kind = models.CharField(max_length=12, choices=Kind, blank=True)
    has_photo = models.BooleanField(default=False)
    verdict = models.JSONField(default=dict)
    sent_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    hidden_at = models.DateTimeField(null=True)  # by us, on a ground of the list (`Hiding`)
    forgotten_at = models.DateTimeField(null=True)  # its words and its author, when their term was over
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, db_index=False)
    duplicate_of = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="duplicates")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network", "page_key", "external_id"], name="message_once")]
        indexes = [
            models.Index(fields=["network", "page_key", "thread_id", "author_id"], name="message_thread"),
            models.Index(fields=["case", "-sent_at", "-id"], name="message_of_case"),
            models.Index(fields=["fingerprint", "sent_at"], name="message_fingerprint", condition=~models.Q(fingerprint="")),
            models.Index(fields=["received_at"], name="message_remembered", condition=models.Q(forgotten_at__isnull=True)),
            models.Index(fields=["page", "deleted_at"], name="message_deleted", condition=models.Q(deleted_at__isnull=False)),
        ]

    def revisions(self) -> "models.QuerySet[Incoming]":
        return Incoming.objects.filter(network=self.network, page_key=self.page_key, external_id=self.external_id).order_by("id")
