from django.core.files.storage import Storage, storages
from django.db import models
from django.utils import timezone

from .incoming import Incoming


def private_storage() -> Storage:
    return storages["private"]


class Attachment(models.Model):
    """A photo, video, voice or file that came in; its bytes are kept privately until `forget_at`."""

    class State(models.TextChoices):
        WAITING = "waiting", "ждёт загрузки"
        KEPT = "kept", "сохранено"
        LINKED = "linked", "только ссылка"
        FAILED = "failed", "не загрузилось"
        FORGOTTEN = "forgotten", "удалено по сроку"

    incoming = models.ForeignKey(Incoming, on_delete=models.CASCADE)
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10)
    source_url = models.TextField(blank=True)
    name = models.CharField(max_length=200, blank=True)
    mime = models.CharField(max_length=100, blank=True)
    size = models.BigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    file = models.FileField(storage=private_storage, upload_to="incoming/%Y/%m/%d", max_length=250, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    forget_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incoming", "position"], name="attachment_once")]
        indexes = [
            models.Index(fields=["next_try_at"], name="attachment_waiting", condition=models.Q(state="waiting")),
            models.Index(fields=["forget_at"], name="attachment_forget", condition=models.Q(state="kept")),
        ]
