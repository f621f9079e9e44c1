"""«Почему такой срок»: a clock told day by day in Russian."""

from datetime import datetime, timedelta

from gospult.desk.clock import LATE, MET, NAMES, NONE, PAUSE, Clock
from gospult.desk.deadlines import WORKING_DAYS
from gospult.lib.calendar import Calendar, Line
from gospult.lib.words import day_in_words, in_words, moment_in_words

VERDICTS = {MET: "сделано в срок", LATE: "сделано с опозданием", NONE: "закрыто без ответа, срок не прошёл"}
LONGEST_EXPLAINED = timedelta(days=120)  # nobody reads more lines, and the page must not grow without a bound


def explain(clock: Clock) -> list[str]:
    """«Почему такой срок»: Russian lines day by day, the term, and the verdict once it has stopped; one line when there is no clock."""
    if clock.due_at is None or clock.started_at is None or clock.calendar is None:
        return [f"{NAMES[clock.name]}: срок не идёт."]
    tz, year = clock.calendar.tz, clock.started_at.astimezone(clock.calendar.tz).year
    start = clock.started_at.astimezone(tz)
    if clock.promised:
        head = f"{NAMES[clock.name]}: жителю обещано до {day_in_words(clock.promised, year)}"
        return [head, *_ending(clock, year)]
    lines = [f"{NAMES[clock.name]}: {clock.term} с {moment_in_words(start, year)}"]
    if clock.term and clock.term.unit == WORKING_DAYS and clock.spans == ((clock.started_at, clock.due_at),):
        lines += _working_days(clock, year)
    else:
        lines += _hours(clock, year)
    if clock.state == PAUSE:
        return [*lines, "на паузе: срок не идёт"]
    return [*lines, *_ending(clock, year)]


def _ending(clock: Clock, year: int) -> list[str]:
    assert clock.calendar is not None
    assert clock.due_at is not None
    due = f"срок — {moment_in_words(clock.due_at.astimezone(clock.calendar.tz), year)}"
    if clock.stopped_at is None:
        return [due]
    return [due, f"{VERDICTS[clock.state]} — {moment_in_words(clock.stopped_at.astimezone(clock.calendar.tz), year)}"]


def _hours(clock: Clock, year: int) -> list[str]:
    assert clock.calendar is not None
    assert clock.due_at is not None
    if any(end - begun > LONGEST_EXPLAINED for begun, end in clock.spans):
        return ["срок слишком долгий, чтобы показать его по дням"]
    spans = [(begun, end, clock.calendar.explain(begun, end)) for begun, end in clock.spans]
    rest = sum(line.minutes for _, _, lines in spans for line in lines)
    if clock.state == PAUSE and clock.stopped_at:
        rest += clock.calendar.worked(clock.stopped_at, clock.due_at) // timedelta(minutes=1)
    texts: list[str] = []
    for number, (begun, _, lines) in enumerate(spans):
        if number:
            texts.append(_pause_line(spans[number - 1][1], begun, clock.calendar, year))
        for line in lines:
            rest -= line.minutes
            texts.append(_line(line, rest, year))
    return texts


def _line(line: Line, rest: int, year: int) -> str:
    day = day_in_words(line.day, year)
    if line.start is None or line.end is None:
        return f"{day}: {line.note}"
    until = "24:00" if line.end.date() > line.day else f"{line.end:%H:%M}"
    note = f" ({line.note})" if line.note else ""
    left = f", осталось {in_words(timedelta(minutes=rest), day=timedelta.max)}" if rest else ""
    return f"{day}{note}: с {line.start:%H:%M} до {until} — {in_words(timedelta(minutes=line.minutes), day=timedelta.max)}{left}"


def _pause_line(begun: datetime, end: datetime, calendar: Calendar, year: int) -> str:
    a, b = begun.astimezone(calendar.tz), end.astimezone(calendar.tz)
    return f"пауза с {moment_in_words(a, year)} до {moment_in_words(b, year)}"


def _working_days(clock: Clock, year: int) -> list[str]:
    assert clock.calendar is not None
    assert clock.due_at is not None
    assert clock.started_at is not None
    first = clock.started_at.astimezone(clock.calendar.tz).date()
    last = (clock.due_at - timedelta.resolution).astimezone(clock.calendar.tz).date()  # a day that works until midnight ends in the next one
    texts, number = [f"{day_in_words(first, year)}: день поступления не считается"], 0
    for day in (first + timedelta(days=n) for n in range(1, (last - first).days + 1)):
        note, works = clock.calendar.note(day), bool(clock.calendar.hours(day))
        number += works
        texts.append(
            f"{day_in_words(day, year)}: {number}-й рабочий день{f' ({note})' if note else ''}" if works else f"{day_in_words(day, year)}: {note}"
        )
    return texts
