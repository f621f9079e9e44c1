"""Scores that were counted, and official ones beside them."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from gospult.registry.models import Body, Page, Territory, scope_q
from gospult.registry.models.access import EVERYTHING, SEES, Grant, User, live_on


def territories_of(user: User) -> Q:
    """The municipalities whose scores a person may see, as a condition on Territory: all, those of his territories, those of the bodies he leads."""
    if not user.is_authenticated or not user.is_active:
        return Q(pk__in=[])
    if scope_q(user, body_field="", page_field=None) == EVERYTHING:
        return Q(pk__isnull=False)
    found = Q(pk__in=[])
    rows = Grant.objects.filter(live_on(), person_id=user.pk, role__in=SEES).select_related("body__territory", "territory")
    for row in rows:
        if row.territory and row.territory.path and row.body is None:
            found |= Q(path__startswith=row.territory.path)
        elif row.body and row.body.territory_id and row.body.children.exists():  # an administration, not one school of the place
            found |= Q(pk=row.body.territory_id, level="municipality")
    return found


FAR = (F("total").desc(nulls_last=True), F("id").asc())  # the best first, as an index has them


class ScoreQuerySet(models.QuerySet["Score"]):
    def visible_to(self, user: User, subject: str = "") -> Self:
        """Scores of the pages and bodies that the person may see, and of the municipalities that he answers for; of one subject where it is named."""
        if subject:
            self = self.filter(**{f"{subject}__isnull": False})
        if user.is_authenticated and user.is_active and scope_q(user, body_field="", page_field=None) == EVERYTHING:
            return self.all()
        pages, bodies = Page.objects.visible_to(user).values("pk"), Body.objects.visible_to(user).values("pk")
        if subject in ("page", "body"):  # an «or» would look at the scores of all subjects
            return self.filter(page__in=pages) if subject == "page" else self.filter(body__in=bodies)
        return self.filter(Q(page__in=pages) | Q(body__in=bodies) | Q(territory__in=Territory.objects.filter(territories_of(user)).values("pk")))


class Score(models.Model):
    """What a method gave a page, a body or a municipality for a month; counted anew with the same result from the same months.

    total         None: not confirmed, and `parts` say why
    parts         [{code, title, value, points, most, applies, why, known}]: decimals as text; known: of how many pages
    pages, known  how many pages stand in it, and of how many everything that the method asks is known
    as_of         how old the oldest reading in it is
    """

    class Kind(models.TextChoices):
        COMPUTED = "computed", "посчитан"
        UNCONFIRMED = "unconfirmed", "не подтверждён"

    method = models.CharField(max_length=60)
    month = models.DateField()
    page = models.ForeignKey("registry.Page", null=True, on_delete=models.CASCADE, related_name="scores")
    body = models.ForeignKey("registry.Body", null=True, on_delete=models.CASCADE, related_name="scores")
    territory = models.ForeignKey("registry.Territory", null=True, on_delete=models.CASCADE, related_name="scores")
    kind = models.CharField(max_length=12, choices=Kind)
    total = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    group = models.CharField(max_length=60, blank=True)
    parts = models.JSONField(default=list)
    pages = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    as_of = models.DateTimeField(null=True)
    counted_at = models.DateTimeField(default=timezone.now)

    objects = ScoreQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["method", "month", "page", "body", "territory"], nulls_distinct=False, name="score_once"),
            models.CheckConstraint(
                condition=Q(page__isnull=False, body=None, territory=None)
                | Q(page=None, body__isnull=False, territory=None)
                | Q(page=None, body=None, territory__isnull=False),
                name="score_of_one",
            ),
            models.CheckConstraint(condition=Q(kind="computed", total__isnull=False) | Q(kind="unconfirmed", total=None), name="score_known_or_not"),
            models.CheckConstraint(condition=Q(month__day=1), name="score_first_day"),
        ]
        indexes = [
            models.Index("method", "month", *FAR, name="score_best_pages", condition=Q(page__isnull=False)),
            models.Index("method", "month", *FAR, name="score_best_bodies", condition=Q(body__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.month:%Y-%m}: {self.total}"


class OfficialScoreQuerySet(models.QuerySet["OfficialScore"]):
    def visible_to(self, user: User) -> Self:
        """Official results of the municipalities whose scores the person may see."""
        return self.filter(territory__in=Territory.objects.filter(territories_of(user)).values("pk"))


class OfficialScore(models.Model):
    """What was published of a municipality for a month; it stands beside ours and never replaces it."""

    method = models.CharField(max_length=60)
    month = models.DateField()
    territory = models.ForeignKey("registry.Territory", on_delete=models.CASCADE, related_name="official_scores")
    total = models.DecimalField(max_digits=8, decimal_places=2)
    source = models.CharField(max_length=300, blank=True)  # the file that told it
    taken_at = models.DateTimeField(default=timezone.now)

    objects = OfficialScoreQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["method", "month", "territory"], name="official_score_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="official_score_first_day"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.month:%Y-%m}: {self.total}"
