"""Deadline rules as data: how long a body has for the first reaction, the interim and the final answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gospult.lib.calendar import Calendar
from gospult.lib.words import plural

HOURS, DAYS, WORKING_HOURS, WORKING_DAYS = "hours", "days", "working_hours", "working_days"
UNITS: dict[str, tuple[str, str, str]] = {
    HOURS: ("час", "часа", "часов"),
    DAYS: ("день", "дня", "дней"),
    WORKING_HOURS: ("рабочий час", "рабочих часа", "рабочих часов"),
    WORKING_DAYS: ("рабочий день", "рабочих дня", "рабочих дней"),
}
# A year is more than any known order gives for a comment; a longer term is a slip of the keyboard.
LONGEST = {HOURS: 366 * 24, DAYS: 366, WORKING_HOURS: 366 * 24, WORKING_DAYS: 366}
TERMS = ("first", "interim", "final", "final_after_interim", "rework", "pause")


@dataclass(frozen=True, slots=True)
class Duration:
    """A term: whole hours or days, of working or of calendar time."""

    value: int
    unit: str

    @property
    def working(self) -> bool:
        """Counted by the working calendar, not by elapsed time."""
        return self.unit in (WORKING_HOURS, WORKING_DAYS)

    def due(self, start: datetime, calendar: Calendar) -> datetime:
        """When the term ends (UTC); N working days end with the N-th working day after the day of `start`."""
        if self.unit == WORKING_DAYS:
            return calendar.add_days(start, self.value)
        return calendar.add(start, timedelta(hours=self.value) if self.unit in (HOURS, WORKING_HOURS) else timedelta(days=self.value))

    def __str__(self) -> str:
        return plural(self.value, UNITS[self.unit])


@dataclass(frozen=True, slots=True)
class DeadlineRule:
    """A dated preset. A missing term means no such clock; a missing urgent term means the usual one."""

    code: str
    title: str
    first: Duration | None = None
    interim: Duration | None = None
    final: Duration | None = None
    final_after_interim: Duration | None = None  # the longest wait for the final answer after the first interim one
    rework: Duration | None = None  # for an answer that control returned; missing = `final` anew
    pause: Duration | None = None  # how long all pauses of a case may be together
    urgent_first: Duration | None = None
    urgent_interim: Duration | None = None
    urgent_final: Duration | None = None
    urgent_final_after_interim: Duration | None = None
    urgent_rework: Duration | None = None
    urgent_pause: Duration | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    source: str = ""

    @classmethod
    def from_json(cls, data: object) -> "DeadlineRule":
        """One preset from a plain dict; ValueError with one Russian line that names the fault."""
        if not isinstance(data, dict) or not data.get("code") or not data.get("title"):
            raise _bad("у каждого срока нужны code и title.")
        code, urgent = str(data["code"]), data.get("urgent") or {}
        if not isinstance(urgent, dict):
            raise _bad(f"«{code}»: urgent должен быть объектом со сроками.")
        unknown = sorted(set(data) - {"code", "title", "source", "urgent", "valid_from", "valid_to", *TERMS}) + sorted(set(urgent) - set(TERMS))
        if unknown:
            raise _bad(f"«{code}»: неизвестный ключ «{unknown[0]}».")
        terms = {name: _duration(data.get(name), code, name) for name in TERMS}
        terms |= {f"urgent_{name}": _duration(urgent.get(name), code, f"urgent.{name}") for name in TERMS}
        if not terms["first"] and not terms["interim"] and not terms["final"]:
            raise _bad(f"«{code}»: нет ни одного срока. Укажите first, interim или final.")
        begins, ends = _date(data.get("valid_from"), code), _date(data.get("valid_to"), code)
        if begins and ends and ends < begins:
            raise _bad(f"«{code}»: действует до {ends:%d.%m.%Y}, раньше чем начинает.")
        return cls(code, str(data["title"]), **terms, valid_from=begins, valid_to=ends, source=str(data.get("source", "")))

    def term(self, name: str, urgent: bool) -> Duration | None:
        """The term «first», «interim», «final», «final_after_interim», «rework» or «pause»; the urgent variant where there is one."""
        usual: Duration | None = getattr(self, name)
        return (getattr(self, f"urgent_{name}") or usual) if urgent else usual

    def valid_on(self, day: date) -> bool:
        """Whether cases opened on this local date are counted by the rule."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


def parse(data: object) -> list[DeadlineRule]:
    """All presets of a region's deadlines.json: {"deadlines": [...]}; ValueError with one Russian line."""
    if not isinstance(data, dict) or not isinstance(data.get("deadlines"), list):
        raise _bad("нужен объект со списком deadlines.")
    rules = [DeadlineRule.from_json(item) for item in data["deadlines"]]
    for index, rule in enumerate(rules):
        for other in rules[:index]:
            if rule.code == other.code and _overlap(rule, other):
                raise _bad(f"«{rule.code}» записан дважды на одно время. Разведите valid_from и valid_to.")
    return rules


def pick(rules: Iterable[DeadlineRule], code: str, day: date) -> DeadlineRule | None:
    """The rule of this code for cases opened on a local date, None when there was none."""
    return next((rule for rule in rules if rule.code == code and rule.valid_on(day)), None)


def _overlap(one: DeadlineRule, two: DeadlineRule) -> bool:
    starts = max(one.valid_from or date.min, two.valid_from or date.min)
    return starts <= min(one.valid_to or date.max, two.valid_to or date.max)


def _duration(value: object, code: str, where: str) -> Duration | None:
    if value is None:
        return None
    number = value.get("value") if isinstance(value, dict) else None
    unit = value.get("unit") if isinstance(value, dict) else None
    if unit not in UNITS:
        raise _bad(f"«{code}», {where}: неизвестная единица «{unit}». Единицы: {', '.join(UNITS)}.")
    if type(number) is not int or not 1 <= number <= LONGEST[unit]:
        raise _bad(f"«{code}», {where}: «{number}» не срок. Нужно целое число от 1 до {LONGEST[unit]}.")
    return Duration(number, unit)


def _date(value: object, code: str) -> date | None:
    try:
        return date.fromisoformat(str(value)) if value else None
    except ValueError as error:
        raise _bad(f"«{code}»: «{value}» не дата. Пишите дату так: 2026-01-31.") from error


def _bad(what: str) -> ValueError:
    return ValueError(f"Сроки: {what}")
