"""Search: a few short statements over the index, then scoring in memory. Nothing of the query is kept."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from gospult.registry.models import Page

from .. import folding
from ..asking import BEGUN, ONE_SLIP, TWO_SLIPS, Item, Question, Sort, ask
from ..scoring import score

ENOUGH = 120  # lines that are scored, the highest by rank first
LIMIT = 10
GOOD = 0.30  # what scores less is no answer


@dataclass(frozen=True, slots=True)
class Hit:
    """A line of the answer: a body with the pages of all its rows; `place` is its territory, else its founder in words."""

    body_id: int
    name: str
    place: str
    ogrn: str
    dead: bool
    score: float
    pages: list[Page] = field(default_factory=list)


@dataclass(slots=True)
class Answer:
    """`hits` answer the query; `near` is what was found with a part of it only, when nothing answers it whole."""

    hits: list[Hit] = field(default_factory=list)
    near: list[Hit] = field(default_factory=list)
    mended: list[tuple[str, str]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    asked: str = ""


class Database:
    """The vocabulary of the directory, asked of its tables."""

    def spellings(self, forms: Iterable[str]) -> dict[str, str]:
        """Form → lemma of those that stand in the directory."""
        return dict(_rows("SELECT form, lemma FROM directory_spelling WHERE form = ANY(%s::varchar[])", [list(forms)]))

    def near(self, words: Sequence[str]) -> dict[str, list[tuple[str, str, float]]]:
        """Spellings one slip away or beginning so, the best first."""
        found: dict[str, list[tuple[str, str, float]]] = {}
        for word in words:
            options = dict(_rows("SELECT DISTINCT form, lemma FROM directory_shape WHERE shape = ANY(%s::varchar[]) LIMIT 400", [self._shapes(word)]))
            if len(word) > 3:
                begun = word.replace("%", "").replace("_", "")
                options |= dict(_rows("SELECT form, lemma FROM directory_spelling WHERE form LIKE %s ORDER BY length(form) LIMIT 12", [f"{begun}%"]))
            found[word] = _closest(word, options)
        return found

    @staticmethod
    def _shapes(word: str) -> list[str]:
        one = folding.shapes(word)
        return list({two for shape in one for two in folding.shapes(shape)}) if 7 <= len(word) <= 14 else one

    def counts(self, terms: Iterable[str]) -> dict[str, int]:
        """How many lines hold each term."""
        return dict(_rows("SELECT term, count FROM directory_term WHERE term = ANY(%s::varchar[])", [list(terms)]))


def _closest(word: str, options: dict[str, str]) -> list[tuple[str, str, float]]:
    ways = []
    for form, lemma in options.items():
        if form.startswith("~"):  # a name of a page, kept for look-alikes
            continue
        apart = folding.slips(word, form, 2)
        quality = {0: 1.0, 1: ONE_SLIP, 2: TWO_SLIPS}.get(apart, BEGUN if form.startswith(word) else 0.0)
        if apart == 2 and (len(word) < 7 or form[0] != word[0]):
            quality = 0.0
        if quality:
            ways.append((form, lemma, quality - (0.05 if form[0] != word[0] else 0.0)))
    ways.sort(key=lambda way: (-way[2], abs(len(way[0]) - len(word)), way[0]))
    best: dict[str, tuple[str, str, float]] = {}
    for way in ways:
        best.setdefault(way[1], way)
    return list(best.values())[:4]


def search(query: str, *, limit: int = LIMIT) -> Answer:
    """Answer a query as residents type it: words, numbers, a link, an ОГРН, a phone."""
    keys = _keys(query)
    if keys:
        rows = _rows("SELECT id, bag, rank FROM directory_entry WHERE terms && %s::varchar[] ORDER BY rank LIMIT 50", [keys])
        if rows:
            return Answer(hits=_hits([(1.0, pk) for pk, _, _ in rows[:limit]]))
        if re.search(r"/|^@", query.strip()):
            return Answer(unknown=[query.strip()[:60]])
    question = ask(query, Database())
    answer = Answer(mended=question.mended, unknown=question.unknown)
    found, near = _found(question)
    answer.hits, answer.near = _hits(found[:limit]), _hits(near[:limit])
    return answer


def _keys(query: str) -> list[str]:
    """What names a body by itself: ОГРН, phone, handle or id of a page."""
    text = query.strip()
    digits = re.sub(r"[\s()+\-.]", "", text)
    if digits.isdigit() and len(digits) >= 6:
        return [f"#{digits}", f"#{digits[-10:]}", f"#@{digits}"] if len(digits) <= 15 else []
    found = re.fullmatch(r"(?:https?://)?(?:[\w.\-]+\.[a-zа-я]{2,}/(?:group/|s/|join/)?)?@?([A-Za-z0-9_.\-]{3,64})/?(?:[?#].*)?", text)
    if not found:
        return []
    handle = re.sub(r"^(?:club|public|event)(\d+)$", r"\1", found[1].lower())
    return [f"#@{handle}"]


def _found(question: Question) -> tuple[list[tuple[float, int]], list[tuple[float, int]]]:
    """Scored lines that answer, and lines that answer a part, when nothing answers."""
    specific = [item for item in question.items if item.sort != Sort.SOFT]
    if not question.items or (not specific and question.unknown):
        return [], []
    # A kind alone beside a word that nobody knows is a guess and no answer: «школа Хогвартс».
    guess = bool(question.unknown) and all(item.sort in (Sort.KIND, Sort.SOFT) for item in question.items)
    for needs in [] if guess else _plans(question):
        found = _scored(needs, question)
        if found:
            return found, []
    for need in _parts(question):
        found = _scored([need], question)
        if found:
            return [], found
    return [], []


Need = list[tuple[str, ...]]


def _plans(question: Question) -> Iterator[list[Need]]:
    """Step by step what a line must have, from everything to the least that is still an answer; numbers and places are never dropped.

    Each step is one or several sets of needs, whose lines are scored together.
    """
    items = question.items
    numbers, kinds, words, soft = ([item for item in items if item.sort == sort] for sort in (Sort.NUMBER, Sort.KIND, Sort.WORD, Sort.SOFT))
    fixed, of_words = _terms(numbers), _terms(words)
    if not all(fixed):
        return
    if words and not kinds and not fixed and all(word.place for word in words):
        yield [[("K:admin", "K:villageadmin", "K:government"), *of_words]]
    exact = [tuple(kind.exact) for kind in kinds]
    if all(exact):
        if soft:
            yield [fixed + exact + of_words + _terms(soft)]
        yield [fixed + exact + of_words]
    like = _terms(kinds)
    yield [fixed + like + of_words]
    yield [fixed + like + [(*word.terms, "t:*") if word.place else tuple(word.terms) for word in words]]
    loose = [word for word in words if not word.place]
    # Something but the kind must stay: any library is no answer to «библиотека имени Чехова».
    fewer = [fixed + like + _terms(w for w in words if w is not dropped) for dropped in loose if fixed or len(words) > 1 or soft]
    fewer += [fixed + of_words + _terms(kind for kind in kinds if kind is not dropped) for dropped in kinds if words or (fixed and len(kinds) > 1)]
    if fewer:
        yield fewer
    if len(loose) > 2:
        yield [fixed + like + _terms(w for w in words if w.place or w is kept) for kept in loose]
    if soft and not kinds and not words and not fixed:
        yield [_terms(soft)]


def _terms(items: Iterable[Item]) -> Need:
    return [tuple(item.terms) for item in items]


def _parts(question: Question) -> Iterator[Need]:
    """What a near suggestion must have: without the place, without the number, the rarest word alone."""
    by_sort = {sort: [tuple(item.terms) for item in question.items if item.sort == sort and item.terms] for sort in Sort}
    numbers, kinds, words = by_sort[Sort.NUMBER], by_sort[Sort.KIND], by_sort[Sort.WORD]
    places = [tuple(item.terms) for item in question.items if item.place]
    if kinds and places:
        yield kinds + places
    if numbers and kinds:
        yield numbers + kinds
    if kinds and words:
        for word in words:
            yield [*kinds, word]
    for word in words:
        yield [word]
    if kinds:
        yield kinds


def _scored(needs: Sequence[Need], question: Question) -> list[tuple[float, int]]:
    rows: dict[int, tuple[str, float]] = {}
    for need in needs:
        if need:
            where = " AND ".join(["terms && %s::varchar[]"] * len(need))
            found = _rows(f"SELECT id, bag, rank FROM directory_entry WHERE {where} ORDER BY rank LIMIT {ENOUGH}", [list(terms) for terms in need])
            rows |= {pk: (bag, rank) for pk, bag, rank in found}
    items: Sequence[Item] = question.items
    if items and not any(item.sort == Sort.KIND for item in items) and all(item.place for item in items):
        items = [*items, Item(Sort.KIND, "", {"K:admin": 1.0, "K:government": 0.9, "K:villageadmin": 0.8}, weight=1.0)]
    scored = sorted(((score(bag, rank, items), -rank, -pk) for pk, (bag, rank) in rows.items()), reverse=True)
    return [(points, -pk) for points, _, pk in scored if points >= GOOD]


_LINES = """
SELECT e.id, b.id, b.name, coalesce(t.name, nullif(b.founder_name, ''), f.name, ''), b.ogrn, e.dead,
    p.id, p.network, p.external_id, p.handle, p.url, p.name, p.state, p.members
FROM directory_entry e JOIN registry_body b ON b.id = e.body_id
LEFT JOIN registry_territory t ON t.id = b.territory_id LEFT JOIN registry_body f ON f.id = b.parent_id
LEFT JOIN directory_entrybody r ON r.entry_id = e.id LEFT JOIN registry_pagebody l ON l.body_id = r.body_id
LEFT JOIN registry_page p ON p.id = l.page_id AND p.state IN ('published', 'under_review')
WHERE e.id = ANY(%s)
"""
_PAGE = ("id", "network", "external_id", "handle", "url", "name", "state", "members")


def _hits(found: Sequence[tuple[float, int]]) -> list[Hit]:
    if not found:
        return []
    hits: dict[int, Hit] = {}
    points = {pk: share for share, pk in found}
    for entry, body, name, place, ogrn, dead, *page in _rows(_LINES, [list(points)]):
        hit = hits.setdefault(entry, Hit(body, name, place, ogrn, dead, points[entry]))
        if page[0] and all(known.pk != page[0] for known in hit.pages):
            hit.pages.append(Page(**dict(zip(_PAGE, page, strict=True))))
    return [hits[pk] for _, pk in found if pk in hits]


def _rows(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()
