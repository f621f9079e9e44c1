"""Pages of long lists: which rows first and then the rows themselves, and a count that does not go on for ever."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import OrderBy
from django.utils.functional import cached_property

MOST = 10_000  # rows that are counted and can be turned to: nobody turns 400 pages, and counting a country takes longer than showing it
SECONDS = 600  # in which a list that went on behind them is not asked again whether it does


class LongPaginator(Paginator):
    """A list that may hold a country: `more` says that there are more than `count` rows.

    dress  what the rows of one page are joined to, as a function of their QuerySet
    far    an order that an index has, for lists that go on behind what is counted; their own where none is given
    """

    def __init__(
        self, rows: QuerySet[Any], per_page: int, *, dress: Callable[[QuerySet[Any]], QuerySet[Any]] = lambda rows: rows, far: Sequence[Any] = ()
    ) -> None:
        super().__init__(rows, per_page)
        self._rows, self._dress, self._far = rows, dress, far

    @cached_property
    def _found(self) -> tuple[int, list[str]]:
        """How many rows there are, one more than MOST when there are more; else which they are, in their order."""
        names, order = _order(self._rows)
        try:
            sql, asked = self._rows.order_by().values_list("pk", *names)[: MOST + 1].query.sql_with_params()
        except EmptyResultSet:
            return 0, []
        key = "long:" + sha256(f"{sql}{asked}".encode()).hexdigest()
        if cache.get(key):
            return MOST + 1, []
        columns = ", ".join(["k", *(f"o{n}" for n in range(len(names)))])
        with connection.cursor() as cursor:
            # First found, then sorted: a planner that walks in the order of the list reads a country to find one row.
            cursor.execute(f"SELECT count(*), array_agg(k ORDER BY {order})::text FROM ({sql}) found ({columns})", asked)
            number, keys = cursor.fetchone()
        if number > MOST:
            cache.set(key, True, SECONDS)
        return number, keys[1:-1].split(",") if keys else []

    @cached_property
    def count(self) -> int:
        return min(MOST, self._found[0])

    @property
    def more(self) -> bool:
        """Whether the list goes on behind what is counted."""
        return self._found[0] > MOST

    def page(self, number: int | str) -> Page:
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        stop = min(start + self.per_page, self.count)
        far = self._rows.order_by(*self._far) if self._far else self._rows
        known = list(far.values_list("pk", flat=True)[start:stop]) if self.more else [int(key) for key in self._found[1][start:stop]]
        found = {row.pk: row for row in self._dress(self._rows.model._default_manager.filter(pk__in=known))}
        return Page([found[key] for key in known if key in found], number, self)


def _order(rows: QuerySet[Any]) -> tuple[list[str], str]:
    """The fields by which the rows are ordered, and their order as SQL over o0, o1, …"""
    names, order = list[str](), list[str]()
    for place, one in enumerate(rows.query.order_by):
        if isinstance(one, OrderBy):
            name, down, last = str(getattr(one.expression, "name", "pk")), one.descending, bool(one.nulls_last)
        else:
            name, down, last = str(one).lstrip("-"), str(one).startswith("-"), False
        names.append(name)
        order.append(f"o{place}{' DESC' if down else ''}{' NULLS LAST' if last else ''}")
    return names, ", ".join(order) or "k"
