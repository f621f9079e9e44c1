"""The signs of life that a build gives, by which others know that its process is not dead."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from ..models import Build

LEASE = 1200.0  # seconds: a network may make us wait for half of it


class Stopped(Exception):
    """Somebody stopped the build, or another process took it for dead."""


def go_on(build: Build, **fields: Any) -> None:
    """Note how far it is and give a sign of life; Stopped when it is no longer ours to do."""
    if not Build.objects.filter(pk=build.pk, state=build.state).update(not_before=lease(), **fields):
        raise Stopped


def lease() -> datetime:
    """Until when nobody takes the build for dead."""
    return timezone.now() + timedelta(seconds=max(LEASE, settings.CLAIM_TIMEOUT))
