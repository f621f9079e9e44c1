"""What would have to be mended, and how many points each mending gives: the score is counted anew with that one fact mended. Pure.

No gain is written down anywhere: a list that promised points would be wrong from the first change of a method on.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from gospult.lib.words import plural

from .counting import CENT, Facts, Memo, score, total_of
from .formulas import Checklist, Ratio, Steps
from .method import Indicator, Method
from .pages import PageFacts, asked_of, dressed, gathered, missed, regular, spells
from .saying import number, week_name

POSTS = ("запись", "записи", "записей")
MARKS = {"mark": "получить госметку", "connected": "подключить страницу к «Госпабликам»"}


@dataclass(frozen=True, slots=True)
class Gain:
    """Mending `what` adds `points` to the total; effort: posts or deeds that it takes; page: whose fact it is, None for figures as a whole."""

    what: str
    points: Decimal
    effort: int = 1
    page: int | None = None


def of_page(method: Method, page: PageFacts, memo: Memo | None = None) -> list[Gain]:
    """Gains of a page's own score, greatest first; `memo` is shared by the pages of one method."""
    memo = memo or Memo(method)
    before = total_of(method, spells(page, method), memo)
    if before is None:
        return []
    found = [(what, effort, changed) for what, effort, changed in _mends(method, page)]
    gains = (Gain(what, _after(total_of(method, spells(changed, method), memo), before), effort) for what, effort, changed in found)
    return _best(gains)


def of_many(method: Method, pages: Sequence[PageFacts]) -> list[Gain]:
    """Gains of the score of a municipality or body: each page's facts mended one after another, and its figures as a whole."""
    before = score(method, gathered(pages, method.pages).facts).total
    if before is None:
        return []
    place = {page.page: at for at, page in enumerate(pages)}
    known: dict[tuple[object, ...], Decimal] = {}

    def gain(page: PageFacts, changed: PageFacts) -> Decimal:
        # Two pages that lack the same give the same: a municipality of 160 pages is counted a dozen times and not a thousand.
        same = (regular(page, method.pages), regular(changed, method.pages), dressed(page, method.pages), dressed(changed, method.pages), page.status)
        if same not in known:
            at = place[page.page]
            known[same] = _after(score(method, gathered([*pages[:at], changed, *pages[at + 1 :]], method.pages).facts).total, before)
        return known[same]

    found = [Gain(what, gain(page, changed), effort, page.page) for page in pages for what, effort, changed in _rows(method, page)]
    return _best([*found, *_figures(method, gathered(pages, method.pages).facts, before)])


def of_facts(method: Method, facts: Facts) -> list[Gain]:
    """Gains of figures that came without pages."""
    before = score(method, facts).total
    return [] if before is None else _best(_figures(method, facts, before))


def _after(total: Decimal | None, before: Decimal) -> Decimal:
    return (total if total is not None else before) - before


def _best(gains: Iterable[Gain]) -> list[Gain]:
    return sorted((one for one in gains if one.points > 0), key=lambda one: (-one.points, one.effort, one.what, one.page or 0))


Mend = tuple[str, int, PageFacts]


def _mends(method: Method, page: PageFacts) -> list[Mend]:
    """What could be mended of a page by a method of pages, one fact each."""
    found: list[Mend] = []
    for one in method.indicators:
        if isinstance(one.formula, Checklist):
            found += [(item.mend or f"{one.title}: {item.figure}", 1, _had(page, item.figure)) for item in one.formula.items
                      if getattr(page, item.figure) is False]  # fmt: skip
        elif isinstance(one.formula, Steps):
            found += _steps(one, one.formula, method, page)
    return found


def _had(page: PageFacts, name: str) -> PageFacts:
    changed: dict[str, Any] = {name: True}
    return replace(page, **changed)


def _steps(one: Indicator, formula: Steps, method: Method, page: PageFacts) -> list[Mend]:
    if formula.figure == "week_posts":
        return _weeks(page, method, int(formula.steps[0].at))
    if formula.figure == "widgets" and page.widgets is not None:
        return [(_said(one, step.mend, step.at), int(step.at) - page.widgets, replace(page, widgets=int(step.at))) for step in formula.steps
                if step.at > page.widgets]  # fmt: skip
    if formula.figure == "reach_share" and page.reach is not None and page.members:
        needs = [(step, int(step.at * page.members / 100) + 1) for step in formula.steps]
        return [(_said(one, step.mend, step.at), 1, replace(page, reach=need)) for step, need in needs if need > page.reach]
    return []


def _said(one: Indicator, mend: str, at: Decimal) -> str:
    return mend or f"{one.title}: {number(at)}"


def _weeks(page: PageFacts, method: Method, need: int) -> list[Mend]:
    """Each week that lacks posts, and all of them together."""
    short = [(week, need - week.posts) for week in page.weeks if week.posts is not None and week.days and week.posts < need]
    found: list[Mend] = [(_in_week(lack, week.monday, week.over), lack, _filled(page, {week.monday: need})) for week, lack in short]
    if len(short) > 1:
        lack = sum(lack for _, lack in short)
        found.append((f"{plural(lack, POSTS)}: по {need} в каждой неделе месяца", lack, _filled(page, {week.monday: need for week, _ in short})))
    return found


def _in_week(lack: int, monday: date, over: bool) -> str:
    return f"{'' if over else 'ещё '}{plural(lack, POSTS)} в неделе {week_name(monday)}"


def _filled(page: PageFacts, posts: dict[date, int]) -> PageFacts:
    weeks = tuple(replace(week, posts=posts[week.monday], over=True) if week.monday in posts else week for week in page.weeks)
    return replace(page, weeks=weeks)


def _rows(method: Method, page: PageFacts) -> list[Mend]:
    """What could be mended of a page for the figures of many."""
    found: list[Mend] = []
    lacking = missed(page, method.pages) if page.status not in method.pages.cards else []
    if lacking and "regular_pages" in method.asks:
        lack = sum(number for _, number in lacking)
        weeks = "; ".join(_in_week(number, week.monday, week.over) for week, number in lacking)
        found.append((weeks, lack, _filled(page, {week.monday: asked_of(week, method.pages) for week, _ in lacking})))
    if "factor" in method.asks:
        found += [(what, 1, _had(page, name)) for name, what in MARKS.items() if getattr(page, name) is False]
        if page.design is not None and page.design < method.pages.designed_from:
            found.append((f"оформить полностью, сейчас {page.design} %", 1, replace(page, design=method.pages.designed_from)))
    return found


def _figures(method: Method, facts: Facts, before: Decimal) -> list[Gain]:
    """Gains of figures that no single page gives: reactions that lack, the next step of a table."""
    found = []
    for one in method.indicators:
        for what, effort, changed in _of_formula(one, facts):
            found.append(Gain(what, _after(score(method, Facts(dict(facts.figures) | changed)).total, before), effort))
    return found


def _of_formula(one: Indicator, facts: Facts) -> list[tuple[str, int, dict[str, Decimal]]]:
    formula = one.formula
    if isinstance(formula, Ratio) and (lack := formula.lacking(facts.figures)):
        first = formula.sums[0]
        what = (one.mend or f"{one.title}: ещё {{}}").replace("{}", number(lack))
        return [(what, int(lack), {first: (facts.figures[first] or Decimal(0)) + lack})]
    at = facts.figures.get(formula.figure) if isinstance(formula, Steps) else None
    if isinstance(formula, Steps) and at is not None:
        steps = [(step, step.at + CENT if step.strict else step.at) for step in formula.steps if not step.reached(at)]
        return [(step.mend or f"{one.title}: {'больше' if step.strict else 'до'} {number(step.at)}", 1, {formula.figure: to}) for step, to in steps]
    return []
