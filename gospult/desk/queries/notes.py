"""Notes of a case in the stream, and the colleagues who can be called to it."""

import re
from collections.abc import Sequence
from typing import Any

from django.db.models import Case as Choose
from django.db.models import Exists, OuterRef, Value, When
from django.utils import timezone

from gospult.accounts.models import Person, Role
from gospult.exchange.queries import term_over

from ..models import Case, Message
from .people import distinct, executors, holders, stewards

# A login after @ as Django allows it; the part of an address before @ is a word, so an e-mail names nobody.
LOGIN = re.compile(r"(?<![\w.+-])@([\w.+-]*\w)")
OFFERED = 40


def with_notes(case: Case, stream: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was said in a case together with the staff's notes, in the order of time."""
    notes = case.notes.select_related("author", "removed_by").order_by("at", "pk")
    return sorted([*stream, *({"what": "note", "at": note.at, "row": note} for note in notes)], key=lambda item: item["at"])


def logins_in(text: str) -> list[str]:
    """The logins that a text calls by @, each once, in order."""
    return list(dict.fromkeys(hit.group(1).lower() for hit in LOGIN.finditer(text)))


def sees(person: Person, case: Case) -> bool:
    """Whether the person may open the case."""
    return Case.objects.visible_to(person).filter(pk=case.pk).exists()


def colleagues(case: Case, *, besides: Any) -> list[Person]:
    """Who is nearest to a case and may see it: those who answer, who drive them, who sort; the others are called by their login."""
    helping = [person for task in case.tasks.open().select_related("body") for person in executors(task.body)]
    near = [*stewards(case.page), *executors(case.body), *helping, *holders(Role.CURATOR, case.body), *holders(Role.OPERATOR, None)]
    return [person for person in distinct(near) if person.pk != besides.pk][:OFFERED]


def words_over(rows: Any, at: str) -> Any:
    """Of what the staff wrote beside cases, the rows whose words are due to be forgotten; `at` is the field that says when they were written.

    The case is over, none of its residents' words are kept, and the row's own term, the same as theirs, has passed.
    """
    said = Message.objects.filter(case=OuterRef("case"))
    public = When(Exists(said.exclude(channel="dm")), then=Value("comment"))
    over = term_over(at, "channel", timezone.now()) & ~Exists(said.filter(forgotten_at=None))
    states = [Case.State.CLOSED, Case.State.ANSWERED]
    return rows.annotate(channel=Choose(public, default=Value("dm"))).filter(over, case__state__in=states).order_by("pk")
