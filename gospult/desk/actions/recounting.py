"""Clocks counted anew for many cases: a change is tried, its differences are listed, and a person applies it."""

import time
from collections.abc import Sequence
from datetime import date, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused

from ..models import Case, DeadlineVersion, Recount, RecountChange, WorkCalendar
from ..queries.deadlines import Book, read_book
from ..queries.recounting import CLOCK_FIELDS, Counted, change_of, counted, in_scope
from ..queries.thinking import forget

State = Recount.State
BATCH = 2000  # cases locked together while they are written, for about a fifth of a second
WORK_SECONDS = 20.0  # one run of the job; the next one goes on from the cursor


def recount_many(*, cases: Sequence[int], book: Book | None = None) -> int:
    """The clocks of these cases (by key) are counted anew from their events and kept; returns how many differed.

    The rows are locked first, so that nobody's event of this very moment is overwritten by a clock without it.
    """
    with transaction.atomic():
        locked = list(Case.objects.select_for_update(no_key=True).filter(pk__in=cases).order_by("pk").values_list("pk", flat=True))
        differing = [found for found in counted(locked, book) if found.differs]
        _write(differing)
    return len(differing)


def _write(found: list[Counted]) -> None:
    """One statement for all."""
    if not found:
        return
    table, columns = connection.ops.quote_name(Case._meta.db_table), [list(column) for column in zip(*(row.new for row in found), strict=True)]
    types = ["timestamptz[]"] * (len(CLOCK_FIELDS) - 1) + ["boolean[]"]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {', '.join(f'{name} = fresh.{name}' for name in CLOCK_FIELDS)} "
            f"FROM unnest(%s::bigint[], {', '.join(f'%s::{kind}' for kind in types)}) AS fresh(id, {', '.join(CLOCK_FIELDS)}) "
            f"WHERE {table}.id = fresh.id",
            [[row.case for row in found], *columns],
        )


@transaction.atomic
def start_recount(
    *, version: DeadlineVersion | None = None, calendar: WorkCalendar | None = None, data: dict[str, object] | None = None,
    closed_since: date | None = None, by: Person,
) -> Recount:  # fmt: skip
    """A change begins to be tried: nothing changes yet, the differences are being listed."""
    busy = Recount.objects.filter(state__in=[State.TRYING, State.READY, State.APPLYING, State.STOPPED]).first()
    if busy:
        raise Refused("Сначала закончите начатый пересчёт: примените его или отмените.")
    row = Recount.objects.create(
        version=version, calendar=calendar, calendar_data=data, calendar_before=calendar.data if calendar else None, closed_since=closed_since, by=by
    )
    journal.write(by, "recount_started", row, version=version and version.pk, calendar=calendar and calendar.code)
    return row


@transaction.atomic
def stop_recount(*, recount: Recount, by: Person) -> None:
    """The counting stands still until somebody goes on or drops it; what was written stays."""
    recount.move_to(State.STOPPED, stopped_in=recount.state)
    journal.write(by, "recount_stopped", recount, seen=recount.seen)


@transaction.atomic
def go_on_recount(*, recount: Recount, by: Person) -> None:
    """A stopped recount goes on from where it stood."""
    if recount.state != State.STOPPED:
        raise Refused("Пересчёт не остановлен: обновите страницу.")
    recount.move_to(recount.stopped_in)
    journal.write(by, "recount_continued", recount, seen=recount.seen)


@transaction.atomic
def apply_recount(*, recount: Recount, by: Person) -> None:
    """The change comes into force, and the clocks that differ begin to be written."""
    recount.move_to(State.APPLYING, cursor=0, seen=0, applied_at=timezone.now(), applied_by=by)
    if recount.version:
        DeadlineVersion.objects.filter(pk=recount.version.pk).update(state=DeadlineVersion.State.IN_FORCE)
    if recount.calendar:
        same = WorkCalendar.objects.filter(pk=recount.calendar.pk, data=recount.calendar_before)
        if not same.update(data=recount.calendar_data):
            raise Refused("Календарь с тех пор изменили: отмените этот пересчёт и внесите правку ещё раз.")
    forget()
    journal.write(by, "recount_applied", recount, changed=recount.changed)


@transaction.atomic
def drop_recount(*, recount: Recount, by: Person) -> None:
    """The change is given up before anything was written."""
    if recount.stopped_in == State.APPLYING:
        raise Refused("Изменение уже действует: продолжите пересчёт, чтобы все сроки стали новыми.")
    recount.move_to(State.DROPPED, finished_at=timezone.now())
    if recount.version:
        DeadlineVersion.objects.filter(pk=recount.version.pk).update(state=DeadlineVersion.State.DROPPED)
    journal.write(by, "recount_dropped", recount)


def work_recounts(*, seconds: float = WORK_SECONDS) -> int:
    """The recount under way goes on for a while; returns how many cases were looked at."""
    done, until = 0, time.monotonic() + seconds
    row = Recount.objects.filter(state__in=[State.TRYING, State.APPLYING]).select_related("calendar").first()
    if row is None or _too_early(row):
        return 0
    book = book_of(row)
    while time.monotonic() < until:
        step = _batch(row.pk, book)
        done += step
        if not step:
            break
    return done


def _too_early(row: Recount) -> bool:
    """Other processes may still count by the book that they remember: what they write must not come after us."""
    waits = row.applied_at and row.applied_at + timedelta(seconds=settings.REMEMBER_SECONDS)
    return bool(row.state == State.APPLYING and waits and timezone.now() < waits)


def book_of(row: Recount) -> Book:
    """The book by which a recount counts: as it would be while it is tried, as it is afterwards."""
    if row.state != State.TRYING:
        return read_book()
    return read_book(with_version=row.version_id, calendar=row.calendar.code if row.calendar else "", calendar_data=row.calendar_data)


@transaction.atomic
def _batch(pk: int, book: Book) -> int:
    """The next cases after the cursor, together with the cursor: a kill loses a batch, never a case."""
    row = Recount.objects.select_for_update(skip_locked=True).filter(pk=pk, state__in=[State.TRYING, State.APPLYING]).first()
    if row is None:
        return 0
    scope = in_scope(row)
    if not row.total:
        row.total = scope.count()
    cases = list(scope.filter(pk__gt=row.cursor).order_by("pk").values_list("pk", flat=True)[:BATCH])
    if not cases:
        _end(row)
    elif row.state == State.APPLYING:
        recount_many(cases=cases, book=book)
        if row.version_id is None:  # another calendar: the rating's working minutes are filled in anew by their job
            Case.objects.filter(pk__in=cases, first_reaction_at__isnull=False).update(first_elapsed=None)
    else:
        _list(row, counted(cases, book))
    row.cursor, row.seen = cases[-1] if cases else row.cursor, row.seen + len(cases)
    row.save(update_fields=["cursor", "seen", "total", "changed", "became_overdue", "no_longer_late"])
    return len(cases)


def _list(row: Recount, found: list[Counted]) -> None:
    now = timezone.now()
    changes = [change for one in found if (change := change_of(one, now))]
    for change in changes:
        change.recount = row
    RecountChange.objects.bulk_create(changes, batch_size=BATCH)
    row.changed += len(changes)
    row.became_overdue += sum(change.turn == RecountChange.Turn.LATE for change in changes)
    row.no_longer_late += sum(change.turn == RecountChange.Turn.IN_TIME for change in changes)


def _end(row: Recount) -> None:
    now = timezone.now()
    if row.state == State.TRYING:
        row.move_to(State.READY, finished_at=now)
    else:
        row.move_to(State.APPLIED, finished_at=now)
