"""What the index keeps of a body: pure thinking from its words to terms."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from . import folding
from .lexicon import lexicon

_REGION = re.compile(r"^(?:область|край|республика)$")
_BEFORE_PLACE = {"с", "п", "г", "пгт", "рп", "д", "город", "города", "село", "села", "поселок", "поселка", "деревня", "деревни", "станица", "станицы"}
_AFTER_FORM = {"культура", "здравоохранение", "искусство", "спорт", "дополнительный", "образование", "ребенок", "социальный", "обслуживание"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the registry says of one body, or of several that are the same one."""

    name: str
    short_name: str = ""
    places: tuple[str, ...] = ()  # its territory and those above it below the region, the nearest first
    inside: tuple[str, ...] = ()  # places inside its territory
    other: tuple[str, ...] = ()  # names of its pages, its founder, addresses
    keys: tuple[str, ...] = ()  # ОГРН, phones, ids and handles of pages
    municipal: bool = True  # whether its place below the region is known


@dataclass(slots=True)
class Described:
    """`terms` are searched; `bag` is what scoring reads; `core` is equal for two ways to write one name."""

    terms: list[str] = field(default_factory=list)
    bag: str = ""
    core: str = ""
    words: dict[str, str] = field(default_factory=dict)  # form → lemma, for mending slips
    length: int = 0


@dataclass(slots=True)
class _Name:
    kinds: list[str]
    numbers: list[str]
    years: set[str]
    heavy: list[str]
    soft: list[str]
    places: list[str] = field(default_factory=list)


def describe(facts: Facts) -> Described:
    """Terms of a body; the bag parts them by `|`: kinds, heavy words of the name, soft ones, numbers, the rest."""
    made = Described()
    name = _name(facts.name, made.words)
    short = _name(facts.short_name, made.words) if facts.short_name else _Name([], [], set(), [], [])
    kinds = list(dict.fromkeys(name.kinds + short.kinds))
    numbers = [f"m:{n}" if n in name.years else f"n:{n}" for n in dict.fromkeys(name.numbers)]
    numbers += [f"n:{n}" for n in short.numbers if n not in name.numbers]
    rest = _rest(facts, made.words)
    rest |= set(short.heavy) | set(short.soft)
    rest |= {root for word in (*name.heavy, *short.heavy) for root in folding.roots(word)}
    rest |= {term for word in name.places for term in (f"t:{word}", *(f"t{root}" for root in folding.roots(word)))}
    rest |= {f"j:{word}" for word in folding.compounds(facts.name)}
    rest |= {f"#{key.lower()}" for key in facts.keys}
    head = [f"K:{kinds[0]}"] if kinds else []
    named = head + [f"k:{kind}" for kind in kinds]
    parts = [named, name.heavy, name.soft, numbers, sorted(rest)]
    made.bag = "|".join(" ".join(part) for part in parts)
    made.terms = list(dict.fromkeys(term for part in parts for term in part))
    made.length = len(name.heavy) + len(name.numbers)
    made.core = _core(name)
    return made


def _core(name: _Name) -> str:
    whole = " ".join([*sorted(set(name.kinds)), *sorted(name.numbers), *sorted(set(name.heavy))])
    return hashlib.blake2b(whole.encode(), digest_size=8).hexdigest()


def _name(text: str, words: dict[str, str]) -> _Name:
    tables = lexicon()
    parts = tables.spell_out(folding.pieces(text))
    found = tables.find(parts)
    taken = {at for hit in found for at in range(hit.start, hit.end)}
    spoken = {at for hit in found if hit.kind.broad for at in range(hit.start, hit.end)}
    made = _Name(_kinds([hit.kind.code for hit in found]), [], folding.anniversaries(text), [], [])
    after_form = False
    for at, part in enumerate(parts):
        lemma = folding.lemma(part)
        if not part.isdigit() and len(part) > 2:
            words[part] = words[lemma] = lemma
        is_form = lemma in tables.forms or part in tables.forms
        after_form = is_form or (after_form and lemma in _AFTER_FORM)
        if at in spoken:
            made.soft.append(lemma)
        if at in taken or is_form:
            continue
        if part.isdigit():
            made.numbers.append(part)
        elif lemma in tables.stops or part in tables.stops or len(part) < 2:
            continue
        elif after_form or lemma in tables.soft or _names_region(parts, at):
            made.soft.append(lemma)
        else:
            made.heavy.append(lemma)
            made.places += [lemma] if at and parts[at - 1] in _BEFORE_PLACE and len(part) > 3 else []
    return made


def _kinds(found: list[str]) -> list[str]:
    """A department of an administration is no administration: whoever the name begins with is the head of the list."""
    return list(dict.fromkeys(found))


def _names_region(parts: list[str], at: int) -> bool:
    return at + 1 < len(parts) and bool(_REGION.match(folding.lemma(parts[at + 1])))


def _rest(facts: Facts, words: dict[str, str]) -> set[str]:
    rest: set[str] = set() if facts.municipal else {"t:*"}
    for mark, texts in (("t", facts.places), ("c", facts.inside), ("o", facts.other)):
        for word in _content(texts):
            lemma = folding.lemma(word)
            words[word] = words[lemma] = lemma
            rest.add(f"{mark}:{lemma}")
            if mark == "t":
                rest |= {f"t{root}" for root in folding.roots(lemma)}
            if mark == "c":
                rest |= {f"c{root}" for root in folding.roots(lemma)}
    return rest


def _content(texts: Iterable[str]) -> list[str]:
    tables = lexicon()
    found = [word for text in texts for word in (*folding.pieces(text), *folding.compounds(text))]
    return [w for w in found if len(w) > 1 and not w.isdigit() and not {w, folding.lemma(w)} & (tables.stops | tables.forms)]
