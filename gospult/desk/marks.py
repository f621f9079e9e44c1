"""A resident's verdict on an answer read from his words: «5», «4 из 5», «двойка», stars, «не решено», «решено». Pure; no database."""

import re
from dataclasses import dataclass

WORDS = {
    "один": 1, "единица": 1, "кол": 1, "два": 2, "двойка": 2, "три": 3, "тройка": 3, "четыре": 4, "четверка": 4, "пять": 5, "пятерка": 5,
}  # fmt: skip
_THANKS = r"(?:(?:большое\s+)?спасибо(?:\s+большое)?[\s,.!]*)?"
_BARE = re.compile(
    rf"{_THANKS}(?:(?:моя\s+)?оценка|ставлю|на)?[\s:—–-]*([1-5]|{'|'.join(WORDS)})\s*[+-]*\s*(?:(?:из|/)\s*(?:5|пяти))?\s*(?:балл\w*|звезд\w*)?[\s,.!)]*{_THANKS}"
)
_MENTION = re.compile(r"^\s*(?:\[[a-z]+\d+\|[^\]\n]{1,80}\]|@\w+)[\s,:]*")  # who is answered, as networks write it
_STARS = re.compile(r"[★⭐☆✩\s]+")
_UNSOLVED = re.compile(
    r"\bне\s+(?:решен[оаы]?|решили|сделан[оаы]?|сделали|выполнен[оаы]?|выполнили)\b"
    r"|\bничего\s+не\s+(?:изменилось|поменялось|сделан[оаы]?|сделали|делают|решили)\b|\bвоз\s+и\s+ныне\s+там\b|\bпроблема\s+осталась\b"
)
_SOLVED = re.compile(rf"{_THANKS}(?:уже\s+)?(?:все\s+|вопрос\s+|проблема\s+)?(?:решен[оа]?|решили|сделали|сделано|починили|убрали)[\s,.!)]*{_THANKS}")


@dataclass(frozen=True, slots=True)
class Heard:
    """`value` 1 to 5 or None; `solved` False for 1, 2 and «не решено», True for 4, 5 and «решено», None for 3."""

    value: int | None
    solved: bool | None


def of_value(value: int) -> Heard:
    """What a mark says of the work: 1 and 2 say that it is not done."""
    return Heard(value, False if value <= 2 else True if value >= 4 else None)


def read(text: str) -> Heard | None:
    """The verdict in the words; None when they say something else. A number among other words is no mark."""
    said = _MENTION.sub("", text).replace("\ufe0f", "").replace("\u20e3", "").lower().replace("ё", "е").strip()
    if _STARS.fullmatch(said):
        stars = sum(said.count(star) for star in "★⭐")
        return of_value(stars) if 1 <= stars <= 5 else None
    if bare := _BARE.fullmatch(said):
        return of_value(WORDS.get(bare.group(1)) or int(bare.group(1)))
    if _UNSOLVED.search(said):
        return Heard(None, False)
    return Heard(None, True) if _SOLVED.fullmatch(said) else None
