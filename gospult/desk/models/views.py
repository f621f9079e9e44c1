"""Filters kept under a name, and who is at a case now."""

from collections.abc import Collection

from django.db import models

from gospult.accounts.models import Role
from gospult.registry.models import Grant
from gospult.registry.models.access import User, live_on

from .cases import Case

# Who reads the whole region's work: views shared with the centre are theirs to see.
CENTRE = frozenset({Role.OPERATOR, Role.ANALYST, Role.HEAD, Role.ADMIN})


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: User) -> "SavedViewQuerySet":
        """The person's own views, then those that the centre shares, each in its order."""
        return self._of(user, CENTRE)

    def editable_by(self, user: User) -> "SavedViewQuerySet":
        """The person's own views; operators look after the shared ones together."""
        return self._of(user, {Role.OPERATOR, Role.ADMIN})

    def _of(self, user: User, roles: Collection[Role]) -> "SavedViewQuerySet":
        if not user.is_authenticated:
            return self.none()
        shared = models.Q(shared=True)
        if not user.is_superuser:
            shared &= models.Q(models.Exists(Grant.objects.filter(live_on(), person_id=user.pk, role__in=roles)))
        return self.filter(models.Q(owner_id=user.pk) | shared).order_by("shared", "position", "pk")


class SavedView(models.Model):
    """A filter of the queue kept under a name: a person's own, or shared with the centre. It opens no case that the reader may not see."""

    owner = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    shared = models.BooleanField(default=False)
    filters = models.JSONField()  # as in the address, see queries.filters
    position = models.PositiveIntegerField(default=0)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="saved_view_name")]

    def __str__(self) -> str:
        return self.name


class Presence(models.Model):
    """Somebody has a case open. No history: a row per case and person, forgotten after a day."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "person"], name="presence_once")]
        indexes = [models.Index(fields=["seen_at"], name="presence_seen")]


class Lease(models.Model):
    """Whose hand is on the draft of a case, and until when; a row per case, so that there is one hand."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, primary_key=True, related_name="+")
    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    until = models.DateTimeField()
