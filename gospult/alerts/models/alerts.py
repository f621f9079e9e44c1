from django.db import models
from django.utils import timezone

from gospult.accounts.models import Person
from gospult.exchange.models import new_guard
from gospult.lib.errors import Refused

from .people import Contact

LONGEST = 2000  # a digest of a week is the longest that a person is told


class Kind(models.TextChoices):
    """What it is about; the words stand in a digest: «передано обращений: 7»."""

    DANGER = "danger", "опасность"
    ROUTED = "routed", "передано обращений"
    RETURNED = "returned", "возвращено на доработку"
    DUE_SOON = "due_soon", "скоро срок"
    OVERDUE = "overdue", "просрочено"
    APPROVAL = "approval", "ждёт согласования"
    MENTION = "mention", "вас упомянули"
    TASK = "task", "задач"
    DIGEST = "digest", "сводка"
    MARK = "mark", "житель оценил ответ"
    MODERATION = "moderation", "модерация"


# What is written back to these is meant for the resident; to a colleague's mention or to danger people answer each other.
ANSWERABLE = frozenset({Kind.ROUTED, Kind.RETURNED, Kind.DUE_SOON, Kind.OVERDUE})


class Letter(models.Model):
    """One message to one person in one channel, sent once. A letter of many alerts is a digest."""

    class State(models.TextChoices):
        READY = "ready", "ждёт отправки"
        CLAIMED = "claimed", "отправляется"
        SENT = "sent", "отправлено"
        UNKNOWN = "unknown", "исход неизвестен"
        FAILED = "failed", "не отправлено"

    NEXT = {
        State.READY: {State.CLAIMED},
        State.CLAIMED: {State.SENT, State.UNKNOWN, State.FAILED, State.READY},
        State.SENT: set(),
        State.UNKNOWN: set(),
        State.FAILED: set(),
    }

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="letters")
    contact = models.ForeignKey(Contact, null=True, on_delete=models.SET_NULL)
    text = models.TextField()
    path = models.CharField(max_length=300, blank=True)  # where its link leads on this site
    urgent = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State, default=State.READY)
    guard = models.CharField(max_length=20, default=new_guard, unique=True)
    not_before = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)
    external_id = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["not_before"], name="letter_ready", condition=models.Q(state="ready")),
            models.Index(fields=["claimed_at"], name="letter_claimed", condition=models.Q(state="claimed")),
            models.Index(fields=["person", "-created_at"], name="letter_lately"),
            models.Index(fields=["contact", "external_id"], name="letter_answered"),
        ]

    def move_to(self, state: "Letter.State | str", **fields: object) -> None:
        """The only way from state to state; Refused when somebody else was quicker."""
        old, new = self.State(self.state), self.State(state)
        if new not in self.NEXT[old] or not Letter.objects.filter(pk=self.pk, state=old).update(state=new, **fields):
            raise Refused(f"Письмо уже «{old.label}». Обновите страницу.")
        self.state = new
        for name, value in fields.items():
            setattr(self, name, value)


class Alert(models.Model):
    """One thing that a person must know. It holds no resident's words.

    key     names the occasion: the same occasion told twice is one row
    path    where it leads on this site
    case, page  ids of what it is about, in rooms upstairs
    letter  what carried it out of the house, null while it waits or when the person reads it here only
    look_at when it is time to look again whether the person may be disturbed
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="alerts")
    key = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=Kind)
    text = models.CharField(max_length=LONGEST)
    path = models.CharField(max_length=300, blank=True)
    case = models.BigIntegerField(null=True)
    page = models.BigIntegerField(null=True)
    urgent = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)
    letter = models.ForeignKey(Letter, null=True, on_delete=models.SET_NULL, related_name="alerts")
    look_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True)  # it is in a letter, or there is no channel for one

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="alert_once")]
        indexes = [
            models.Index(fields=["person", "-id"], name="alert_list"),
            models.Index(fields=["case"], name="alert_of_case", condition=models.Q(read_at__isnull=True)),
            models.Index(fields=["person"], name="alert_unread", condition=models.Q(read_at__isnull=True)),
            models.Index(fields=["person", "id"], name="alert_waiting", condition=models.Q(settled_at__isnull=True)),
            models.Index(fields=["-urgent", "look_at"], name="alert_to_look_at", condition=models.Q(settled_at__isnull=True)),
            models.Index(fields=["key"], name="alert_occasion"),
        ]
