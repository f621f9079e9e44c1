"""The headline figures of «Пульт»: those of the last whole month and of the running one, by the very functions of a report."""

from dataclasses import dataclass, replace

from django.utils import timezone

from gospult.registry.models.access import User

from ..catalogue import BY_CODE
from ..periods import last_whole_month, months_back, period
from ..shapes import Figure, Table
from .desk import desk
from .figures import TREND, Known, coverage_of, places, rows_of, trend
from .pages import Sums, by_month, by_municipality
from .people import people
from .scope import Asked
from .scores import scores

OF_MONTH = ("kept_share", "members", "er", "posts")
OF_DESK = ("messages", "on_time", "reaction")


@dataclass(frozen=True, slots=True)
class Overview:
    """Headline figures, thirteen months, municipalities; `month` is what the pages' figures speak of, `days` the desk's."""

    figures: list[Figure]
    months: Table
    places: Table
    month: str
    days: str


def overview(user: User) -> Overview:
    """As far as the person sees it."""
    today = timezone.localdate()
    whole = Asked(period("month", today, last_whole_month(today)), user)
    running = Asked(period("month", today), user)
    months = months_back(whole.period.since, TREND)
    told = by_month(whole, months)
    sums, before_sums = told.get(months[-1], Sums()), told.get(months[0], Sums())
    now, ago = ({code: getattr(one, code) for code in OF_MONTH} for one in (sums, before_sums))
    cases, before = desk(running, OF_DESK), desk(running.at(running.period.cut_year_before()), OF_DESK)
    count = running.pages.exclude(state="archived").count() or None
    figures = [_figure(running, "pages", {"pages": count}, {})]
    for code in OF_MONTH:
        one = _figure(whole, code, now, ago)
        known, of, as_of = coverage_of(code, sums)
        figures.append(replace(one, known=known, of=of, as_of=as_of))
    crowd = people(running)
    if crowd:
        counted = [_figure(running, code, crowd.values, {}) for code in crowd.values if code != "people_share"]
        figures += [replace(one, known=crowd.known, of=crowd.of, as_of=crowd.as_of) for one in counted]
    figures += [_figure(running, code, cases, before) for code in OF_DESK]
    table = places(whole, by_municipality(whole, whole.period.since), sums.pages, scores(whole))
    return Overview(figures, trend(whole, told), table, whole.period.title, running.period.title)


def _figure(asked: Asked, code: str, now: Known, ago: Known) -> Figure:
    one, earlier = BY_CODE[code], asked.period.cut_year_before()
    return Figure(
        code, one.section, one.title, now.get(code), one.unit, one.definition, ago.get(code), earlier.title,
        rows=rows_of(asked, code),
    )  # fmt: skip
