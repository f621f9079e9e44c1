from django.db import models


class Mode(models.TextChoices):
    OBSERVE = "observe", "только чтение"
    COPY = "copy", "ответ публикует человек"
    FULL = "full", "полный"


class Connection(models.Model):
    """How a page is connected: mode, webhook secret and the last proof that it is alive."""

    page = models.OneToOneField("registry.Page", on_delete=models.PROTECT)
    mode = models.CharField(max_length=8, choices=Mode, default=Mode.OBSERVE)
    sealed_secret = models.BinaryField(default=bytes)
    confirmation = models.CharField(max_length=64, blank=True)
    last_proof_at = models.DateTimeField(null=True)
    polled_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)


class Token(models.Model):
    """A sealed token. Without a page it serves the whole installation (a network's service token)."""

    network = models.CharField(max_length=16)
    page = models.ForeignKey("registry.Page", null=True, on_delete=models.CASCADE)
    kind = models.CharField(max_length=12)
    sealed = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "page", "kind"], nulls_distinct=False, name="token_one_of_a_kind"),
        ]
