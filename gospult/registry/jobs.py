"""Work of the registry by the clock; every job may be killed anywhere and run twice."""

from datetime import timedelta

from django.utils import timezone

from gospult.accounts.models import Person

from . import actions, queries

PREVIEW_DAYS = 1


def drop_previews() -> None:
    """Drop the files that were looked at and not applied within a day."""
    actions.drop_previews(older_than=timezone.now() - timedelta(days=PREVIEW_DAYS))


def keep_figures() -> None:
    """Count the figures of a large registry before somebody waits for them."""
    queries.figures(Person(is_superuser=True), fresh=True)
