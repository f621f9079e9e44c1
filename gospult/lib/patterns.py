"""Finding many phrases of a written list in a text by lemmas.

A phrase in the list is written as people write it:
    дорога           the word in any form
    фонар*           any word that begins so
    =кирова          this very form and no other
    горит|светит     either word
    не горит         words one after another
    фонарь + не горит    both pieces near each other, in any order
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from gospult.lib import text as txt

Key = TypeVar("Key")
NEAR = 6  # words between two pieces joined by "+"; a Russian clause is seldom longer
_CACHE_LIMIT = 100_000
_LONGEST = 14  # letters of a word that a repair looks at
_REPAIRED = 5  # letters; shorter words have too many neighbours to be repaired
_REPAIRED_START = 7  # a beginning has more neighbours than a whole word
_END = "$"


@dataclass(frozen=True, slots=True)
class Hit(Generic[Key]):
    """A phrase found: whose it is, the phrase as listed, and the first and last word (indexes, end exclusive)."""

    key: Key
    phrase: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Entry(Generic[Key]):
    chunks: list[list[str]]
    needs: frozenset[str]
    single: bool
    phrase: str
    key: Key


class Patterns(Generic[Key]):
    """A compiled list of phrases; finding is linear in the text."""

    def __init__(self, entries: Iterable[tuple[str, Key]], *, repairs: bool = False) -> None:
        self._exact: dict[str, set[str]] = {}
        self._lemma: dict[str, set[str]] = {}
        self._prefix: dict[str, set[str]] = {}
        self._anchored: dict[str, list[_Entry[Key]]] = {}
        self._cache: dict[str, tuple[frozenset[str], tuple[_Entry[Key], ...]]] = {}
        for phrase, key in entries:
            self._add(phrase, key)
        self._lengths = sorted({len(p) for p in self._prefix})
        self._slips = self._index_slips() if repairs else {}

    def _index_slips(self) -> dict[str, list[tuple[str, set[str]]]]:
        """Index stems by themselves without one letter: a word with one slip meets its stem there."""
        slips: dict[str, list[tuple[str, set[str]]]] = {}
        stems = [(stem, parts) for stem, parts in self._prefix.items() if len(stem) >= _REPAIRED_START]
        whole = [(word + _END, parts) for word, parts in self._lemma.items() if len(word) >= _REPAIRED]
        for stem, parts in stems + whole:
            for shape in _shapes(stem):
                slips.setdefault(shape, []).append((stem, parts))
        return slips

    def _add(self, phrase: str, key: Key) -> None:
        chunks = [chunk.split() for chunk in phrase.lower().replace("ё", "е").split("+")]
        chunks = [chunk for chunk in chunks if chunk]
        if not chunks:
            return
        needs = frozenset(part for chunk in chunks for part in chunk)
        for part in needs:
            self._learn(part)
        single = len(chunks) == 1 and len(chunks[0]) == 1
        self._anchored.setdefault(chunks[0][0], []).append(_Entry(chunks, needs, single, phrase.strip(), key))

    def _learn(self, part: str) -> None:
        for choice in part.split("|"):
            if choice.endswith("*"):
                self._prefix.setdefault(choice[:-1], set()).add(part)
            elif choice.startswith("="):
                self._exact.setdefault(choice[1:], set()).add(part)
            else:
                self._exact.setdefault(choice, set()).add(part)
                self._lemma.setdefault(txt.lemma(choice), set()).add(part)

    def _about(self, word: txt.Word) -> tuple[frozenset[str], tuple[_Entry[Key], ...]]:
        parts = set(self._exact.get(word.text, ())) | set(self._lemma.get(word.lemma, ()))
        for form in {word.text, word.lemma}:
            for length in self._lengths:
                if length <= len(form):
                    parts |= self._prefix.get(form[:length], set())
        if not parts and self._slips and len(word.text) >= _REPAIRED and not txt.known(word.text):
            parts = self._repaired(word)
        about = (frozenset(parts), tuple(entry for part in sorted(parts) for entry in self._anchored.get(part, ())))
        if len(self._cache) < _CACHE_LIMIT:
            self._cache[word.text] = about
        return about

    def _repaired(self, word: txt.Word) -> set[str]:
        """Return the parts one slip of the finger away: «атобус» is an «автобус»; the longest stem wins."""
        best = ""
        found: set[str] = set()
        for form in (word.text, word.lemma):
            starts = [form[:length] for length in range(_REPAIRED_START - 1, min(len(form), _LONGEST) + 1)]
            for start in [form + _END, *starts]:
                for stem, parts in (known for shape in _shapes(start) for known in self._slips.get(shape, ())):
                    if len(stem) > len(best) and stem[0] == start[0] and one_slip(start, stem):
                        best, found = stem, parts
        return set(found)

    def find(self, words: Sequence[txt.Word]) -> list[Hit[Key]]:
        """Return every phrase that stands in these words, in the order of its first word."""
        cache = self._cache
        about = [cache.get(word.text) or self._about(word) for word in words]
        parts = [a[0] for a in about]
        present = frozenset().union(*parts)
        found = []
        for at, (_, entries) in enumerate(about):
            for entry in entries:
                if entry.needs <= present:
                    span = (at, at + 1) if entry.single else _span(entry.chunks, parts, at)
                    if span:
                        found.append(Hit(entry.key, entry.phrase, *span))
        return found


def _span(chunks: list[list[str]], parts: Sequence[frozenset[str]], at: int) -> tuple[int, int] | None:
    if not _stands(chunks[0], parts, at):
        return None
    start, end = at, at + len(chunks[0])
    for chunk in chunks[1:]:
        near = [i for i in range(max(0, at - NEAR), min(len(parts), at + len(chunks[0]) + NEAR)) if not at <= i < at + len(chunks[0])]
        place = next((i for i in near if _stands(chunk, parts, i)), None)
        if place is None:
            return None
        start, end = min(start, place), max(end, place + len(chunk))
    return start, end


def _stands(chunk: list[str], parts: Sequence[frozenset[str]], at: int) -> bool:
    return at + len(chunk) <= len(parts) and all(part in parts[at + i] for i, part in enumerate(chunk))


def _shapes(word: str) -> list[str]:
    return [word, *(word[:i] + word[i + 1 :] for i in range(len(word)))]


def one_slip(one: str, other: str) -> bool:
    """Say whether one letter was dropped, added, replaced or swapped with its neighbour; equal words are no slip."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    if len(one) == len(other):
        swapped = one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
        return swapped or one[at + 1 :] == other[at + 1 :]
    return one[at + 1 :] == other[at:] if len(one) > len(other) else one[at:] == other[at + 1 :]
