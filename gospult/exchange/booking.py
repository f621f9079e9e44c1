"""One statement takes a place for a call, for all processes on all hosts; the database's clock is the only one that counts.

The places of a bucket follow one another as in GCRA: `free_at` moves on by one interval with every place that is taken, and who takes
one is told how long to wait for it. Nothing is kept in memory, so a killed process takes nothing with it but its own place.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.utils import CursorWrapper

from .limits import Limits, Rate, left

SLOWEST = 0.5  # calls a second: below that a learned rate does not fall
STRIKES_SECONDS = 7200.0  # a refusal so long ago no longer makes the next pause longer
LONGEST_BLOCK = 3600.0


@dataclass(frozen=True)
class Ask:
    """What one call needs: places in buckets (name → rate), calls of methods with a daily limit, and how far ahead it may book (s)."""

    fingerprint: str
    task: str
    buckets: dict[str, Rate]
    watched: list[str]  # buckets and
    methods: list[str]  # methods that may be closed by the network
    day: date
    daily: dict[str, int]  # method → calls
    ahead: float
    limits: Limits


@dataclass(frozen=True)
class Refusal:
    """Why there is no place, and for how many seconds."""

    fault: Any
    seconds: float


@contextmanager
def _cursor() -> Iterator[CursorWrapper]:
    """Commits at once, also for a caller inside a transaction: others must see the place, and a rollback must not give it back."""
    if not connection.in_atomic_block:
        with connection.cursor() as cursor:
            yield cursor
        return
    own = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        with own.cursor() as cursor:
            yield cursor
    finally:
        own.close()


# A place that a crash of the database forgets costs nothing; waiting for the disk would cost every call milliseconds.
OPEN = """
WITH step0 AS (
    SELECT 0.0 AS wait, set_config('synchronous_commit', 'off', true)
    WHERE NOT EXISTS (
        SELECT FROM exchange_pace WHERE fingerprint = %(fingerprint)s AND bucket = ANY(%(watched)s) AND blocked_until > statement_timestamp()
    ) AND NOT EXISTS (
        SELECT FROM exchange_spending WHERE fingerprint = %(fingerprint)s AND day = %(day)s AND method = ANY(%(methods)s) AND closed
    )
)"""
PLACE = """, step{number} AS (
    INSERT INTO exchange_pace AS p (fingerprint, bucket, free_at, rate, reason, strikes)
    SELECT %(fingerprint)s, %(bucket{number})s, statement_timestamp() + make_interval(secs => 1 / %(first{number})s::float8), %(first{number})s, '', 0
    FROM step{before}
    ON CONFLICT (fingerprint, bucket) DO UPDATE SET
        rate = least(%(top{number})s, coalesce(p.rate, %(first{number})s) + %(step{number})s),
        free_at = greatest(p.free_at, statement_timestamp())
            + make_interval(secs => 1 / least(%(top{number})s, coalesce(p.rate, %(first{number})s) + %(step{number})s)::float8)
    WHERE p.free_at <= statement_timestamp()
        + make_interval(secs => %(ahead)s + (%(burst{number})s - 1) / coalesce(p.rate, %(first{number})s)::float8)
    RETURNING greatest(0.0, extract(epoch FROM p.free_at - statement_timestamp()) - %(burst{number})s / p.rate) AS wait
)"""
CALLS = """, step{number} AS (
    INSERT INTO exchange_spending AS s (fingerprint, method, day, reply, poll, sweep, closed)
    SELECT %(fingerprint)s, %(method{number})s, %(day)s, %(reply{number})s, %(poll{number})s, %(sweep{number})s, false
    FROM step{before} WHERE %(calls{number})s <= %(share{number})s
    ON CONFLICT (fingerprint, method, day) DO UPDATE SET
        reply = s.reply + excluded.reply, poll = s.poll + excluded.poll, sweep = s.sweep + excluded.sweep
    WHERE s.{task} + %(calls{number})s <= %(share{number})s AND s.reply + s.poll + s.sweep + %(calls{number})s <= %(limit{number})s
    RETURNING 0.0 AS wait
)"""


def book(ask: Ask) -> float | Refusal:
    """Take a place: the seconds to wait for it, or why there is none."""
    text, values = _statement(ask)
    with _cursor() as cursor:
        cursor.execute(text, values)
        waits = cursor.fetchone()
        if None in waits:
            return _why(cursor, ask)
    return float(max(waits))


def _statement(ask: Ask) -> tuple[str, dict[str, Any]]:
    """The steps hang on one another: a place that is not free spends no call of the day."""
    text: list[str] = [OPEN]
    values: dict[str, Any] = {
        "fingerprint": ask.fingerprint, "watched": ask.watched, "methods": ask.methods, "day": ask.day, "ahead": ask.ahead,
    }  # fmt: skip
    for bucket, rate in ask.buckets.items():
        number = len(text)
        text.append(PLACE.format(number=number, before=number - 1))
        figures = {"bucket": bucket, "first": rate.first, "top": rate.top, "step": rate.step or rate.top, "burst": rate.burst}
        values |= {f"{name}{number}": value for name, value in figures.items()}
    for method, calls in ask.daily.items():
        number = len(text)
        text.append(CALLS.format(number=number, before=number - 1, task=ask.task))
        share = left(ask.limits, method, task=ask.task, own=0, total=0)
        spent = {task: calls if task == ask.task else 0 for task in ("reply", "poll", "sweep")}
        values |= {f"{name}{number}": value for name, value in spent.items()}
        values |= {f"method{number}": method, f"calls{number}": calls, f"share{number}": share, f"limit{number}": ask.limits.daily[method]}
    chosen = ", ".join(f"(SELECT wait FROM step{number})" for number in range(len(text)))
    return "".join(text) + f" SELECT {chosen}", values


def _why(cursor: CursorWrapper, ask: Ask) -> Refusal:
    """The longest of what stands in the way; a place that was freed meanwhile gives 0 seconds."""
    found = [Refusal("too_fast", 0.0)]
    cursor.execute(
        "SELECT bucket, rate, extract(epoch FROM free_at - statement_timestamp()), reason,"
        " extract(epoch FROM blocked_until - statement_timestamp()) FROM exchange_pace WHERE fingerprint = %s AND bucket = ANY(%s)",
        [ask.fingerprint, [*ask.watched, *ask.buckets]],
    )
    for bucket, rate, busy, reason, blocked in cursor.fetchall():
        if blocked and blocked > 0:
            found.append(Refusal(reason, float(blocked)))
        elif bucket in ask.buckets and rate:
            found.append(Refusal("too_fast", float(busy) - ask.ahead - (ask.buckets[bucket].burst - 1) / rate))
    return _spent(cursor, ask) or max(found, key=lambda refusal: refusal.seconds)


def _spent(cursor: CursorWrapper, ask: Ask) -> Refusal | None:
    cursor.execute(
        "SELECT method, reply + poll + sweep, CASE %s WHEN 'reply' THEN reply WHEN 'poll' THEN poll ELSE sweep END, closed"
        " FROM exchange_spending WHERE fingerprint = %s AND day = %s AND method = ANY(%s)",
        [ask.task, ask.fingerprint, ask.day, [*ask.methods, *ask.daily]],
    )
    rows = cursor.fetchall()
    over = any(calls > left(ask.limits, method, task=ask.task, own=0, total=0) for method, calls in ask.daily.items())
    for method, total, own, closed in rows:
        calls = ask.daily.get(method, 0)
        over |= closed or bool(calls and left(ask.limits, method, task=ask.task, own=own, total=total) < calls)
    return Refusal("quota", ask.limits.until_midnight()) if over else None


def blocked_for(ask: Ask) -> float:
    """Seconds for which the network has forbidden the call since its place was taken."""
    with _cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(max(extract(epoch FROM blocked_until - statement_timestamp())), 0) FROM exchange_pace"
            " WHERE fingerprint = %s AND bucket = ANY(%s)",
            [ask.fingerprint, ask.watched],
        )
        return max(0.0, float(cursor.fetchone()[0]))


# Several calls may be under way when the network loses patience: what it says about them is one refusal, not several.
BLOCK = """
WITH clock AS (SELECT statement_timestamp() AS now, statement_timestamp() - make_interval(secs => %(memory)s) AS long_ago)
INSERT INTO exchange_pace AS p (fingerprint, bucket, free_at, blocked_until, reason, strikes, refused_at)
SELECT %(fingerprint)s, %(bucket)s, now, now + make_interval(secs => %(seconds)s), %(reason)s, 1, now FROM clock
ON CONFLICT (fingerprint, bucket) DO UPDATE SET
    strikes = CASE WHEN p.refused_at > (SELECT long_ago FROM clock) THEN least(p.strikes + 1, 1000) ELSE 1 END,
    blocked_until = excluded.refused_at + make_interval(secs => least(
        greatest(%(longest)s, %(seconds)s),
        %(seconds)s * power(%(growth)s, CASE WHEN p.refused_at > (SELECT long_ago FROM clock) THEN least(p.strikes, 20) ELSE 0 END)
    )),
    rate = greatest(%(slowest)s, p.rate / 2), reason = excluded.reason, refused_at = excluded.refused_at
WHERE p.blocked_until IS NULL OR p.blocked_until <= excluded.refused_at
"""


def block(fingerprint: str, bucket: str, *, seconds: float, reason: str, growth: float = 1.0) -> None:
    """Nobody takes a place in the bucket for so many seconds, times `growth` for every refusal in a row; a learned rate halves."""
    figures = {"memory": STRIKES_SECONDS, "longest": LONGEST_BLOCK, "slowest": SLOWEST, "growth": growth, "seconds": seconds}
    with _cursor() as cursor:
        cursor.execute(BLOCK, {"fingerprint": fingerprint, "bucket": bucket, "reason": reason, **figures})


def close(fingerprint: str, method: str, day: date) -> None:
    """Nobody calls the method with this token until the network's day is over."""
    with _cursor() as cursor:
        cursor.execute(
            "INSERT INTO exchange_spending (fingerprint, method, day, reply, poll, sweep, closed) VALUES (%s, %s, %s, 0, 0, 0, true)"
            " ON CONFLICT (fingerprint, method, day) DO UPDATE SET closed = true",
            [fingerprint, method, day],
        )
