import secrets

from django.db import models
from django.utils import timezone

from gospult.lib.errors import Refused


def new_guard() -> str:
    """A decimal string below 2**31: fits VK's `guid` and `random_id` alike."""
    return str(secrets.randbelow(2**31 - 2) + 1)


class Outgoing(models.Model):
    """One reply that must be published once. `answer` and `message` are ids of the desk, one floor up."""

    class State(models.TextChoices):
        READY = "ready", "ждёт отправки"
        CLAIMED = "claimed", "отправляется"
        SENT = "sent", "опубликовано"
        UNKNOWN = "unknown", "исход неизвестен"
        FAILED = "failed", "не отправлено"
        WITHDRAWN = "withdrawn", "отозвано"

    NEXT = {
        State.READY: {State.CLAIMED, State.WITHDRAWN, State.SENT},
        State.CLAIMED: {State.SENT, State.UNKNOWN, State.FAILED, State.READY, State.WITHDRAWN},
        State.UNKNOWN: {State.SENT, State.READY, State.FAILED},
        State.FAILED: {State.READY, State.WITHDRAWN, State.SENT},
        State.SENT: set(),
        State.WITHDRAWN: set(),
    }

    page = models.ForeignKey("registry.Page", on_delete=models.PROTECT)
    answer = models.BigIntegerField()
    message = models.BigIntegerField()
    kind = models.CharField(max_length=8)
    thread_id = models.CharField(max_length=120)
    reply_to = models.CharField(max_length=120, blank=True)
    after = models.DateTimeField(help_text="when the resident wrote: a later reply of the page in the thread is a native answer")
    text = models.TextField()
    photos = models.JSONField(default=list)  # [{"file": storage name, "name": …, "link": public address}]
    guard = models.CharField(max_length=20, default=new_guard, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.READY)
    not_before = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True)
    first_claimed_at = models.DateTimeField(null=True)
    read_backs = models.PositiveSmallIntegerField(default=0)
    needs_person = models.BooleanField(default=False)
    fault = models.CharField(max_length=16, blank=True)
    error = models.TextField(blank=True)
    external_id = models.CharField(max_length=120, blank=True)
    url = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True)  # when the desk took notice of the final state

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["answer", "message"], name="outgoing_once"),
            models.UniqueConstraint(fields=["page", "external_id"], condition=~models.Q(external_id=""), name="outgoing_published_once"),
            models.CheckConstraint(condition=~models.Q(state="sent") | ~models.Q(external_id=""), name="outgoing_sent_has_proof"),
        ]
        indexes = [
            models.Index(fields=["not_before"], name="outgoing_ready", condition=models.Q(state="ready")),
            models.Index(fields=["page", "thread_id"], name="outgoing_thread"),
            models.Index(fields=["state", "claimed_at"], name="outgoing_open", condition=models.Q(state__in=["claimed", "unknown"])),
            models.Index(
                fields=["id"], name="outgoing_unsettled", condition=models.Q(settled_at__isnull=True, state__in=["sent", "failed", "withdrawn"])
            ),
        ]

    def move_to(self, state: "Outgoing.State | str", **fields: object) -> None:
        """The only way from state to state; Refused when somebody else was quicker."""
        old = self.State(self.state)
        if self.State(state) not in self.NEXT[old] or not Outgoing.objects.filter(pk=self.pk, state=old).update(state=state, **fields):
            raise Refused(f"Отправка уже изменилась: {old.label}. Обновите страницу.")
        self.state = self.State(state)
        for name, value in fields.items():
            setattr(self, name, value)
