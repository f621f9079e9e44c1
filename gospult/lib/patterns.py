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


@dataclass(frozen=True, slots=True)
class Hit(Generic[Key]):
    """A phrase found: whose it is, the phrase as listed, and the first and last word (indexes, end exclusive)."""

    key: Key
    phrase: str
    start: int
    end: int


class Patterns(Generic[Key]):
    """A compiled list of phrases; finding is linear in the text."""

    def __init__(self, entries: Iterable[tuple[str, Key]]) -> None:
        self._exact: dict[str, set[str]] = {}
        self._lemma: dict[str, set[str]] = {}
        self._prefix: dict[str, set[str]] = {}
        self._anchored: dict[str, list[tuple[list[list[str]], str, Key]]] = {}
        self._cache: dict[str, tuple[frozenset[str], tuple[tuple[list[list[str]], str, Key], ...]]] = {}
        for phrase, key in entries:
            self._add(phrase, key)
        self._lengths = sorted({len(p) for p in self._prefix})

    def _add(self, phrase: str, key: Key) -> None:
        chunks = [chunk.split() for chunk in phrase.lower().replace("ё", "е").split("+")]
        chunks = [chunk for chunk in chunks if chunk]
        if not chunks:
            return
        for part in {part for chunk in chunks for part in chunk}:
            self._learn(part)
        self._anchored.setdefault(chunks[0][0], []).append((chunks, phrase.strip(), key))

    def _learn(self, part: str) -> None:
        for choice in part.split("|"):
            if choice.endswith("*"):
                self._prefix.setdefault(choice[:-1], set()).add(part)
            elif choice.startswith("="):
                self._exact.setdefault(choice[1:], set()).add(part)
            else:
                self._exact.setdefault(choice, set()).add(part)
                self._lemma.setdefault(txt.lemma(choice), set()).add(part)

    def _about(self, word: txt.Word) -> tuple[frozenset[str], tuple[tuple[list[list[str]], str, Key], ...]]:
        known = self._cache.get(word.text)
        if known is not None:
            return known
        parts = set(self._exact.get(word.text, ())) | set(self._lemma.get(word.lemma, ()))
        for form in {word.text, word.lemma}:
            for length in self._lengths:
                if length <= len(form):
                    parts |= self._prefix.get(form[:length], set())
        about = (frozenset(parts), tuple(entry for part in sorted(parts) for entry in self._anchored.get(part, ())))
        if len(self._cache) < _CACHE_LIMIT:
            self._cache[word.text] = about
        return about

    def find(self, words: Sequence[txt.Word]) -> list[Hit[Key]]:
        """Return every phrase that stands in these words, in the order of its first word."""
        about = [self._about(word) for word in words]
        parts = [a[0] for a in about]
        found = []
        for at, (_, entries) in enumerate(about):
            for chunks, phrase, key in entries:
                span = _span(chunks, parts, at)
                if span:
                    found.append(Hit(key, phrase, *span))
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
