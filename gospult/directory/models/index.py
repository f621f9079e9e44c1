"""The index of the search. It follows the registry by triggers and a job, and holds words of bodies only: no query, no person."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from gospult.registry.models import Body


class Entry(models.Model):
    """One line of the directory: a body, or several rows of the registry that are obviously the same one."""

    body = models.OneToOneField(Body, on_delete=models.CASCADE, related_name="+")  # of several the one that is most alive
    terms = ArrayField(models.CharField(max_length=120))
    bag = models.TextField()  # the same terms by their parts, as scoring reads them
    core = models.CharField(max_length=16)
    rank = models.FloatField()  # what stands above when all else is equal: smaller is higher
    dead = models.BooleanField(default=False)

    class Meta:
        indexes = [
            GinIndex(fields=["terms"], name="entry_terms", fastupdate=False),
            models.Index(fields=["rank"], name="entry_rank"),
            models.Index(fields=["core"], name="entry_core"),
        ]


class EntryBody(models.Model):
    """Which line a row of the registry stands in."""

    body = models.OneToOneField(Body, primary_key=True, on_delete=models.CASCADE, related_name="directory_line")
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="rows")


class Term(models.Model):
    """How many lines hold a term: rare words weigh more."""

    term = models.CharField(primary_key=True, max_length=120)
    count = models.PositiveIntegerField()


class Spelling(models.Model):
    """A word of the registry as it was written, and its lemma."""

    form = models.CharField(primary_key=True, max_length=60)
    lemma = models.CharField(max_length=60)

    class Meta:
        indexes = [models.Index(fields=["form"], opclasses=["text_pattern_ops"], name="spelling_start")]


class Shape(models.Model):
    """A spelling with one letter missing, or whole: a mistyped word meets it there."""

    shape = models.CharField(max_length=60, db_index=True)
    form = models.CharField(max_length=60)
    lemma = models.CharField(max_length=60)


class Stale(models.Model):
    """A body whose line must be written anew; triggers of the registry's tables put it here."""

    body_id = models.BigIntegerField()
