"""Closed access: two persons, a ground, a term; and what residents say against our decisions."""

from django.db import models
from django.db.models import F, Q

from gospult.exchange.models import Deed
from gospult.lib.errors import Refused
from gospult.registry.models.access import User

from .cases import Case
from .hidings import Hiding


class BanQuerySet(models.QuerySet["Ban"]):
    def visible_to(self, user: User) -> "BanQuerySet":
        """Bans that came out of cases which the user may see."""
        return self.filter(case__in=Case.objects.in_scope_of(user))


class Ban(models.Model):
    """A person may not comment on one page for a term, because of a hidden comment.

    person  the network's id of the person; the only thing known of him here, and it is forgotten when the term is over
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", "ждёт второго человека"
        DECLINED = "declined", "не согласовано"
        ASKED = "asked", "доступ закрывается"
        BY_HAND = "by_hand", "ждёт, пока закроет человек"
        IN_FORCE = "in_force", "доступ закрыт"
        FAILED = "failed", "не закрыт"
        LIFTING = "lifting", "доступ открывается"
        LIFT_BY_HAND = "lift_by_hand", "ждёт, пока откроет человек"
        OVER = "over", "доступ открыт"

    NEXT = {
        State.PROPOSED: {State.DECLINED, State.ASKED, State.BY_HAND},
        State.ASKED: {State.IN_FORCE, State.FAILED},
        State.BY_HAND: {State.IN_FORCE, State.FAILED, State.DECLINED},
        State.FAILED: {State.ASKED, State.IN_FORCE, State.DECLINED},
        State.IN_FORCE: {State.LIFTING, State.LIFT_BY_HAND, State.OVER},
        State.LIFTING: {State.OVER, State.LIFT_BY_HAND},
        State.LIFT_BY_HAND: {State.OVER},
        State.DECLINED: set(),
        State.OVER: set(),
    }

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="bans")
    page = models.ForeignKey("registry.Page", on_delete=models.PROTECT)
    hiding = models.ForeignKey(Hiding, on_delete=models.PROTECT, related_name="bans")
    person = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.PROPOSED)
    ground = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    note = models.CharField(max_length=500, blank=True)
    days = models.PositiveSmallIntegerField()
    until = models.DateTimeField(null=True)  # counted from the confirmation
    proposed_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    in_force_at = models.DateTimeField(null=True)
    over_at = models.DateTimeField(null=True)
    over_as = models.CharField(max_length=12, blank=True)  # term | appeal | decision
    deed = models.OneToOneField(Deed, null=True, on_delete=models.PROTECT, related_name="ban")
    undo = models.OneToOneField(Deed, null=True, on_delete=models.PROTECT, related_name="unban")

    objects = BanQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["page", "person"], condition=~Q(state__in=["declined", "over"]) & ~Q(person=""), name="ban_one_open"),
            models.CheckConstraint(condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")) | Q(state="declined"), name="ban_two_persons"),
            models.CheckConstraint(condition=Q(state__in=["proposed", "declined"]) | Q(until__isnull=False), name="ban_has_an_end"),
            models.CheckConstraint(condition=Q(days__gt=0), name="ban_days"),
        ]
        indexes = [
            models.Index(fields=["-proposed_at", "-id"], name="ban_latest"),
            models.Index(fields=["until"], name="ban_ending", condition=Q(state="in_force")),
            models.Index(fields=["in_force_at"], name="ban_month", condition=Q(in_force_at__isnull=False)),
            models.Index(fields=["id"], name="ban_remembered", condition=~Q(person="")),
        ]

    def move_to(self, state: "Ban.State | str", **fields: object) -> None:
        """The only way from state to state; Refused when it is not allowed or somebody else was quicker."""
        old, new = self.State(self.state), self.State(state)
        if new not in self.NEXT[old] or not Ban.objects.filter(pk=self.pk, state=old).update(state=new, **fields):
            raise Refused(f"Состояние уже другое: «{old.label}». Обновите страницу.")
        self.state = new
        for name, value in fields.items():
            setattr(self, name, value)


class AppealQuerySet(models.QuerySet["Appeal"]):
    def visible_to(self, user: User) -> "AppealQuerySet":
        """Appeals in cases that the user may see."""
        return self.filter(hiding__case__in=Case.objects.in_scope_of(user))


class Appeal(models.Model):
    """A resident does not agree with a hiding, or with the ban that followed it; decided by somebody who took no part.

    said  what he does not agree with, in our words; forgotten with the term of messages
    """

    hiding = models.ForeignKey(Hiding, on_delete=models.PROTECT, related_name="appeals")
    ban = models.ForeignKey(Ban, null=True, on_delete=models.PROTECT, related_name="appeals")
    said = models.CharField(max_length=500, blank=True)
    recorded_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)
    granted = models.BooleanField(null=True)  # null until it is decided
    why = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects = AppealQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hiding", "ban"], condition=Q(granted=None), nulls_distinct=False, name="appeal_one_open"),
            models.CheckConstraint(condition=Q(granted=None) | Q(decided_by__isnull=False), name="appeal_decided_by_somebody"),
        ]
        indexes = [models.Index(fields=["-recorded_at", "-id"], name="appeal_latest")]
