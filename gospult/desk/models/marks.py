"""What residents say of an answer: a mark from 1 to 5, «решено», «не решено»."""

from django.db import models

from .answers import Answer
from .cases import Case
from .messages import Message


class Mark(models.Model):
    """One resident's verdict on one answer; the later one counts. `value` is None where only «решено» or «не решено» was said."""

    class Source(models.TextChoices):
        THREAD = "thread", "в ветке"
        SITE = "site", "на странице статуса"

    class Reason(models.TextChoices):
        NOT_DONE = "not_done", "работы не сделаны"
        PARTLY = "partly", "сделано не всё"
        OTHER = "other_question", "ответили не на тот вопрос"
        LATER = "promise", "обещанный срок прошёл"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="marks")
    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="marks")
    # Who said it, as far as we need it: the first message of this author in the case. His name goes with it by its term.
    author = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+")
    value = models.PositiveSmallIntegerField(null=True)
    solved = models.BooleanField(null=True)
    reason = models.CharField(max_length=16, choices=Reason, blank=True)
    source = models.CharField(max_length=8, choices=Source)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["answer", "author"], name="mark_once"),
            models.CheckConstraint(condition=models.Q(value__isnull=True) | models.Q(value__range=(1, 5)), name="mark_one_to_five"),
            models.CheckConstraint(condition=models.Q(value__isnull=False) | models.Q(solved__isnull=False), name="mark_says_something"),
        ]
        indexes = [models.Index(fields=["-at"], name="mark_time")]

    @property
    def bad(self) -> bool:
        """The answer has not helped: 1, 2 or «не решено»."""
        return self.solved is False
