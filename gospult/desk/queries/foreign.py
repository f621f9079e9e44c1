"""What other systems know of a case, and which message a row of theirs is about."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from gospult.lib import text as words
from gospult.registry.models import Page, PageHandle
from gospult.registry.models.access import User

from .. import links
from ..models import Case, Foreign, Message

BY_TEXT = timedelta(days=7)  # their date may be that of the post or of the entry
BY_LIKENESS = timedelta(days=2)
ALIKE = 0.75  # share of common triples of words; below it two complaints about one yard look the same
LONG_ENOUGH = 4  # words


@dataclass(frozen=True)
class Match:
    """message  the one, None when none or several fit; `matched` is a value of Foreign.Matched"""

    message: Message | None
    matched: str


NOTHING = Match(None, "")
MOST_READ = 200_000  # messages whose words are compared at once: a month of a region
WITH_CASE = Message.objects.select_related("case__merged_into")


def match_all(rows: Sequence[Foreign]) -> list[Match]:
    """For each row the message that it is about: by its link, else by the same words and time, else by almost the same words.

    Few statements for many rows of about the same days; the words of the days are read only for rows that nothing else has placed.
    """
    same = _same_texts(rows)
    found = [_by_link(row) or _by_text(row, same) for row in rows]
    loose = [row for row, one in zip(rows, found, strict=True) if one is None]
    near = Likeness(loose) if loose else None
    return [one or (near.find(row) if near else None) or NOTHING for row, one in zip(rows, found, strict=True)]


def _same_texts(rows: Sequence[Foreign]) -> dict[str, list[Message]]:
    """Messages with the words of the rows, by fingerprint."""
    prints = {row.fingerprint for row in rows if row.fingerprint and len(words.tokens(row.text)) >= LONG_ENOUGH}
    if not prints:
        return {}
    span = (min(row.created_at for row in rows) - BY_TEXT, max(row.created_at for row in rows) + BY_TEXT)
    same: dict[str, list[Message]] = defaultdict(list)
    for message in WITH_CASE.filter(fingerprint__in=prints, sent_at__range=span).exclude(network="file"):
        same[message.fingerprint].append(message)
    return same


def _one(rows: Sequence[Message], matched: str, at: datetime) -> Match | None:
    """The only one, or by far the nearest in time."""
    if not rows:
        return None
    ranked = sorted(rows, key=lambda message: abs(message.sent_at - at))
    if len(ranked) > 1 and abs(ranked[1].sent_at - at) < abs(ranked[0].sent_at - at) + timedelta(hours=12):
        return Match(None, Foreign.Matched.DOUBT)
    return Match(ranked[0], matched)


def _by_link(row: Foreign) -> Match | None:
    named = links.read(row.link) if row.link else None
    if named is None:
        return None
    said = WITH_CASE.filter(network=named.network)
    if named.page and not named.page.startswith("@"):
        said = said.filter(page_key=named.page)
    elif named.page:
        handle = named.page[1:]
        keys = Page.objects.filter(Q(handle__iexact=handle) | Q(pk__in=PageHandle.objects.filter(handle__iexact=handle).values("page")))
        said = said.filter(page__in=keys.filter(network=named.network))
    if named.said:
        return _one(list(said.filter(external_id=named.said)[:2]), Foreign.Matched.LINK, row.created_at)
    place = said.filter(thread_id__startswith=named.thread) if named.thread else said
    same = place.filter(fingerprint=row.fingerprint) if row.fingerprint else place.none()
    span = (row.created_at - BY_TEXT, row.created_at + BY_TEXT)
    return _one(list(same.filter(sent_at__range=span)[:5]), Foreign.Matched.LINK, row.created_at)


def _by_text(row: Foreign, same: Mapping[str, list[Message]]) -> Match | None:
    near = [message for message in same.get(row.fingerprint, []) if abs(message.sent_at - row.created_at) <= BY_TEXT]
    return _one(near, Foreign.Matched.TEXT, row.created_at)


class Likeness:
    """Messages of the rows' days by their triples of words; made once for many rows of about the same time."""

    def __init__(self, near: Sequence[Foreign]) -> None:
        self._places: dict[int, list[int]] = defaultdict(list)
        self._sizes: dict[int, tuple[int, datetime]] = {}
        span = (min(row.created_at for row in near) - BY_LIKENESS, max(row.created_at for row in near) + BY_LIKENESS)
        rows = Message.objects.filter(sent_at__range=span, deleted_at=None).exclude(network="file").exclude(text="").order_by("-sent_at")
        for pk, text, sent_at in rows.values_list("pk", "text", "sent_at")[:MOST_READ].iterator(chunk_size=5000):
            marks = _triples(text)
            self._sizes[pk] = len(marks), sent_at
            for mark in marks:
                self._places[mark].append(pk)

    def find(self, row: Foreign) -> Match | None:
        """The message with almost the same words, sent about the same time."""
        marks = _triples(row.text)
        if len(marks) < LONG_ENOUGH:
            return None
        common = Counter(pk for mark in marks for pk in self._places.get(mark, ()))
        close = [
            pk
            for pk, count in common.items()
            if count >= ALIKE * (len(marks) + self._sizes[pk][0] - count) and abs(self._sizes[pk][1] - row.created_at) <= BY_LIKENESS
        ]
        return _one(list(WITH_CASE.filter(pk__in=close)), Foreign.Matched.NEAR, row.created_at) if close else None


def _triples(text: str) -> set[int]:
    known = words.tokens(text)
    return {hash(tuple(known[place : place + 3])) for place in range(max(0, len(known) - 2))}


def foreign_of(case: Case) -> list[Foreign]:
    """What other systems say of the case and of what was merged into it, newest first."""
    return list(Foreign.objects.filter(Q(case=case) | Q(message__case=case)).distinct().order_by("-created_at"))


def answered_elsewhere(case: Case) -> list[Foreign]:
    """Rows by which the resident has his answer already, and nobody has insisted on another one since they were known."""
    rows = [row for row in foreign_of(case) if row.answered_at]
    if not rows:
        return []
    insisted: set[Any] = set()
    for data in case.events.filter(kind="insisted").values_list("data", flat=True):
        insisted |= set(data.get("foreign", []))
    return [row for row in rows if row.pk not in insisted]


def foreign_rows(user: User, filters: dict[str, str]) -> QuerySet[Foreign]:
    """The list of the screen: rows matched to a case that the person sees, and those that nobody has placed yet."""
    rows = Foreign.objects.select_related("case", "message").order_by("-created_at", "-id")
    rows = rows.filter(Q(case__isnull=True) | Q(case__in=Case.objects.visible_to(user)))
    if system := filters.get("system"):
        rows = rows.filter(system=system)
    if matched := filters.get("matched"):
        rows = rows.filter({"yes": Q(message__isnull=False), "no": Q(message=None, matched=""), "doubt": Q(matched="doubt")}.get(matched, Q()))
    if search := filters.get("q", "").strip():
        rows = rows.filter(Q(number=search) | Q(case__number=search))
    return rows


def candidates_for(user: User, row: Foreign, find: str = "") -> Iterable[Case]:
    """Cases that a person may mean: by number or words, else those of the same words."""
    seen = Case.objects.visible_to(user).exclude(state=Case.State.MERGED).select_related("territory")
    if find:
        return seen.filter(Q(number=find) | Q(headline__icontains=find)).order_by("-opened_at")[:10]
    same = Message.objects.filter(fingerprint=row.fingerprint) if row.fingerprint else Message.objects.none()
    return seen.filter(pk__in=same.values("case")).order_by("-opened_at")[:10]
