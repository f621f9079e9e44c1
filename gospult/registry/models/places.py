"""Where things are and what they are about: territories and spheres."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Value
from django.db.models.functions import Lower, Replace


def sort_key() -> models.GeneratedField:
    """Lower case with ё as е: the database has no Russian collation everywhere, so names are sorted by this column."""
    return models.GeneratedField(
        expression=Replace(Lower("name"), Value("ё"), Value("е")),
        output_field=models.CharField(max_length=1000),
        db_persist=True,
    )


class Level(models.TextChoices):
    FEDERAL = "federal", "страна"
    REGION = "region", "регион"
    MUNICIPALITY = "municipality", "муниципальное образование"
    SETTLEMENT = "settlement", "поселение"


class TerritoryQuerySet(models.QuerySet["Territory"]):
    def under(self, territory: "Territory") -> Self:
        """The territory itself and everything inside it."""
        # An empty path is a prefix of every path: a territory that is not in the tree yet holds nothing.
        return self.filter(path__startswith=territory.path) if territory.path else self.none()


class Territory(models.Model):
    """A place of the tree country → region → municipality → settlement."""

    code = models.SlugField(max_length=100, unique=True)
    name = models.CharField("название", max_length=300)
    level = models.CharField("уровень", max_length=20, choices=Level)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    oktmo = models.CharField("ОКТМО", max_length=11, blank=True)
    population = models.PositiveIntegerField("население", null=True, blank=True)
    population_date = models.DateField("население на дату", null=True, blank=True)
    time_zone = models.CharField("часовой пояс", max_length=40, blank=True)
    aliases = ArrayField(models.CharField(max_length=300), default=list, blank=True)
    path = models.CharField(max_length=300, blank=True, editable=False)
    sort_name = sort_key()

    objects = TerritoryQuerySet.as_manager()

    class Meta:
        verbose_name = "территория"
        verbose_name_plural = "территории"
        ordering = ["sort_name", "id"]
        indexes = [models.Index(fields=["path"], opclasses=["text_pattern_ops"], name="territory_path")]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(parent=models.F("id")),
                name="territory_not_own_parent",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Sphere(models.Model):
    """What an institution does: school, culture, health."""

    code = models.SlugField(max_length=100, unique=True)
    name = models.CharField("название", max_length=200, unique=True)
    sort_name = sort_key()

    class Meta:
        verbose_name = "сфера"
        verbose_name_plural = "сферы"
        ordering = ["sort_name", "id"]

    def __str__(self) -> str:
        return self.name
