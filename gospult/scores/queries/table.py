"""The table of a month: subjects by their totals, the official result and the month before beside them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from gospult.registry.models import Body, PageBody, Territory
from gospult.registry.models.access import User
from gospult.registry.queries import PLACES, places_to_choose

from ..library import methods
from ..method import Group, Method
from ..models import OfficialScore, Score, territories_of
from .reading import before

SUBJECTS = {"municipality": "territory", "body": "body", "page": "page"}


@dataclass(frozen=True, slots=True)
class Line:
    """A subject with its score; `score` None: nothing was counted. change: against the month before."""

    key: int
    name: str
    score: Score | None
    group: Group | None
    official: Decimal | None = None
    change: Decimal | None = None

    @property
    def total(self) -> Decimal | None:
        """The computed total."""
        return self.score.total if self.score else None

    @property
    def apart(self) -> Decimal | None:
        """How far ours is from the official one."""
        return self.total - self.official if self.total is not None and self.official is not None else None


@dataclass(frozen=True, slots=True)
class Table:
    """The lines of a month by a method, best first, those without a total last."""

    method: Method
    month: date
    subject: str
    lines: Sequence[Line]

    @property
    def confirmed(self) -> int:
        """How many have a total."""
        return sum(line.total is not None for line in self.lines)

    @property
    def anything(self) -> bool:
        """Whether anything is known of the month: a score, also one that is not confirmed, or an official result."""
        return any(line.score or line.official is not None for line in self.lines)

    @property
    def oldest(self) -> datetime | None:
        """The oldest reading in it."""
        return min((line.score.as_of for line in self.lines if line.score and line.score.as_of), default=None)

    def groups(self) -> list[tuple[Group, int, int]]:
        """Each group of the method with how many are in it, ours and by the official results."""
        official = [self.method.group(line.official) for line in self.lines]
        return [(one, sum(line.group == one for line in self.lines), official.count(one)) for one in self.method.groups]

    def titles(self) -> dict[str, str]:
        """The columns of a file."""
        parts = {one.code: one.title for one in self.method.indicators}
        return {
            "name": "Название", "total": "Балл", "group": "Группа", "kind": "Как получен", "official": "Официально", "change": "К прошлому месяцу",
            **parts, "pages": "Страниц", "known": "Данные полны у страниц", "as_of": "Самые старые данные", "why": "Из чего балл",
        }  # fmt: skip

    def plain(self) -> list[dict[str, Any]]:
        """The lines as plain rows; None where nothing is known."""
        return [self._plain(line) for line in self.lines]

    def _plain(self, line: Line) -> dict[str, Any]:
        parts = {part["code"]: part for part in line.score.parts} if line.score else {}
        values = {one.code: number_of(parts.get(one.code, {}).get("value")) for one in self.method.indicators}
        kind = line.score.get_kind_display() if line.score else "нет данных"
        return {
            "name": line.name, "total": line.total, "group": line.group.title if line.group else None, "kind": kind, "official": line.official,
            "change": line.change, **values, "pages": line.score.pages if line.score else None, "known": line.score.known if line.score else None,
            "as_of": _local(line.score.as_of if line.score else None), "why": " ".join(f"{p['title']}: {p['why']}." for p in parts.values()),
        }  # fmt: skip


def _local(at: datetime | None) -> datetime | None:
    """A moment as a table keeps it: local, without a zone."""
    return timezone.localtime(at).replace(tzinfo=None) if at else None


def number_of(text: str | None) -> Decimal | None:
    """A decimal as a row keeps it."""
    return None if text is None else Decimal(text)


def territories(user: User) -> QuerySet[Territory]:
    """The municipalities whose scores the person may see."""
    return Territory.objects.filter(territories_of(user), level="municipality")


def places(user: User, chosen: int | None) -> QuerySet[Territory]:
    """What a list can be narrowed to: the person's municipalities; of a whole country its regions first, see `places_to_choose`."""
    seen = territories(user)
    if seen[: PLACES + 1].count() <= PLACES:
        return seen
    return places_to_choose(Territory.objects.filter(pk=chosen or 0).first())


def table(user: User, method: Method, month: date) -> Table:
    """The municipalities that the person may see; also those of which nothing was counted."""
    places = list(territories(user).values_list("pk", "name", "sort_name"))
    ours = _scores(Q(territory__in=[pk for pk, _, _ in places]), method, month, "territory_id")
    earlier = _totals(Q(territory__isnull=False), method, before(month), "territory_id")
    told = OfficialScore.objects.visible_to(user).filter(method=method.code, month=month)
    official = dict(told.values_list("territory", "total"))
    lines = [_line(method, pk, name, ours.get(pk), earlier.get(pk), official.get(pk)) for pk, name, _ in sorted(places, key=lambda row: row[2])]
    return Table(method, month, "municipality", _best_first(lines))


@dataclass(frozen=True, slots=True)
class Asked:
    """Which pages or bodies to show; group "none": those without a total."""

    group: str = ""
    territory: int | None = None
    words: str = ""


def lines_of(user: User, method: Method, month: date, subject: str, asked: Asked) -> QuerySet[Score]:
    """The scores of pages or bodies that the person may see, best first, those without a total last."""
    name = SUBJECTS[subject]
    found = Score.objects.visible_to(user, name).filter(method=method.code, month=month)
    if asked.group == "none":
        found = found.filter(total=None)
    elif asked.group:
        found = found.filter(group=asked.group)
    if asked.territory:
        path = Territory.objects.filter(pk=asked.territory).values_list("path", flat=True).first() or "-"
        bodies = Body.objects.filter(territory__path__startswith=path).values("pk")
        owned = {"page__in": PageBody.objects.filter(body__in=bodies).values("page")} if subject == "page" else {"body__in": bodies}
        found = found.filter(**owned)
    for word in asked.words.lower().replace("ё", "е").split()[:6]:
        found = found.filter(**{f"{name}__sort_name__contains": word})
    return found.order_by(F("total").desc(nulls_last=True), f"{name}__sort_name", "pk")


def table_of(method: Method, month: date, subject: str, scores: Iterable[Score]) -> Table:
    """The lines of scores of pages or bodies that are at hand."""
    name = SUBJECTS[subject]
    rows = list(scores)
    keys = [getattr(row, f"{name}_id") for row in rows]
    earlier = _totals(Q(**{f"{name}__in": keys}), method, before(month), f"{name}_id")
    lines = [_line(method, key, str(getattr(row, name)), row, earlier.get(key), None) for key, row in zip(keys, rows, strict=True)]
    return Table(method, month, subject, lines)


def _line(method: Method, key: int, name: str, row: Score | None, earlier: Decimal | None, official: Decimal | None) -> Line:
    total = row.total if row else None
    change = total - earlier if total is not None and earlier is not None else None
    return Line(key, name, row, method.group(total), official, change)


def _best_first(lines: list[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (line.total is None, -(line.total or 0), line.official is None, -(line.official or 0)))


def _scores(where: Q, method: Method, month: date, key: str) -> dict[int, Score]:
    return {getattr(row, key): row for row in Score.objects.filter(where, method=method.code, month=month)}


def _totals(where: Q, method: Method, month: date, key: str) -> dict[int, Decimal]:
    return dict(Score.objects.filter(where, method=method.code, month=month, total__isnull=False).values_list(key, "total"))


MONTHS_OF = """
WITH RECURSIVE m (month) AS (
    (SELECT month FROM {table} WHERE method = %(method)s ORDER BY month DESC LIMIT 1)
    UNION ALL
    SELECT (SELECT s.month FROM {table} s WHERE s.method = %(method)s AND s.month < m.month ORDER BY s.month DESC LIMIT 1)
    FROM m WHERE m.month IS NOT NULL
)
SELECT month FROM m WHERE month > %(since)s
"""


def months_of(method: Method) -> list[date]:
    """Months of the last five years of which there is something by this method, ours or official; newest first.

    Each month is met by the index, from one to the next: a country keeps 300,000 scores a month, and reading them for a list of months took 12 s.
    """
    this = timezone.localdate().replace(day=1)
    asked: Any = {"method": method.code, "since": this.replace(year=this.year - 5) - timedelta(days=1)}
    found: set[date] = set()
    with connection.cursor() as cursor:
        for model in (Score, OfficialScore):
            cursor.execute(MONTHS_OF.format(table=connection.ops.quote_name(model._meta.db_table)), asked)
            found.update(row[0] for row in cursor.fetchall())
    return sorted((month for month in found if month <= this), reverse=True)


def methods_for(subject: str) -> list[Method]:
    """The methods that score such a subject: those in force first, of them those made for it."""
    found = [one for one in methods().methods.values() if one.indicators and subject in one.subjects]
    return sorted(found, key=lambda one: (one.until is not None, subject != "page" and "page" in one.subjects, one.from_date, one.code))
