"""The staff's own words beside the thread. They never leave the house."""

from django.db import models
from django.utils import timezone

from gospult.registry.models.access import User

from .cases import Case


class NoteQuerySet(models.QuerySet["Note"]):
    def visible_to(self, user: User) -> "NoteQuerySet":
        """Notes of the cases that the person may see."""
        return self.filter(case__in=Case.objects.visible_to(user))


class Note(models.Model):
    """What one of the staff tells the others about a case; residents, networks and other systems never get it.

    case        where it is read now: it goes along when its case is merged
    written_in  the case that it was written in, to which a split brings it back
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notes")
    written_in = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    text = models.TextField(blank=True)
    author = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    removed_by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    forgotten_at = models.DateTimeField(null=True)

    objects = NoteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(removed_at=None, removed_by=None) | models.Q(removed_by__isnull=False), name="note_removed_by"),
            models.CheckConstraint(condition=models.Q(removed_at=None, forgotten_at=None) | models.Q(text=""), name="note_gone_has_no_words"),
        ]
        indexes = [
            models.Index(fields=["case", "at"], name="note_of_case"),
            models.Index(fields=["id"], include=["case"], name="note_remembered", condition=~models.Q(text="")),
        ]
