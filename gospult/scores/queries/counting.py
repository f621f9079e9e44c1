"""Counts what a method gives for a month, without writing: the action writes it, screens explain it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from ..counting import CENT, Memo, Part, Result, score, score_spells
from ..formulas import rounded
from ..method import Method
from ..pages import gathered, spells
from ..saying import number
from .reading import Row, by_body, by_territory, counts


@dataclass(frozen=True, slots=True)
class Counted:
    """A result with its subject: one of page, body, territory; `pages` stand in it, of `known` everything is known."""

    result: Result
    pages: int
    known: int
    as_of: datetime | None
    coverage: dict[str, int]
    page: int | None = None
    body: int | None = None
    territory: int | None = None


def count(method: Method, rows: Iterable[Row]) -> list[Counted]:
    """Everything that the method scores of these pages."""
    kept = [row for row in rows if counts(row, method)]
    memo = Memo(method)
    pages = {row.facts.page: of_page(method, row, memo) for row in kept} if "page" in method.subjects else {}
    found = list(pages.values())
    if "municipality" in method.subjects:
        found += [replace(of_many(method, group, pages), territory=pk) for pk, group in by_territory(kept).items()]
    if "body" in method.subjects:
        found += [replace(of_many(method, group, pages), body=pk) for pk, group in by_body(kept).items()]
    return found


def of_page(method: Method, row: Row, memo: Memo | None = None) -> Counted:
    """A page's own score."""
    result = score_spells(method, spells(row.facts, method), memo)
    return Counted(result, 1, int(result.total is not None), row.as_of, {}, page=row.facts.page)


def of_many(method: Method, rows: Sequence[Row], pages: dict[int, Counted]) -> Counted:
    """The score of a group of pages: of their figures together, or by a method of pages the mean of their own scores."""
    oldest = min((row.as_of for row in rows if row.as_of), default=None)
    if "page" in method.subjects:
        return _mean(method, [pages[row.facts.page] for row in rows], oldest)
    found = gathered([row.facts for row in rows], method.pages)
    coverage = {one.code: found.coverage.get(one.formula.asks[0], found.pages) for one in method.indicators}
    for one in method.indicators:
        coverage[one.code] = min((found.coverage[name] for name in one.formula.asks if name in found.coverage), default=0)
    return Counted(score(method, found.facts), found.pages, min(coverage.values(), default=0), oldest, coverage)


def _mean(method: Method, pages: Sequence[Counted], oldest: datetime | None) -> Counted:
    """The rounded mean of the pages' scores; a page whose score is not known is no zero."""
    if len(pages) == 1:
        return replace(pages[0], page=None, coverage={part.code: int(part.value is not None) for part in pages[0].result.parts})
    totals = [one.result.total for one in pages if one.result.total is not None]
    enough = totals and len(totals) >= method.pages.least_coverage * len(pages)
    total = rounded(sum(totals, Decimal(0)) / len(totals), method.mean_step or CENT) if enough else None
    group = method.group(total)
    parts = tuple(_mean_part([one.result.parts[place] for one in pages]) for place in range(len(method.indicators)))
    coverage = {part.code: sum(one.result.part(part.code).value is not None for one in pages) for part in parts}
    return Counted(Result(total, group.code if group else "", parts), len(pages), len(totals), oldest, coverage)


def _mean_part(parts: Sequence[Part]) -> Part:
    known = [part for part in parts if part.value is not None and part.points is not None]
    if not known:
        return parts[0]
    value, points = (rounded(sum((one for one in column if one is not None), Decimal(0)) / len(known), CENT)
                     for column in ([p.value for p in known], [p.points for p in known]))  # fmt: skip
    return replace(known[0], value=value, points=points, why=f"в среднем по страницам: {number(len(known))} из {number(len(parts))}")


def as_json(counted: Counted) -> list[dict[str, Any]]:
    """The parts as a row keeps them: decimals as text."""
    return [
        {
            "code": part.code, "title": part.title, "value": _text(part.value), "points": _text(part.points), "most": _text(part.most),
            "applies": part.applies, "why": part.why, "known": counted.coverage.get(part.code),
        }
        for part in counted.result.parts
    ]  # fmt: skip


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)
