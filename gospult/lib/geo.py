"""Places in the words of residents: territories, streets (marked or not) and house numbers."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gospult.lib import text as txt
from gospult.lib.patterns import Hit, Patterns

# How sure each kind of evidence makes us; the product is shown to people, so round figures.
NAMED, NEAR_HOME, ONE_STREET, UNKNOWN_STREET, GUESS = 0.95, 0.85, 0.7, 0.6, 0.25

_MARK_WORDS = frozenset(
    {"ул", "улица", "пр", "проспект", "просп", "пер", "переулок", "пл", "площадь", "шоссе", "бульвар", "бул", "проезд", "тракт"}
    | {"набережная", "наб", "аллея", "мкр", "микрорайон"}
)
_LEAD_WORDS = frozenset(("на", "по", "у", "возле", "около", "от", "до", "с", "перед", "напротив", "рядом", "вдоль", "через", "за"))
_HOUSE = re.compile(
    r"^[\s,.;:]*(?:(?:д|дом|дома|дому|доме|№|n)[\s.№]*)?"
    r"(?P<n>\d{1,4})(?P<slash>/\d{1,3})?(?:(?:-?(?P<glued>[а-я])|\s(?P<apart>(?-i:[А-ДЖИ])))(?!\s?\d)(?![а-яё.]))?"
    r"(?![\d:%₽+])(?P<tail>[\s,.]*(?:(?:корп(?:ус)?|к|стр(?:оение)?)[\s.]*\d{1,2})?)",
    re.IGNORECASE,
)
# A number after a street that counts something else: «на Кирова 2 часа стоим».
_NOT_HOUSE = re.compile(
    r"^\s*(?:-?(?:й|я|го|му|ый|ая|ой|е)\b|час|мин|сут|дн|ден|недел|месяц|мес\b|лет|год|г\.|раз|человек|чел|руб|тыс|маршрут|автобус"
    r"|км|метр|м\b|январ|феврал|март|апрел|ма[йя]\b|июн|июл|август|сентябр|октябр|ноябр|декабр|числ|(?:подъезд|этаж)(?!\s*№?\s*\d)|полос|школ|шт)",
    re.IGNORECASE,
)
_FREE_STREET = re.compile(
    r"(?<![а-яё])(?:ул|улиц[аеуы]|улицей|пр-т|проспект[еауом]*|пер|переулк?[оеауком]*|бульвар[еау]?|шоссе|тракт[еау]?|мкр|микрорайон[еау]?)(?:\s*\.\s*|\s+)"
    r"(?:им(?:ени|\.)\s+)?(?P<name>(?:\d{1,3}[- ](?:лет|летия|го|й|я|е)\s+)?[А-ЯЁа-яё][а-яё-]{2,24})",
    re.IGNORECASE,
)
_NOT_NAME = frozenset(
    {"где", "и", "в", "на", "не", "нет", "есть", "там", "тут", "это", "наша", "наш", "вся", "уже", "совсем", "полностью", "просто", "дом"}
    | {"около", "возле", "частного", "которая", "после", "которой"}
)


@dataclass(frozen=True, slots=True)
class Territory:
    """A territory by code; `aliases` are phrases of `patterns`; `weak` ones count only inside the page's own branch."""

    code: str
    parent: str
    level: str
    name: str
    aliases: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Street:
    """A street of one territory; `common` marks names that are ordinary words («Труда», «Победы») and so need a mark or a house."""

    territory: str
    name: str
    kind: str = "улица"
    aliases: tuple[str, ...] = ()
    common: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a text. territory is None when several fit; confidence 0…1; span in characters of the plain text."""

    territory: str | None
    street: str
    house: str
    confidence: float
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _StreetHit:
    streets: tuple[Street, ...]
    name: str
    house: str
    marked: bool
    first: int
    last: int
    span: tuple[int, int]


class Gazetteer:
    """Territories and streets of a region, compiled once; safe to share between threads."""

    def __init__(self, territories: Iterable[Territory], streets: Iterable[Street] = ()) -> None:
        self.territories = {t.code: t for t in territories}
        self._paths = {code: self._climb(code) for code in self.territories}
        self._named = Patterns((alias, (t.code, False)) for t in self.territories.values() for alias in t.aliases or (t.name,))
        self._weak = Patterns((alias, (t.code, True)) for t in self.territories.values() for alias in t.weak)
        self._streets = Patterns((phrase, street) for street in streets for phrase in street_phrases(street))

    def _climb(self, code: str) -> tuple[str, ...]:
        path: list[str] = []
        at = code
        while at in self.territories and at not in path:
            path.append(at)
            at = self.territories[at].parent
        return tuple(path)

    def path(self, code: str | None) -> tuple[str, ...]:
        """Return territory codes from this one up to the region; empty for an unknown code."""
        return self._paths.get(code or "", ())

    def inside(self, code: str, branch: str) -> bool:
        """Say whether the territory is the branch or lies in it."""
        return branch in self.path(code)

    def related(self, one: str, other: str) -> bool:
        """Say whether one territory contains the other."""
        return self.inside(one, other) or self.inside(other, one)

    def find(self, text: str, home: str | None = None) -> list[Place]:
        """Return the places of a plain text, surest first; `home` is the territory of the page it was written on."""
        return self.find_in(text, txt.words(text), home)

    def find_in(self, text: str, words: Sequence[txt.Word], home: str | None = None) -> list[Place]:
        """Do what `find` does for words that are already cut."""
        streets = self._street_hits(text, words)
        taken = {i for hit in streets for i in range(hit.first, hit.last)}
        named = self._territory_hits(words, taken, home)
        places = [self._locate(hit, named, words, home) for hit in streets]
        places += self._free_streets(text, words, named, streets, home)
        places += _one_of(self._bare(named, words, places), self, home) if not any(p.territory for p in places) else []
        return sorted(places, key=lambda p: (-p.confidence, -len(p.house), -len(p.street), p.span))

    def _street_hits(self, text: str, words: Sequence[txt.Word]) -> list[_StreetHit]:
        groups: dict[tuple[int, int], list[Street]] = {}
        for hit in self._streets.find(words):
            groups.setdefault((hit.start, hit.end), []).append(hit.key)
        hits = [_street_hit(text, words, span, tuple(dict.fromkeys(streets))) for span, streets in groups.items()]
        found = [h for h in hits if h]
        return [h for h in found if not any(_covers(o, h) for o in found)]

    def _territory_hits(self, words: Sequence[txt.Word], taken: set[int], home: str | None) -> list[tuple[tuple[str, ...], int, int]]:
        hits: list[Hit[tuple[str, bool]]] = [h for h in self._named.find(words) if not _is_street_name(words, h)]
        if home:
            named = {i for h in hits for i in range(h.start, h.end)} if len(self.path(home)) < 2 else set()
            weak = [h for h in self._weak.find(words) if self.related(h.key[0], home) and not named & set(range(h.start, h.end))]
            hits += [h for h in weak if not _is_street_name(words, h)]
        spans: dict[tuple[int, int], list[str]] = {}
        for hit in hits:
            if not taken & set(range(hit.start, hit.end)):
                spans.setdefault((hit.start, hit.end), []).append(hit.key[0])
        longest = {s: codes for s, codes in spans.items() if not any(o != s and o[0] <= s[0] and s[1] <= o[1] for o in spans)}
        return [(self._narrow(codes, home), start, end) for (start, end), codes in sorted(longest.items())]

    def _narrow(self, codes: Sequence[str], home: str | None) -> tuple[str, ...]:
        unique = tuple(dict.fromkeys(codes))
        at_home = tuple(c for c in unique if home and self.related(c, home))
        return at_home if len(unique) > 1 and at_home else unique

    def _locate(self, hit: _StreetHit, named: Sequence[tuple[tuple[str, ...], int, int]], words: Sequence[txt.Word], home: str | None) -> Place:
        """Say in which territory a street lies: the one named nearest, else the page's own, else the only one that has such a street."""
        by_distance = sorted(named, key=lambda n: min(abs(n[1] - hit.last), abs(n[2] - hit.first)))
        for codes, _, _ in by_distance:
            fits = [s for s in hit.streets if any(self.related(s.territory, c) for c in codes if self.path(c)[1:])]
            if fits:
                return Place(fits[0].territory, fits[0].name, hit.house, NAMED if len(fits) == 1 else NEAR_HOME, hit.span)
        elsewhere = next((codes[0] for codes, _, _ in by_distance if len(codes) == 1 and self.path(codes[0])[1:]), None)
        if elsewhere:  # our list of streets is never complete: the resident named the place
            return Place(elsewhere, hit.name, hit.house, UNKNOWN_STREET, hit.span)
        fits = [s for s in hit.streets if home and self.related(s.territory, home)]
        if len({s.territory for s in fits}) == 1:
            return Place(fits[0].territory, fits[0].name, hit.house, NEAR_HOME, hit.span)
        if home and len(self.path(home)) > 1:
            return Place(home, hit.name, hit.house, UNKNOWN_STREET, hit.span)
        if len(hit.streets) == 1:
            return Place(hit.streets[0].territory, hit.name, hit.house, ONE_STREET, hit.span)
        return Place(None, hit.name, hit.house, GUESS, hit.span)

    def _free_streets(
        self, text: str, words: Sequence[txt.Word], named: Sequence[tuple[tuple[str, ...], int, int]], known: Sequence[_StreetHit], home: str | None
    ) -> list[Place]:
        """Find «ул. Сосновая 5» that our list does not hold."""
        places = []
        for found in _FREE_STREET.finditer(text):
            start, end = found.span()
            if any(h.span[0] < end and start < h.span[1] for h in known) or found["name"].lower() in _NOT_NAME:
                continue
            house, stop = house_after(text, end)
            territory = next((c[0] for c, a, _ in named if len(c) == 1 and not start <= words[a].start < end), None) or home
            sure = UNKNOWN_STREET if territory and len(self.path(territory)) > 1 else GUESS
            places.append(Place(territory if sure > GUESS else None, found["name"].strip().capitalize(), house, sure, (start, stop)))
        return places[:5]

    def _bare(self, named: Sequence[tuple[tuple[str, ...], int, int]], words: Sequence[txt.Word], places: Sequence[Place]) -> list[Place]:
        """Territories that no street has already made more exact."""
        bare = []
        for codes, start, end in named:
            span = (words[start].start, words[end - 1].end)
            if any(p.territory and any(self.related(p.territory, c) for c in codes) for p in places):
                continue
            if any(p.span[0] <= span[0] and span[1] <= p.span[1] for p in places):
                continue
            deep = len(self.path(codes[0])) > 1
            bare.append(Place(codes[0], "", "", NAMED if deep else UNKNOWN_STREET, span) if len(codes) == 1 else Place(None, "", "", GUESS, span))
        return bare


def _one_of(bare: list[Place], gazetteer: Gazetteer, home: str | None) -> list[Place]:
    """Several places named («из Чесмы в Варну»): keep the page's own, else admit that we do not know which."""
    deepest = [p for p in bare if not any(o is not p and p.territory and o.territory and gazetteer.inside(o.territory, p.territory) for o in bare)]
    if len({p.territory for p in deepest}) < 2:
        return deepest
    own = [p for p in deepest if p.territory and home and len(gazetteer.path(home)) > 1 and gazetteer.related(p.territory, home)]
    return own or [Place(None, "", "", GUESS, deepest[0].span)]


def street_phrases(street: Street) -> list[str]:
    """Return how people may write a street's name, as phrases of `patterns`: adjectives in any form, other words as they stand."""
    return [_phrase(street.name), *street.aliases]


def _phrase(name: str) -> str:
    parts = []
    for word in re.findall(r"[^\W_]+", name.lower().replace("ё", "е")):
        stem = re.sub(r"(?:ий|ый|ой|ая|яя|ое|ее)$", "", word)
        parts.append(f"{stem}*" if stem != word and len(stem) > 3 else f"={word}")
    return " ".join(parts)


def _street_hit(text: str, words: Sequence[txt.Word], span: tuple[int, int], streets: tuple[Street, ...]) -> _StreetHit | None:
    """Decide whether these words are a street here: a mark, a house number, or a place preposition before an unmistakable name."""
    first, last = span
    before = words[first - 1] if first else None
    after = words[last] if last < len(words) else None
    marked = bool(before and before.lemma in _MARK_WORDS) or bool(before and before.text in _MARK_WORDS)
    tail = last
    if not marked and after and (after.text in _MARK_WORDS or after.lemma in _MARK_WORDS):
        marked, tail = True, last + 1
    house, stop = house_after(text, words[tail - 1].end)
    led = bool(before and before.text in _LEAD_WORDS) and not all(s.common for s in streets)
    if not (marked or house or led):
        return None
    start = words[first - 1].start if marked and tail == last and before else words[first].start
    return _StreetHit(streets, streets[0].name, house, marked, first, tail, (start, stop))


def house_after(text: str, at: int) -> tuple[str, int]:
    """Return a house number that stands right after a street ("12а", "12/1 к2") and where it ends; "" when there is none."""
    found = _HOUSE.match(text[at : at + 60])
    if not found or _NOT_HOUSE.match(text[at + found.end("n") : at + found.end("n") + 20]):
        return "", at
    house = found["n"] + (found["slash"] or "") + (found["glued"] or found["apart"] or "").lower()
    part = re.search(r"(корп|к|стр)\D*(\d+)", found["tail"] or "", re.IGNORECASE)
    if part:
        house += (" стр. " if part[1].lower() == "стр" else " к. ") + part[2]
    return house, at + found.end() if part else at + max(found.end("n"), found.end("slash"), found.end("glued"), found.end("apart"))


def _covers(one: _StreetHit, other: _StreetHit) -> bool:
    return one is not other and one.first <= other.first and other.last <= one.last and (one.last - one.first) > (other.last - other.first)


def _is_street_name(words: Sequence[txt.Word], hit: Hit[tuple[str, bool]]) -> bool:
    """«ул. Челябинская», «Магнитогорское шоссе»: an adjective of a territory next to a street mark is no territory."""
    near = [words[i] for i in (hit.start - 1, hit.end) if 0 <= i < len(words)]
    adjective = words[hit.end - 1].lemma.endswith(("ий", "ый", "ой"))
    return adjective and any(w.text in _MARK_WORDS or w.lemma in _MARK_WORDS for w in near)
