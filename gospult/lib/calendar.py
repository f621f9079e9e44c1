"""The working calendar: hours of the week, days that differ from it, and working time added or measured.

All arithmetic is done in UTC microseconds over one table per year, so a shift of the local clock
neither loses nor adds working time, and a term of any length costs two binary searches.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Intervals = tuple[tuple[int, int], ...]  # minutes after local midnight, 1440 is the end of the day

DAY = 24 * 60
LONGEST_IDLE = 400  # days without working time after which the calendar is a mistake
LONGEST_YEARS = 100
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAY_NAMES = ("понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье")


@dataclass(frozen=True, slots=True)
class Line:
    """One row of an explanation: what a day gave to the term; `minutes` of all rows add up to the whole term."""

    day: date
    start: datetime | None
    end: datetime | None
    minutes: int
    note: str


@dataclass(frozen=True, slots=True)
class _Year:
    """Working intervals of a year in UTC microseconds; `upto[i]` is the working time from New Year to the end of interval i."""

    starts: list[int]
    ends: list[int]
    upto: list[int]
    total: int
    begins: int  # the local New Year, and the next one
    ends_at: int
    last_days: list[int]  # ordinals of working days
    last_ends: list[int]  # when each of them ends


@dataclass(frozen=True)
class Calendar:
    """Working hours in a zone: `week` by weekday (0 is Monday), `days` that differ (empty tuple = day off). ValueError on a bad one."""

    zone: str
    week: Mapping[int, Intervals]
    days: Mapping[date, Intervals] = field(default_factory=dict)
    notes: Mapping[date, str] = field(default_factory=dict)
    _years: dict[int, _Year] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check once here, so that a recount of a case can never meet a broken calendar."""
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise _bad(f"неизвестный часовой пояс «{self.zone}». Укажите пояс вида Asia/Yekaterinburg.") from error
        for weekday, hours in self.week.items():
            _check(hours, WEEKDAY_NAMES[weekday])
        for day, hours in self.days.items():
            _check(hours, day.strftime("%d.%m.%Y"))
        if not any(self.week.values()):
            raise ValueError("Календарь без рабочего времени: укажите часы хотя бы одного дня недели.")
        self._check_idle()

    @classmethod
    def from_json(cls, data: object) -> "Calendar":
        """From a plain dict: {"zone", "week": {"mon": ["09:00-18:00"]}, "days": {"2026-01-01": {"hours": [], "note": "праздник"}}}."""
        if not isinstance(data, dict) or not isinstance(data.get("week"), dict) or not isinstance(data.get("days", {}), dict):
            raise _bad("нужен объект с ключами zone, week и days.")
        week = {_weekday(key): _hours(value, key) for key, value in data["week"].items()}
        days, notes = {}, {}
        for key, value in data.get("days", {}).items():
            day, entry = (_date(key), value if isinstance(value, dict) else {"hours": value})
            days[day] = _hours(entry.get("hours"), key)
            if entry.get("note"):
                notes[day] = str(entry["note"])
        return cls(str(data.get("zone", "")), week, days, notes)

    @staticmethod
    @lru_cache(maxsize=64)
    def always(zone: str) -> "Calendar":
        """Round the clock: its working time is plain elapsed time."""
        return Calendar(zone, dict.fromkeys(range(7), ((0, DAY),)))

    @cached_property
    def tz(self) -> ZoneInfo:
        """The zone as an object."""
        return ZoneInfo(self.zone)

    @cached_property
    def day_length(self) -> timedelta:
        """The longest usual working day of the week: what «один день» of working time means to a person."""
        return timedelta(minutes=max(_minutes(hours) for hours in self.week.values()))

    def hours(self, day: date) -> Intervals:
        """Working intervals of a local date, in minutes after midnight."""
        special = self.days.get(day)
        return self.week.get(day.weekday(), ()) if special is None else special

    def note(self, day: date) -> str:
        """Why the day is not a usual working day: «выходной», «праздник», «сокращённый день»; empty for a usual one."""
        if day in self.notes:
            return self.notes[day]
        usual, real = self.week.get(day.weekday(), ()), self.hours(day)
        if not real:
            return "праздник" if day in self.days else "выходной"
        if day in self.days and not usual:
            return "рабочий день по переносу"
        return "сокращённый день" if _minutes(real) < _minutes(usual) else ""

    def add(self, start: datetime, duration: timedelta) -> datetime:
        """The earliest moment (UTC) with `duration` of working time from `start`; a negative duration counts back."""
        if not duration:
            return start.astimezone(UTC)
        year, done = self._position(start)
        target = done + _micros(duration)
        for _ in range(LONGEST_YEARS):
            table = self._year(year)
            if target > table.total:
                target, year = target - table.total, year + 1
            elif target <= 0:
                year -= 1
                target += self._year(year).total
            else:
                at = bisect_left(table.upto, target)
                return EPOCH + timedelta(microseconds=table.ends[at] - table.upto[at] + target)
        raise _bad("срок длиннее ста лет. Проверьте срок.")

    def add_days(self, start: datetime, count: int) -> datetime:
        """The end (UTC) of the `count`-th working day after the local date of `start`; `count` from 1."""
        if count < 1:
            raise _bad("число рабочих дней должно быть не меньше одного.")
        day = start.astimezone(self.tz).date()
        year, left = day.year, count
        first = bisect_right(self._year(year).last_days, day.toordinal())
        for _ in range(LONGEST_YEARS):
            table = self._year(year)
            if first + left <= len(table.last_days):
                return EPOCH + timedelta(microseconds=table.last_ends[first + left - 1])
            left, first, year = left - (len(table.last_days) - first), 0, year + 1
        raise _bad("срок длиннее ста лет. Проверьте срок.")

    def worked(self, start: datetime, end: datetime) -> timedelta:
        """Working time between two moments; negative when `end` is before `start`."""
        if end < start:
            return -self.worked(end, start)
        (first, done), (last, until) = self._position(start), self._position(end)
        if last - first > LONGEST_YEARS:
            raise _bad("между датами больше ста лет. Проверьте даты.")
        return timedelta(microseconds=until - done + sum(self._year(year).total for year in range(first, last)))

    def end_of(self, day: date) -> datetime:
        """When a date ends for work (UTC): the end of its last interval, 23:59 local on a day off."""
        hours = self.hours(day)
        return _moment(self.tz, day, hours[-1][1] if hours else DAY - 1)

    def explain(self, start: datetime, until: timedelta | datetime) -> list[Line]:
        """Day by day how a term was counted: a row for each working interval used and for each day that gave nothing."""
        end = until if isinstance(until, datetime) else self.add(start, until)
        lines: list[Line] = []
        passed, shown = timedelta(), 0
        for day in self._days_between(start, end):
            used = [(max(start, a), min(end, b)) for a, b in self._spans(day) if a < end and b > start]
            for a, b in used:
                passed += b - a
                minutes = passed // timedelta(minutes=1) - shown
                shown += minutes
                lines.append(Line(day, a.astimezone(self.tz), b.astimezone(self.tz), minutes, self.note(day)))
            if not used:
                lines.append(Line(day, None, None, 0, self.note(day) or "вне рабочих часов"))
        return lines

    def _days_between(self, start: datetime, end: datetime) -> Iterator[date]:
        first = start.astimezone(self.tz).date()
        last = (end - timedelta(microseconds=1)).astimezone(self.tz).date()
        if (last - first).days > LONGEST_IDLE:
            raise _bad(f"срок длиннее {LONGEST_IDLE} дней по дням не объясняется.")
        return (first + timedelta(days=n) for n in range((last - first).days + 1))

    def _spans(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """Working intervals of a date in UTC, without what the local clock skipped."""
        for begin, finish in self.hours(day):
            a, b = _moment(self.tz, day, begin), _moment(self.tz, day, finish)
            if a < b:
                yield a, b

    def _position(self, at: datetime) -> tuple[int, int]:
        """(local year, working microseconds from New Year to the moment)."""
        if at.tzinfo is None:
            raise _bad("у времени не указан часовой пояс.")
        moment, year = _micros(at - EPOCH), at.year
        table = self._year(year)
        if not table.begins <= moment < table.ends_at:  # another year by the local clock
            year = at.astimezone(self.tz).year
            table = self._year(year)
        passed = bisect_right(table.ends, moment)
        done = table.upto[passed - 1] if passed else 0
        if passed < len(table.starts) and table.starts[passed] < moment:
            done += moment - table.starts[passed]
        return year, done

    def _year(self, year: int) -> _Year:
        # Two threads may both build a year: the tables are equal, so either may stay.
        if year not in self._years:
            self._years[year] = self._build(year)
        return self._years[year]

    def _build(self, year: int) -> _Year:
        begins, ends_at = (_micros(datetime(y, 1, 1, tzinfo=self.tz).astimezone(UTC) - EPOCH) for y in (year, year + 1))
        table, total = _Year([], [], [], 0, begins, ends_at, [], []), 0
        for ordinal in range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1):
            for a, b in self._spans(date.fromordinal(ordinal)):
                total += _micros(b - a)
                table.starts.append(_micros(a - EPOCH))
                table.ends.append(_micros(b - EPOCH))
                table.upto.append(total)
            if table.ends and self.hours(date.fromordinal(ordinal)):
                table.last_days.append(ordinal)
                table.last_ends.append(table.ends[-1])
        return _Year(table.starts, table.ends, table.upto, total, begins, ends_at, table.last_days, table.last_ends)

    def _check_idle(self) -> None:
        """The week has hours, so only explicit days off can make a long gap: look after each of them."""
        seen = date.min
        for first in sorted(day for day, hours in self.days.items() if not hours):
            if first <= seen:
                continue
            seen = first
            while not self.hours(seen):
                if (seen - first).days >= LONGEST_IDLE:
                    raise _bad(f"с {first:%d.%m.%Y} больше {LONGEST_IDLE} дней подряд нет рабочего времени.")
                seen += timedelta(days=1)


def _bad(what: str) -> ValueError:
    return ValueError(f"Календарь: {what}")


def _check(hours: Intervals, where: str) -> None:
    for begin, finish in hours:
        if not 0 <= begin <= DAY or not 0 <= finish <= DAY or finish <= begin:
            raise _bad(f"{where}: конец {_clock(finish)} не позже начала {_clock(begin)}. Ночную смену запишите двумя днями.")
    for (_, finish), (begin, _) in pairwise(hours):
        if begin < finish:
            raise _bad(f"{where}: часы с {_clock(begin)} пересекаются с часами до {_clock(finish)}.")


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _weekday(key: object) -> int:
    if key not in WEEKDAYS:
        raise _bad(f"неизвестный день недели «{key}». Дни: {', '.join(WEEKDAYS)}.")
    return WEEKDAYS.index(str(key))


def _date(key: str) -> date:
    try:
        return date.fromisoformat(key)
    except ValueError as error:
        raise _bad(f"«{key}» не дата. Пишите дату так: 2026-01-31.") from error


def _hours(value: object, where: str) -> Intervals:
    if not isinstance(value, list):
        raise _bad(f'{where}: часы должны быть списком вида ["09:00-13:00", "14:00-18:00"].')
    return tuple(sorted(_interval(text, where) for text in value))


def _interval(text: object, where: str) -> tuple[int, int]:
    begin, dash, finish = str(text).replace("–", "-").partition("-")
    try:
        if not dash:
            raise ValueError
        return _minute(begin), _minute(finish)
    except ValueError as error:
        raise _bad(f"{where}: «{text}» не часы. Пишите так: 09:00-18:00.") from error


def _minute(text: str) -> int:
    if text.strip() == "24:00":
        return DAY
    at = time.fromisoformat(text.strip())
    return at.hour * 60 + at.minute


def _minutes(hours: Intervals) -> int:
    return sum(finish - begin for begin, finish in hours)


def _micros(span: timedelta) -> int:
    return (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds


def _moment(zone: ZoneInfo, day: date, minute: int) -> datetime:
    """A local wall time in UTC; a time that the clock skipped is the moment of the skip."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    moment = wall.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall:
        return moment
    early, late = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), moment
    before = early.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = (early + (late - early) / 2).replace(microsecond=0)
        early, late = (middle, late) if middle.astimezone(zone).utcoffset() == before else (early, middle)
    return late
