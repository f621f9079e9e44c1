"""Names and queries as comparable pieces: pure thinking, no database.

A piece is a lower-case word or a number; a term is a piece as the index keeps it: the lemma itself for a word of the name,
`r:` its root (what «Тамбовка» and «тамбовский» have in common), `n:` a number, `k:` a kind of institution, `t:` a word of the territory.
"""

import re
from functools import lru_cache

from gospult.lib import text as txt

KEYS, LETTERS = "`qwertyuiop[]asdfghjkl;'zxcvbnm,.", "ёйцукенгшщзхъфывапролджэячсмитьбю"
TO_CYRILLIC = str.maketrans(KEYS + '~{}:"<>#', LETTERS + "ёхъжэбю№")
TO_LATIN = str.maketrans(LETTERS, KEYS)
# Longest first; what people write for one Russian letter or two.
SOUNDS = (
    ("shch", "щ"), ("tsk", "тск"), ("tsh", "тш"), ("sch", "щ"), ("iya", "ия"), ("iia", "ия"), ("zh", "ж"), ("kh", "х"),
    ("ts", "ц"), ("tz", "ц"), ("ch", "ч"), ("sh", "ш"),
    ("yu", "ю"), ("ju", "ю"), ("iu", "ю"), ("ya", "я"), ("ja", "я"), ("ia", "ия"), ("yo", "е"), ("jo", "е"), ("ye", "е"), ("je", "е"),
    ("yy", "ый"), ("iy", "ий"), ("ij", "ий"), ("yj", "ый"), ("ii", "ий"), ("ay", "ай"), ("ey", "ей"), ("oy", "ой"), ("uy", "уй"),
    ("aj", "ай"), ("ej", "ей"), ("oj", "ой"),
    ("a", "а"), ("b", "б"), ("v", "в"), ("w", "в"), ("g", "г"), ("d", "д"), ("e", "е"), ("z", "з"), ("i", "и"), ("j", "й"), ("k", "к"), ("l", "л"),
    ("m", "м"), ("n", "н"), ("o", "о"), ("p", "п"), ("r", "р"), ("s", "с"), ("t", "т"), ("u", "у"), ("f", "ф"), ("h", "х"), ("c", "ц"), ("y", "ы"),
    ("q", "к"), ("x", "кс"), ("'", "ь"),
)  # fmt: skip
ORDINALS = {
    "первый": 1, "второй": 2, "третий": 3, "четвертый": 4, "пятый": 5, "шестой": 6, "седьмой": 7, "восьмой": 8, "девятый": 9, "десятый": 10,
    "одиннадцатый": 11, "двенадцатый": 12, "тринадцатый": 13, "четырнадцатый": 14, "пятнадцатый": 15, "двадцатый": 20,
}  # fmt: skip
_SHAPES = (
    (re.compile(r"\bд\s?[/.\-\\]\s?с(?:ад)?\b\.?"), " детсад "),
    (re.compile(r"\bр\s?[-/]\s?н(?:[ауе]|ом)?\b"), " район "),
    (re.compile(r"\bж\s?[./]\s?д\b\.?"), " жд "),
    (re.compile(r"\bг\s?[./]\s?о\b\.?"), " го "),
    (re.compile(r"\bп\s?\.\s?г\s?\.\s?т\b\.?"), " пгт "),
    (re.compile(r"(?<![а-я])(\d+)\s?-?\s?(?:я|й|ая|ый|ой|ий|го|му|ю|ую|е|ое)\b"), r" \1 "),
    (re.compile(r"(?<=\w)['’`ʼ](?=\w)"), ""),
)
# A word of both alphabets is a Russian one with letters that only look Russian.
_MIXED = re.compile(r"[a-z]*[а-я][а-яa-z]*[a-z][а-яa-z]*|[a-z]+[а-я]+")
_TWINS = str.maketrans("abcehikmnoptxy", "авсенікмпортху".replace("і", "и"))
_PIECE = re.compile(r"\d+|[а-я]+|[a-z]+")
_COMPOUND = re.compile(r"[а-я]{2,}(?:-[а-я]{2,})+")
_YEARS = re.compile(r"(\d+)\s*-?\s*(?:лет|летия|летие|летию)\b")
_ENDS = (
    "ыми",
    "ими",
    "ого",
    "его",
    "ому",
    "ему",
    "ый",
    "ий",
    "ой",
    "ая",
    "яя",
    "ое",
    "ее",
    "ые",
    "ие",
    "ь",
    "й",
    "ы",
    "и",
    "а",
    "я",
    "о",
    "е",
    "у",
    "ю",
    "э",
)
_CASES = (
    ("ый", ("ого", "ому", "ым", "ом")), ("ий", ("ого", "его", "ому", "им", "ом", "ем")), ("ой", ("ого", "ому", "ым", "ом")), ("ая", ("ой", "ую")),
    ("ое", ("ого", "ому", "ом", "ым")), ("ия", ("ии", "ию", "ией")), ("ья", ("ьи", "ье", "ью")), ("я", ("и", "ю", "ей", "е")),
    ("а", ("ы", "и", "е", "у", "ой")),
    ("о", ("а", "у", "ом", "е")), ("е", ("я", "ю", "ем", "е")), ("ь", ("я", "и", "ю", "ем", "е", "ью")), ("ы", ("", "ов", "ам", "ах", "ами")),
    ("и", ("ей", "ов", "ям", "ам", "ах", "ях", "")), ("ец", ("ца", "цу", "цом", "це")),
)  # fmt: skip
LONGEST = 200  # letters of a query that are looked at
MOST = 14  # pieces of a query


def fold(text: str) -> str:
    """Lower case, ё as е, hyphens and numero signs of every kind as one."""
    text = txt.plain(text).lower().replace("ё", "е")
    text = _MIXED.sub(lambda found: found[0].translate(_TWINS), text)
    return re.sub(r"[‐-―−]", "-", text).replace("№", " ").replace("#", " ")


def pieces(text: str) -> list[str]:
    """What `_cut` says, as a list of one's own."""
    return list(_cut(text))


@lru_cache(maxsize=20_000)
def _cut(text: str) -> tuple[str, ...]:
    """Words and numbers of a text, «школа№12» parted, «12-я» as 12, «д/с» as детсад; numbers without leading zeros."""
    text = fold(text)
    for shape, instead in _SHAPES:
        text = shape.sub(instead, text)
    return tuple(p.lstrip("0") or "0" if p.isdigit() else p for p in _PIECE.findall(text))


def compounds(text: str) -> list[str]:
    """«Усть-Ивановка» as one word too, as some people write it."""
    return [found.replace("-", "") for found in _COMPOUND.findall(fold(text))]


def anniversaries(text: str) -> set[str]:
    """Numbers that count years («имени 70-летия Победы») and are no number of an institution."""
    return {found.lstrip("0") for found in _YEARS.findall(fold(text))}


def lemma(word: str) -> str:
    """The dictionary form; a number is its own."""
    return word if word.isdigit() else txt.lemma(word)


@lru_cache(maxsize=50_000)
def roots(word: str) -> tuple[str, ...]:
    """What the name of a place and its adjectives share: «тамбовка», «тамбовский» → тамбов; one or two, the longer first."""
    stem = next((word[: -len(end)] for end in _ENDS if word.endswith(end) and len(word) - len(end) >= 2), word)
    stem = stem.replace("сск", "сс")
    ringed = stem.endswith(("ск", "цк"))  # an adjective of a place may leave a root of two letters: «ашинский»
    if stem.endswith("ск") and len(stem) > 4:
        stem = stem[:-2]
    for _ in range(3):
        end = next(
            (
                e
                for e in ("ин", "ен", "н", "к", "й", "ь")
                if stem.endswith(e) and len(stem) - len(e) >= (2 if e in "йь" or (ringed and len(e) > 1) else 4)
            ),
            "",
        )
        if not end:
            break
        stem = stem[: -len(end)]
    stem = re.sub(r"(.)\1", r"\1", stem)
    shorter = stem[:-2] if stem.endswith(("ов", "ев")) and len(stem) > 5 else ""
    return (f"r:{stem}", f"r:{shorter}") if shorter else (f"r:{stem}",)


def cases(name: str) -> list[str]:
    """Forms of the name of a place that dictionaries do not know: «белореченске», «каслей»; some of them no one says."""
    for end, others in _CASES:
        if name.endswith(end) and len(name) - len(end) >= 2:
            stem = name[: len(name) - len(end)]
            return [name, *(stem + other for other in others)]
    return [name, *(name + other for other in ("а", "у", "ом", "е"))]


def shapes(word: str) -> list[str]:
    """The word and itself without one letter: two words one slip apart share a shape."""
    return list(dict.fromkeys([word, *(word[:i] + word[i + 1 :] for i in range(len(word)))]))


def slips(one: str, other: str, most: int = 3) -> int:
    """How many letters were dropped, added, replaced or swapped with a neighbour (Damerau); `most` + 1 when more."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    older: list[int] = []
    old = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        new = [i]
        for j, b in enumerate(other, 1):
            cost = min(old[j] + 1, new[j - 1] + 1, old[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, older[j - 2] + 1)
            new.append(cost)
        older, old = old, new
    return min(old[-1], most + 1)


def other_layout(text: str) -> str:
    """«irjkf» as the Russian keyboard would have typed it: школа."""
    return text.lower().translate(TO_CYRILLIC)


def latin_layout(text: str) -> str:
    """The reverse: «ьшфыы» typed instead of miass."""
    return text.lower().translate(TO_LATIN)


def sounded(text: str) -> str:
    """Latin letters read as Russian: «shkola» → школа."""
    text, out, at = text.lower(), [], 0
    text = re.sub(r"(?<=[kg])y\b", "iy", re.sub(r"(?<=n)y\b", "yy", text))
    text = re.sub(r"(?<=[aeiou])y(?=[aeou])", "|y", text)  # «aya» is «ая», not «айа»
    while at < len(text):
        sound, letter = next(((s, c) for s, c in SOUNDS if text.startswith(s, at)), (text[at], text[at]))
        out.append(letter)
        at += len(sound)
    return "".join(out).replace("|", "")
