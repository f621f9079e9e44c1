"""Who is away and who stands in; the deputy's rights are ordinary dated rows that end by themselves."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from gospult.accounts.models import Person


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def standing(self) -> Self:
        """Absences that go on or will begin."""
        return self.filter(ended_at=None, to_date__gte=timezone.localdate())


class Absence(models.Model):
    """A person is away through these days, both included; `deputy` has what the person answers for: see `Grant.absence`, `Steward.absence`."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="absences")
    deputy = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="stands_in")
    from_date = models.DateField("с")
    to_date = models.DateField("по")
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)  # came back earlier

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = "отсутствие"
        verbose_name_plural = "отсутствия"
        indexes = [
            models.Index(fields=["-from_date", "-id"], name="absence_order"),
            models.Index(fields=["person", "to_date"], name="absence_person"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(from_date__lte=F("to_date")), name="absence_dates"),
            models.CheckConstraint(condition=~Q(person=F("deputy")), name="absence_somebody_else"),
        ]

    @property
    def is_standing(self) -> bool:
        """Whether it goes on or will begin."""
        return self.ended_at is None and self.to_date >= timezone.localdate()
