"""Terms of a formal appeal (59-ФЗ), in calendar days: a pure function of its dates and of the region's dated file; no database."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings

from gospult.lib import regions
from gospult.lib.regions import RegionError

MET, LATE, RUNNING, OVERDUE, LAPSED = "met", "late", "running", "overdue", "lapsed"


@dataclass(frozen=True, slots=True)
class Terms:
    """A version of the terms in calendar days; it holds for appeals that came in on `valid_from` or later."""

    valid_from: date
    title: str
    source: str
    register: int
    forward: int
    answer: int
    longer: int


@dataclass(frozen=True, slots=True)
class Dates:
    """What has happened to an appeal; None has not happened yet.

    registered   at the body that got it first
    again        at the body that it was forwarded to
    extended     the resident was told that the answer takes longer
    """

    handed: date
    registered: date | None = None
    forwarded: date | None = None
    again: date | None = None
    extended: date | None = None
    answered: date | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """One term: the last day on which it is kept, and the day on which it was done; an optional one never becomes overdue."""

    name: str
    due: date
    done: date | None = None
    optional: bool = False

    def state_at(self, today: date) -> str:
        if self.done:
            return LATE if self.done > self.due else MET
        if today <= self.due:
            return RUNNING
        return LAPSED if self.optional else OVERDUE


# Article 8: registered within 3 days, forwarded within 7 days of that. Article 12: answered within 30 days of the registration
# at the body that answers, which may prolong them once by as many as 30 when it has told the resident.
def terms_of(dates: Dates, rule: Terms) -> list[Term]:
    """The terms that run or have run, in their order; the day of the event itself is not counted."""
    found = [Term("Зарегистрировать", _after(dates.handed, rule.register), dates.registered)]
    at_home = dates.registered
    if dates.registered and (dates.forwarded or not dates.answered):
        found.append(Term("Переадресовать, если вопрос другого органа", _after(dates.registered, rule.forward), dates.forwarded, optional=True))
    if dates.forwarded:
        found.append(Term("Зарегистрировать в другом органе", _after(dates.forwarded, rule.register), dates.again))
        at_home = dates.again
    if at_home:
        days = rule.answer + (rule.longer if dates.extended else 0)
        found.append(Term("Ответить", _after(at_home, days), dates.answered))
    return found


def next_due(dates: Dates, rule: Terms) -> date | None:
    """The nearest term that still has to be kept; None when nothing is owed."""
    return None if dates.answered else min((t.due for t in terms_of(dates, rule) if not t.done and not t.optional), default=None)


def _after(day: date, days: int) -> date:
    return day + timedelta(days=days)


def terms_on(day: date) -> Terms:
    """The version that holds for an appeal of that day; before the first version the first one does."""
    versions = _read(settings.REGION)
    return next((v for v in reversed(versions) if v.valid_from <= day), versions[0])


@lru_cache(maxsize=4)
def _read(region: str) -> tuple[Terms, ...]:
    path = regions.default_root() / region / "handovers.json"
    try:
        told = json.loads(path.read_text(encoding="utf-8"))["terms"]
        return tuple(sorted((_terms(row) for row in told), key=lambda v: v.valid_from)) or _empty()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RegionError(f"Файл handovers.json региона не читается: {error}.") from error


def _terms(row: dict[str, Any]) -> Terms:
    days = {name: int(row[name]) for name in ("register", "forward", "answer", "longer")}
    return Terms(date.fromisoformat(row["from"]), row["title"], row["source"], **days)


def _empty() -> tuple[Terms, ...]:
    raise ValueError("в нём нет ни одной версии сроков")
