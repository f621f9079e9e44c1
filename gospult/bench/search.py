"""hit@1 and milliseconds of the directory's search at 175,000 names. All names are made up."""

import random
from collections.abc import Iterator
from typing import Any

from gospult.directory import actions, queries
from gospult.directory.models import Spelling, Term
from gospult.directory.testing import SLIPS, spoilt
from gospult.registry.models import Body, Territory

from .figures import database_mb, machine, peak_mb, say, spread, timed
from .search_world import TOWNS, Target, fill, places

NAMES = 175_000
EACH = 12  # bodies asked for by each way of asking
HITS, P95_MS = 0.95, 10.0
Asked = tuple[str, Target, str]  # the query, what it means, how it was spoilt
# How people ask; {p} the place, {g} «чего», {l} «где», {a} its adjective in -ий, {n} the number, {own} the name in quotes.
WAYS: dict[str, tuple[str, ...]] = {
    "school": ("школа {n} {p}", "{n} школа {p}", "школа №{n} {l}", "сош {n} {g}", "МБОУ СОШ № {n} {p}", "шк {n} {p}", "средняя школа номер {n} г {p}",
               "школа{n} {p}", "{p} школа {n} вконтакте", "официальная страница школы {n} города {g}", "{n}-я школа {p}"),
    "gymnasium": ("гимназия {n} {p}", "{p} гимназия", "гимназия № {n} города {g}"),
    "kindergarten": ("садик {own} {p}", "детский сад {n} {p}", "дет сад {own} {p}", "д/с {n} {p}", "мбдоу {n} {g}", "детсад «{own}» {p}",
                     "{p} детский сад {own}", "детский садик №{n} {own} {g}"),
    "admin": ("администрация {g}", "мэрия {g}", "глава {g}", "{p}", "администрация города {p}", "сайт администрации {g}", "мэр {p}"),
    "hospital": ("больница {p}", "{a} больница", "црб {p}", "районная больница {p}", "{p} больница вк"),
    "clinic": ("поликлиника {p}", "поликлиника {n} {p}", "{p} поликлиника"),
    "culturehouse": ("дк {own} {p}", "дом культуры {own} {l}", "{p} дом культуры", "дк {p}"),
    "library": ("библиотека {p}", "библиотека имени {own} {p}", "{a} центральная библиотека", "цбс {p}"),
    "sportschool": ("спортшкола {p}", "дюсш {n} {p}", "спортивная школа {n} {g}", "спорт школа {p}"),
    "artschool": ("школа искусств {p}", "дши {p}"),
    "musicschool": ("музыкалка {p}", "музыкальная школа {p}", "дмш {p}"),
    "kcson": ("кцсон {p}", "центр социального обслуживания {p}", "соцзащита {p}"),
    "employment": ("центр занятости {p}", "цзн {p}", "служба занятости {g}"),
    "museum": ("музей {p}", "краеведческий музей {g}"),
    "educationdept": ("управление образования {g}", "гороно {p}", "отдел образования {p}"),
    "finance": ("финансовое управление {g}", "финуправление {p}"),
    "council": ("совет депутатов {g}", "дума {p}"),
    "village_school": ("школа {v}", "{v} школа {p}", "школа в {v}"),
    "village_admin": ("администрация {v}", "сельсовет {v} {p}", "{v}"),
}  # fmt: skip


def run(names: int = NAMES, each: int = EACH, towns: int = TOWNS) -> dict[str, Any]:
    """Fill a directory, ask as people ask and as they mistype, count what stands first."""
    dice = random.Random(2026)
    targets = fill(places(dice, towns), names, dice)
    say(f"Справочник: {Body.objects.count()} названий")
    indexed, _ = timed(actions.catch_up)
    say(f"Справочник: указатель за {indexed:.0f} с")
    asked = list(questions(targets, each, dice))
    for query, _, _ in asked[:40]:
        queries.search(query)
    asked_of = _asked(asked)
    share = round(sum(hit for _, _, hit in asked_of) / len(asked_of), 4)
    speed = spread(seconds for seconds, _, _ in asked_of)
    by_slip = {slip: [hit for (_, _, hit), (_, _, other) in zip(asked_of, asked, strict=True) if other == slip] for slip in SLIPS}
    return {
        "machine": machine(),
        "size": {
            "names": Body.objects.count(),
            "territories": Territory.objects.count(),
            "terms": Term.objects.count(),
            "words": Spelling.objects.count(),
        },
        "queries": len(asked),
        "ways": sum(map(len, WAYS.values())),
        "hit_at_1": share,
        "hit_at_1_by_slip": {slip: round(sum(got) / len(got), 3) for slip, got in by_slip.items() if got},
        **speed,
        "index_s": round(indexed, 1),
        "target": {"hit_at_1": HITS, "p95_ms": P95_MS},
        "enough": share >= HITS and speed["p95_ms"] <= P95_MS,
        "missed": [
            {"query": query, "wanted": target.name, "got": got} for (query, target, _), (_, got, hit) in zip(asked, asked_of, strict=True) if not hit
        ][:40],
        "peak_mb": peak_mb(),
        "database_mb": database_mb(),
    }


def _asked(asked: list[Asked]) -> list[tuple[float, str, bool]]:
    """Seconds, the name that stood first and whether it is the wanted one, for each question."""
    found = []
    for query, target, _ in asked:
        seconds, answer = timed(lambda query=query: queries.search(query))  # type: ignore[misc]
        first = answer.hits[0] if answer.hits else None
        found.append((seconds, first.name if first else "", first is not None and target.is_it(first.name, first.place)))
    return found


def questions(targets: dict[str, list[Target]], each: int, dice: random.Random) -> Iterator[Asked]:
    """Each way of asking for some bodies, as written, in lower case, mistyped, in the other layout, in Latin letters in turn."""
    turn = 0
    for kind, ways in WAYS.items():
        for way in ways:
            fitting = [t for t in targets[kind] if t.fits(way)]
            for target in dice.sample(fitting, min(each, len(fitting))):
                slip = SLIPS[turn % len(SLIPS)]
                turn += 1
                yield spoilt(target.query(way), slip, dice), target, slip
