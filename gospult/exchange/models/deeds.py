from django.db import models
from django.utils import timezone

from gospult.lib.errors import Refused


class Deed(models.Model):
    """Something to carry out once in a network on a comment of somebody else, or on somebody. Why it is done stands one floor up.

    target  external id of the comment, "" for a ban
    person  the network's id of the person, only while it is needed
    proof   how it is known to be done: the network's answer, what was read there, its event, or a person who looked
    """

    class What(models.TextChoices):
        HIDE = "hide", "скрыть комментарий"
        UNHIDE = "unhide", "вернуть комментарий"
        BAN = "ban", "закрыть доступ"
        UNBAN = "unban", "открыть доступ"

    class State(models.TextChoices):
        READY = "ready", "ждёт очереди"
        CLAIMED = "claimed", "выполняется"
        DONE = "done", "сделано"
        UNKNOWN = "unknown", "исход неизвестен"
        FAILED = "failed", "не сделано"

    class Proof(models.TextChoices):
        ANSWER = "answer", "сеть подтвердила"
        READ = "read", "видно в сети"
        EVENT = "event", "сеть сообщила"
        PERSON = "person", "проверил человек"

    NEXT = {
        State.READY: {State.CLAIMED, State.FAILED},
        State.CLAIMED: {State.DONE, State.UNKNOWN, State.FAILED, State.READY},
        State.UNKNOWN: {State.DONE, State.READY, State.FAILED},
        State.FAILED: {State.READY, State.DONE},
        State.DONE: set(),
    }

    page = models.ForeignKey("registry.Page", on_delete=models.PROTECT)
    what = models.CharField(max_length=8, choices=What)
    target = models.CharField(max_length=120, blank=True)
    thread_id = models.CharField(max_length=120, blank=True)
    person = models.CharField(max_length=64, blank=True)
    until = models.DateTimeField(null=True)  # the end of a ban
    state = models.CharField(max_length=8, choices=State, default=State.READY)
    proof = models.CharField(max_length=8, choices=Proof, blank=True)
    not_before = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True)
    read_backs = models.PositiveSmallIntegerField(default=0)
    needs_person = models.BooleanField(default=False)
    fault = models.CharField(max_length=16, blank=True)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)  # when the room above took notice of the end

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["page", "target"], condition=models.Q(state__in=["ready", "claimed", "unknown"]) & ~models.Q(target=""), name="deed_one_open"
            ),
            models.CheckConstraint(condition=~models.Q(state="done") | ~models.Q(proof=""), name="deed_done_has_proof"),
        ]
        indexes = [
            models.Index(fields=["not_before"], name="deed_ready", condition=models.Q(state="ready")),
            models.Index(fields=["state", "claimed_at"], name="deed_open", condition=models.Q(state__in=["claimed", "unknown"])),
            models.Index(fields=["id"], name="deed_unsettled", condition=models.Q(settled_at__isnull=True, state__in=["done", "failed"])),
        ]

    def move_to(self, state: "Deed.State | str", **fields: object) -> None:
        """The only way from state to state; Refused when somebody else was quicker."""
        old = self.State(self.state)
        if self.State(state) not in self.NEXT[old] or not Deed.objects.filter(pk=self.pk, state=old).update(state=state, **fields):
            raise Refused(f"Состояние уже другое: «{old.label}». Обновите страницу.")
        self.state = self.State(state)
        for name, value in fields.items():
            setattr(self, name, value)
