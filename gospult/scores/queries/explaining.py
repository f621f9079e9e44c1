"""One score explained: its parts, what mending gives, its months, its peers, and the rows behind it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from gospult.registry.models import BodySphere, Page, PageBody

from .. import gains, peers
from ..counting import Memo, Result
from ..method import Method
from ..models import OfficialScore, Score
from ..pages import PageFacts, Week, dressed, missed, regular
from .counting import Counted, of_many, of_page
from .reading import Row, before, counts, pages_of, rows_of

MONTHS = 13


@dataclass(frozen=True, slots=True)
class Behind:
    """A page in the score of many: kept every week (True), missed some (False), not known (None); `dressed`: of mark, connection and design."""

    page: Page
    facts: PageFacts
    regular: bool | None
    card: bool
    missed: Sequence[tuple[Week, int]]
    dressed: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Explained:
    """What is known of one subject in a month by a method, counted now; `score` is the kept one, None where nothing was kept."""

    counted: Counted | None
    score: Score | None
    gains: Sequence[gains.Gain]
    behind: Sequence[Behind] = field(default=())

    @property
    def result(self) -> Result | None:
        """The result as it is now."""
        return self.counted.result if self.counted else None

    @property
    def moved(self) -> bool:
        """Whether the months have changed since the score was kept."""
        return bool(self.counted and self.score and self.counted.result.total != self.score.total)


def of_one_page(page: Page, method: Method, month: date) -> Explained:
    """A page's score; nothing is counted where the page leaves the denominators."""
    row = next(iter(rows_of(month, [page.pk])), None)
    kept = Score.objects.filter(method=method.code, month=month, page=page).first()
    if row is None or not counts(row, method) or "page" not in method.subjects:
        return Explained(None, kept, ())
    return Explained(of_page(method, row), kept, gains.of_page(method, row.facts))


def of_group(method: Method, month: date, *, territory: int | None = None, body: int | None = None) -> Explained:
    """The score of a municipality or a body with the pages behind it."""
    rows = [row for row in rows_of(month, pages_of(territory=territory, body=body)) if counts(row, method)]
    rows = [row for row in rows if (row.territory == territory if territory else row.body == body)]
    kept = Score.objects.filter(method=method.code, month=month, territory=territory, body=body, page=None).first()
    if not rows:
        return Explained(None, kept, ())
    memo = Memo(method)
    own = {row.facts.page: of_page(method, row, memo) for row in rows} if "page" in method.subjects else {}
    facts = [row.facts for row in rows]
    found = _of_pages(method, facts, memo) if own else gains.of_many(method, facts)
    return Explained(of_many(method, rows, own), kept, found, _behind(method, rows))


def _of_pages(method: Method, pages: Sequence[PageFacts], memo: Memo) -> list[gains.Gain]:
    """By a method of pages: what each page would gain itself."""
    found = [gains.Gain(one.what, one.points, one.effort, page.page) for page in pages for one in gains.of_page(method, page, memo)]
    return sorted(found, key=lambda one: (-one.points, one.effort, one.what))


def _behind(method: Method, rows: Sequence[Row]) -> list[Behind]:
    """Those that missed a week first, then those of which nothing is known."""
    pages = Page.objects.in_bulk([row.facts.page for row in rows])
    rules = method.pages
    found = []
    for row in rows:
        card = row.facts.status in rules.cards
        kept = None if card else regular(row.facts, rules)
        found.append(Behind(pages[row.facts.page], row.facts, kept, card, () if card else missed(row.facts, rules), dressed(row.facts, rules)))
    order = {False: 0, None: 1, True: 2}
    return sorted(found, key=lambda one: (one.card, order[one.regular], -len(one.missed), one.page.sort_name))


@dataclass(frozen=True, slots=True)
class Series:
    """The totals of a subject by a method, oldest month first; None where there is none. official: the published ones."""

    method: Method
    months: Sequence[date]
    totals: Sequence[Decimal | None]
    official: Sequence[Decimal | None]

    @property
    def known(self) -> bool:
        """Whether there is anything to show."""
        return any(one is not None for one in (*self.totals, *self.official))


def series(methods: Sequence[Method], month: date, **subject: int) -> list[Series]:
    """The last 13 months by each of the methods, so that the old and the new one can be compared on the same months."""
    months = [before(month, number) for number in reversed(range(MONTHS))]
    found = []
    for one in methods:
        ours = dict(Score.objects.filter(method=one.code, month__in=months, **subject).values_list("month", "total"))
        told = OfficialScore.objects.filter(method=one.code, month__in=months, territory=subject.get("territory")).values_list("month", "total")
        official = dict(told) if "territory" in subject else {}
        found.append(Series(one, months, [ours.get(day) for day in months], [official.get(day) for day in months]))
    return [one for one in found if one.known]


@dataclass(frozen=True, slots=True)
class Compared:
    """How a page stands among its peers, and who they are."""

    standing: peers.Standing
    sphere: str
    status: str


def among_peers(page: Page, method: Method, month: date) -> Compared | None:
    """The page among those of the same sphere and status; None where it cannot be said without pointing at somebody."""
    own = PageBody.objects.filter(page=page).select_related("body").first()
    place = BodySphere.objects.filter(body=own.body_id).select_related("sphere").order_by("position").first() if own else None
    if own is None or place is None:
        return None
    first = {"body__sphere_places__sphere": place.sphere, "body__sphere_places__position": place.position}
    alike = PageBody.objects.filter(shared=False, body__status=own.body.status, **first)
    totals = Score.objects.filter(method=method.code, month=month, total__isnull=False, page__in=alike.values("page"))
    rows = totals.filter(page__months__month=month, page__months__members__isnull=False).values_list("page", "total", "page__months__members")
    found = peers.standing(
        [peers.Peer(key, total or Decimal(0), size or 0) for key, total, size in rows], page.pk, bands=method.bands, least=method.least_peers
    )
    return Compared(found, place.sphere.name, own.body.get_status_display()) if found else None
