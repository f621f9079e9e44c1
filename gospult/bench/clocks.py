"""How long it takes to count the clocks of a million cases anew: when nearly none differs, and when each one does."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection

from gospult.desk.actions import recount_many
from gospult.desk.actions.recounting import BATCH
from gospult.desk.models import Case, CaseEvent

from .crowd import fill
from .figures import database_mb, machine, median, peak_mb, say, timed

CASES, TIMES = 100_000, 10
TARGET_S = 60.0
# What makes every clock differ: the row says something else than its events do.
WRONG = f"UPDATE {Case._meta.db_table} SET first_due_at = first_due_at + interval '1 hour', late = NOT late"


def run() -> dict[str, Any]:
    """Seconds for all clocks in one process; `enough` asks it of the run in which each of them is written."""
    seconds, _ = timed(lambda: fill(CASES, times=TIMES, said=False))
    recounted("вчерне")  # what the crowd keeps is made up: this makes it what the events say
    same, touched = recounted("все верны")
    _spoil()
    every, written = recounted("все неверны")
    return {
        "machine": machine(),
        "size": {"cases": Case.objects.count(), "events": CaseEvent.objects.count(), "batch": BATCH},
        "same_s": round(same, 1), "same_written": touched, "every_s": round(every, 1), "every_written": written,
        "clocks_per_s": round(Case.objects.count() / every), "target_s": TARGET_S, "enough": every <= TARGET_S,
        "fill_s": round(seconds, 1), "peak_mb": peak_mb(), "database_mb": database_mb(),
    }  # fmt: skip


def recounted(what: str) -> tuple[float, int]:
    """Seconds for all cases, batch after batch as the job does it, and how many were written."""
    durations, written = [], 0
    for cases in batches():
        took, changed = timed(lambda chosen=cases: recount_many(cases=chosen))  # type: ignore[misc]
        durations.append(took)
        written += changed
    say(f"Сроки, {what}: {sum(durations):.1f} с, записано {written}, пачка {1000 * median(durations):.0f} мс")
    return sum(durations), written


def batches() -> Iterator[Sequence[int]]:
    """Keys of all cases in order, as many at once as the job locks."""
    after = 0
    while found := list(Case.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        yield found
        after = found[-1]


def _spoil() -> None:
    with connection.cursor() as cursor:
        cursor.execute(WRONG)
        cursor.execute("VACUUM ANALYZE")
