"""What a rule and a calendar would give: several moments at which a message may come, each with its clocks day by day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from gospult.lib.calendar import Calendar
from gospult.lib.words import moment_in_words

from ..clock import NAMES, NONE, recount
from ..deadlines import DeadlineRule
from ..explain import explain
from ..history import OPENED, Event


@dataclass(frozen=True)
class Sample:
    """A moment of arrival in words, and for each clock its name, when it is due in words, and the lines of the explanation."""

    arrival: str
    clocks: list[tuple[str, str, list[str]]]


def moments(calendar: Calendar, today: date) -> list[datetime]:
    """A working morning, Friday evening, Saturday noon, and the afternoon before the next special day off."""
    friday = today + timedelta(days=(4 - today.weekday()) % 7)
    working = next((d for n in range(1, 15) if calendar.hours(d := today + timedelta(days=n))), today)
    off = next((day for day in sorted(calendar.days) if day > today and not calendar.hours(day)), None)
    asked = [(working, time(10)), (friday, time(18, 30)), (friday + timedelta(days=1), time(12))]
    asked += [(off - timedelta(days=1), time(16))] if off else []
    return sorted(datetime.combine(day, at, calendar.tz) for day, at in asked)


def samples(rule: DeadlineRule, calendar: Calendar, at: Iterable[datetime], *, urgent: bool = False) -> list[Sample]:
    """«Пришло в пт 18:30 — ответ до …», for each moment."""
    found = []
    for moment in at:
        clocks = recount([Event(OPENED, moment, {"kind": "problem", "urgent": urgent})], rule, calendar)
        shown = [clock for clock in (clocks.first, clocks.interim, clocks.final) if clock.state != NONE and clock.due_at]
        lines = [(NAMES[c.name], moment_in_words(c.due_at.astimezone(calendar.tz), moment.year), explain(c)[1:]) for c in shown if c.due_at]
        found.append(Sample(moment_in_words(moment.astimezone(calendar.tz), moment.year), lines))
    return found
