"""Which body, territory, sphere of the database a word of the export means. Reads once, then works in memory."""

import re
from collections import defaultdict
from collections.abc import Iterable

from .importing import Row
from .importing.columns import fold
from .models import Body, Territory

Key = tuple[str, str, str]
# The word for the kind of a place, which an export leaves out: «Сосновский» is «Сосновский муниципальный округ».
KIND = re.compile(r"\b(?:муниципальн\w+|городск\w+|сельск\w+|район|округ|поселени\w+|город|го|мо|мр|зато|г|образовани\w+)\b")
CYRILLIC = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
LATIN = "a|b|v|g|d|e|e|zh|z|i|y|k|l|m|n|o|p|r|s|t|u|f|kh|ts|ch|sh|sch||y||e|yu|ya"
LETTERS = dict(zip(CYRILLIC, LATIN.split("|"), strict=True))


def slug(name: str, taken: set[str]) -> str:
    """A code for a new row in Latin letters, unlike those taken; it is added to them."""
    base = re.sub(r"[^a-z0-9]+", "-", "".join(LETTERS.get(c, c) for c in name.lower())).strip("-")[:80] or "row"
    code, number = base, 2
    while code in taken:
        code, number = f"{base}-{number}", number + 1
    taken.add(code)
    return code


def territory_names(territory: Territory) -> set[str]:
    """How an export may call it: its name, its aliases, and both without «район», «округ», «город»."""
    # Aliases of the region's files may be patterns («челябинск* район*»), which are no names.
    names = {fold(name) for name in (territory.name, *territory.aliases) if not re.search(r"[*|+]", name)}
    return names | {" ".join(KIND.sub(" ", name).split()) for name in names}


def by_name(territories: Iterable[Territory]) -> dict[str, Territory]:
    """Folded name → territory; municipalities come before settlements of the same name."""
    found: dict[str, Territory] = {}
    order = {"municipality": 0, "region": 1, "settlement": 2}
    for territory in sorted(territories, key=lambda t: (order.get(t.level, 3), t.pk or 0)):
        for name in territory_names(territory) - {""}:
            found.setdefault(name, territory)
    return found


def match(rows: Iterable[Row], bodies: Iterable[Body]) -> dict[Key, Body]:
    """Row key → the body that it means; keys that mean a new body are left out.

    First everything (ОГРН, name, founder), then ОГРН and name, then an ОГРН that one row and one body have,
    then name and founder where one side knows no ОГРН, at last a founder known by name only.
    """
    keys = list(dict.fromkeys(row.key for row in rows))
    left = {b.pk: (b.ogrn, fold(b.name), fold(b.founder_text), b.listed) for b in bodies}
    objects = {b.pk: b for b in bodies}
    found: dict[Key, Body] = {}
    steps = (
        (lambda k: k, lambda b: b[:3]),
        (lambda k: k[0] and k[:2], lambda b: b[:2]),
        (lambda k: k[0], lambda b: b[0]),
        (lambda k: k[1:], lambda b: b[1:3] if not b[0] else None),
        (lambda k: not k[0] and k[1:], lambda b: b[1:3]),
        (lambda k: k[1], lambda b: None if b[3] else b[1]),
    )
    for of_key, of_body in steps:
        for key, pk in _pairs(keys, left, of_key, of_body):
            found[key] = objects[pk]
            del left[pk]
        keys = [key for key in keys if key not in found]
    return found


def _pairs(keys, left, of_key, of_body):  # type: ignore[no-untyped-def]
    """Keys and bodies that are alone on both sides with what they have in common."""
    some_keys, some_bodies = defaultdict(list), defaultdict(list)
    for key in keys:
        if common := of_key(key):
            some_keys[common].append(key)
    for pk, body in left.items():
        if common := of_body(body):
            some_bodies[common].append(pk)
    return [(ks[0], some_bodies[c][0]) for c, ks in some_keys.items() if len(ks) == 1 and len(some_bodies.get(c, ())) == 1]
