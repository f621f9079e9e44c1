"""A query as it was typed becomes what must be found: pure thinking; what the directory's words are is told by a `Vocabulary`."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from . import folding
from .lexicon import lexicon

_LATIN = re.compile(r"[a-z]")
_KEYBOARD = re.compile(r"[a-z\[\];',.`{}:\"<>~]+", re.IGNORECASE)
# Quality of a way to read a word: as it stands, begun, mended by one slip, by two.
AS_IS, BEGUN, ONE_SLIP, TWO_SLIPS = 1.0, 0.75, 0.85, 0.65


class Sort(StrEnum):
    NUMBER = "number"
    KIND = "kind"
    WORD = "word"
    SOFT = "soft"


class Vocabulary(Protocol):
    """What the asking must know of the directory's words."""

    def spellings(self, forms: Iterable[str]) -> dict[str, str]:
        """Form → lemma of those forms that stand in the directory."""

    def near(self, words: Sequence[str]) -> dict[str, list[tuple[str, str, float]]]:
        """Word → spellings it may have meant: form, lemma, quality; the best first."""

    def counts(self, terms: Iterable[str]) -> dict[str, int]:
        """How many lines hold each term; terms that none holds are left out."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the query and the ways to read it: (form, lemma, quality), the best first; none when nobody knows it."""

    said: str
    ways: tuple[tuple[str, str, float], ...]

    @property
    def form(self) -> str:
        return self.ways[0][0] if self.ways else self.said

    @property
    def lemma(self) -> str:
        return self.ways[0][1] if self.ways else folding.lemma(self.said)


@dataclass(slots=True)
class Item:
    """One thing asked for: any of the terms will do, each as well as it says."""

    sort: Sort
    said: str
    terms: dict[str, float]
    place: bool = False
    weight: float = 1.0
    exact: dict[str, float] = field(default_factory=dict)  # of a kind: without those that are only like it


@dataclass(slots=True)
class Question:
    """Everything asked for; `unknown` are words that the directory does not hold, `mended` what was read otherwise than typed."""

    items: list[Item] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    mended: list[tuple[str, str]] = field(default_factory=list)


def ask(query: str, known: Vocabulary) -> Question:
    """Read a query of any shape."""
    question = Question()
    words = _words(query[: folding.LONGEST], known)
    _items(words, question)
    _weigh(question, known)
    question.mended = [(w.said, w.form) for w in words if w.form != w.said and w.said not in question.unknown]
    return question


def _words(query: str, known: Vocabulary) -> list[Word]:
    """Each piece of the query by its best reading: as typed, by the other layout, by sound, mended."""
    chunks = [_readings(chunk) for chunk in _chunks(query)]
    parts = [p for readings in chunks for reading in readings for p in reading]
    held = known.spellings({form for p in parts for form in (p, *_halves(p), folding.lemma(p))})
    chosen = [p for readings in chunks for p in _best(readings, held)][: folding.MOST]
    unsure = [p for p in chosen if not _sure(p, held)]
    near = known.near([p for p in unsure if len(p) > 2]) if unsure else {}
    return _joined([word for p in chosen for word in _word(p, held, near)], held)


def _chunks(query: str) -> list[str]:
    return query.split()[: folding.MOST]


def _readings(chunk: str) -> list[list[str]]:
    """Ways to read one piece without blanks; a Latin one may be the wrong layout or Russian by sound."""
    as_is = folding.pieces(chunk)
    if not _KEYBOARD.search(chunk.lower()) or not _LATIN.search(chunk.lower()) or re.search("[а-яё]", chunk.lower()):
        return [as_is]
    return [as_is, folding.pieces(folding.other_layout(chunk)), folding.pieces(folding.sounded(chunk))]


def _best(readings: list[list[str]], held: dict[str, str]) -> list[str]:
    """The reading with the most words that are known; Latin nonsense is read by whichever way gives Russian words."""
    if len(readings) == 1:
        return readings[0]
    as_is, layout, sound = readings

    def share(parts: list[str]) -> float:
        return sum(len(p) for p in parts if _sure(p, held) and len(p) > 1) / max(1, sum(map(len, parts)))

    best = max((as_is, layout, sound), key=share)
    if share(best) > 0:
        return best
    # Nobody knows it: a word by sound has vowels where a Russian word has them, the wrong layout has none.
    return sound if _speakable(" ".join(as_is)) else layout


def _speakable(text: str) -> bool:
    vowels = len(re.findall("[aeiouy]", text))
    return vowels * 4 >= len(re.sub(r"[^a-z]", "", text)) and not re.search("[^aeiouy0-9 ]{6}", text)


def _sure(piece: str, held: dict[str, str]) -> bool:
    if piece.isdigit() or piece in held or len(piece) < 2:
        return True
    tables, lemma = lexicon(), folding.lemma(piece)
    return lemma in held or any(
        w in group for w in (piece, lemma) for group in (tables.words, tables.asking, tables.stops, tables.forms, tables.soft)
    )


def _halves(piece: str) -> list[str]:
    """Both parts of a word at every cut: two words may have been typed as one."""
    return [half for at in range(3, len(piece) - 2) for half in (piece[:at], piece[at:])] if 6 <= len(piece) <= 24 and not piece.isdigit() else []


def _word(piece: str, held: dict[str, str], near: dict[str, list[tuple[str, str, float]]]) -> list[Word]:
    if piece.isdigit():
        return [Word(piece, ((piece, piece, AS_IS),))]
    if _sure(piece, held):
        lemmas = dict.fromkeys((held.get(piece) or folding.lemma(piece), folding.lemma(piece)))
        return [Word(piece, tuple((piece, lemma, AS_IS) for lemma in lemmas))]
    found = near.get(piece, [])
    if not found or found[0][2] < ONE_SLIP:
        for at in range(3, len(piece) - 2):
            if piece[:at] in held and piece[at:] in held:
                return [Word(half, ((half, held[half], AS_IS),)) for half in (piece[:at], piece[at:])]
    # The name of a place may stand in the directory as an adjective only: «бурея» meets «бурейский» by its root.
    return [Word(piece, (*found, (piece, folding.lemma(piece), BEGUN if found else AS_IS)))]


def _joined(words: list[Word], held: dict[str, str]) -> list[Word]:
    """«поли клиника»: two words that only together are one of the directory."""
    tables = lexicon()
    done: list[Word] = []
    for word in words:
        last = done[-1] if done else None
        whole = last.said + word.said if last and not last.said.isdigit() and not word.said.isdigit() else ""
        if last and whole in tables.words and not (last.ways and word.ways and {last.form, word.form} <= tables.words):
            done[-1] = Word(whole, ((whole, folding.lemma(whole), AS_IS),))
        else:
            done.append(word)
    return done


def _items(words: Sequence[Word], question: Question) -> None:
    tables = lexicon()
    spelt = [
        Word(part, ((part, folding.lemma(part), AS_IS),)) if part != word.form else word for word in words for part in tables.spell_out([word.form])
    ]
    found = tables.find([word.form for word in spelt])
    taken = {at for hit in found for at in range(hit.start, hit.end)}
    for code in dict.fromkeys(hit.kind.code for hit in found):
        question.items.append(_kind(code))
    for at in sorted({at for hit in found if hit.kind.broad for at in range(hit.start, hit.end)}):
        question.items.append(Item(Sort.SOFT, spelt[at].said, {spelt[at].lemma: 1.0}, weight=0.5))
    years = {
        at
        for at, word in enumerate(spelt)
        if word.said.isdigit() and at + 1 < len(spelt) and spelt[at + 1].said in ("лет", "летие", "летия", "летию")
    }
    for at, word in enumerate(spelt):
        if at in taken:
            continue
        if not word.ways:
            question.unknown.append(word.said)
        elif word.said.isdigit():
            question.items.append(Item(Sort.NUMBER, word.said, {f"m:{word.said}" if at in years else f"n:{word.said}": 1.0}, weight=3.0))
        elif not _is_noise(word):
            question.items.append(_term(word, bool(found)))
    if not question.items:
        question.items = [_term(word, False) for word in spelt if word.ways and len(word.form) > 1]


def _is_noise(word: Word) -> bool:
    tables, both = lexicon(), {word.form, word.lemma}
    return len(word.form) < 2 or bool(both & (tables.stops | tables.asking | tables.forms))


def _kind(code: str) -> Item:
    kind = lexicon().kinds[code]
    exact = {f"K:{code}": 1.0, f"k:{code}": 0.6}
    like = {term: share * by for other, by in kind.like for term, share in ((f"K:{other}", 1.0), (f"k:{other}", 0.6))}
    return Item(Sort.KIND, kind.title, {**like, **exact}, weight=2.0, exact=exact)


def _term(word: Word, beside_kind: bool) -> Item:
    terms: dict[str, float] = {}
    for _, lemma, quality in word.ways[:4]:
        ways = {lemma: 1.0, f"t:{lemma}": 0.98, f"j:{lemma}": 0.9, f"o:{lemma}": 0.6, f"c:{lemma}": 0.55}
        for root, share in zip(folding.roots(lemma), (1.0, 0.9), strict=False):
            ways |= {root: 0.72 * share, f"t{root}": 0.74 * share, f"h{root}": 0.7 * share, f"c{root}": 0.5 * share}
        for term, share in ways.items():
            terms[term] = max(terms.get(term, 0.0), share * quality)
    number = folding.ORDINALS.get(word.lemma)
    if number and beside_kind:
        terms[f"n:{number}"] = 1.0
    if number and beside_kind:
        return Item(Sort.NUMBER, word.said, terms, weight=3.0)
    soft = bool({word.form, word.lemma} & lexicon().soft)
    return Item(Sort.SOFT if soft else Sort.WORD, word.said, terms, weight=0.7 if soft else 2.0)


def _weigh(question: Question, known: Vocabulary) -> None:
    """Terms that no line holds are dropped; a word that holds nothing is unknown; one that names a place is a place."""
    counts = known.counts({term for item in question.items for term in (*item.terms, *item.exact)})
    kept = []
    for item in question.items:
        item.terms = {term: share for term, share in item.terms.items() if term in counts}
        item.exact = {term: share for term, share in item.exact.items() if term in counts}
        item.place = item.sort == Sort.WORD and any(term.startswith(("t:", "tr:")) for term in item.terms)
        if item.terms or item.sort == Sort.NUMBER:
            kept.append(item)
        elif item.sort != Sort.SOFT:
            question.unknown.append(item.said)
    question.items = kept
