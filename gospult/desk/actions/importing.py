"""Data that comes in files: the classifier, the rules and templates of a region, and messages."""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from python_calamine import CalamineError, CalamineWorkbook

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.exchange.actions import FileRow, take_in
from gospult.lib import regions
from gospult.lib import text as words
from gospult.lib.errors import Refused
from gospult.registry.models import Body, Sphere, Territory

from ..models import DeadlineRule, Message, RoutingRule, Template, Topic
from ..queries.thinking import forget
from .taking import take_batch

MAX_BYTES = 200 * 1024 * 1024
BATCH = 100


@transaction.atomic
def load_classifier(*, region: regions.Region, by: Person | None = None) -> dict[str, int]:
    """Topics, deadlines, routing rules and templates of a region become rows; what is there is updated, what is gone is retired."""
    for row in region.topics:
        fields = {"name": row.name, "group": row.group_name, "group_code": row.group, "urgent": row.urgent, "version": row.version, "retired": False}
        Topic.objects.update_or_create(code=row.code, defaults=fields)
    Topic.objects.exclude(code__in=[row.code for row in region.topics]).update(retired=True)
    _load_deadlines(region.code)
    rules = _load_rules(region)
    for ready in region.templates:
        Template.objects.update_or_create(code=ready.code, defaults={"title": ready.name, "text": ready.text, "group_code": ready.group})
    forget()
    counts = {"topics": len(region.topics), "rules": rules, "templates": len(region.templates)}
    journal.write(by, "classifier_loaded", None, region=region.code, **counts)
    return counts


def _load_deadlines(code: str) -> None:
    folder = regions.default_root() / code
    calendar = json.loads((folder / "calendar.json").read_text(encoding="utf-8"))
    presets = json.loads((folder / "deadlines.json").read_text(encoding="utf-8"))
    chosen = DeadlineRule.objects.filter(is_default=True).values_list("code", flat=True).first() or presets["default"]
    for preset in presets["deadlines"]:
        fields = {"title": preset["title"], "data": preset, "calendar": calendar, "is_default": preset["code"] == chosen}
        DeadlineRule.objects.update_or_create(code=preset["code"], defaults=fields)


def _load_rules(region: regions.Region) -> int:
    """Rules whose body, topic or territory is not in the database are left out: they would route to nobody."""
    bodies = dict(Body.objects.exclude(code=None).values_list("code", "pk"))
    topics = dict(Topic.objects.values_list("code", "pk"))
    places = dict(Territory.objects.values_list("code", "pk"))
    spheres = dict(Sphere.objects.values_list("code", "pk"))
    rows = [
        RoutingRule(
            priority=r.priority, topic_id=topics.get(r.topic), group_code=r.group, territory_id=places.get(r.territory),
            sphere_id=spheres.get(r.sphere), body_id=bodies[r.body], from_date=r.from_date, to_date=r.to_date,
        )
        for r in region.rules
        if r.body in bodies and (not r.topic or r.topic in topics) and (not r.territory or r.territory in places)
    ]  # fmt: skip
    if rows:
        RoutingRule.objects.all().delete()
        RoutingRule.objects.bulk_create(rows)
    return len(rows)


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
            _enter(source, batch)
            progress(number)
    _enter(source, batch)
    after = _counts(source)
    result = {"rows": number, **{name: after[name] - before[name] for name in after}, "problems": problems}
    journal.write(by, "messages_imported", None, **{k: v for k, v in result.items() if k != "problems"})
    return result


TEXT_NAMES = ("text", "текст", "текст инцидента", "текст обращения", "текст сообщения", "сообщение")
ID_NAMES = ("id", "номер инцидента", "номер обращения", "номер", "№")
DATE_NAMES = ("дата создания", "дата", "date", "created_at")


def _enter(source: str, batch: list[FileRow]) -> None:
    """A batch is received, then taken: killed between the two, the worker takes what is left."""
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


def _read(path: Path) -> tuple[list[str], Iterator[list[str]]]:
    """Header and rows of a table; every cell is text."""
    if not path.is_file():
        raise Refused(f"Файла {path} нет: проверьте имя.")
    if path.stat().st_size > MAX_BYTES:
        raise Refused("Файл больше 200 МБ: разделите его на части.")
    content = path.read_bytes()
    rows = _sheet(content) if content[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0") else _csv(content)
    header = next(rows, None)
    if not header or not any(header):
        raise Refused("Файл пуст: в первой строке должны быть названия столбцов.")
    return [h.strip() for h in header], (row for row in rows if any(cell.strip() for cell in row))


def _sheet(content: bytes) -> Iterator[list[str]]:
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    except (CalamineError, ValueError, IndexError) as error:
        raise Refused("Файл не читается как таблица Excel: сохраните его заново в формате XLSX.") from error
    for row in sheet.iter_rows():
        yield [str(int(c)) if isinstance(c, float) and c.is_integer() else str(c) for c in row]


def _csv(content: bytes) -> Iterator[list[str]]:
    for encoding in ("utf-8-sig", "cp1251"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Refused("Файл не в кодировке UTF-8 и не в Windows-1251: сохраните его как CSV UTF-8.")
    if "\0" in text:
        raise Refused("Это не таблица: нужен файл XLSX или CSV.")
    first = text.partition("\n")[0]
    csv.field_size_limit(10_000_000)
    yield from csv.reader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else "," if "," in first else "\t")
