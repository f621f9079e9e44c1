"""Builders of the directory for tests, and the ways in which a hurried finger spoils a query."""

import random
from typing import Any

from gospult.registry.models import Body, Territory
from gospult.registry.testing import make_body, make_page, make_territory

from .actions import catch_up
from .folding import KEYS, LETTERS

SLIPS = ("clean", "lower", "typo", "layout", "latin")
LATIN = "a|b|v|g|d|e|e|zh|z|i|y|k|l|m|n|o|p|r|s|t|u|f|kh|ts|ch|sh|shch||y||e|yu|ya"
SOUNDS = dict(zip("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", LATIN.split("|"), strict=True))
LAYOUT = str.maketrans(LETTERS, KEYS)


def make_town(name: str, **fields: object) -> Territory:
    """A municipality of this name."""
    return make_territory(name=name, **fields)


def make_listed(name: str, town: Territory | None = None, *, handle: str = "", **fields: Any) -> Body:
    """A body of the directory, with a page where a handle is given."""
    body = make_body(name=name, territory=town, **fields)
    if handle:
        make_page(body=body, handle=handle, name=name[:200])
    return body


def make_directory() -> dict[str, Body]:
    """A small region: two towns and a district, written into the index."""
    river, tambov, district = make_town("Белореченск", population=90_000), make_town("Тамбовка"), make_town("Белореченский")
    rows = {
        "gov": make_listed("Правительство Примерной области", level="Регион", status="flagship", handle="gov"),
        "health": make_listed("МИНИСТЕРСТВО ЗДРАВООХРАНЕНИЯ ПРИМЕРНОЙ ОБЛАСТИ", level="Министерство", status="flagship"),
        "admin": make_listed("АДМИНИСТРАЦИЯ ГОРОДА БЕЛОРЕЧЕНСКА", river, status="flagship", handle="belgorod"),
        "admin_district": make_listed("Администрация Белореченского района", district, status="flagship"),
        "finance": make_listed("ФИНАНСОВОЕ УПРАВЛЕНИЕ АДМИНИСТРАЦИИ ГОРОДА БЕЛОРЕЧЕНСКА", river),
        "school12": make_listed(
            'МУНИЦИПАЛЬНОЕ ОБЩЕОБРАЗОВАТЕЛЬНОЕ УЧРЕЖДЕНИЕ "ШКОЛА № 12 ГОРОДА БЕЛОРЕЧЕНСКА"', river, handle="school12_bel", ogrn="1022800512921"
        ),
        "school2": make_listed("МБОУ СОШ №2", river),
        "school12t": make_listed("МБОУ «СОШ № 12» с. Тамбовка", tambov),
        "anniversary": make_listed("МБОУ «СОШ № 5 имени 70-летия Победы» с. Тамбовка", tambov),
        "sun": make_listed("МБДОУ Детский сад № 3 «Солнышко»", river),
        "sport": make_listed("Детско-юношеская спортивная школа № 1 города Белореченска", river),
        "hospital": make_listed('ГБУЗ "БЕЛОРЕЧЕНСКАЯ ЦЕНТРАЛЬНАЯ ГОРОДСКАЯ БОЛЬНИЦА"', level="Министерство"),
        "clinic": make_listed("ГБУЗ «Стоматологическая поликлиника»", level="Министерство"),
        "hall": make_listed("МБУК «Дом культуры «Восход» Белореченска", river),
        "library": make_listed("Межпоселенческая центральная библиотека Тамбовского района", tambov),
        "social": make_listed("УПРАВЛЕНИЕ СОЦИАЛЬНОЙ ЗАЩИТЫ НАСЕЛЕНИЯ ПО Г. БЕЛОРЕЧЕНСК", level="Министерство"),
        "music": make_listed("МБУ ДО «Детская музыкальная школа» Белореченска", river),
        "village": make_listed("Средняя общеобразовательная школа с. Возжаевки", district),
    }
    catch_up()
    return rows


def spoilt(query: str, slip: str, dice: random.Random) -> str:
    """The query as a hurried finger types it; `slip` is one of SLIPS."""
    bare = query.lower().translate({ord(c): None for c in "«»№"})
    if slip == "lower":
        return bare
    if slip == "layout":
        return bare.translate(LAYOUT)
    if slip == "latin":
        return "".join(SOUNDS.get(c, c) for c in bare)
    return _mistyped(query, dice) if slip == "typo" else query


def _mistyped(query: str, dice: random.Random) -> str:
    """One slip in the longest word: a letter lost, doubled, swapped or another one instead."""
    word = max(query.split() or [""], key=len)
    if len(word) < 6:
        return query
    at = dice.randrange(1, len(word) - 2)
    lost, doubled = word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:]
    swapped, other = word[:at] + word[at + 1] + word[at] + word[at + 2 :], word[:at] + dice.choice("аеиопрстн") + word[at + 1 :]
    return query.replace(word, dice.choice([lost, doubled, swapped, other]), 1)
