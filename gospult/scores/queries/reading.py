"""What the months of monitoring and the registry say of pages, read set by set: a region of 7,000 pages in five statements."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from gospult.monitoring.models import PageMonth
from gospult.registry.models import Body, Page, PageBody, Territory

from ..method import Method
from ..pages import PageFacts, Week

COLUMNS = (
    "page_id", "status", "weeks", "has_mark", "connected", "design", "marks", "widgets", "members", "weekly_reach", "views", "likes", "comments",
    "shares", "seen_since", "as_of", "page__network",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A page in a month: what is known, whose it is, in which municipality, how fresh its reading is, and whether its body is exempt."""

    facts: PageFacts
    body: int | None
    territory: int | None
    exempt: bool
    as_of: datetime | None


def rows_of(month: date, pages: Collection[int] | None = None) -> list[Row]:
    """The pages of a month, of all or of these; a living page without a row of the month is there with nothing known."""
    told = PageMonth.objects.filter(month=month)
    living = Page.objects.living().filter(created_at__date__lt=following(month))
    if pages is not None:
        told, living = told.filter(page__in=pages), living.filter(pk__in=pages)
    months = {row["page_id"]: row for row in told.values(*COLUMNS)}
    for pk, network in living.exclude(pk__in=months).values_list("pk", "network"):
        months[pk] = {"page_id": pk, "page__network": network}
    owners = _owners(months if pages is not None else None)
    places, exempt = _municipalities(), set(Body.objects.exempt().values_list("pk", flat=True))
    today = timezone.localdate()
    return [_row(row, owners.get(pk), places, exempt, today) for pk, row in sorted(months.items())]


def following(month: date) -> date:
    """The first day of the next month."""
    return (month + timedelta(days=32)).replace(day=1)


def before(month: date, number: int = 1) -> date:
    """The first day of the month so many months earlier."""
    for _ in range(number):
        month = (month - timedelta(days=1)).replace(day=1)
    return month


Owner = tuple[int, str, str]  # body, its status, the path of its territory


def _owners(pages: Iterable[int] | None) -> dict[int, Owner]:
    """The owner of each page; where none owns it, the first that shares it."""
    links = PageBody.objects.all() if pages is None else PageBody.objects.filter(page__in=list(pages))
    found: dict[int, Owner] = {}
    for page, body, status, path in links.order_by("page", "shared", "id").values_list("page", "body", "body__status", "body__territory__path"):
        found.setdefault(page, (body, status, path or ""))
    return found


def _municipalities() -> set[int]:
    return set(Territory.objects.filter(level="municipality").values_list("pk", flat=True))


def _row(row: Mapping[str, Any], owner: Owner | None, places: set[int], exempt: set[int], today: date) -> Row:
    body, status, path = owner or (None, "", "")
    place = next((pk for part in path.strip("/").split("/") if part and (pk := int(part)) in places), None)
    return Row(facts_of(row, row.get("status") or status, today), body, place, body in exempt, row.get("as_of"))


def facts_of(row: Mapping[str, Any], status: str, today: date) -> PageFacts:
    """The facts of a page's month as a row of PageMonth tells them."""
    marks = row.get("marks") or {}
    return PageFacts(
        page=row["page_id"], network=row.get("page__network", ""), status=status, weeks=_weeks(row, today), mark=row.get("has_mark"),
        connected=row.get("connected"), design=row.get("design"), avatar=marks.get("avatar"), description=marks.get("description"),
        cover=marks.get("cover"), widgets=row.get("widgets"), members=row.get("members"), reach=row.get("weekly_reach"), views=row.get("views"),
        likes=row.get("likes"), comments=row.get("comments"), reposts=row.get("shares"),
    )  # fmt: skip


def _weeks(row: Mapping[str, Any], today: date) -> tuple[Week, ...]:
    since = timezone.localdate(row["seen_since"]) if row.get("seen_since") else None
    return tuple(_week(week, since, today) for week in row.get("weeks") or ())


def _week(told: Sequence[Any], since: date | None, today: date) -> Week:
    """A week that began before everything was seen is known only where it has its posts already."""
    monday, posts, days, norm = date.fromisoformat(told[0]), told[1], told[2], told[3]
    if posts is not None and (since is None or (since > monday and posts < max(3, norm or 0))):
        posts = None
    return Week(monday, posts, days, norm, monday + timedelta(days=7) <= today)


def counts(row: Row, method: Method) -> bool:
    """Whether the page stands in the method's denominators."""
    rules = method.pages
    here = not rules.networks or row.facts.network in rules.networks
    return here and row.facts.status not in rules.leave_out and (rules.exempt or not row.exempt)


def by_territory(rows: Iterable[Row]) -> dict[int, list[Row]]:
    """The pages of each municipality."""
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        if row.territory is not None:
            found[row.territory].append(row)
    return found


def by_body(rows: Iterable[Row]) -> dict[int, list[Row]]:
    """The pages of each body."""
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        if row.body is not None:
            found[row.body].append(row)
    return found


def pages_of(*, territory: int | None = None, body: int | None = None) -> set[int]:
    """The pages that may stand in the score of a municipality or body; whose they are first is told by the rows."""
    links = PageBody.objects.filter(body=body) if body else PageBody.objects.filter(body__territory__path__contains=f"/{territory}/")
    return set(links.values_list("page", flat=True))
