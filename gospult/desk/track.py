"""What a case's history says of the work on it: when it was first answered, what was promised and kept. Pure; no database."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from .history import ANSWER_PUBLISHED, CLOSED, INTERIM_PUBLISHED, NATIVE_ANSWER, REOPENED, RETURNED, Event, ordered

REACTIONS = frozenset({INTERIM_PUBLISHED, NATIVE_ANSWER, ANSWER_PUBLISHED})
ENDS = frozenset({NATIVE_ANSWER, ANSWER_PUBLISHED, CLOSED})
TELLING = REACTIONS | ENDS | {RETURNED, REOPENED}


@dataclass
class Track:
    """reaction_at: the first words that residents saw, ever; promises: dates given; promised: the date that is still owed;
    broken: dates that passed before the work was over or the date was moved; returned: answers sent back by control."""

    reaction_at: datetime | None = None
    promises: int = 0
    promised: date | None = None
    broken: int = 0
    returned: int = 0
    reopened_at: datetime | None = None


def track(events: Iterable[Event], zone: tzinfo) -> Track:
    """The track of a case from its events in any order; days are those of the zone."""
    found = Track()
    for event in ordered(events):
        if event.kind in REACTIONS:
            found.reaction_at = found.reaction_at or event.at
        if event.kind == INTERIM_PUBLISHED or event.kind in ENDS:
            _settle(found, event.at.astimezone(zone).date())
        if event.kind == INTERIM_PUBLISHED and event.data.get("promised"):
            found.promises, found.promised = found.promises + 1, date.fromisoformat(str(event.data["promised"])[:10])
        elif event.kind == RETURNED:
            found.returned += 1
        elif event.kind == REOPENED:
            found.reopened_at = event.at
    return found


def _settle(found: Track, day: date) -> None:
    """The date that was owed is kept, moved or broken; nothing is owed after it."""
    found.broken += bool(found.promised and day > found.promised)
    found.promised = None
