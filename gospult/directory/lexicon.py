"""What residents and papers call institutions: kinds, short words and noise, from the three tables beside this file."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .folding import lemma, pieces

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of institution; `like` are kinds that will also do, with how well (0…1); a broad one holds unlike things, so its words count too."""

    code: str
    title: str
    broad: bool
    like: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A kind named in a list of words: from the word `start` up to `end`."""

    kind: Kind
    start: int
    end: int


class Lexicon:
    """The three tables, compiled once."""

    def __init__(self) -> None:
        self.kinds: dict[str, Kind] = {}
        self.phrases: dict[tuple[str, ...], Kind] = {}
        self.words: set[str] = set()  # every word of the tables as it is written, so that a slip in it is mended
        self._read_kinds()
        self.short = {row["short"]: pieces(row["long"]) for row in _rows("short")}
        self.words |= set(self.short)
        noise: dict[str, set[str]] = {}
        for row in _rows("noise"):
            noise.setdefault(row["sort"], set()).update(w for word in row["words"].split(";") for w in (word, lemma(word)))
        self.forms, self.soft, self.stops, self.asking = (noise[sort] for sort in ("form", "soft", "stop", "query"))
        self.longest = max(map(len, self.phrases))

    def _read_kinds(self) -> None:
        for row in _rows("kinds"):
            like = tuple((code, float(share)) for code, _, share in (one.partition(":") for one in row["like"].split(";") if one))
            kind = self.kinds[row["code"]] = Kind(row["code"], row["title"], bool(row["broad"]), like)
            for phrase in row["phrases"].split(";"):
                words = pieces(phrase)
                self.phrases.setdefault(tuple(map(lemma, words)), kind)
                self.phrases.setdefault(tuple(words), kind)
                self.words |= {word for word in words if len(word) > 1}

    def spell_out(self, words: Sequence[str]) -> list[str]:
        """The words with short ones written out: «минздрав» → «министерство здравоохранения»."""
        return [long for word in words for long in self.short.get(word, (word,))]

    def find(self, words: Sequence[str]) -> list[Found]:
        """Kinds that these words name, the longest phrase at each place, none over another."""
        lemmas = [lemma(word) for word in words]
        found, at = [], 0
        while at < len(words):
            hit = next((h for size in range(min(self.longest, len(words) - at), 0, -1) if (h := self._at(words, lemmas, at, size))), None)
            if hit:
                found.append(hit)
            at = hit.end if hit else at + 1
        return found

    def _at(self, words: Sequence[str], lemmas: Sequence[str], at: int, size: int) -> Found | None:
        kind = self.phrases.get(tuple(lemmas[at : at + size])) or self.phrases.get(tuple(words[at : at + size]))
        return Found(kind, at, at + size) if kind else None


@cache
def lexicon() -> Lexicon:
    """The tables, read once a process."""
    return Lexicon()


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="|"))
