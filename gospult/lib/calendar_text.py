"""A calendar as a person writes it: hours of the week, a line for each day that differs; and back."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from .calendar import WEEKDAYS

LONGEST_SPAN = 366
LINE = re.compile(r"^(\d{1,2}\.\d{1,2}\.\d{4})(?:\s*[-–—]\s*(\d{1,2}\.\d{1,2}\.\d{4}))?[\s:;,]*(.*)$")
HOURS = re.compile(r"^(\d{1,2}:\d{2}\s*[-–—]\s*\d{1,2}:\d{2}(?:\s*,\s*\d{1,2}:\d{2}\s*[-–—]\s*\d{1,2}:\d{2})*)[\s:;,]*(.*)$")
OFF = re.compile(r"^(выходной|нерабочий)(?:\s+день)?[\s:;,]*", re.IGNORECASE)


def week_of(texts: Mapping[str, str]) -> dict[str, list[str]]:
    """«09:00-13:00, 14:00-18:00» for each weekday; an empty text is a day off."""
    return {day: intervals(texts.get(day, "")) for day in WEEKDAYS}


def intervals(text: str) -> list[str]:
    """The intervals of a text, as the calendar's data hold them; «9:00» is «09:00»."""
    parts = [re.sub(r"\s*[-–—]\s*", "-", part.strip()) for part in text.split(",") if part.strip()]
    return ["-".join(clock.zfill(5) if ":" in clock else clock for clock in part.split("-")) for part in parts]


def days_of(text: str) -> dict[str, dict[str, Any]]:
    """Days that differ, a line each: «01.01.2026 праздник», «03.11.2026 09:00-17:00 короткий», «01.01.2026–08.01.2026 праздник».

    A line without hours is a day off. ValueError names the line that cannot be read.
    """
    found: dict[str, dict[str, Any]] = {}
    for number, raw in enumerate(text.splitlines(), 1):
        if not raw.strip():
            continue
        first, last, rest = _line(number, raw.strip())
        hours = HOURS.match(rest)
        note = hours[2] if hours else OFF.sub("", rest)
        for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
            if day.isoformat() in found:
                raise ValueError(f"Строка {number}: {day:%d.%m.%Y} уже есть выше. Оставьте один раз.")
            entry: dict[str, Any] = {"hours": intervals(hours[1]) if hours else []}
            found[day.isoformat()] = entry | ({"note": note.strip()} if note.strip() else {})
    return found


def spans_of(text: str) -> list[dict[str, str]]:
    """Named stretches of days, a line each: «26.10.2026–03.11.2026 осенние каникулы»."""
    found = []
    for number, raw in enumerate(text.splitlines(), 1):
        if raw.strip():
            first, last, note = _line(number, raw.strip())
            found.append({"from": first.isoformat(), "to": last.isoformat(), "note": note.strip()})
    return found


def _line(number: int, text: str) -> tuple[date, date, str]:
    hit = LINE.match(text)
    if hit is None:
        raise ValueError(f"Строка {number}: «{text[:40]}» начинается не с даты. Пишите так: 31.12.2026 выходной.")
    first = _date(number, hit[1])
    last = _date(number, hit[2]) if hit[2] else first
    if last < first:
        raise ValueError(f"Строка {number}: кончается раньше, чем начинается. Поменяйте даты местами.")
    if (last - first).days > LONGEST_SPAN:
        raise ValueError(f"Строка {number}: больше года. Проверьте даты.")
    return first, last, hit[3]


def _date(number: int, text: str) -> date:
    day, month, year = (int(part) for part in text.split("."))
    try:
        return date(year, month, day)
    except ValueError as error:
        raise ValueError(f"Строка {number}: «{text}» нет в календаре. Проверьте дату.") from error


def week_texts(data: Mapping[str, Any]) -> dict[str, str]:
    """The hours of each weekday as they are written."""
    return {day: ", ".join(data.get("week", {}).get(day, [])) for day in WEEKDAYS}


def day_lines(data: Mapping[str, Any], year: int) -> str:
    """The special days of a year as lines."""
    lines = []
    for key, value in sorted(data.get("days", {}).items()):
        if key.startswith(f"{year}-"):
            entry = value if isinstance(value, dict) else {"hours": value}
            words = [", ".join(entry.get("hours") or []) or "выходной", str(entry.get("note") or "")]
            lines.append(f"{date.fromisoformat(key):%d.%m.%Y} " + " ".join(filter(None, words)))
    return "\n".join(lines)


def with_days(data: Mapping[str, Any], year: int, days: Mapping[str, Any]) -> dict[str, Any]:
    """The data with the special days of a year replaced by these, which may lie in other years too."""
    kept = {key: value for key, value in data.get("days", {}).items() if not key.startswith(f"{year}-")}
    return {**data, "days": dict(sorted({**kept, **days}.items()))}
