"""Letters are written out of alerts: at once what is urgent, the rest in the person's hours, and many of them as one digest."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from gospult.accounts.models import Person
from gospult.lib.words import plural
from gospult.registry.models import Absence

from ..models import Alert, Contact, Habit, Kind, Letter, Reply
from ..quiet import free_at

HOUR = timedelta(hours=1)
PATIENCE = timedelta(minutes=1)


def write_due(*, limit: int = 500) -> int:
    """Everybody's waiting alerts become letters where their time has come; returns how many letters were written."""
    due = Alert.objects.filter(settled_at=None, look_at__lte=timezone.now()).order_by("-urgent", "look_at")
    people = dict.fromkeys(due.values_list("person", flat=True)[: 10 * limit])
    return sum(_write_for(pk) for pk in list(people)[:limit])


@transaction.atomic
def _write_for(pk: int) -> int:
    """One hand at a time on a person's alerts, so that a digest is one."""
    person = Person.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=pk).first()
    if person is None:
        return 0
    rows = list(Alert.objects.filter(person=person, settled_at=None).order_by("id")[:2000])
    reader, habit = _reader(person)
    contact = first_contact(reader)
    if contact is None:
        _settle(rows, None)
        return 0
    instead = f"Вместо: {person}. " if reader != person else ""
    if instead:
        rows = _not_doubled(rows, reader)
    letters = [_letter(contact, [row], instead) for row in rows if row.urgent]
    rest = [row for row in rows if not row.urgent]
    if rest:
        letters += _in_time(contact, rest, habit, instead)
    return len(letters)


def _not_doubled(rows: list[Alert], reader: Person) -> list[Alert]:
    """What the deputy has been told of himself, since the duties are his now, he is not told twice."""
    known = set(Alert.objects.filter(person=reader, key__in=[row.key for row in rows]).values_list("key", flat=True))
    _settle([row for row in rows if row.key in known], None)
    return [row for row in rows if row.key not in known]


def _reader(person: Person) -> tuple[Person, Habit]:
    """Who is told: the person, or his deputy while he is away."""
    habit = Habit.objects.select_related("deputy__habit").filter(person=person).first() or Habit(person=person)
    deputy = _deputy(person, habit)
    if deputy is None or not deputy.is_active:
        return person, habit
    return deputy, Habit.objects.filter(person=deputy).first() or Habit(person=deputy)


def _deputy(person: Person, habit: Habit) -> Person | None:
    """Who was given the person's duties for today, else whom the person named himself."""
    today = timezone.localdate()
    away = Absence.objects.standing().filter(person=person, from_date__lte=today).select_related("deputy__habit").first()
    if away:
        return away.deputy
    return habit.deputy if habit.away_on(today) else None


def first_contact(person: Person, after: Contact | None = None) -> Contact | None:
    """The person's first channel that works, or the next one after another."""
    usable = person.contacts.exclude(confirmed_at=None).filter(problem="")
    if not person.is_active:
        return None
    if after is not None:
        usable = usable.filter(Q(position__gt=after.position) | Q(position=after.position, pk__gt=after.pk))
    return usable.first()


def _in_time(contact: Contact, rows: list[Alert], habit: Habit, instead: str) -> list[Letter]:
    """Letters where their time has come; what must wait is looked at again then, so that a thousand sleepers do not stand before one danger."""
    now, pks = timezone.localtime(), [row.pk for row in rows]
    gathered = max(now, rows[0].created_at + timedelta(seconds=settings.ALERT_GATHER_SECONDS))
    free = free_at(timezone.localtime(gathered), habit.quiet_from, habit.quiet_to, habit.quiet_weekends)
    letters = _rest(contact, rows, instead) if free <= now else []
    if not letters:
        again = min(free, now + HOUR) if free > now else now + PATIENCE  # a deputy may be named meanwhile
        Alert.objects.filter(pk__in=pks).update(look_at=again)
    return letters


def _rest(contact: Contact, rows: list[Alert], instead: str) -> list[Letter]:
    """The week's digest by itself; the rest one by one while they are few, else gathered, and within an hour no further letter."""
    letters = [_letter(contact, [row], instead) for row in rows if row.kind == Kind.DIGEST]
    rows = [row for row in rows if row.kind != Kind.DIGEST]
    return letters + _gathered(contact, rows, instead) if rows else letters


def _gathered(contact: Contact, rows: list[Alert], instead: str) -> list[Letter]:
    lately = list(_lately(contact.person))
    room = settings.ALERTS_AN_HOUR - len(lately)
    if len(rows) <= room:
        return [_letter(contact, [row], instead) for row in rows]
    if room > 0:
        return [_letter(contact, rows, instead)]
    return []


def _lately(person: Person) -> list[datetime]:
    return list(Letter.objects.filter(person=person, urgent=False, created_at__gt=timezone.now() - HOUR).values_list("created_at", flat=True))


def _letter(contact: Contact, rows: list[Alert], instead: str) -> Letter:
    alone = rows[0] if len(rows) == 1 else None
    text, path = (alone.text, alone.path) if alone else (_digest(rows), "/alerts/")
    letter = Letter.objects.create(person=contact.person, contact=contact, text=instead + text, path=path, urgent=bool(alone and alone.urgent))
    _settle(rows, letter)
    return letter


def _settle(rows: list[Alert], letter: Letter | None) -> None:
    Alert.objects.filter(pk__in=[row.pk for row in rows]).update(settled_at=timezone.now(), letter=letter)


def _digest(rows: Sequence[Alert]) -> str:
    counts = Counter(row.kind for row in rows)
    lines = [f"{Kind(kind).label}: {count}" for kind, count in counts.most_common()]
    return "\n".join([f"У вас {plural(len(rows), ('новое дело', 'новых дела', 'новых дел'))}.", *lines])


def write(*, contact: Contact, text: str) -> Letter:
    """A word back to somebody who has just written: it goes at once."""
    return Letter.objects.create(person=contact.person, contact=contact, text=text, urgent=True)


@transaction.atomic
def answer(*, reply: Reply, text: str) -> None:
    """A reply is taken by the room that it is about; its writer is told what came of it, in the same dialogue."""
    Reply.objects.filter(pk=reply.pk, taken_at=None).update(taken_at=timezone.now())
    contact = Contact.objects.filter(person=reply.person, page=reply.incoming.page, address=reply.incoming.thread_id).first()
    if contact:
        write(contact=contact, text=text)
