"""Weeks, months, years and free spans of days, and what each is compared with. Pure."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from gospult.lib.words import MONTHS

KINDS = {"week": "неделя", "month": "месяц", "year": "год", "period": "свои дни"}
NAMES = ("январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь")
IN = ("январе", "феврале", "марте", "апреле", "мае", "июне", "июле", "августе", "сентябре", "октябре", "ноябре", "декабре")
DAY = timedelta(days=1)
EARLIEST = 2006  # VK and OK were opened


@dataclass(frozen=True, slots=True)
class Period:
    """Days from the first to the last, both counted; `today` tells whether it still runs."""

    kind: str
    since: date
    until: date
    today: date

    @property
    def running(self) -> bool:
        """Whether some of it lies ahead: sums of it are not yet whole."""
        return self.until >= self.today

    @property
    def seen_until(self) -> date:
        """The last day of which anything can be known."""
        return min(self.until, self.today)

    @property
    def title(self) -> str:
        """«ноябрь 2026 года», «неделя с 16 по 22 ноября 2026 года», «2026 год», «с 1 по 14 ноября 2026 года»."""
        if self.kind == "month":
            return f"{NAMES[self.since.month - 1]} {self.since.year} года"
        if self.kind == "year":
            return f"{self.since.year} год"
        return ("неделя " if self.kind == "week" else "") + _span(self.since, self.until)

    @property
    def within(self) -> str:
        """When something happened: «в ноябре 2026 года», «за неделю с 16 по 22 ноября 2026 года», «в 2026 году»."""
        if self.kind == "month":
            return f"в {IN[self.since.month - 1]} {self.since.year} года"
        if self.kind == "year":
            return f"в {self.since.year} году"
        return ("за неделю " if self.kind == "week" else "") + _span(self.since, self.until)

    def months(self) -> list[date]:
        """First days of its months up to the running one, where it begins and ends with a month; else none: sums are kept by months."""
        return self.touched() if self.since.day == 1 and self.until == _last(self.until) else []

    def judged(self) -> "Period":
        """Whose weeks say whether a page is kept actively: those of the last month of a year that is over, else of the period itself.

        Of fifty weeks nearly everybody has missed one: a year is as good as it ends.
        """
        month = min(last_whole_month(self.today), self.until.replace(day=1))
        return period("month", self.today, month) if self.kind == "year" and month >= self.since else self

    def touched(self) -> list[date]:
        """First days of all months that it touches, up to today."""
        return list(_months(self.since, self.seen_until))

    def year_before(self) -> "Period":
        """The same a year before: the same month or year, the same days; for a week the week of the same number of weeks before."""
        if self.kind == "week":
            return Period("week", self.since - timedelta(weeks=52), self.until - timedelta(weeks=52), self.today)
        return Period(self.kind, _year_before(self.since), _year_before(self.until), self.today)

    def cut_year_before(self) -> "Period":
        """The days of a year before that match those of it which are over: what a running period is compared with by days."""
        if not self.running:
            return self.year_before()
        if self.kind == "week":
            return Period("period", self.since - timedelta(weeks=52), self.seen_until - timedelta(weeks=52), self.today)
        return Period("period", _year_before(self.since), _year_before(self.seen_until), self.today)


def period(kind: str, today: date, since: date | None = None, until: date | None = None) -> Period:
    """The period of that kind around `since` (today when not given); ValueError says in Russian what is wrong."""
    day = since or today
    if day.year < EARLIEST:
        raise ValueError(f"До {EARLIEST} года страниц в соцсетях ещё не вели: выберите день позже.")
    if day.year > today.year or (made := _made(kind, today, since, until)).since > today:
        raise ValueError("Эти дни ещё не начались: выберите сегодняшние или прошедшие.")
    return made


def _made(kind: str, today: date, since: date | None, until: date | None) -> Period:
    day = since or today
    if kind == "week":
        monday = day - timedelta(days=day.weekday())
        return Period(kind, monday, monday + timedelta(days=6), today)
    if kind == "month":
        first = day.replace(day=1)
        return Period(kind, first, _last(first), today)
    if kind == "year":
        return Period(kind, date(day.year, 1, 1), date(day.year, 12, 31), today)
    if since is None or until is None:
        raise ValueError("Для своих дней назовите первый и последний день.")
    if since > until:
        raise ValueError("Первый день позже последнего: поменяйте их местами.")
    if (until - since).days > 3 * 366:
        raise ValueError("Больше трёх лет сразу не считаем: сузьте дни.")
    return Period("period", since, until, today)


def last_whole_month(today: date) -> date:
    """The first day of the last month that is over."""
    return (today.replace(day=1) - DAY).replace(day=1)


def months_back(month: date, count: int) -> list[date]:
    """So many months that end with this one, the oldest first."""
    number = month.year * 12 + month.month - 1
    return [date((n // 12), n % 12 + 1, 1) for n in range(number - count + 1, number + 1)]


def _months(since: date, until: date) -> Iterator[date]:
    month = since.replace(day=1)
    while month <= until:
        yield month
        month = _last(month) + DAY


def _last(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])


def _year_before(day: date) -> date:
    last = monthrange(day.year - 1, day.month)[1]
    whole = day.day == monthrange(day.year, day.month)[1]
    return date(day.year - 1, day.month, last if whole or day.day > last else day.day)


def _span(since: date, until: date) -> str:
    end = f"{until.day} {MONTHS[until.month - 1]} {until.year} года"
    if since == until:
        return end
    begin = str(since.day)
    if (since.year, since.month) != (until.year, until.month):
        begin += f" {MONTHS[since.month - 1]}" + (f" {since.year} года" if since.year != until.year else "")
    return f"с{'о' if since.day == 2 else ''} {begin} по {end}"
