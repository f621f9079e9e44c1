"""Notes: what the staff tells each other about a case. No word of them goes out, nor into an alert or the journal."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.alerts.actions import tell
from gospult.alerts.models import Kind
from gospult.lib.errors import Refused

from ..models import Case, Note
from ..queries.notes import logins_in, sees, words_over
from .telling import about, case_path

LONGEST = 4000  # signs


@transaction.atomic
def write_note(*, case: Case, text: str, colleague: Person | None = None, by: Person) -> Note:
    """A note stands in the stream of a case; those whom it calls are told."""
    if Case.objects.select_for_update().get(pk=case.pk).state == Case.State.MERGED:  # who merges it now waits, or has done it
        raise Refused("Обращение объединено с другим: пишите заметку в главном.")
    words = _words(text)
    called = _called(words, case, colleague, by)
    note = Note.objects.create(case=case, written_in=case, text=words, author=by)
    _tell_called(note, called, by)
    journal.write(by, "note_written", case, note=note.pk, called=[person.pk for person in called])
    return note


@transaction.atomic
def edit_note(*, note: Note, text: str, by: Person) -> None:
    """The author puts his note in other words; that it was changed stays to be seen. Who is called anew is told."""
    if note.author_id != by.pk:
        raise Refused("Чужую заметку не правят: напишите свою.")
    words = _words(text)
    called = _called(words, note.case, None, by)
    same = Note.objects.filter(pk=note.pk, text=note.text, removed_at=None, forgotten_at=None)
    if not same.update(text=words, edited_at=timezone.now()):
        raise Refused("Эту заметку только что изменили или убрали. Обновите страницу.")
    _tell_called(note, called, by)
    journal.write(by, "note_edited", note.case, note=note.pk, called=[person.pk for person in called])


@transaction.atomic
def remove_note(*, note: Note, by: Person) -> None:
    """The words of a note are gone; that there was one, whose, and who took it away stays."""
    if not Note.objects.filter(pk=note.pk, removed_at=None).update(text="", removed_at=timezone.now(), removed_by=by):
        raise Refused("Эту заметку уже убрали. Обновите страницу.")
    journal.write(by, "note_removed", note.case, note=note.pk)


def _words(text: str) -> str:
    words = text.replace("\0", "").strip()
    if not words:
        raise Refused("Напишите заметку.")
    if len(words) > LONGEST:
        raise Refused("Заметка длиннее 4 000 знаков: сократите её.")
    return words


def _called(text: str, case: Case, colleague: Person | None, by: Person) -> list[Person]:
    """Whom the note calls; Refused when somebody is unknown or may not see the case."""
    logins = logins_in(text)
    known = {person.username.lower(): person for person in _people(logins)}
    if unknown := [login for login in logins if login not in known]:
        raise Refused(f"Сотрудника @{unknown[0]} нет: проверьте логин.")
    people = {person.pk: person for person in [*known.values(), *([colleague] if colleague else [])] if person.pk != by.pk}
    for person in people.values():
        if not sees(person, case):
            raise Refused(f"{person} не видит это обращение: позовите того, кому оно доступно.")
    return list(people.values())


def _people(logins: Collection[str]) -> list[Person]:
    asked = Q(pk__in=[])
    for login in logins:
        asked |= Q(username__iexact=login)
    return list(Person.objects.filter(asked, is_active=True))


def _tell_called(note: Note, people: Collection[Person], by: Person) -> None:
    text = f"{by} зовёт вас: заметка в обращении {about(note.case)}."
    for person in people:
        key = f"mention/{note.pk}"  # once for a note, however often it is put in other words
        tell(person=person, key=key, kind=Kind.MENTION, text=text, path=case_path(note.case), case=note.case_id, page=note.case.page_id)


def forget_notes(*, limit: int = 1000) -> int:
    """Words of notes go when all words of the residents have gone and the note's own term, the same, is over; returns how many."""
    rows = list(words_over(Note.objects.exclude(text=""), "at").values_list("pk", flat=True)[:limit])
    return Note.objects.filter(pk__in=rows).update(text="", forgotten_at=timezone.now())
