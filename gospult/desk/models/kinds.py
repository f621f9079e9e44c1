"""What a message is, and the classifier's topics."""

from django.db import models


class Kind(models.TextChoices):
    PROBLEM = "problem", "проблема"
    QUESTION = "question", "вопрос"
    SUGGESTION = "suggestion", "предложение"
    REVIEW = "review", "отзыв"
    GRATITUDE = "gratitude", "благодарность"
    NOT_FOR_US = "not_for_us", "не к нам"
    SPAM = "spam", "спам"


# Kinds that nobody owes an answer: counted, without a clock.
WITHOUT_CLOCK = frozenset({Kind.GRATITUDE, Kind.NOT_FOR_US, Kind.SPAM})


class Topic(models.Model):
    """A topic of the classifier: group → topic. The words that it is known by are the region's data of the same version."""

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    group = models.CharField(max_length=100)
    group_code = models.CharField(max_length=60)
    urgent = models.BooleanField(default=False)
    version = models.CharField(max_length=20)
    retired = models.BooleanField(default=False)

    class Meta:
        ordering = ["group", "name"]

    def __str__(self) -> str:
        return self.name
