"""A cell's value as a word, a number or yes/no. None is «nothing said», never zero."""

import datetime
import re

YES = {"да", "true", "истина", "есть", "+", "1"}
NO = {"нет", "false", "ложь", "-", "0"}
LARGEST = 2_000_000_000
ERROR = re.compile(r"#(?:REF!|N/A|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|ССЫЛКА!|Н/Д|ЗНАЧ!|ДЕЛ/0!|ИМЯ\?|ЧИСЛО!)", re.IGNORECASE)


def text(cell: object) -> str:
    """The cell as it would be read aloud: 1072801007586.0 is «1072801007586»."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "да" if cell else "нет"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    return str(cell).strip()


def line(cell: object) -> str:
    """The same on one line, with single spaces."""
    return " ".join(text(cell).split())


def yes_no(cell: object) -> bool | None:
    """True, False or None when nothing is said; ValueError when it is neither yes nor no."""
    word = text(cell).lower()
    if not word:
        return None
    if word in YES or word in NO:
        return word in YES
    raise ValueError(word)


def number(cell: object, largest: int = LARGEST) -> int | None:
    """A whole number from 0 to `largest`, rounded half up; ValueError for anything else."""
    if isinstance(cell, bool):
        raise ValueError(cell)
    word = re.sub(r"[\s\u00a0%]", "", text(cell)).replace(",", ".")
    if not word:
        return None
    value = int(float(word) + 0.5) if float(word) >= 0 else -1
    if not 0 <= value <= largest:
        raise ValueError(word)
    return value


def fraction(cell: object) -> float | None:
    """The cell when it is a number from 0 to 1, as Excel keeps percents; else None."""
    return float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) and 0 <= cell <= 1 else None


def ogrn(cell: object) -> tuple[str, bool]:
    """The digits of a number and whether its check digit fits; ("", False) when it is no ОГРН at all."""
    digits = re.sub(r"[\s\u00a0'`]", "", text(cell))
    if not re.fullmatch(r"\d{13}|\d{15}", digits):
        return "", False
    # Приказ Минфина № 165н: the remainder of all but the last digit by 11 (13-digit) or 13 (15-digit), its last digit.
    return digits, int(digits[:-1]) % (len(digits) - 2) % 10 == int(digits[-1])
