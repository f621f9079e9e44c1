import secrets

from django.core.files.storage import Storage, storages
from django.db import models
from django.utils import timezone

from gospult.lib.errors import Refused


def new_number() -> str:
    """A public number: 11 random digits and a Luhn check digit; digits because people read it out over the phone."""
    digits = f"{secrets.randbelow(10**11):011d}"
    total = sum(d if i % 2 else (2 * d if d < 5 else 2 * d - 9) for i, d in enumerate(map(int, reversed(digits))))
    return digits + str(-total % 10)


def new_guard() -> str:
    """A decimal string below 2**31: fits VK's `guid` and `random_id` alike."""
    return str(secrets.randbelow(2**31 - 2) + 1)


def private_storage() -> Storage:
    return storages["private"]


class Mode(models.TextChoices):
    OBSERVE = "observe", "только чтение"
    COPY = "copy", "ответ публикует человек"
    FULL = "full", "полный"


class Connection(models.Model):
    """How a page is connected: mode, webhook secret and the last proof that it is alive."""

    page = models.OneToOneField("registry.Page", on_delete=models.PROTECT)
    mode = models.CharField(max_length=8, choices=Mode, default=Mode.OBSERVE)
    sealed_secret = models.BinaryField(default=bytes)
    confirmation = models.CharField(max_length=64, blank=True)
    last_proof_at = models.DateTimeField(null=True)
    polled_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)


class Token(models.Model):
    """A sealed token. Without a page it serves the whole installation (a network's service token)."""

    network = models.CharField(max_length=16)
    page = models.ForeignKey("registry.Page", null=True, on_delete=models.CASCADE)
    kind = models.CharField(max_length=12)
    sealed = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "page", "kind"], nulls_distinct=False, name="token_one_of_a_kind"),
        ]


class Addressee(models.TextChoices):
    DESK = "desk"
    BOTS = "bots"
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
