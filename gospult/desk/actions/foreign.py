"""Rows of «Инцидент Менеджмент» and ПОС come in, find their messages, and hold back a second answer."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib import text as words
from gospult.lib.errors import Refused
from gospult.lib.sheets import MAX_BYTES, grids

from .. import layouts
from ..models import OPEN, Answer, Case, Foreign, ForeignImport, Message
from ..queries.foreign import answered_elsewhere, match_all
from .events import happened, recount

logger = logging.getLogger(__name__)
BATCH = 500
ALL = 10_000  # portions: more than a file can hold
AGAIN = timedelta(minutes=10)
YOUNG = timedelta(days=14)  # a message may still come after its row
LEASE = timedelta(minutes=2)
COUNT_OF = {"link": "matched_by_link", "hand": "matched_by_hand", "text": "matched_by_text", "near": "matched_by_text"}
COUNTED = ("rows", "created", "changed", "unchanged", "matched_by_link", "matched_by_text", "matched_by_hand", "unmatched")


def read_foreign(*, system: str, content: bytes, chosen: Mapping[str, str] | None = None) -> tuple[list[layouts.Row], dict[str, list[int]]]:
    """The rows of a file and its problems by kind. Refused in one sentence when the file is none of the system, or its columns were moved."""
    if system not in layouts.SYSTEMS:
        raise Refused("Выберите систему: ИМ или ПОС.")
    grid = [[_cell(cell) for cell in row] for row in next(grids(content))]
    if not grid or not any(grid[0]):
        raise Refused("Файл пуст: в первой строке должны быть названия столбцов.")
    found = layouts.columns(grid[0], chosen)
    lines = [(number, row) for number, row in enumerate(grid[1:], start=2) if any(row)]
    layouts.check(grid[0], [row for _, row in lines], found)
    return _sound([layouts.read(row, found, number) for number, row in lines])


def _sound(rows: list[layouts.Row]) -> tuple[list[layouts.Row], dict[str, list[int]]]:
    problems: dict[str, list[int]] = {}
    kept: dict[str, layouts.Row] = {}
    for row in rows:
        fault = "no_number" if not row.known_as else "no_date" if row.created is None else "number_twice" if row.known_as in kept else ""
        if fault:
            problems.setdefault(fault, []).append(row.line)
        if fault in ("", "number_twice"):
            kept[row.known_as] = row  # the lower line is the later state
    # By time: rows of a portion are then about the same days, and few messages are read for them.
    return sorted(kept.values(), key=lambda row: row.created or datetime.min), problems


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime("%d.%m.%Y %H:%M:%S")
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value if value is not None else "").strip()


def import_foreign(
    *, path: str | Path, system: str, chosen: Mapping[str, str] | None = None, dry_run: bool = False, by: Person | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> dict[str, Any]:  # fmt: skip
    """A file of another system is taken and matched; a second run of the same file changes nothing. Gives the counts of `gospult beside import`."""
    file = Path(path)
    if file.stat().st_size > MAX_BYTES:
        raise Refused(f"Файл больше {MAX_BYTES // 2**20} МБ: разделите его на части.")
    row = show_foreign(system=system, content=file.read_bytes(), file_name=file.name, chosen=chosen, by=by, keep=not dry_run)
    if dry_run:
        return {**row.counts, "problems": {kind: len(lines) for kind, lines in row.problems.items()}}
    queue_foreign(imported=row, by=by)
    while row.state not in (ForeignImport.State.DONE, ForeignImport.State.STOPPED):
        work_foreign(limit=ALL, only=row.pk, progress=progress)
        row.refresh_from_db()
    return {**row.counts, "problems": {kind: len(lines) for kind, lines in row.problems.items()}}


def show_foreign(
    *, system: str, content: bytes, file_name: str, chosen: Mapping[str, str] | None = None, by: Person | None, keep: bool = True
) -> ForeignImport:
    """What the file holds and what would change; nothing changes yet."""
    rows, problems = read_foreign(system=system, content=content, chosen=chosen)
    known = dict(Foreign.objects.filter(system=system, number__in=[row.known_as for row in rows]).values_list("number", "outcome"))
    counts = {"rows": len(rows) + sum(len(lines) for lines in problems.values()), "new": sum(row.known_as not in known for row in rows)}
    made = ForeignImport(system=system, file_name=file_name[:255], content=content, columns=dict(chosen or {}), total=len(rows), by=by)
    made.counts, made.problems = counts, problems
    if keep:
        made.save()
    return made


@transaction.atomic
def queue_foreign(*, imported: ForeignImport, by: Person | None) -> None:
    """The file that was looked at will be taken by a job."""
    imported.move_to(ForeignImport.State.QUEUED)
    journal.write(by, "foreign_queued", imported, system=imported.system)


@transaction.atomic
def stop_foreign(*, imported: ForeignImport, by: Person | None) -> None:
    """What was taken stays; the rest of the file is left."""
    imported.move_to(ForeignImport.State.STOPPED)
    journal.write(by, "foreign_stopped", imported)


def work_foreign(*, limit: int = 20, only: int | None = None, progress: Callable[[int], None] = lambda done: None) -> int:
    """Portions of queued files are taken, each in a transaction of its own; a killed process leaves off where it was. Returns how many portions."""
    left = limit
    while left and (imported := _claimed(only)):
        try:
            left -= _portions(imported, left, progress)
        except Refused as no:
            ForeignImport.objects.filter(pk=imported.pk).update(state=ForeignImport.State.STOPPED, problems={str(no): []}, content=None)
    return limit - left


def _claimed(only: int | None) -> ForeignImport | None:
    with transaction.atomic():
        due = ForeignImport.objects.filter(state__in=[ForeignImport.State.QUEUED, ForeignImport.State.RUNNING])
        due = due.filter(pk=only) if only else due.exclude(worked_at__gt=timezone.now() - LEASE)
        row = due.order_by("id").select_for_update(skip_locked=True).first()
        if row is None:
            return None
        if row.state == ForeignImport.State.QUEUED:
            row.move_to(ForeignImport.State.RUNNING)
        ForeignImport.objects.filter(pk=row.pk).update(worked_at=timezone.now())
        return row


def _portions(imported: ForeignImport, most: int, progress: Callable[[int], None]) -> int:
    """Up to so many portions of a file that is read once; returns how many were taken."""
    rows, _ = read_foreign(system=imported.system, content=bytes(imported.content or b""), chosen=imported.columns)
    number = 1
    while _portion(imported, rows) and number < most:
        progress(imported.done)
        number += 1
    ForeignImport.objects.filter(pk=imported.pk).update(worked_at=None)
    return number


def _portion(imported: ForeignImport, rows: list[layouts.Row]) -> bool:
    """Whether there is more to take; a person may have stopped it meanwhile."""
    part = rows[imported.done : imported.done + BATCH]
    with transaction.atomic():
        counts = {**dict.fromkeys(COUNTED, 0), **imported.counts}
        for name, count in take_foreign(system=imported.system, rows=part, imported=imported).items():
            counts[name] += count
        imported.done, imported.counts = imported.done + len(part), counts
        over = imported.done >= len(rows)
        kept = {"done": imported.done, "counts": counts, "worked_at": timezone.now(), **({"content": None} if over else {})}
        going = ForeignImport.objects.filter(pk=imported.pk, state=ForeignImport.State.RUNNING)
        # Stopped meanwhile: what this portion took stays, and it ends here.
        went_on = going.update(**kept, **({"state": ForeignImport.State.DONE} if over else {}))
        if not went_on:
            ForeignImport.objects.filter(pk=imported.pk).update(**kept)
    return bool(went_on) and not over


def take_foreign(*, system: str, rows: list[layouts.Row], imported: ForeignImport | None = None) -> dict[str, int]:
    """Rows become or change what we know of the other system, and find their messages."""
    counts = dict.fromkeys(COUNTED[1:], 0)
    known = {row.number: row for row in Foreign.objects.filter(system=system, number__in=[row.known_as for row in rows])}
    fresh = [_fill(Foreign(system=system, number=row.known_as, imported=imported), row) for row in rows if row.known_as not in known]
    counts["created"] = len(fresh)
    touched = Foreign.objects.bulk_create(fresh)
    for row in rows:
        old = known.get(row.known_as)
        if old is None:
            continue
        before = _facts(old)
        if _facts(_fill(old, row)) == before:
            counts["unchanged"] += 1
        else:
            old.save()
            counts["changed"] += 1
            touched.append(old)
    _match_all(touched)
    for one in touched:
        counts[COUNT_OF.get(one.matched, "unmatched")] += 1
    return counts


def _facts(row: Foreign) -> tuple[Any, ...]:
    return row.link, row.fingerprint, row.topic, row.body_name, row.outcome, row.created_at, row.ended_at, row.answered_at, row.answer


def _fill(row: Foreign, said: layouts.Row) -> Foreign:
    row.link, row.topic, row.body_name, row.outcome = said.link, said.topic, said.body, said.outcome
    row.text, row.answer = words.plain(said.text), words.plain(said.answer)
    row.fingerprint = words.fingerprint(said.text) if words.normalise(said.text) else ""
    row.created_at, row.ended_at = _aware(said.created) or timezone.now(), _aware(said.ended)
    answered = said.answered or said.ended if layouts.answered_there(said) else None
    row.answered_at = _aware(answered) or (row.created_at if layouts.answered_there(said) else None)
    return row


def _aware(at: datetime | None) -> datetime | None:
    return timezone.make_aware(at) if at else None


def _match_all(rows: list[Foreign]) -> None:
    loose = [row for row in rows if row.message_id is None]
    for row, found in zip(loose, match_all(loose), strict=True):
        _place(row, found.message, found.matched)
    Foreign.objects.bulk_update(loose, PLACED)
    fresh = {row.pk for row in loose}
    for row in rows:
        if row.pk in fresh and row.case:
            happened(case=row.case, event="foreign_known", foreign=row.pk, text=str(row))
        _answered(row)


PLACED = ("message", "case", "matched", "tried_at")


def _place(row: Foreign, message: Message | None, matched: str) -> None:
    case = message.case if message else None
    row.message, row.case, row.matched, row.tried_at = message, case and (case.merged_into or case), matched, timezone.now()


def _answered(row: Foreign) -> None:
    """The answer that the other system gave stops the clock, as an answer on the page does."""
    if row.case_id is None or row.answered_at is None:
        return
    case = Case.objects.select_for_update().get(pk=row.case_id)  # whoever approves an answer at this moment is waited for
    if case.state not in OPEN or case.answers.filter(state__in=[Answer.State.APPROVED, Answer.State.FAILED]).exists():
        return
    at = max(row.answered_at, case.opened_at)
    happened(case=case, event="native_answer", at=at, foreign=row.pk, text=str(row))
    case.move_to(Case.State.ANSWERED, answered_at=at)
    case.answers.filter(state__in=[Answer.State.CHECKED]).update(state=Answer.State.DRAFT)
    recount(case=case)


def match_again(*, limit: int = 500) -> int:
    """Young rows without a message are tried again: the message may have come after its row. Returns how many were matched."""
    now = timezone.now()
    with transaction.atomic():
        waiting = Foreign.objects.filter(message=None, created_at__gt=now - YOUNG, tried_at__lt=now - AGAIN).exclude(matched=Foreign.Matched.DOUBT)
        rows = list(waiting.order_by("tried_at").select_for_update(skip_locked=True)[:limit])
        _match_all(rows)
    return sum(row.message_id is not None for row in rows)


@transaction.atomic
def tie_by_hand(*, foreign: Foreign, case: Case, by: Person) -> None:
    """A person says which case the row is about."""
    message = case.message_set.order_by("sent_at", "pk").first()
    if message is None:
        raise Refused(f"В обращении {case.number} нет сообщений: выберите другое.")
    row = Foreign.objects.select_for_update().get(pk=foreign.pk)
    _place(row, message, Foreign.Matched.HAND)
    row.save(update_fields=PLACED)
    happened(case=case, event="foreign_known", by=by, foreign=row.pk, text=str(row))
    _answered(row)
    journal.write(by, "foreign_tied", foreign, case=case.pk)


@transaction.atomic
def untie(*, foreign: Foreign, by: Person) -> None:
    """The row is about something else. What it has said of the case's clock stays in the history; a person returns the case to work."""
    case = foreign.case
    Foreign.objects.filter(pk=foreign.pk).update(message=None, case=None, matched=Foreign.Matched.DOUBT)
    if case:
        happened(case=case, event="foreign_untied", by=by, foreign=foreign.pk, text=str(foreign))
    journal.write(by, "foreign_untied", foreign, case=case and case.pk)


@transaction.atomic
def note_foreign(*, case: Case, system: str, number: str, by: Person) -> Foreign:
    """A person has entered the case into the other system by hand and writes down its number there."""
    number = number.strip()
    if system not in layouts.SYSTEMS or not layouts.NUMBER.fullmatch(number):
        raise Refused("Напишите номер из другой системы: цифры и буквы без пробелов.")
    known = {"created_at": timezone.now(), "matched": Foreign.Matched.HAND}
    row, made = Foreign.objects.get_or_create(system=system, number=number, defaults=known)
    if not made:
        raise Refused(f"{layouts.SYSTEMS[system]} № {number} уже есть: свяжите его с обращением на экране «ИМ и ПОС».")
    tie_by_hand(foreign=row, case=case, by=by)
    return row


@transaction.atomic
def insist_answer(*, case: Case, why: str, by: Person) -> None:
    """The resident gets one more answer although the other system has answered him."""
    if not why.strip():
        raise Refused("Напишите, зачем второй ответ: житель уже получил один.")
    rows = answered_elsewhere(Case.objects.select_for_update().get(pk=case.pk))
    if not rows:
        raise Refused("Второго ответа ничто не держит: обновите страницу.")
    happened(case=case, event="insisted", by=by, foreign=[row.pk for row in rows], why=why)
    journal.write(by, "answer_insisted", case)


def must_not_be_second(case: Case) -> None:
    """Refused while the resident has his answer from another system and nobody has insisted on one more. The caller holds the case."""
    rows = answered_elsewhere(case)
    if rows and rows[0].answered_at:
        day = timezone.localtime(rows[0].answered_at)
        raise Refused(f"Жителю уже ответили: {rows[0]}, {day:%d.%m.%Y}. Если нужен ещё один ответ, нажмите «Всё равно ответить» и скажите зачем.")


def forget_foreign() -> int:
    """Residents' words in rows of other systems are forgotten by the term of messages."""
    old = Foreign.objects.filter(forgotten_at=None, created_at__lt=timezone.now() - timedelta(days=settings.MESSAGE_DAYS))
    return old.update(text="", answer="", fingerprint="", forgotten_at=timezone.now())
