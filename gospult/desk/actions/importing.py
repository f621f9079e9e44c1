"""Messages that come in files: exports of other systems, answers of contests, anything with a column of texts."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.exchange.actions import FileRow, take_in
from gospult.lib import regions
from gospult.lib import text as words
from gospult.lib.errors import Refused
from gospult.lib.sheets import MAX_BYTES, grids

from ..models import Message, Topic
from .loading import load_classifier
from .taking import take_batch

BATCH = 100


def _ensure_classifier() -> None:
    if not Topic.objects.exists():
        load_classifier(region=regions.load(settings.REGION))


def import_messages(
    *, path: str | Path, text_column: str = "", id_column: str = "", layout: str = "", by: Person | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> dict[str, Any]:  # fmt: skip
    """Messages of an XLSX or CSV file enter the desk; a second run of the same rows creates nothing.

    A row is known by its id, else by the hash of its text and its ordinal among equal texts.
    Returns the counts of `gospult messages import`; `problems` names rows that hold no message by kind.
    """
    _ensure_classifier()
    header, rows = _read(Path(path))
    text_at, id_at = _column(header, text_column or _known(header, TEXT_NAMES)), _column(header, id_column or _known(header, ID_NAMES), optional=True)
    source = layout or ("|".join(header))[:40] or "file"
    source = hashlib.sha256(source.encode()).hexdigest()[:12]
    before = _counts(source)
    problems: dict[str, int] = {}
    seen: dict[str, int] = {}
    batch: list[FileRow] = []
    number = 0
    for number, row in enumerate(rows, start=1):
        text = row[text_at] if text_at < len(row) else ""
        if not words.plain(text):
            problems["empty_text"] = problems.get("empty_text", 0) + 1
            continue
        raw, known_as = dict(zip(header, row, strict=False)), _identity(row, text, id_at, seen)
        batch.append(FileRow(known_as, text, _date(header, row), raw))
        if len(batch) >= BATCH:
            _enter(source, batch, problems)
            progress(number)
    _enter(source, batch, problems)
    after = _counts(source)
    result = {"rows": number, **{name: after[name] - before[name] for name in after}, "problems": problems}
    journal.write(by, "messages_imported", None, **{k: v for k, v in result.items() if k != "problems"})
    return result


TEXT_NAMES = ("text", "текст", "текст инцидента", "текст обращения", "текст сообщения", "сообщение")
ID_NAMES = ("id", "номер инцидента", "номер обращения", "номер", "№")
DATE_NAMES = ("дата создания", "дата", "date", "created_at")


def _enter(source: str, batch: list[FileRow], problems: dict[str, int]) -> None:
    """A batch is received, then taken: killed between the two, the worker takes what is left."""
    known = Message.objects.filter(network="file", page_key=source, external_id__in=[row.external_id for row in batch])
    texts = dict(known.values_list("external_id", "text"))
    changed = sum(1 for row in batch if texts.setdefault(row.external_id, words.plain(row.text)) != words.plain(row.text))
    if changed:
        problems["id_with_other_text"] = problems.get("id_with_other_text", 0) + changed
    take_in(network="file", source=source, rows=batch)
    batch.clear()
    while take_batch(limit=BATCH):
        pass


def _counts(source: str) -> dict[str, int]:
    mine = Message.objects.filter(network="file", page_key=source)
    return {
        "messages": mine.count(),
        "cases": mine.exclude(case=None).values("case").distinct().count(),
        "duplicates": mine.exclude(duplicate_of=None).count(),
        "triaged": mine.exclude(verdict__topic=None).count(),
        "abstained": mine.filter(verdict__topic=None).count(),
        "routed": mine.filter(case__body__isnull=False).count(),
    }


def _identity(row: list[str], text: str, id_at: int | None, seen: dict[str, int]) -> str:
    if id_at is not None and id_at < len(row) and row[id_at].strip():
        return f"id:{row[id_at].strip()}"[:120]
    print_ = hashlib.sha256(words.normalise(text).encode()).hexdigest()[:40]
    seen[print_] = seen.get(print_, 0) + 1
    return f"text:{print_}:{seen[print_]}"


def _known(header: list[str], names: tuple[str, ...]) -> str:
    return next((h for h in header if h.strip().lower() in names), "")


def _column(header: list[str], name: str, *, optional: bool = False) -> Any:
    if name in header:
        return header.index(name)
    if optional and not name:
        return None
    known = ", ".join(f"«{h}»" for h in header if h)[:300] or "их нет"
    raise Refused(f"В файле нет столбца «{name or 'с текстом'}». Столбцы файла: {known}. Назовите столбец ключом --text или --id.")


def _date(header: list[str], row: list[str]) -> datetime | None:
    name = _known(header, DATE_NAMES)
    value = row[header.index(name)].strip() if name and header.index(name) < len(row) else ""
    for shape in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y", "%Y-%m-%d"):
        try:
            return timezone.make_aware(datetime.strptime(value, shape))
        except ValueError:
            continue
    return None


def _read(path: Path) -> tuple[list[str], list[list[str]]]:
    """Header and rows of the first sheet; every cell is text."""
    if not path.is_file():
        raise Refused(f"Файла {path} нет: проверьте имя.")
    if path.stat().st_size > MAX_BYTES:
        raise Refused(f"Файл больше {MAX_BYTES // 2**20} МБ: разделите его на части.")
    grid = [[_cell(cell) for cell in row] for row in next(grids(path.read_bytes()))]
    if not grid or not any(grid[0]):
        raise Refused("Файл пуст: в первой строке должны быть названия столбцов.")
    return grid[0], [row for row in grid[1:] if any(row)]


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime("%d.%m.%Y %H:%M:%S")
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value or "").strip()
