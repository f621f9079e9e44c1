"""Counts of a build."""

from typing import Self

from django.db import models
from django.db.models import Q

from gospult.accounts.models import Role
from gospult.registry.models import Page, Territory
from gospult.registry.models.access import EVERYTHING, NOTHING, User, granted, scope_q

from .builds import Build

READERS = frozenset({Role.CURATOR, Role.OPERATOR, Role.EDITOR, Role.ANALYST, Role.METHODIST, Role.HEAD, Role.ADMIN, Role.AUDITOR})


def territories_of(user: User, prefix: str = "") -> Q:
    """The territories whose audience the person may see: all, or what lies in the territories of the person's grants."""
    if not user.is_authenticated or not user.is_active:
        return NOTHING
    if user.is_superuser:
        return EVERYTHING
    found, bodies = NOTHING, []
    for row in granted(user):
        if row.role not in READERS:
            continue
        if row.whole:
            return EVERYTHING
        if row.territory_path:
            found |= Q(**{f"{prefix}path__startswith": row.territory_path})
        elif row.body_id:
            bodies.append(row.body_id)
    for path in Territory.objects.filter(bodies__in=bodies).exclude(path="").values_list("path", flat=True).distinct() if bodies else ():
        found |= Q(**{f"{prefix}path__startswith": path})
    return found


class CellQuerySet(models.QuerySet["Cell"]):
    def visible_to(self, user: User) -> Self:
        """Cells of the territories that the person may see."""
        return self.filter(territories_of(user, "territory__"))


class Cell(models.Model):
    """One territory with everything inside it × one sphere (null: all) × one network, in one build.

    people, subscriptions   null where the cell is hidden: too few people or pages, or it could be had by subtraction
    pages, read             living pages of the cell; those of them that were counted
    """

    build = models.ForeignKey(Build, on_delete=models.CASCADE, related_name="cells")
    territory = models.ForeignKey(Territory, on_delete=models.CASCADE, related_name="+")
    sphere = models.ForeignKey("registry.Sphere", null=True, on_delete=models.CASCADE, related_name="+")
    network = models.CharField(max_length=20)
    subscriptions = models.PositiveBigIntegerField(null=True)
    people = models.PositiveBigIntegerField(null=True)
    pages = models.PositiveIntegerField()
    read = models.PositiveIntegerField()
    hidden = models.BooleanField(default=False)

    objects = CellQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["build", "territory", "sphere", "network"], nulls_distinct=False, name="cell_once"),
            models.CheckConstraint(condition=Q(hidden=False) | Q(people=None, subscriptions=None), name="cell_hidden_has_no_figures"),
        ]
        indexes = [models.Index(fields=["territory", "network", "build"], name="cell_of_territory", condition=Q(sphere=None))]


class OfPagesQuerySet(models.QuerySet["PageShare"]):
    def visible_to(self, user: User) -> Self:
        """Those of the pages that the person may see, in territories whose audience the person may see: figures of a territory name no page."""
        found = self.filter(territories_of(user, "territory__"))
        everything = scope_q(user, body_field="", page_field=None) == EVERYTHING  # then 175,000 pages need not be asked for
        return found if everything else found.filter(page__in=Page.objects.visible_to(user).values("pk"))


class PageShare(models.Model):
    """What a page adds: people who follow no other page of its municipality, or of the whole tree, in the same network; of the latest build only.

    Null where nobody could say it without naming few.
    """

    build = models.ForeignKey(Build, on_delete=models.CASCADE, related_name="shares")
    page = models.OneToOneField(Page, on_delete=models.CASCADE, related_name="+")
    territory = models.ForeignKey(Territory, on_delete=models.CASCADE, related_name="+")
    subscriptions = models.PositiveIntegerField()
    only_near = models.PositiveIntegerField(null=True)
    only_here = models.PositiveIntegerField(null=True)

    objects = OfPagesQuerySet.as_manager()


class Sketch(models.Model):
    """The registers of a page that has enough subscribers, one byte each, of the latest build only; its key is gone."""

    build = models.ForeignKey(Build, on_delete=models.CASCADE, related_name="sketches")
    page = models.OneToOneField(Page, on_delete=models.CASCADE, related_name="+")
    registers = models.BinaryField()
