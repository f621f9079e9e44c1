"""A resident's formal appeal that goes beside a case: by 59-ФЗ or through ПОС, with a clock of its own."""

from django.db import models
from django.utils import timezone

from gospult.lib.errors import Refused
from gospult.registry.models.access import User

from ..handover_terms import Dates
from .cases import Case


class HandoverQuerySet(models.QuerySet["Handover"]):
    def visible_to(self, user: User) -> "HandoverQuerySet":
        """Handovers of the cases that the person may see."""
        return self.filter(case__in=Case.objects.in_scope_of(user))


class Handover(models.Model):
    """An appeal that was lodged elsewhere about the matter of a case. The comment itself is no appeal, and the case keeps its clock.

    number       at the body that got it first; `again_number` at the body that it was forwarded to
    due_date     the nearest day by which something is owed, for the queue; None when nothing is
    """

    class Way(models.TextChoices):
        LAW = "law", "по 59-ФЗ"
        POS = "pos", "в ПОС"

    class State(models.TextChoices):
        HANDED = "handed", "ждёт регистрации"
        REGISTERED = "registered", "на рассмотрении"
        FORWARDED = "forwarded", "переадресовано"
        ANSWERED = "answered", "ответ дан"
        DROPPED = "dropped", "запись снята"

    NEXT = {
        State.HANDED: {State.REGISTERED, State.DROPPED},
        State.REGISTERED: {State.FORWARDED, State.ANSWERED, State.DROPPED},
        State.FORWARDED: {State.REGISTERED, State.DROPPED},
        State.ANSWERED: set(),
        State.DROPPED: set(),
    }

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="handovers")
    way = models.CharField(max_length=4, choices=Way)
    state = models.CharField(max_length=10, choices=State, default=State.HANDED)
    number = models.CharField(max_length=60, blank=True)
    again_number = models.CharField(max_length=60, blank=True)
    link = models.URLField(max_length=500, blank=True)
    forwarded_to = models.CharField(max_length=300, blank=True)
    handed_date = models.DateField()
    registered_date = models.DateField(null=True)
    forwarded_date = models.DateField(null=True)
    again_date = models.DateField(null=True)
    extended_date = models.DateField(null=True)
    answered_date = models.DateField(null=True)
    due_date = models.DateField(null=True)
    dropped_why = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=~models.Q(state__in=["answered", "dropped"]), name="handover_one_open"),
            models.CheckConstraint(
                condition=models.Q(state__in=["handed", "dropped"]) | (~models.Q(number="") & models.Q(registered_date__isnull=False)),
                name="handover_has_number",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["answered", "dropped"]) | models.Q(due_date=None), name="handover_over_owes_nothing"
            ),
        ]
        indexes = [models.Index(fields=["due_date", "case"], name="handover_due", condition=models.Q(due_date__isnull=False))]

    def __str__(self) -> str:
        return f"{self.get_way_display()} № {self.again_number or self.number}" if self.number else self.get_way_display()

    def dates(self) -> Dates:
        """What has happened, as the terms want it."""
        return Dates(
            self.handed_date, self.registered_date, self.forwarded_date, self.again_date, self.extended_date, self.answered_date
        )  # fmt: skip

    def move_to(self, state: "Handover.State | str", **fields: object) -> None:
        """The only way from state to state; Refused when it is not allowed or somebody else was quicker."""
        old, new = self.State(self.state), self.State(state)
        if new not in self.NEXT[old] or not Handover.objects.filter(pk=self.pk, state=old).update(state=new, **fields):
            raise Refused(f"Официальное обращение уже «{old.label}». Обновите страницу.")
        self.state = new
        for name, value in fields.items():
            setattr(self, name, value)
