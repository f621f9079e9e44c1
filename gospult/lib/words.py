"""Numbers, days and spans of time as Russian words."""

from datetime import date, datetime, timedelta

WEEKDAYS = ("пн", "вт", "ср", "чт", "пт", "сб", "вс")
MONTHS = ("января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря")


def plural(number: int, forms: tuple[str, str, str]) -> str:
    """«2 часа»: a Russian number with its noun; forms are for 1, 2 and 5."""
    tens, ones = number % 100, number % 10
    form = 2 if 11 <= tens <= 14 or ones == 0 or ones >= 5 else 0 if ones == 1 else 1
    return f"{number} {forms[form]}"


def day_in_words(day: date, year: int) -> str:
    """«пт 20 ноября», with the year when it is not `year`."""
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}" + (f" {day.year}" if day.year != year else "")


def moment_in_words(at: datetime, year: int = 0) -> str:
    """«пт 20 ноября, 15:10» in the zone that `at` carries, with the year when it is not `year` (0 = never)."""
    return f"{day_in_words(at.date(), year or at.year)}, {at:%H:%M}"


def in_words(span: timedelta, day: timedelta = timedelta(days=1)) -> str:
    """«2 ч 10 мин», «1 день 2 ч», «3 дня», «просрочено на 3 ч»; `day` is the length of a working day."""
    if span < timedelta():
        return f"просрочено на {_amount(-span, day)}" if -span >= timedelta(minutes=1) else "просрочено"
    return _amount(span, day)


def _amount(span: timedelta, day: timedelta) -> str:
    days, rest = span // day, span % day
    if days >= 3:
        return plural(days, ("день", "дня", "дней"))
    hours, minutes = rest // timedelta(hours=1), rest // timedelta(minutes=1) % 60
    if days:
        return plural(days, ("день", "дня", "дней")) + (f" {hours} ч" if hours else "")
    return " ".join(([f"{hours} ч"] if hours else []) + ([f"{minutes} мин"] if minutes or not hours else []))
