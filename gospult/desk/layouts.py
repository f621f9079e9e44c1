"""Which column of an export of «Инцидент Менеджмент» or ПОС means what. Pure: a header and some rows in, a mapping or one Russian sentence out."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gospult.lib.errors import Refused

SYSTEMS = {"im": "Инцидент Менеджмент", "pos": "ПОС"}
# What we read → the headers under which it was seen, in small letters without «ё» (domain: layouts of 2021–2026).
NAMES: dict[str, tuple[str, ...]] = {
    "number": ("номер инцидента", "номер сообщения", "номер обращения", "№ инцидента", "№ сообщения", "id инцидента", "номер", "id"),
    "created": ("дата создания", "дата публикации", "дата регистрации", "дата поступления", "дата сообщения", "создано"),
    "ended": ("дата окончания", "дата закрытия", "дата решения", "дата завершения"),
    "answered": ("дата ответа", "дата публикации ответа", "дата отправки ответа", "дата ответа заявителю"),
    "text": ("текст инцидента", "текст сообщения", "текст обращения", "текст", "сообщение"),
    "answer": ("текст ответа", "ответ", "ответ заявителю", "официальный ответ"),
    "link": ("ссылка на сообщение", "ссылка на инцидент", "ссылка на пост", "ссылка на публикацию", "ссылка", "url"),
    "outcome": ("итог", "статус", "состояние", "результат"),
    "type": ("тип инцидента", "тип"),
    "group": ("группа тем", "категория"),
    "topic": ("тема", "подкатегория"),
    "body": ("исполнитель", "ответственный", "ответственный орган", "организация-исполнитель", "организация"),
    "place": ("муниципалитет", "муниципальное образование"),
}
NEEDED = ("number", "created", "text")
TITLES = {
    "number": "номер", "created": "дата создания", "ended": "дата окончания", "answered": "дата ответа", "text": "текст", "answer": "текст ответа",
    "link": "ссылка", "outcome": "итог или статус", "type": "тип", "group": "группа тем", "topic": "тема", "body": "исполнитель",
    "place": "муниципалитет",
}  # fmt: skip
# «28.11.2026 14:05:00» and «2026-11-28T14:05:00», the time or its seconds left out. By hand: strptime took most of the time of an import.
RUSSIAN = re.compile(r"(\d\d)\.(\d\d)\.(\d{4})(?: (\d\d?):(\d\d)(?::(\d\d))?)?")
ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d?):(\d\d)(?::(\d\d))?)?")
LOOKED_AT = 50  # rows from which a shift is seen
MOST = 0.8  # so many of the filled cells must look right
NUMBER = re.compile(r"[\w№/.-]{1,40}")


@dataclass(frozen=True)
class Row:
    """One row of the other system, as it says it; `number` is its number of the file's line."""

    line: int
    known_as: str
    created: datetime | None
    ended: datetime | None
    answered: datetime | None
    text: str
    answer: str
    link: str
    outcome: str
    body: str
    topic: str


def moment(value: str) -> datetime | None:
    """A date of an export, naive as it was written; None when it is none."""
    value = value.strip()
    if hit := RUSSIAN.fullmatch(value):
        day, month, year, hour, minute, second = map(int, hit.groups(default="0"))
    elif hit := ISO.fullmatch(value):
        year, month, day, hour, minute, second = map(int, hit.groups(default="0"))
    else:
        return None
    try:
        return datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None


def columns(header: Sequence[str], chosen: Mapping[str, str] | None = None) -> dict[str, int]:
    """Field → column. `chosen` names headers for fields by hand. Refused when a needed one is not there."""
    names = [" ".join(h.lower().replace("ё", "е").split()) for h in header]
    found = {field: place for field, known in NAMES.items() if (place := next((names.index(k) for k in known if k in names), None)) is not None}
    for field, name in (chosen or {}).items():
        if field not in NAMES or name not in header:
            raise Refused(f"В файле нет столбца «{name}»: выберите из тех, что есть.")
        found[field] = list(header).index(name)
    missing = [TITLES[field] for field in NEEDED if field not in found]
    if missing:
        known = ", ".join(f"«{h}»" for h in header if h)[:300] or "их нет"
        raise Refused(f"Не нашли столбец: {', '.join(missing)}. Столбцы файла: {known}. Скажите, какой из них какой.")
    return found


def check(header: Sequence[str], rows: Sequence[Sequence[str]], found: Mapping[str, int]) -> None:
    """Refused, naming the column, when its cells do not look like what its header says: somebody has moved the columns."""
    looks: dict[str, tuple[Callable[[str], bool], str]] = {
        "number": (lambda cell: bool(NUMBER.fullmatch(cell)) and moment(cell) is None, "не номера"),
        "created": (lambda cell: moment(cell) is not None, "не даты"),
        "ended": (lambda cell: moment(cell) is not None, "не даты"),
        "answered": (lambda cell: moment(cell) is not None, "не даты"),
        "text": (lambda cell: moment(cell) is None and not cell.isdecimal() and not cell.startswith(("http://", "https://")), "не тексты"),
        "link": (lambda cell: "." in cell and "/" in cell and " " not in cell.strip(), "не ссылки"),
    }
    for field, (right, words) in looks.items():
        if field not in found:
            continue
        cells = [cell for row in rows[:LOOKED_AT] if (cell := _cell(row, found[field]))]
        if cells and sum(map(right, cells)) < MOST * len(cells):
            raise Refused(f"Столбцы файла сдвинуты: в «{header[found[field]]}» {words}. Сделайте выгрузку заново; ничего не загружено.")


def read(row: Sequence[str], found: Mapping[str, int], line: int) -> Row:
    """A row in our words; what the file does not say is empty."""
    cell = {field: _cell(row, place) for field, place in found.items()}
    said = {field: cell.get(field, "") for field in NAMES}
    return Row(
        line, said["number"][:40], moment(said["created"]), moment(said["ended"]), moment(said["answered"]), said["text"], said["answer"],
        said["link"][:500], said["outcome"][:100], said["body"][:300], said["topic"][:200],
    )  # fmt: skip


def _cell(row: Sequence[str], place: int) -> str:
    return row[place].strip() if place < len(row) else ""


UNDONE = ("не решен", "не решено", "отложен", "в работе", "на исполнении", "на модерации", "на рассмотрении", "новый", "новое", "открыт")
DONE = ("решен", "закрыт", "отвечен", "исполнен", "завершен", "опубликован", "ответ дан", "ответ направлен", "выполнен")


def answered_there(row: Row) -> bool:
    """Whether the row says that the resident has got his answer: an answer with its date, or an outcome that ends it."""
    outcome = row.outcome.lower().replace("ё", "е")
    if row.answered or row.answer:
        return not any(word in outcome for word in ("отклонен", "черновик"))
    return not any(word in outcome for word in UNDONE) and any(word in outcome for word in DONE) and row.ended is not None
