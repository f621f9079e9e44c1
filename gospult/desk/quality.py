"""The quality of an answer: the region's dated checklist, the lot that picks answers, and a score that explains itself. Pure; no database.

The lot: of every body that answered at least so many answers, then a share of all that are left, by the order of a hash of
the seed and the answer: the same seed gives the same rows on any machine. What a resident called bad is looked at in any case,
but only what the lot picked speaks of the body: of each body it is a simple random sample.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.conf import settings

from gospult.lib import regions
from gospult.lib.errors import Refused
from gospult.lib.regions import RegionError

OK, FAILED, NOT_APPLICABLE = "ok", "failed", "na"
LOT, SHARE, MARK, REOPENED = "lot", "share", "mark", "reopened"  # why an answer is looked at
WHOLE = 100


@dataclass(frozen=True, slots=True)
class Criterion:
    """One question to an answer; an optional one may have nothing to do with it."""

    code: str
    title: str
    words: str
    weight: float
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Checklist:
    """A version of the checklist; it holds for answers drawn from its day on.

    least           with fewer answers reviewed a body has no score
    objection_days  working days in which the body may object
    sample_least    answers of each body that the lot takes, and `sample_share` of the rest, 0 to 1
    """

    code: str
    title: str
    source: str
    from_date: date
    criteria: tuple[Criterion, ...]
    least: int
    objection_days: int
    sample_least: int
    sample_share: float


@dataclass(frozen=True, slots=True)
class Item:
    """An answer that may be drawn; `forced` says why it is looked at in any case (MARK, REOPENED), else ""."""

    answer: int
    body: int
    forced: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """What a criterion was worth of 100 points, what the answer lost by it, and why."""

    code: str
    title: str
    verdict: str
    worth: int
    lost: int
    note: str = ""


def worths(criteria: Sequence[Criterion]) -> list[int]:
    """Whole points of each criterion, 100 together, by weight; the rest of the rounding goes to the largest remainders."""
    total = sum(one.weight for one in criteria)
    exact = [WHOLE * one.weight / total for one in criteria]
    points = [int(value) for value in exact]
    by_rest = sorted(range(len(exact)), key=lambda n: (points[n] - exact[n], n))
    for n in by_rest[: WHOLE - sum(points)]:
        points[n] += 1
    return points


def judge(checklist: Checklist, verdicts: Mapping[str, tuple[str, str]]) -> tuple[int, list[Line]]:
    """The score and its lines from code → (verdict, note); what does not apply is left out and the rest is worth 100. Refused when unfair."""
    said = {one.code: verdicts.get(one.code, (OK, "")) for one in checklist.criteria}
    for one in checklist.criteria:
        verdict, note = said[one.code]
        if verdict not in (OK, FAILED, NOT_APPLICABLE) or (verdict == NOT_APPLICABLE and not one.optional):
            raise Refused(f"«{one.title}»: отметьте, выполнено или нет.")
        if verdict == FAILED and not note.strip():
            raise Refused(f"«{one.title}»: напишите, что не так, чтобы орган мог исправить.")
    counted = [one for one in checklist.criteria if said[one.code][0] != NOT_APPLICABLE]
    if not counted:
        raise Refused("Отметьте хотя бы одно: проверять нечего, если ничего не относится к ответу.")
    worth = dict(zip((one.code for one in counted), worths(counted), strict=True))
    lines = [_line(one, *said[one.code], worth.get(one.code, 0)) for one in checklist.criteria]
    return WHOLE - sum(line.lost for line in lines), lines


def _line(one: Criterion, verdict: str, note: str, worth: int) -> Line:
    failed = verdict == FAILED
    return Line(one.code, one.title, verdict, worth, worth if failed else 0, note.strip()[:500] if failed else "")


def lot(items: Iterable[Item], *, seed: str, least: int, share: float) -> list[tuple[Item, str]]:
    """Who is drawn and why, in the order of the answers' numbers; the order of `items` does not matter."""
    mixed = sorted(items, key=lambda item: (_place(seed, item.answer), item.answer))
    taken: dict[int, int] = {}
    why: dict[int, str] = {}
    rest = []
    for item in mixed:
        if taken.get(item.body, 0) < least:
            taken[item.body] = taken.get(item.body, 0) + 1
            why[item.answer] = LOT
        else:
            rest.append(item)
    for item in rest[: int(share * len(rest) + 0.5)]:
        why[item.answer] = SHARE
    for item in rest:
        if item.forced:
            why.setdefault(item.answer, item.forced)
    return sorted(((item, why[item.answer]) for item in mixed if item.answer in why), key=lambda pair: pair[0].answer)


def _place(seed: str, answer: int) -> str:
    return hashlib.sha256(f"{seed}/{answer}".encode()).hexdigest()


def checklist_on(day: date) -> Checklist | None:
    """The version in force on a day (before the first one, the first); None where the region has no checklist: nothing is drawn then."""
    versions = _read(settings.REGION)
    return next((v for v in reversed(versions) if v.from_date <= day), versions[0]) if versions else None


def checklist_by(code: str) -> Checklist | None:
    """The version of that code."""
    return next((v for v in _read(settings.REGION) if v.code == code), None)


@lru_cache(maxsize=4)
def _read(region: str) -> tuple[Checklist, ...]:
    path = regions.default_root() / region / "quality.json"
    if not path.is_file():
        return ()
    try:
        told = json.loads(path.read_text(encoding="utf-8"))["versions"]
        return tuple(sorted((checklist_from(row) for row in told), key=lambda v: v.from_date))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RegionError(f"Файл quality.json региона не читается: {error}.") from error


def checklist_from(row: Mapping[str, Any]) -> Checklist:
    """A version as the file tells it; ValueError says in Russian what is wrong."""
    criteria = tuple(Criterion(c["code"], c["title"], c["words"], float(c["weight"]), bool(c.get("optional"))) for c in row["criteria"])
    sample = row["sample"]
    if not criteria or any(one.weight <= 0 for one in criteria) or len({one.code for one in criteria}) < len(criteria):
        raise ValueError("критериям нужны разные коды и вес больше нуля")
    if not 0 <= float(sample["share"]) <= 1 or int(sample["least"]) < 1:
        raise ValueError("доля выборки от 0 до 1, ответов каждого органа хотя бы один")
    return Checklist(
        row["code"], row["title"], row.get("source", ""), date.fromisoformat(row["from_date"]), criteria, int(row["least"]),
        int(row["objection_days"]), int(sample["least"]), float(sample["share"]),
    )  # fmt: skip
