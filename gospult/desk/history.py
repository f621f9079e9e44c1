"""The history of a case in the clock's words: kinds of events, and what has to be remembered of them."""

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from typing import Any

OPENED = "opened"  # at: the earliest message; data: kind, urgent
JOINED = "joined"  # at: when the further message was sent; it may reach us late and be the earliest
MERGED = "merged"  # data: opened_at, the earliest message of what came in
SPLIT = "split"  # data: opened_at, the earliest message of what stayed
TRIAGED = "triaged"  # data: kind, urgent
KIND_CHANGED = "kind_changed"  # data: kind, urgent
ROUTED = "routed"
BOUNCED = "bounced"
PAUSED = "paused"  # data: reason
RESUMED = "resumed"
INTERIM_PUBLISHED = "interim_published"  # data: promised, a date
NATIVE_ANSWER = "native_answer"
ANSWER_PUBLISHED = "answer_published"
RETURNED = "returned"
CLOSED = "closed"
REOPENED = "reopened"
# Also the order of events of one moment.
KINDS: tuple[str, ...] = (
    *(OPENED, JOINED, MERGED, SPLIT, TRIAGED, KIND_CHANGED, ROUTED, BOUNCED, PAUSED, RESUMED),
    *(INTERIM_PUBLISHED, NATIVE_ANSWER, ANSWER_PUBLISHED, RETURNED, CLOSED, REOPENED),
)
RANK = {kind: rank for rank, kind in enumerate(KINDS)}

WITHOUT_CLOCK = frozenset({"gratitude", "not_for_us", "spam"})


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a case; `at` is aware, `data` is what the kind's line above says (JSON values are fine)."""

    kind: str
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)


class Facts:
    """What the clock remembers of the events so far: fold events in with `advance`, in the order of `ordered`."""

    def __init__(self) -> None:
        self.opened_at: datetime | None = None
        self.kind, self.urgent = "", False
        self.returned = self.reopened = 0
        self.past: tuple[Facts, ...] = ()
        self._begin(None)

    def _begin(self, at: datetime | None) -> None:
        """A new round of the clocks: nothing is answered, nothing is promised."""
        self.round_at = at
        self.reaction_at: datetime | None = None
        self.answered_at: datetime | None = None
        self.rework_at: datetime | None = None
        self.closed_at: datetime | None = None
        self.interim_at: datetime | None = None
        self.promised: date | None = None
        self.pauses: list[tuple[datetime, datetime | None]] = []

    def _remember(self) -> None:
        """Keep the round as it ends: what was late stays late after a return or a reopening."""
        ending = copy(self)
        ending.pauses, ending.past = list(self.pauses), ()
        self.past = (*self.past, ending)

    def advance(self, event: Event) -> None:
        """Fold the next event in."""
        if event.data:
            self.kind, self.urgent = event.data.get("kind") or self.kind, bool(event.data.get("urgent", self.urgent))
        step = _STEPS.get(event.kind)
        if step:
            step(self, event)

    def _opened(self, event: Event) -> None:
        self.opened_at = min(self.opened_at or event.at, event.at)

    def _merged(self, event: Event) -> None:
        earliest = _moment(event.data.get("opened_at"))
        if earliest:
            self.opened_at = min(self.opened_at or earliest, earliest)

    def _split(self, event: Event) -> None:
        self.opened_at = _moment(event.data.get("opened_at")) or self.opened_at

    def _paused(self, event: Event) -> None:
        nothing_runs = self.answered_at or self.closed_at
        if not nothing_runs and (not self.pauses or self.pauses[-1][1] is not None):
            self.pauses.append((event.at, None))

    def _resumed(self, event: Event) -> None:
        if self.pauses and self.pauses[-1][1] is None:
            self.pauses[-1] = (self.pauses[-1][0], event.at)

    def _interim(self, event: Event) -> None:
        self.reaction_at = self.reaction_at or event.at
        if not self.answered_at:
            self.interim_at = self.interim_at or event.at
            self.promised = _day(event.data.get("promised")) or self.promised

    def _answered(self, event: Event) -> None:
        self.reaction_at = self.reaction_at or event.at
        self.answered_at = self.answered_at or event.at
        self._resumed(event)

    def _returned(self, event: Event) -> None:
        # A draft sent back by an approver is no business of the clock: it has never stopped.
        if self.answered_at:
            self._remember()
            self.returned += 1
            self.rework_at, self.answered_at, self.closed_at, self.interim_at, self.promised = event.at, None, None, None, None

    def _closed(self, event: Event) -> None:
        self.closed_at = self.closed_at or event.at
        self._resumed(event)

    def _reopened(self, event: Event) -> None:
        self._remember()
        self.reopened += 1
        self._begin(event.at)


_STEPS = {
    OPENED: Facts._opened, JOINED: Facts._opened, MERGED: Facts._merged, SPLIT: Facts._split, PAUSED: Facts._paused, RESUMED: Facts._resumed,
    INTERIM_PUBLISHED: Facts._interim, NATIVE_ANSWER: Facts._answered, ANSWER_PUBLISHED: Facts._answered,
    RETURNED: Facts._returned, CLOSED: Facts._closed, REOPENED: Facts._reopened,
}  # fmt: skip


def ordered(events: Iterable[Event]) -> list[Event]:
    """Events as they happened; those of one moment stand as `KINDS` lists them, so the input's order does not matter."""
    known = list(events)
    if all(one.at < two.at for one, two in pairwise(known)):  # as they come from the database: no key is made
        return known
    return sorted(known, key=lambda e: (e.at, RANK.get(e.kind, len(RANK)), repr(sorted(e.data.items())) if e.data else ""))


def gather(events: Iterable[Event]) -> Facts:
    """What is remembered of all events, given in any order."""
    facts = Facts()
    for event in ordered(events):
        facts.advance(event)
    return facts


def _moment(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value)) if value else None


def _day(value: object) -> date | None:
    return (
        value.date() if isinstance(value, datetime) else value if isinstance(value, date) else date.fromisoformat(str(value)[:10]) if value else None
    )
