"""Import of the official export: look, apply, undo."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused
from gospult.lib.sheets import MAX_BYTES

from ..importing import read
from ..importing.problems import Problems
from ..ledger import keep
from ..models import Body, PageFacts, RegistryImport
from ..models.bodies import Status
from ..models.imports import ImportState
from ..reconciling import Plan, plan
from ..undoing import put_back

IMPORT_LOCK = 0x72656769  # one import at a time on all hosts
SAMPLE = 300
STRONGEST = (Status.FLAGSHIP, Status.ACTIVE, Status.CARD, Status.NOT_COUNTED)  # the status of a page that several bodies share
MANY = 50  # below this a registry is too young to judge what is missing


@dataclass(frozen=True)
class Result:
    """What an import did, or would do. `imported` is None for a dry run."""

    counts: dict[str, int]
    partial: bool
    problems: Problems
    imported: RegistryImport | None = None
    sample: list[dict[str, Any]] = field(default_factory=list)
    told: int | None = None  # pages of which a historic export tells; None for any other

    def as_json(self) -> dict[str, Any]:
        """The keys of the command line's `--json`."""
        kinds = self.problems.counts()
        rows = {kind: self.problems.rows_of(kind) for kind in kinds}
        number = {"import": self.imported.pk} if self.imported else {}
        number |= {} if self.told is None else {"historic_pages": self.told}
        return {**self.counts, "partial_export": self.partial, "problems": kinds, "problem_rows": rows, **number}


def import_registry(*, file: Path | bytes, by: Person | None, dry_run: bool = False, file_name: str = "", day: date | None = None) -> Result:
    """Bring the export's bodies, pages and grounds into the registry; a dry run only says what would change.

    day  what day the file speaks of; one older than what the registry knows changes nothing there and only tells how known pages stood

    Refused, in one sentence, when the file is no registry export or would make most of the registry disappear.
    """
    _refuse_tomorrow(day)
    content, name = _content(file, file_name)
    if dry_run:
        return _result(plan(read(content, name)))
    with transaction.atomic():
        return _apply(RegistryImport(file_name=name[:255], sha256=hashlib.sha256(content).hexdigest(), by=by, date=day), content, by)


@transaction.atomic
def preview_import(*, file: bytes, by: Person, file_name: str, day: date | None = None) -> RegistryImport:
    """Keep the file and what it would change until the person decides; an older undecided file of theirs is dropped."""
    _refuse_tomorrow(day)
    result = _result(plan(read(file, file_name)))
    RegistryImport.objects.filter(by=by, state=ImportState.PREVIEWED).delete()
    made = RegistryImport(file_name=file_name[:255], sha256=hashlib.sha256(file).hexdigest(), content=file, by=by, date=day)
    _describe(made, result)
    made.save()
    journal.write(by, "registry.import_previewed", made, **result.counts)
    return made


@transaction.atomic
def apply_import(*, imported: RegistryImport, by: Person) -> Result:
    """Apply a previewed file, compared anew with the registry as it is now; Refused when it was applied already."""
    held = RegistryImport.objects.select_for_update().filter(pk=imported.pk, state=ImportState.PREVIEWED).first()
    if not held or not held.content:
        raise Refused("Этот файл уже применён или заменён другим. Загрузите его ещё раз.")
    return _apply(held, bytes(held.content), by)


@transaction.atomic
def drop_previews(*, older_than: datetime) -> int:
    """Files that somebody looked at before the moment and never applied are dropped whole; returns how many."""
    stale = RegistryImport.objects.select_for_update(skip_locked=True).filter(state=ImportState.PREVIEWED, at__lt=older_than)
    rows = list(stale.defer("content"))
    if rows:
        journal.write_many(None, "registry.preview_dropped", rows)
        RegistryImport.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


@transaction.atomic
def undo_import(*, imported: RegistryImport | int, by: Person | None) -> dict[str, int]:
    """Put the registry back as it was before the import; Refused when something changed since that would be lost.

    Returns how many objects were removed and restored.
    """
    pk = imported if isinstance(imported, int) else imported.pk
    _lock()
    held = RegistryImport.objects.select_for_update().filter(pk=pk).first()
    if not held or held.state != ImportState.APPLIED:
        raise Refused(f"Импорта № {pk} нет среди применённых: отменять нечего.")
    later = RegistryImport.objects.filter(pk__gt=pk, state=ImportState.APPLIED, changes__isnull=False).order_by("-pk").first()
    if later:
        raise Refused(f"После этого импорта был импорт № {later.pk} («{later.file_name}»). Сначала отмените его.")
    counts = put_back(list(held.changes.all()))
    RegistryImport.objects.filter(pk=pk).update(state=ImportState.UNDONE, taken_at=None)
    journal.write(by, "registry.import_undone", held, **counts)
    return counts


def _content(file: Path | bytes, file_name: str) -> tuple[bytes, str]:
    if isinstance(file, bytes):
        return file, file_name
    try:
        if file.stat().st_size > MAX_BYTES:
            raise Refused(f"Файл больше {MAX_BYTES // 2**20} МБ: это не выгрузка реестра. Удалите лишние листы и картинки и загрузите снова.")
        return file.read_bytes(), file_name or file.name
    except OSError as error:
        raise Refused(f"Файл «{file.name}» не открывается. Проверьте путь и права.") from error


def _apply(made: RegistryImport, content: bytes, by: Person | None) -> Result:
    _lock()
    compared = plan(read(content, made.file_name))
    made.historic = _is_historic(made.date)
    if not made.historic:
        _refuse_landslide(compared)
        compared.ledger.write()
    result = _result(compared)
    counts = result.counts | (dict.fromkeys(("created", "changed", "gone_bodies", "gone_pages"), 0) if made.historic else {})
    _describe(made, Result(counts, result.partial, result.problems, sample=[] if made.historic else result.sample))
    made.state, made.content = ImportState.APPLIED, None
    made.save()
    if not made.historic:
        keep(compared.ledger.changes(made))
    told = len(PageFacts.objects.bulk_create(_page_facts(made, compared), batch_size=1000))
    journal.write(by, "registry.imported", made, **counts, partial=result.partial, historic=made.historic)
    return Result(counts, result.partial, result.problems, made, made.sample, told if made.historic else None)


def _is_historic(day: date | None) -> bool:
    """Whether the registry knows a later state already."""
    known = RegistryImport.objects.filter(state=ImportState.APPLIED, historic=False)
    return day is not None and any((row.date or timezone.localdate(row.at)) > day for row in known.only("date", "at"))


def _refuse_tomorrow(day: date | None) -> None:
    if day and day > timezone.localdate():
        raise Refused("Дата выгрузки ещё не наступила: проверьте её.")


def _page_facts(made: RegistryImport, compared: Plan) -> Iterator[PageFacts]:
    """One row for each page of the file that the registry knows, by the row with the strongest status."""
    rows: dict[Any, Any] = {}
    for row in sorted(compared.export.rows, key=_strength):
        if row.page:
            rows.setdefault(row.page, row)
    for key, row in rows.items():
        page = compared.pages[key]
        if page.pk:
            yield PageFacts(imported=made, page=page, name=row.name[:1000], handle=row.address.handle[:100], status=row.status, facts=row.facts)


def _strength(row: Any) -> int:
    return STRONGEST.index(row.status) if row.status in STRONGEST else len(STRONGEST)


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORT_LOCK])


def _refuse_landslide(compared: Plan) -> None:
    """The export of one municipality, taken for that of the region, would empty the registry."""
    known = Body.objects.present().filter(raw__isnull=False).count()
    if not compared.partial and known >= MANY and len(compared.gone_bodies) > known / 2:
        raise Refused(f"В файле нет {len(compared.gone_bodies)} из {known} организаций реестра: похоже, это выгрузка не по всему региону.")


def _describe(made: RegistryImport, result: Result) -> None:
    made.counts, made.partial, made.sample = result.counts, result.partial, result.sample
    made.problems = {kind: result.problems[kind] for kind in result.problems.counts()}


def _result(compared: Plan) -> Result:
    return Result(compared.counts(), compared.partial, compared.export.problems, None, _sample(compared))


def _sample(compared: Plan) -> list[dict[str, Any]]:
    """The first changes in a person's words: new rows, changed ones with their fields, pages to review, bodies gone."""
    ledger = compared.ledger
    lines: list[dict[str, Any]] = [{"action": "created", "name": compared.bodies[key].name} for key in compared.bodies if key in compared.created]
    for (model, _), touched in ledger.touched.items():
        if touched.counts and hasattr(touched.obj, "name"):
            fields = [_title(model, name) for name in touched.before]
            lines.append({"action": touched.action, "name": touched.obj.name, "fields": [f for f in fields if f]})
    lines.sort(key=lambda line: line["action"] == "created")  # what changes is read first
    return lines[:SAMPLE]


def _title(model: Any, column: str) -> str:
    if column == "spheres":
        return "сферы"
    found = next((f for f in model._meta.concrete_fields if f.attname == column), None)
    return str(found.verbose_name) if found and column not in ("raw", "from_export", "facts_date") else ""
