"""The digest of a week: when it is due and what it says. Pure, no database."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta

from gospult.lib.calendar import Calendar

OPEN_FOR = timedelta(hours=24)  # who was not told by then is told next week: an old digest is worse than none
WORST = 5
NAME, WHY = 60, 110  # characters of a line about one body
FIGURES = (("open", "в работе"), ("overdue", "просрочено"), ("silent", "страниц молчат"), ("debt", "без действующей страницы"))


def week_of(moment: datetime) -> str:
    """«2026-W48» of a local moment."""
    year, week, _ = moment.isocalendar()
    return f"{year}-W{week:02}"


def due_at(calendar: Calendar, now: datetime, hour: int) -> datetime | None:
    """The hour of the first working day of the week of `now`, in the calendar's zone; None in a week without any."""
    local = now.astimezone(calendar.tz)
    monday = local.date() - timedelta(days=local.weekday())
    days = (monday + timedelta(days=n) for n in range(7))
    first = next((day for day in days if calendar.hours(day)), None)
    return datetime.combine(first, time(hour), calendar.tz) if first else None


def is_due(calendar: Calendar, now: datetime, hour: int) -> bool:
    """Whether the digest is to be given now."""
    at = due_at(calendar, now, hour)
    return at is not None and at <= now < at + OPEN_FOR


def words(figures: Mapping[str, int | None], before: Mapping[str, int | None] | None, worst: Iterable[tuple[str, str]]) -> str:
    """The digest; `before` are the figures of the digest of the week before, None where there was none."""
    lines = ["Ваша ветвь за неделю."]
    lines.append(", ".join(f"{name} {_number(figures[code])}{_change(figures, before, code)}" for code, name in FIGURES).capitalize() + ".")
    share = figures["week_share"]
    lines.append("За 7 дней ответов не было." if share is None else f"В срок за 7 дней {share} %{_change(figures, before, 'week_share')}.")
    bad = list(worst)[:WORST]
    lines += ["Где нужна помощь:", *(f"· {_cut(name, NAME)}: {_cut(why, WHY)}" for name, why in bad)] if bad else ["Бед нет ни у кого."]
    lines.append(f"Задачи: закрыто за неделю {figures['tasks_closed']}, просрочено {figures['tasks_late']}, открыто {figures['tasks_open']}.")
    return "\n".join(lines if before is not None else [*lines, "В скобках со следующей недели будет разница с этой."])


def _change(figures: Mapping[str, int | None], before: Mapping[str, int | None] | None, code: str) -> str:
    now, then = figures[code], (before or {}).get(code)
    if now is None or then is None:
        return ""
    return f" ({f'+{now - then}' if now > then else f'−{then - now}' if now < then else '±0'})"


def _number(value: int | None) -> str:
    return "нет данных" if value is None else str(value)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
