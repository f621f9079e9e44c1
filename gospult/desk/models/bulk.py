"""What was done with many cases at once, so that it can be taken back."""

from django.db import models

from gospult.registry.models.access import User


class BulkActionQuerySet(models.QuerySet["BulkAction"]):
    def visible_to(self, user: User) -> "BulkActionQuerySet":
        """A person's own: nobody takes back what another has done."""
        return self.filter(by_id=user.pk or 0)


class BulkAction(models.Model):
    """One press of a button for many cases. Its rows are ids and states; words of residents are in none of them.

    rows  for each case what it was before (`actions.bulking`), and its last event when the press was over
    into  of a merge: the same of the main case
    """

    class Do(models.TextChoices):
        MERGE = "merge", "объединить"
        CLOSE = "close", "закрыть"
        NOT_FOR_US = "not_for_us", "не к нам"
        SPAM = "spam", "спам"
        GRATITUDE = "gratitude", "благодарность"

    do = models.CharField(max_length=12, choices=Do)
    by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    rows = models.JSONField(default=list)
    into = models.JSONField(null=True)
    undone_at = models.DateTimeField(null=True)
    restored = models.PositiveIntegerField(null=True)

    objects = BulkActionQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(undone_at=None) | models.Q(restored__isnull=False), name="bulk_undone_is_counted")]
