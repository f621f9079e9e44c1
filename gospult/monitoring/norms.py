"""How many posts a week are expected of a page, by the region's dated file. Pure, but for reading that file once; no database."""

import json
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings

from gospult.lib import regions
from gospult.lib.regions import RegionError
from gospult.lib.words import moment_in_words

DAYS_OFF = "days-off"  # working days of the week that the calendar takes away


@dataclass(frozen=True, slots=True)
class Facts:
    """Of a page: statuses of its bodies, codes of their spheres."""

    statuses: Set[str] = frozenset()
    spheres: Set[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Lowering:
    """In a week with at least `least` of these days no more than `posts` are expected, of all spheres or of some."""

    days: str
    least: int
    posts: int
    why: str
    spheres: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rules:
    """What is in force from a day on: posts a week by status of the body ("" = any other), and what lowers it."""

    from_date: date
    source: str
    by_status: Mapping[str, int]
    lowerings: tuple[Lowering, ...]


@dataclass(frozen=True, slots=True)
class Norm:
    """Posts expected; `why` says what lowered it, or why there is none."""

    posts: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a page's week.

    count  posts of its own that stand; `ours` of them went out through Госпульт
    since  from when on everything is seen; None: nothing but what went out through Госпульт
    as_of  how fresh it is
    """

    count: int
    ours: int = 0
    since: Any = None
    as_of: Any = None


def monday(day: date) -> date:
    """The first day of the week."""
    return day - timedelta(days=day.weekday())


def norm(facts: Facts, week: date, days: Mapping[str, Set[date]], rules: Rules | None) -> Norm:
    """The norm of the week that begins on `week`; `days` are the named days of the calendar, `DAYS_OFF` among them."""
    if rules is None:
        return Norm(0, "для этой недели нормы нет")
    usual = max((rules.by_status.get(status, rules.by_status.get("", 0)) for status in facts.statuses or {""}), default=0)
    if not usual:
        return Norm(0, "нормы нет: визитка" if "card" in facts.statuses else "нормы нет")
    dates = {week + timedelta(days=number) for number in range(7)}
    found = [low for low in rules.lowerings if low.posts < usual and _applies(low, facts, dates & days.get(low.days, frozenset()))]
    lowest = min(found, key=lambda low: low.posts, default=None)
    return Norm(lowest.posts, f"{lowest.why}: норма {lowest.posts}") if lowest else Norm(usual)


def _applies(low: Lowering, facts: Facts, hit: Set[date]) -> bool:
    return len(hit) >= low.least and (not low.spheres or bool(low.spheres & facts.spheres))


def told(norm: Norm, seen: Seen, begins: Any) -> str:
    """«2 из 3», «1 из 1; каникулы: норма 1», «не видно; через Госпульт 1 из 3»: never an unseen zero; `begins` is the week's first moment."""
    of = f" из {norm.posts}" if norm.posts else ""
    more = f"; {norm.why}" if norm.why else ""
    if seen.since is None:
        return f"не видно; через Госпульт {seen.ours}{of}{more}"
    if seen.since > begins:
        return f"{seen.count}{of}; видно с {moment_in_words(seen.since)}, раньше не видно{more}"
    return f"{seen.count}{of}{more}"


def rules(day: date) -> Rules | None:
    """The rules of this installation's region in force on a day; None where there are none."""
    return next((row for row in _read(settings.REGION) if row.from_date <= day), None)


@lru_cache(maxsize=4)
def _read(region: str) -> tuple[Rules, ...]:
    path = regions.default_root() / region / "norms.json"
    if not path.is_file():
        return ()
    try:
        rows = [_rules(row) for row in json.loads(path.read_text(encoding="utf-8"))["versions"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RegionError(f"Файл norms.json региона не читается: {error}.") from error
    return tuple(sorted(rows, key=lambda row: row.from_date, reverse=True))


def _rules(row: Mapping[str, Any]) -> Rules:
    lowerings = [
        Lowering(low["days"], int(low["least"]), int(low["posts"]), low["why"], frozenset(low.get("spheres", ()))) for low in row.get("lower", ())
    ]
    by_status = {str(status): int(posts) for status, posts in row["posts"].items()}
    return Rules(date.fromisoformat(row["from_date"]), row["source"], by_status, tuple(lowerings))
