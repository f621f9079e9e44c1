"""Who else looks at an answer before residents see it."""

from django.db import models

from .answers import Answer
from .kinds import Topic


class ApprovalPolicy(models.Model):
    """Answers that fit everything named here need so many approvers; of several policies the strictest counts."""

    title = models.CharField(max_length=120)
    approvers = models.PositiveSmallIntegerField()
    topic = models.ForeignKey(Topic, null=True, on_delete=models.CASCADE)
    group_code = models.CharField(max_length=60, blank=True)
    sphere = models.ForeignKey("registry.Sphere", null=True, on_delete=models.CASCADE)
    urgent = models.BooleanField(default=False)  # a condition, as are the three below: True asks for it, False does not care
    danger = models.BooleanField(default=False)
    beyond_norm = models.BooleanField(default=False)  # the promised day is later than the deadlines allow
    mass_from = models.PositiveIntegerField(null=True)  # messages of the case, at least
    hours = models.PositiveSmallIntegerField(default=4)  # working hours for each approver
    approver = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")  # approves first
    substitute = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")  # while the approver is away
    away_from = models.DateField(null=True)
    away_until = models.DateField(null=True)
    filed = models.CharField(max_length=60, blank=True)  # its name in the region's file; "" for one that a person has written
    from_date = models.DateField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["filed"], condition=~models.Q(filed=""), name="approval_filed_once"),
            models.CheckConstraint(condition=models.Q(approvers__lte=2), name="approval_at_most_two"),
            models.CheckConstraint(condition=models.Q(approver=None) | models.Q(approvers__gte=1), name="approval_named_is_asked"),
            models.CheckConstraint(condition=models.Q(away_from=None) | models.Q(substitute__isnull=False), name="approval_away_has_substitute"),
        ]

    def __str__(self) -> str:
        return self.title


class Approval(models.Model):
    """A person has approved the answer as it stands; gone when the answer goes back to draft (the history keeps who it was)."""

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="approvals")
    by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["answer", "by"], name="approval_once_a_person")]
