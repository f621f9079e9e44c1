"""What a person meant to look for: numbers, exact phrases, words in all their forms, and words that were mistyped."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log10

from django.contrib.postgres.search import CombinedSearchQuery, SearchQuery
from django.db import connection

from ..models import CaseWords

Asked = SearchQuery | CombinedSearchQuery
PART = re.compile(r'"([^"]+)"|«([^»]+)»|(\S+)')
WORD = re.compile(r"[а-яё]+|[a-z]+")
LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
CYRILLIC = "йцукенгшщзхъфывапролджэячсмитьбюё"
LAYOUT = str.maketrans(LATIN + '{}:"<>~', CYRILLIC + "хъжэбюё")
MOST_PARTS = 12
ENOUGH = 3  # letters from which a word is worth guessing
OFTEN = 20_000  # cases of a whole region that hold a word: among those that anybody sees the newest are met soon
NEAR = 20  # words of the vocabulary that are looked at for one mistyped word
KNOWN = """
SELECT asked, a.stem, coalesce(sum(w.count), 0), coalesce(array_agg(DISTINCT w.stem) FILTER (WHERE w.stem IS NOT NULL), '{}')
FROM (SELECT asked, (tsvector_to_array(to_tsvector('russian', asked)))[1] AS stem FROM unnest(%s::text[]) AS asked) AS a
LEFT JOIN desk_word w ON w.root = replace(a.stem, 'ё', 'е')
GROUP BY asked, a.stem
"""
ALIKE = """
SELECT asked, near.* FROM unnest(%s::text[]) AS asked, LATERAL (
    SELECT word, plain, stem, root, count FROM desk_word
    WHERE plain %% asked OR plain LIKE asked || '%%' ORDER BY similarity(plain, asked) DESC, count DESC LIMIT %s
) AS near
"""


@dataclass(frozen=True)
class Search:
    """A search as it was understood: what to ask of the words of a case, and what was looked for besides."""

    query: Asked | None
    also: tuple[str, ...] = ()
    often: bool = False  # one word that very many cases hold


@dataclass(frozen=True)
class _Known:
    stem: str | None  # None: a word without meaning of its own, «на»
    count: int
    stems: tuple[str, ...]


def understand(search: str) -> Search:
    """Phrases stand in quotes; a word is looked for in all its forms, with е for ё, and as it was meant when nobody has ever written it so."""
    parts = [(phrase or guillemets, word) for phrase, guillemets, word in PART.findall(search)][:MOST_PARTS]
    keyed = {word: turned for _, word in parts if word and (turned := _other_layout(word))}
    typed = {w for _, word in parts for w in WORD.findall(word.lower())} | {w for turned in keyed.values() for w in WORD.findall(turned)}
    known = _known(typed)
    meant = _meant({w for w in typed if known[w].stem and not known[w].count and len(w) >= ENOUGH})
    asked: list[Asked] = []
    also: list[str] = []
    for phrase, word in parts:
        turned = keyed.get(word, "")
        if turned and not any(known[w].count for w in WORD.findall(word.lower())) and all(known[w].count or w in meant for w in WORD.findall(turned)):
            also.append(turned) if known[turned].count else None
            word = turned
        found = SearchQuery(phrase, config="russian", search_type="phrase") if phrase else _word(word, known, meant, also)
        asked += [found] if found is not None else []
    query = None
    for one in asked:
        query = one if query is None else query & one
    return Search(query, tuple(dict.fromkeys(also)), often=len(parts) == len(typed) == 1 and known[typed.pop()].count >= OFTEN)


def _word(word: str, known: Mapping[str, _Known], meant: Mapping[str, list[tuple[str, str]]], also: list[str]) -> Asked | None:
    """What one word asks; what is looked for besides it goes into `also`."""
    low = word.lower()
    if not WORD.fullmatch(low):  # «№17», «-мусор», «ремонт/уборка»: as the index itself reads it
        return SearchQuery(word, config="russian", search_type="websearch")
    if known[low].stem is None:
        return None
    guessed = meant.get(low, [])
    also += [name for name, _ in guessed]
    stems = {known[low].stem, *known[low].stems, *(stem for _, stem in guessed)}
    return SearchQuery(" | ".join(f"'{stem}'" for stem in sorted(filter(None, stems))), config="simple", search_type="raw")


def _other_layout(word: str) -> str:
    """The word as it comes out with the Russian layout, "" when that gives no Russian word."""
    turned = word.lower().translate(LAYOUT)
    return turned if re.search("[a-z]", word.lower()) and re.fullmatch(f"[а-яё]{{{ENOUGH},}}", turned) else ""


def _known(words: Iterable[str]) -> dict[str, _Known]:
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, [sorted(words)])
        return {asked: _Known(stem, int(count), tuple(stems)) for asked, stem, count, stems in cursor.fetchall()}


def _meant(words: set[str]) -> dict[str, list[tuple[str, str]]]:
    """word → (what was meant, its stem) for words that the vocabulary does not hold but residents may have: those are left as they are."""
    words = {word for word in words if not CaseWords.objects.filter(words=SearchQuery(word, config="russian")).exists()}
    if not words:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(ALIKE, [sorted(words), NEAR])
        rows = cursor.fetchall()
    near: dict[str, dict[str, list[tuple[float, str, str]]]] = {}
    for asked, word, plain, stem, root, count in rows:
        away = _away(asked.replace("ё", "е"), plain)
        if away is not None:
            near.setdefault(asked, {}).setdefault(root, []).append((away - log10(count) / 4, word, stem))
    best = {asked: sorted(min(forms) for forms in roots.values())[:2] for asked, roots in near.items()}
    return {asked: [(word, stem) for score, word, stem in found if score <= found[0][0] + 0.5] for asked, found in best.items()}


def _away(asked: str, word: str) -> float | None:
    """How far a word is from the asked one, in slips; None when it is another word. An unfinished word is half a slip away."""
    if word.startswith(asked) and len(asked) > ENOUGH and len(word) - len(asked) <= 4:
        return 0.5 + 0.1 * (len(word) - len(asked))
    slips = distance(asked, word)
    return slips if slips <= (1 if len(asked) < 6 else 2) else None


def distance(a: str, b: str) -> int:
    """Letters to add, drop, change or swap with a neighbour (Damerau, CACM 7(3), 1964)."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        older, before, row = before, row, [i]
        for j, y in enumerate(b, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                best = min(best, older[j - 2] + 1)
            row.append(best)
    return row[-1]
