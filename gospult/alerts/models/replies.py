from django.db import models
from django.utils import timezone

from gospult.accounts.models import Person
from gospult.exchange.models import Incoming


class Reply(models.Model):
    """What a person wrote back to an alert about a case. The room of the case takes it, and its `outcome` is written back to him."""

    incoming = models.OneToOneField(Incoming, on_delete=models.PROTECT)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    case = models.BigIntegerField()
    text = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)
    taken_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["id"], name="reply_waiting", condition=models.Q(taken_at__isnull=True))]
