"""Words of danger that were heard in a case, and who has taken notice."""

from django.db import models

from .cases import Case


class Alarm(models.Model):
    """Somebody may be in danger: a person says «Принял», and the minutes until then are counted.

    heard  what was named, in our words («запах газа»), never the resident's own
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="alarms")
    heard = models.JSONField(default=list)
    raised_at = models.DateTimeField()  # when it came to us, so that the minutes are ours
    seen_by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=models.Q(seen_at=None), name="alarm_one_open"),
            models.CheckConstraint(condition=models.Q(seen_at=None) | models.Q(seen_by__isnull=False), name="alarm_seen_by_a_person"),
        ]
        indexes = [models.Index(fields=["case", "-id"], name="alarm_of_case")]

    @property
    def minutes(self) -> int | None:
        """Whole minutes until a person took notice, None while nobody has."""
        return int((self.seen_at - self.raised_at).total_seconds() // 60) if self.seen_at else None
