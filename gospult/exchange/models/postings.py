from django.db import models
from django.utils import timezone

from gospult.lib.errors import Refused

from .outgoing import new_guard


class Posting(models.Model):
    """One post that must be published on one page once. `publication` is the id of the room above that wrote it.

    not_before        its hour; of one that was tried, when it is tried again
    first_claimed_at  the first try: from then on nobody changes it
    """

    class State(models.TextChoices):
        READY = "ready", "ждёт отправки"
        CLAIMED = "claimed", "отправляется"
        SENT = "sent", "опубликовано"
        UNKNOWN = "unknown", "исход неизвестен"
        FAILED = "failed", "не отправлено"
        WITHDRAWN = "withdrawn", "отозвано"

    NEXT = {
        State.READY: {State.CLAIMED, State.WITHDRAWN},
        State.CLAIMED: {State.SENT, State.UNKNOWN, State.FAILED, State.READY},
        State.UNKNOWN: {State.SENT, State.READY},
        State.FAILED: {State.READY, State.WITHDRAWN, State.SENT},
        State.SENT: set(),
        State.WITHDRAWN: set(),
    }

    page = models.ForeignKey("registry.Page", on_delete=models.PROTECT)
    publication = models.BigIntegerField(unique=True)
    text = models.TextField(blank=True)
    photos = models.JSONField(default=list)  # [{"file": storage name, "name": …}]
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
    settled_at = models.DateTimeField(null=True)  # when the room above took notice that it was sent

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["page", "external_id"], condition=~models.Q(external_id=""), name="posting_published_once"),
            models.CheckConstraint(condition=~models.Q(state="sent") | ~models.Q(external_id=""), name="posting_sent_has_proof"),
        ]
        indexes = [
            models.Index(fields=["not_before"], name="posting_ready", condition=models.Q(state="ready")),
            models.Index(fields=["state", "claimed_at"], name="posting_open", condition=models.Q(state__in=["claimed", "unknown"])),
            models.Index(fields=["id"], name="posting_unsettled", condition=models.Q(settled_at__isnull=True, state="sent")),
        ]

    def move_to(self, state: "Posting.State | str", **fields: object) -> None:
        """The only way from state to state; Refused when somebody else was quicker."""
        old = self.State(self.state)
        if self.State(state) not in self.NEXT[old] or not Posting.objects.filter(pk=self.pk, state=old).update(state=state, **fields):
            raise Refused(f"Публикация уже изменилась: {old.label}. Обновите страницу.")
        self.state = self.State(state)
        for name, value in fields.items():
            setattr(self, name, value)
