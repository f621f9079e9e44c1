"""The words that residents use, so that a search forgives a slip of the finger."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class Word(models.Model):
    """A word said in several messages. Rare words are not kept: a surname would be one."""

    word = models.CharField(max_length=30, unique=True)
    plain = models.CharField(max_length=30)  # ё→е
    stem = models.CharField(max_length=30)  # as the index of messages knows it
    root = models.CharField(max_length=30)  # the stem with ё→е
    count = models.PositiveIntegerField()  # messages that hold the word

    class Meta:
        indexes = [
            models.Index(fields=["root"], name="word_root"),
            GinIndex(OpClass("plain", name="gin_trgm_ops"), name="word_alike"),
        ]


class Vocabulary(models.Model):
    """When the words were last gathered, and how many messages there were then; one row."""

    gathered_at = models.DateTimeField()
    messages = models.PositiveIntegerField(default=0)
    last_message = models.BigIntegerField(default=0)


class CaseWords(models.Model):
    """The words of all messages of a case, for searching; kept by a trigger of the database on `Message` (docs/decisions/0033).

    Messages are told apart by a gap, so that a phrase never runs from one into the next.
    """

    case = models.OneToOneField("desk.Case", on_delete=models.CASCADE, related_name="words")
    words = SearchVectorField()

    class Meta:
        indexes = [GinIndex(fields=["words"], name="case_words", fastupdate=False)]

    def __str__(self) -> str:
        return str(self.case_id)
