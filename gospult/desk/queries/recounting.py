"""Many clocks counted at once: cases and events are read in bulk, counted purely, compared with what is kept."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from gospult.lib.calendar import EPOCH

from ..clock import Clocks, clocks
from ..history import BOUNCED, KINDS, ROUTED, Event, gather
from ..models import OPEN, Case, CaseEvent, Recount, RecountChange
from .deadlines import Book, book

NOTHING: dict[str, Any] = {}
CLOCK_FIELDS = ("first_due_at", "final_due_at", "next_due_at", "first_reaction_at", "late")


class Counted(NamedTuple):
    """A case's clocks as they are kept and as they should be, both in the order of CLOCK_FIELDS."""

    case: int
    kept: tuple[Any, ...]
    new: tuple[Any, ...]

    @property
    def differs(self) -> bool:
        """Whether anything a person can see would change."""
        return self.kept != self.new


def counted(cases: Sequence[int], by: Book | None = None) -> list[Counted]:
    """The clocks of these cases anew, in the order of their ids; `by` is a book as it would be. Two statements for all."""
    rule_book, zone = by or book(), ZoneInfo(settings.TIME_ZONE)
    rows = _cases(cases)
    rule_book.know({body for _, _, _, body, *_ in rows if body})
    events = _events(cases)
    found = []
    for pk, topic, territory, body, late, opened, *kept in rows:
        facts = gather(events.get(pk, ()))
        day = (facts.opened_at or _moment(opened)).astimezone(zone).date()
        basis = rule_book.basis(day, topic, territory, body)
        was = (*(_moment(at) if at is not None else None for at in kept), late)
        found.append(Counted(pk, was, clock_values(clocks(facts, basis.rule, basis.calendar))))
    return found


def clock_values(clocks: Clocks) -> tuple[Any, ...]:
    """What a case keeps of its clocks, in the order of CLOCK_FIELDS."""
    return clocks.first.due_at, clocks.final.due_at, clocks.next_due_at, clocks.first_reaction_at, clocks.late


# Moments come as whole microseconds: there are millions of them, and a date in words is slow to read.
MICROS = "(extract(epoch from {}) * 1000000)::bigint"
SAYS = ["kind", "urgent", "opened_at", "promised"]  # what the clock reads of an event
TELLING = sorted(set(KINDS) - {ROUTED, BOUNCED})


def _moment(micros: int) -> datetime:
    return EPOCH + timedelta(microseconds=micros)


def _cases(cases: Sequence[int]) -> list[tuple[Any, ...]]:
    moments = ", ".join(MICROS.format(name) for name in ("opened_at", *CLOCK_FIELDS[:-1]))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, topic_id, territory_id, body_id, late, {moments} FROM {Case._meta.db_table} WHERE id = ANY(%s) ORDER BY id", [list(cases)]
        )
        return cursor.fetchall()


def _events(cases: Sequence[int]) -> dict[int, list[Event]]:
    """The events that move clocks, of all these cases, in one statement and without the ORM."""
    found: dict[int, list[Event]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT case_id, kind, {MICROS.format('at')}, CASE WHEN data ?| %s THEN data END FROM {CaseEvent._meta.db_table} "
            "WHERE case_id = ANY(%s) AND kind = ANY(%s) AND NOT undone ORDER BY case_id, at, id",
            [SAYS, list(cases), TELLING],
        )
        for case, kind, at, data in cursor.fetchall():
            found.setdefault(case, []).append(Event(kind, _moment(at), _data(data) if data else NOTHING))
    return found


@lru_cache(maxsize=4096)
def _data(text: str) -> dict[str, Any]:
    """Most events say the same few things."""
    found: dict[str, Any] = json.loads(text)
    return found


def in_scope(recount: Recount) -> QuerySet[Case]:
    """The cases that a recount looks at: the open ones and, if asked, those answered and closed that were opened since a day."""
    asked = Q(state__in=OPEN)
    if recount.closed_since:
        since = timezone.make_aware(datetime.combine(recount.closed_since, datetime.min.time()))
        asked |= Q(state__in=[Case.State.ANSWERED, Case.State.CLOSED], opened_at__gte=since)
    return Case.objects.filter(asked)


def change_of(found: Counted, now: datetime) -> RecountChange | None:
    """What a person is shown of a difference; None when there is none."""
    if not found.differs:
        return None
    (_, old_final, old_next, _, old_late), (_, new_final, new_next, _, new_late) = found.kept, found.new
    old, new = old_late or _past(old_next, now), new_late or _past(new_next, now)
    turn = RecountChange.Turn.MOVED if old == new else RecountChange.Turn.LATE if new else RecountChange.Turn.IN_TIME
    return RecountChange(case_id=found.case, turn=turn, old_due_at=old_next or old_final, new_due_at=new_next or new_final)


def _past(due: datetime | None, now: datetime) -> bool:
    return due is not None and due < now
