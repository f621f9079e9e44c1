"""What each import of the registry did, row by row: for the change list and for undo."""

from django.db import models

from gospult.accounts.models import Person


class ImportState(models.TextChoices):
    PREVIEWED = "previewed", "показан"
    APPLIED = "applied", "применён"
    UNDONE = "undone", "отменён"


class RegistryImport(models.Model):
    """One file of the official export.

    date      the day that the file speaks of; null where nobody said: the day of the import
    historic  it is older than what the registry knows: it only tells how pages stood on its date
    taken_at  when monitoring made snapshots of what it tells of pages, or took them back after an undo
    """

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
    date = models.DateField("сведения на дату", null=True)
    historic = models.BooleanField("только для истории", default=False)
    taken_at = models.DateTimeField(null=True)

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


class PageFacts(models.Model):
    """What one export said of one page: the row's name, the body's status, and the figures and marks of its columns; blanks left out."""

    imported = models.ForeignKey(RegistryImport, on_delete=models.CASCADE, related_name="page_facts")
    page = models.ForeignKey("registry.Page", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=1000, blank=True)
    handle = models.CharField(max_length=100, blank=True)
    status = models.CharField(max_length=20, blank=True)
    facts = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["imported", "page"], name="page_facts_once")]
