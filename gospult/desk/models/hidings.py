"""Comments of residents that were taken out of sight, why, and by whom."""

from django.db import models

from gospult.exchange.models import Deed
from gospult.lib.errors import Refused
from gospult.registry.models.access import User

from .cases import Case
from .messages import Message


class HidingQuerySet(models.QuerySet["Hiding"]):
    def visible_to(self, user: User) -> "HidingQuerySet":
        """Hidings of comments in cases that the user may see."""
        return self.filter(case__in=Case.objects.in_scope_of(user))


class Hiding(models.Model):
    """A comment hidden on a ground of the region's list. Its words stay in `message` for their usual term; none are copied here."""

    class State(models.TextChoices):
        ASKED = "asked", "скрывается"
        BY_HAND = "by_hand", "ждёт, пока скроет человек"
        HIDDEN = "hidden", "скрыт"
        FAILED = "failed", "не скрыт"
        RETURNING = "returning", "возвращается"
        RETURN_BY_HAND = "return_hand", "ждёт, пока вернёт человек"
        RETURNED = "returned", "возвращён"

    NEXT = {
        State.ASKED: {State.HIDDEN, State.FAILED},
        State.BY_HAND: {State.HIDDEN, State.FAILED},
        State.HIDDEN: {State.RETURNING, State.RETURN_BY_HAND, State.RETURNED},
        State.FAILED: {State.ASKED, State.BY_HAND, State.HIDDEN},
        State.RETURNING: {State.RETURNED, State.HIDDEN, State.RETURN_BY_HAND},
        State.RETURN_BY_HAND: {State.RETURNED, State.HIDDEN},
        State.RETURNED: set(),
    }

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="hidings")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="hidings")
    page = models.ForeignKey("registry.Page", on_delete=models.PROTECT)
    state = models.CharField(max_length=12, choices=State, default=State.ASKED)
    ground = models.CharField(max_length=40)
    title = models.CharField(max_length=200)  # of the ground and its legal basis, as they stood on that day
    basis = models.CharField(max_length=300)
    note = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    needs_second = models.BooleanField(default=False)
    seen_by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    seen_at = models.DateTimeField(null=True)
    hidden_at = models.DateTimeField(null=True)
    returned_by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    returned_at = models.DateTimeField(null=True)
    returned_why = models.CharField(max_length=500, blank=True)
    deed = models.OneToOneField(Deed, null=True, on_delete=models.PROTECT, related_name="hiding")
    undo = models.OneToOneField(Deed, null=True, on_delete=models.PROTECT, related_name="returning")

    objects = HidingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message"], condition=~models.Q(state__in=["failed", "returned"]), name="hiding_one_open"),
            models.CheckConstraint(condition=models.Q(seen_by=None) | ~models.Q(seen_by=models.F("by")), name="hiding_two_persons"),
        ]
        indexes = [
            models.Index(fields=["-at", "-id"], name="hiding_latest"),
            models.Index(fields=["hidden_at"], name="hiding_month", condition=models.Q(hidden_at__isnull=False)),
            models.Index(fields=["id"], name="hiding_unseen", condition=models.Q(needs_second=True, seen_at__isnull=True)),
        ]

    def move_to(self, state: "Hiding.State | str", **fields: object) -> None:
        """The only way from state to state; Refused when it is not allowed or somebody else was quicker."""
        old, new = self.State(self.state), self.State(state)
        if new not in self.NEXT[old] or not Hiding.objects.filter(pk=self.pk, state=old).update(state=new, **fields):
            raise Refused(f"Комментарий уже «{old.label}». Обновите страницу.")
        self.state = new
        for name, value in fields.items():
            setattr(self, name, value)
