"""What other systems know of the same messages: «Инцидент Менеджмент» and ПОС."""

from django.db import models
from django.utils import timezone

from gospult.lib.errors import Refused

from .cases import Case
from .messages import Message


class ForeignImport(models.Model):
    """One file of another system. `content` is kept between the look and the end only, so that any process can go on."""

    class State(models.TextChoices):
        SHOWN = "shown", "показан"
        QUEUED = "queued", "ждёт загрузки"
        RUNNING = "running", "загружается"
        DONE = "done", "загружен"
        STOPPED = "stopped", "остановлен"

    NEXT = {
        State.SHOWN: {State.QUEUED, State.STOPPED},
        State.QUEUED: {State.RUNNING, State.STOPPED},
        State.RUNNING: {State.DONE, State.STOPPED},
        State.DONE: set(),
        State.STOPPED: {State.QUEUED},
    }

    system = models.CharField(max_length=8)
    file_name = models.CharField(max_length=255)
    content = models.BinaryField(null=True)
    columns = models.JSONField(default=dict)  # field → header, as a person chose them
    state = models.CharField(max_length=8, choices=State, default=State.SHOWN)
    counts = models.JSONField(default=dict)
    problems = models.JSONField(default=dict)  # kind → lines of the file
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    worked_at = models.DateTimeField(null=True)  # the lease of the process that works on it

    class Meta:
        ordering = ["-id"]

    def move_to(self, state: "ForeignImport.State | str", **fields: object) -> None:
        """The only way from state to state; Refused when somebody else was quicker."""
        old, new = self.State(self.state), self.State(state)
        if new not in self.NEXT[old] or not ForeignImport.objects.filter(pk=self.pk, state=old).update(state=new, **fields):
            raise Refused(f"Загрузка уже «{old.label}»: обновите страницу.")
        self.state = new


class Foreign(models.Model):
    """One incident of another system, matched to a message of ours or not yet.

    matched      link, text, near (almost the same words), hand; "" while nobody knows, doubt when several fit
    answered_at  when the resident got his answer there; null while he has none
    """

    class Matched(models.TextChoices):
        LINK = "link", "по ссылке"
        TEXT = "text", "по тексту"
        NEAR = "near", "по похожему тексту"
        HAND = "hand", "вручную"
        DOUBT = "doubt", "подходит несколько"

    system = models.CharField(max_length=8)
    number = models.CharField(max_length=40)
    imported = models.ForeignKey(ForeignImport, null=True, on_delete=models.SET_NULL, related_name="rows")
    link = models.CharField(max_length=500, blank=True)
    text = models.TextField(blank=True)
    fingerprint = models.CharField(max_length=32, blank=True)
    topic = models.CharField(max_length=200, blank=True)
    body_name = models.CharField(max_length=300, blank=True)
    outcome = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True)
    message = models.ForeignKey(Message, null=True, on_delete=models.SET_NULL, related_name="foreign")
    case = models.ForeignKey(Case, null=True, on_delete=models.SET_NULL, related_name="foreign")
    matched = models.CharField(max_length=8, choices=Matched, blank=True)
    tried_at = models.DateTimeField(null=True)
    forgotten_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "number"], name="foreign_once")]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="foreign_list"),
            models.Index(fields=["tried_at"], name="foreign_waiting", condition=models.Q(message__isnull=True)),
            models.Index(fields=["created_at"], name="foreign_remembered", condition=models.Q(forgotten_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{SHORT.get(self.system, self.system)} № {self.number}"


SHORT = {"im": "ИМ", "pos": "ПОС"}
