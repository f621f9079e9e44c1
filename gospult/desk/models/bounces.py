"""«Не наше»: who returned which case and why; and how many cases a body can carry."""

from django.db import models
from django.utils import timezone

from gospult.registry.models.access import User

from .cases import Case

DISPUTE = 2  # after so many returns only an arbiter gives the case to a body


class BounceQuerySet(models.QuerySet["Bounce"]):
    def visible_to(self, user: User) -> "BounceQuerySet":
        """Returns of the cases that the person may see."""
        return self.filter(case__in=Case.objects.in_scope_of(user))


class Bounce(models.Model):
    """A body returned a case: not ours. The time that it took is the body's, the clock goes on."""

    class Reason(models.TextChoices):
        PLACE = "place", "не наша территория"
        POWERS = "powers", "не наши полномочия"
        ASSETS = "assets", "объект не на нашем балансе"
        PRIVATE = "private", "частное дело или частная собственность"
        OTHER = "other", "другая причина"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="bounces")
    body = models.ForeignKey("registry.Body", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=10, choices=Reason)
    why = models.TextField(blank=True)
    proposed = models.ForeignKey("registry.Body", null=True, on_delete=models.PROTECT, related_name="+")
    held_since = models.DateTimeField()
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")

    objects = BounceQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["at", "body"], name="bounce_counts")]


class BodyLimit(models.Model):
    """The rules give a body no more than so many open cases; a person may."""

    body = models.OneToOneField("registry.Body", on_delete=models.CASCADE, related_name="+")
    most = models.PositiveIntegerField()
    by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(most__gte=1), name="body_limit_some")]
