from django.contrib.auth.models import AbstractUser
from django.db import models


class Role(models.TextChoices):
    STEWARD = "steward", "администратор страницы"
    EXECUTOR = "executor", "исполнитель"
    CURATOR = "curator", "куратор"
    OPERATOR = "operator", "оператор ЦУР"
    EDITOR = "editor", "редактор ЦУР"
    ANALYST = "analyst", "аналитик ЦУР"
    METHODIST = "methodist", "методист"
    JURY = "jury", "жюри"
    HEAD = "head", "руководитель"
    ADMIN = "admin", "администратор системы"
    AUDITOR = "auditor", "аудитор персональных данных"


class Person(AbstractUser):
    """Someone who works in the system; never a resident."""

    patronymic = models.CharField("отчество", max_length=150, blank=True)
    position = models.CharField("должность", max_length=250, blank=True)

    class Meta:
        verbose_name = "сотрудник"
        verbose_name_plural = "сотрудники"

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class LoginLink(models.Model):
    """A link that lets one person in once, to one address of this site. Only its hash is kept."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    key_hash = models.CharField(max_length=64, unique=True)
    path = models.CharField(max_length=300)
    until = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class Journal(models.Model):
    """Who did what. Rows are only added; `jobs.seal` chains them by hash, so that a later change shows."""

    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(max_length=80)
    object_type = models.CharField(max_length=40)
    object_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)
    seal = models.BigIntegerField(null=True, unique=True)
    hash = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["object_type", "object_id", "id"], name="journal_object"),
            models.Index(fields=["id"], name="journal_unsealed", condition=models.Q(seal__isnull=True)),
        ]
