"""Plain text, lemmas and fingerprints of what people write."""

import hashlib
import html
import re
from collections.abc import Iterable
from dataclasses import dataclass

from rumorph import Analyzer

# Only things shaped like a tag: «температура <18» must survive.
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
# Control characters (NUL among them, which PostgreSQL refuses) and lone surrogates, which UTF-8 cannot hold.
_ODD = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"[^\W_]+")
# Bounded so that a hostile text of thousands of brackets stays linear.
_MENTION = re.compile(r"\[(?:club|public|event|id)\d+\|[^\]]{0,200}\]|[@*](?:club|public|event|id)\d+(?:\s*\([^)]{0,200}\))?", re.IGNORECASE)
# Invisible marks that people do not see; the joiner inside emoji is left alone.
_INVISIBLE = dict.fromkeys([0x00AD, 0x200B, 0x200E, 0x200F, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_CACHE_LIMIT = 300_000

_lemma_cache: dict[str, str] = {}
_analyzer: Analyzer | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text: lower case with ё as е, its lemma, and where it stands (offsets in characters)."""

    text: str
    lemma: str
    start: int
    end: int


def plain(source: str | None) -> str:
    """Return text without tags, entities and control characters, with whitespace folded to single spaces."""
    if not source:
        return ""
    text = _TAG.sub(" ", _without_comments(source)) if "<" in source else source
    text = html.unescape(text) if "&" in text else text
    text = _ODD.sub(lambda m: _visible(m.group()), text)
    return _SPACE.sub(" ", text.translate(_INVISIBLE)).strip()


def _without_comments(source: str) -> str:
    head, *rest = source.split("<!--")
    return head + "".join(piece.partition("-->")[2] if "-->" in piece else piece for piece in rest)


def _visible(char: str) -> str:
    return " " if char.isspace() else ""


def normalise(text: str | None) -> str:
    """Return lower-case words only, ё as е, without network mentions: what two copies of one message have in common."""
    return " ".join(tokens(text))


def tokens(text: str | None) -> list[str]:
    """Return the words of a text in lower case, ё as е, without mentions and punctuation."""
    return [w.lower().replace("ё", "е") for w in _WORD.findall(_MENTION.sub(" ", plain(text)))]


def fingerprint(text: str | None) -> str:
    """Return 16 hex digits that equal for texts equal after `normalise`; "" when there is not one letter or digit to compare."""
    words = normalise(text)
    return hashlib.blake2b(words.encode(), digest_size=8).hexdigest() if words else ""


def lemma(word: str) -> str:
    """Return the dictionary form of one lower-case word, ё as е."""
    if word not in _lemma_cache:
        _learn([word])
    return _lemma_cache[word]


def lemmas(text: str | None) -> list[str]:
    """Return the dictionary forms of the words of a text, in order."""
    found = tokens(text)
    _learn(found)
    return [_lemma_cache[w] for w in found]


def words(text: str) -> list[Word]:
    """Return the words of an already plain text with their lemmas and places; mentions are skipped."""
    masked = _MENTION.sub(lambda m: " " * len(m.group()), text)
    spans = [(m.group().lower().replace("ё", "е"), m.start(), m.end()) for m in _WORD.finditer(masked)]
    _learn(w for w, _, _ in spans)
    return [Word(w, _lemma_cache[w], start, end) for w, start, end in spans]


def known(word: str) -> bool:
    """Say whether the dictionary holds this word form."""
    return bool(_morphology().is_known(word))


def shorten(text: str | None, limit: int) -> str:
    """Return at most `limit` characters, cut at a word border with «…» when something was cut."""
    whole = plain(text)
    if len(whole) <= limit:
        return whole
    if limit < 2:
        return "…"[:limit]
    cut = whole[: limit - 1]
    at_word = cut if whole[limit - 1].isspace() else cut.rpartition(" ")[0]
    return (at_word or cut).rstrip(" ,;:—–-.") + "…"


def _learn(unknown: Iterable[str]) -> None:
    new = list({w for w in unknown if w not in _lemma_cache})
    if not new:
        return
    learned = [found.lower().replace("ё", "е") for found in _morphology().lemmatize(new)]
    _lemma_cache.update(zip(new, learned, strict=True))


def _morphology() -> Analyzer:
    global _analyzer
    if _analyzer is None:  # a race only loads the dictionary twice
        _analyzer = Analyzer()
    return _analyzer


def forget_lemmas() -> None:
    """Empty the cache of lemmas when it has grown past its bound; called between texts, never inside one."""
    if len(_lemma_cache) > _CACHE_LIMIT:
        _lemma_cache.clear()
