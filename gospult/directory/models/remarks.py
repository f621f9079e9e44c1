"""«Здесь ошибка»: what a resident says of the data of a body; forgotten after a term."""

from django.db import models
from django.utils import timezone

from gospult.accounts.models import Person
from gospult.registry.models import Body


class Remark(models.Model):
    """One remark; nothing of who left it is kept. Open until a person of the centre closes it."""

    class Kind(models.TextChoices):
        PAGE = "page", "страница не та или не открывается"
        MISSING = "missing", "нет страницы, которая есть"
        NAME = "name", "неверное название"
        CONTACTS = "contacts", "неверные контакты"
        OTHER = "other", "другое"

    body = models.ForeignKey(Body, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    text = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="remark_open", condition=models.Q(closed_at__isnull=True))]
