"""What each import of the registry did, row by row: for the change list and for undo."""

from django.db import models

from gospult.accounts.models import Person


class ImportState(models.TextChoices):
    PREVIEWED = "previewed", "показан"
    APPLIED = "applied", "применён"
    UNDONE = "undone", "отменён"


class RegistryImport(models.Model):
    """One file of the official export."""

    file_name = models.CharField("файл", max_length=255)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField(null=True)  # only between preview and decision: any web process can apply it
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    partial = models.BooleanField("частичная выгрузка", default=False)
    counts = models.JSONField(default=dict)
    problems = models.JSONField(default=dict)  # kind → [[row, what stood there], …]
    sample = models.JSONField(default=list)  # the first changes of a preview, as lines for a person
    state = models.CharField(max_length=20, choices=ImportState, default=ImportState.PREVIEWED)

    class Meta:
        verbose_name = "импорт реестра"
        verbose_name_plural = "импорты реестра"
        ordering = ["-id"]


class ImportChange(models.Model):
    """One object that an import created or changed; `before` and `after` hold the differing fields."""

    class Action(models.TextChoices):
        CREATED = "created", "добавлено"
        CHANGED = "changed", "изменено"
        GONE = "gone", "исчезло"
        REVIEW = "review", "на проверку"
        REMOVED = "removed", "убрано"

    imported = models.ForeignKey(RegistryImport, on_delete=models.CASCADE, related_name="changes")
    object_type = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    action = models.CharField(max_length=10, choices=Action)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["object_type", "object_id"], name="import_change_object")]
