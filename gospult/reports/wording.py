"""Figures and comparisons as Russian words. Pure; every rule has its test."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Protocol

from gospult.lib.words import plural

NONE = "нет данных"
THIN = "\u202f"  # between thousands: the figure does not break over two lines
TIMES = {
    Fraction(3, 2): "в полтора раза", Fraction(2): "вдвое", Fraction(5, 2): "в два с половиной раза", Fraction(3): "в три раза",
    Fraction(4): "в четыре раза", Fraction(5): "в пять раз",
    Fraction(6): "в шесть раз", Fraction(7): "в семь раз",
    Fraction(8): "в восемь раз", Fraction(9): "в девять раз",
    Fraction(10): "в десять раз",
}  # fmt: skip
NEAR = Fraction(8, 100)  # a ratio so near to a round one is called by it
PLURALS = {
    "страниц": ("страница", "страницы", "страниц"), "организаций": ("организация", "организации", "организаций"),
    "обращений": ("обращение", "обращения", "обращений"), "сообщений": ("сообщение", "сообщения", "сообщений"),
    "подписок": ("подписка", "подписки", "подписок"), "человек": ("человек", "человека", "человек"), "записей": ("запись", "записи", "записей"),
    "просмотров": ("просмотр", "просмотра", "просмотров"),
}  # fmt: skip


class Covered(Protocol):
    """What knows its coverage and its age."""

    @property
    def known(self) -> int | None: ...
    @property
    def of(self) -> int | None: ...
    @property
    def as_of(self) -> datetime | None: ...
    @property
    def counts(self) -> str: ...


def grouped(value: int) -> str:
    """«6 885», «−12 000»: thousands apart, from four digits on."""
    text = f"{abs(value):,}".replace(",", THIN) if abs(value) >= 1000 else str(abs(value))
    return f"−{text}" if value < 0 else text


def decimal(value: float, digits: int) -> str:
    """«3,51»: rounded half up, a comma, no trailing noughts beyond the digits asked."""
    scaled = int(Decimal(str(value)).scaleb(digits).to_integral_value(ROUND_HALF_UP))
    whole, rest = divmod(abs(scaled), 10**digits)
    text = grouped(whole) + (f",{rest:0{digits}d}".rstrip("0").rstrip(",") if digits else "")
    return f"−{text}" if scaled < 0 else text


def number(value: float | None, unit: str) -> str:
    """A figure with its unit as every format shows it: «88 %», «3,88 %», «2 ч 10 мин», «6 885»; «нет данных» for None."""
    if value is None:
        return NONE
    if unit == "%":
        return f"{decimal(value, 1)}{chr(160)}%"
    if unit == "%%":  # a share so small that its hundredths matter
        return f"{decimal(value, 2)}{chr(160)}%"
    if unit == "мин":
        return span(value)
    if unit == "балл":
        return decimal(value, 2)
    return grouped(round(value))


def lower_first(name: str) -> str:
    """A name inside a sentence: «культура», but «ЖКХ и благоустройство»."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def span(minutes: float) -> str:
    """Minutes as «45 мин», «2 ч 10 мин», «3,5 сут.»."""
    whole = round(minutes)
    if whole >= 48 * 60:
        return f"{decimal(minutes / 1440, 1)}{chr(160)}сут."
    hours, rest = divmod(whole, 60)
    return " ".join(filter(None, [f"{hours}{chr(160)}ч" if hours else "", f"{rest}{chr(160)}мин" if rest or not hours else ""]))


def form(count: int, forms: tuple[str, str, str]) -> str:
    """The noun that stands after a count; forms are for 1, 2 and 5."""
    tens, ones = abs(count) % 100, abs(count) % 10
    return forms[2 if 11 <= tens <= 14 or ones == 0 or ones >= 5 else 0 if ones == 1 else 1]


def counted(count: int, unit: str) -> str:
    """«1 страница», «6 885 страниц»."""
    return f"{grouped(count)}{chr(160)}{form(count, PLURALS[unit])}"


def large_count(count: int) -> str:
    """«3,8 млн», «115 млн», «868 056»: millions by one digit below ten, by none above."""
    return grouped(count) if count < 1_000_000 else f"{decimal(count / 1e6, 1 if count < 10_000_000 else 0)}{chr(160)}млн"


def large(count: int, unit: str) -> str:
    """«3,8 млн подписок», «868 056 подписок»."""
    return f"{large_count(count)}{chr(160)}{form(count if count < 1_000_000 else 5, PLURALS[unit])}"


def over(count: int) -> tuple[str, int]:
    """«более 25 000» and 25 000 for 25 431; what is round itself stays as it is («», 600 000)."""
    size = 10 ** max(0, len(str(abs(count))) - 2)
    round_one = count // size * size
    return ("", count) if round_one == count or count < 1000 else ("более ", round_one)


def ratio(now: float, before: float) -> str:
    """How many times now is what was before: «почти в три раза», «более чем вдвое», «в 4,7 раза», "" where it is less than half more.

    A ratio within 8 % of a round one is called by it: below it «почти», above it «более чем», within half a percent by itself.
    """
    if before <= 0 or now <= 0:
        return ""
    times = Fraction(str(now)) / Fraction(str(before))
    if times < Fraction(3, 2) * (1 - NEAR):
        return ""
    close = min(TIMES, key=lambda one: abs(times - one) / one)
    off = (times - close) / close
    if abs(off) <= Fraction(5, 1000):
        return TIMES[close]
    if abs(off) <= NEAR:
        return f"{'почти' if off < 0 else 'более чем'} {TIMES[close]}"
    shown = decimal(float(times), 1 if times < 10 else 0)
    return f"в{chr(160)}{shown} {'раза' if ',' in shown else form(int(shown.replace(THIN, '')), ('раз', 'раза', 'раз'))}"


def joined(parts: Sequence[str]) -> str:
    """«а», «а и б», «а, б и в»."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} и {parts[-1]}" if parts else ""


def changed(now: float, before: float, unit: str = "%") -> str:
    """«на 27 п. п. больше», «на 340 меньше», «столько же» against before."""
    off = now - before
    shown = f"{decimal(abs(off), 1)}{chr(160)}п.{chr(160)}п." if unit in ("%", "%%") else grouped(round(abs(off)))
    return "столько же" if shown.startswith("0") and len(shown.split(chr(160))[0]) == 1 else f"на {shown} {'больше' if off > 0 else 'меньше'}"


def coverage(one: Covered) -> str:
    """«собрано 6 871 из 6 885», «собрано месяцев страниц: 70 из 120», "" where it does not depend on collection."""
    return "" if one.of is None or one.known is None else f"собрано {one.counts}{grouped(one.known)} из {grouped(one.of)}"


def age(one: Covered, now: datetime | None = None) -> str:
    """«самое старое 26 ч», «самое старое 12 дней»."""
    if one.as_of is None:
        return ""
    hours = int(((now or datetime.now(UTC)) - one.as_of).total_seconds() // 3600)
    return f"самое старое {max(hours, 0)}{chr(160)}ч" if hours < 72 else f"самое старое {plural(hours // 24, ('день', 'дня', 'дней'))}"
