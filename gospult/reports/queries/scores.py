"""What the methods of the region give the municipalities for a month; nothing is computed here."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count

from gospult.accounts.models import Person
from gospult.scores.models import Score
from gospult.scores.queries import methods_for, table

from .scope import Asked

EVERYBODY = Person(is_superuser=True)  # whoever has the command line has the database


@dataclass(frozen=True, slots=True)
class Scored:
    """Totals, groups and published totals by municipality, by the method that has given the most of them a total.

    leaders   how many are in its best group; None where it has no groups or no total is confirmed
    """

    code: str
    method: str
    totals: Mapping[int, Decimal | None]
    groups: Mapping[int, str]
    official: Mapping[int, Decimal]
    leaders: int | None
    confirmed: int
    of: int


def scores(asked: Asked) -> Scored | None:
    """None where the period is no month, a branch is asked for, nothing was computed, or the person sees no municipality's."""
    if asked.period.kind != "month" or asked.body:
        return None
    month = asked.period.since
    given = dict(
        Score.objects.filter(month=month, territory__isnull=False, total__isnull=False).order_by().values_list("method").annotate(n=Count("pk"))
    )
    known = [one for one in methods_for("municipality") if given.get(one.code) and one.in_force(month)]
    if not known:
        return None
    method = max(known, key=lambda one: (one.subjects == {"municipality"}, bool(one.groups), given[one.code]))
    lines = [line for line in table(asked.user or EVERYBODY, method, month).lines if not asked.narrowed or line.key == _place(asked)]
    if not lines:
        return None
    best = max(method.groups, key=lambda one: one.at, default=None)
    confirmed = sum(line.total is not None for line in lines)
    return Scored(
        method.code, method.title, {line.key: line.total for line in lines}, {line.key: line.group.title if line.group else "" for line in lines},
        {line.key: line.official for line in lines if line.official is not None},
        sum(line.group == best for line in lines) if best and confirmed else None, confirmed, len(lines),
    )  # fmt: skip


def _place(asked: Asked) -> int | None:
    return asked.territory.pk if asked.territory else None
