"""Links by which stewards give the keys of their pages, and the pages that a region begins with."""

import secrets
from datetime import datetime

from django.db import models
from django.db.models import Q


def new_door() -> str:
    """The opaque name of a page's own webhook address."""
    return secrets.token_urlsafe(18)


class Invitation(models.Model):
    """A one-time link for a page's steward. Kept is the hash of its key; the page's token stays here, sealed, only until it has been checked."""

    page = models.ForeignKey("registry.Page", on_delete=models.CASCADE, related_name="invitations")
    key_hash = models.CharField(max_length=64, unique=True)
    by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    given_at = models.DateTimeField(null=True)
    sealed = models.BinaryField(default=bytes)
    tries = models.PositiveSmallIntegerField(default=0)  # keys given by this link
    checks = models.PositiveSmallIntegerField(default=0)  # of the key that is being checked
    next_check_at = models.DateTimeField(null=True)  # null when there is nothing to check
    problem = models.TextField(blank=True)
    connected_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["page"], condition=Q(connected_at=None, revoked_at=None), name="invitation_one_open"),
        ]
        indexes = [models.Index(fields=["next_check_at"], name="invitation_to_check", condition=Q(next_check_at__isnull=False))]

    @property
    def is_open(self) -> bool:
        """Neither used nor revoked; it may have expired."""
        return self.connected_at is None and self.revoked_at is None

    def has_expired(self, now: datetime) -> bool:
        """Whether the term is over; a key that was given in time is checked to the end."""
        return self.expires_at <= now and self.next_check_at is None


class Pilot(models.Model):
    """A page of the pilot: what happens on these few pages is watched closely before all the others are connected."""

    page = models.OneToOneField("registry.Page", on_delete=models.CASCADE)
    since = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
