from django.db import models
from django.db.models import Q
from django.utils import timezone

from .incoming import Addressee
from .invitations import new_door
from .modes import Mode


class Hook(models.TextChoices):
    """Where the network sends a page's events, by the network's own record."""

    UNKNOWN = "unknown", "не нужны или ещё не проверены"
    ALIVE = "alive", "приходят"
    DROPPED = "dropped", "сеть их не присылает"
    ELSEWHERE = "elsewhere", "уходят на другой адрес"
    BY_HAND = "by_hand", "включаются в настройках страницы"


class Connection(models.Model):
    """How a page is connected: mode, webhook secret and the last proof that it is alive.

    door     opaque name of the page's own webhook address
    granted  features that the network confirmed at the last look, null before the first one
    missing  what was not granted, in the network's own words
    dm_to    who takes the direct messages: the desk; of the page through which the staff is alerted, the alerts
    places   chats that are the page's own, where the network cannot tell; null before the first look
    heard_at     when the latest event came by webhook
    subscribed_at  when we asked the network for events, or first saw our address on its record; null: a person may have entered it out of our sight
    problem      what a person should know, in a sentence; "" when all is well
    polled_at    when the page was last read; gaps_at when also what webhooks bring was read again
    """

    page = models.OneToOneField("registry.Page", on_delete=models.PROTECT)
    mode = models.CharField(max_length=8, choices=Mode, default=Mode.OBSERVE)
    sealed_secret = models.BinaryField(default=bytes)
    confirmation = models.CharField(max_length=64, blank=True)
    last_proof_at = models.DateTimeField(null=True)
    polled_at = models.DateTimeField(null=True)
    poll_from = models.CharField(max_length=64, blank=True, help_text="post with which the next reading begins: the last turn ended there")
    gaps_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    door = models.CharField(max_length=40, unique=True, default=new_door)
    dm_to = models.CharField(max_length=8, choices=Addressee, default=Addressee.DESK)
    granted = models.JSONField(null=True)
    places = models.JSONField(null=True)
    missing = models.JSONField(default=list)
    account = models.CharField(max_length=200, blank=True)
    hook = models.CharField(max_length=10, choices=Hook, default=Hook.UNKNOWN)
    heard_at = models.DateTimeField(null=True)
    subscribed_at = models.DateTimeField(null=True)
    problem = models.TextField(blank=True)
    checked_at = models.DateTimeField(null=True)
    check_at = models.DateTimeField(default=timezone.now, db_index=True)


class TokenQuerySet(models.QuerySet["Token"]):
    def serving(self, page: "models.Model") -> "TokenQuerySet":
        """Tokens that a page may use: its own and the installation's for its network."""
        return self.filter(Q(page=page) | Q(page=None), network=page.network)  # type: ignore[attr-defined]


class Token(models.Model):
    """A sealed token. Without a page it serves the whole installation; several of one kind are told apart by their label.

    fingerprint  a keyed hash: the same token kept for several pages has one quota
    problem      our word for what the network last said against it, "" when fine
    rights       the features that the network really granted, by the last check
    """

    network = models.CharField(max_length=16)
    page = models.ForeignKey("registry.Page", null=True, on_delete=models.CASCADE)
    kind = models.CharField(max_length=12)
    label = models.CharField(max_length=60, blank=True)
    sealed = models.BinaryField()
    fingerprint = models.CharField(max_length=32, blank=True, db_index=True)
    expires_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)  # the last check that was begun, also one that the network did not answer
    problem = models.CharField(max_length=16, blank=True)
    rights = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TokenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "page", "kind", "label"], nulls_distinct=False, name="token_one_of_a_label"),
        ]

    def __str__(self) -> str:
        return f"{self.network} {self.kind} {self.label}".strip()
