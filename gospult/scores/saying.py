"""Figures, weeks and months in Russian words."""

from datetime import date, timedelta
from decimal import Decimal

from gospult.lib.words import MONTHS

UNCONFIRMED = "не подтверждено"
NAMED = ("январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь")
MINUS, THIN = "−", "\u202f"


def number(value: Decimal | int | None) -> str:
    """«619 661», «72,13», «−6»; a dash where nothing is known."""
    if value is None:
        return "—"
    text = f"{value:,d}" if isinstance(value, int) else f"{value.normalize():,f}"
    return text.replace(",", THIN).replace(".", ",").replace("-", MINUS)


def signed(value: Decimal | None) -> str:
    """«+0,7», «−3,1», «0»."""
    if value is None:
        return "—"
    return f"+{number(value)}" if value > 0 else number(value)


def month_name(month: date) -> str:
    """«апрель 2026»."""
    return f"{NAMED[month.month - 1]} {month.year}"


def week_name(monday: date) -> str:
    """«9–15 ноября», «30 ноября – 6 декабря»."""
    sunday = monday + timedelta(days=6)
    if monday.month == sunday.month:
        return f"{monday.day}–{sunday.day} {MONTHS[sunday.month - 1]}"
    return f"{monday.day} {MONTHS[monday.month - 1]} – {sunday.day} {MONTHS[sunday.month - 1]}"
