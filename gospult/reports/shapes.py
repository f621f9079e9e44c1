"""What a report is made of: plain data, the same for every format. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from .wording import number

Value = float | int | None


@dataclass(frozen=True, slots=True)
class Link:
    """The rows behind a figure: name of the screen, its arguments, its address line."""

    name: str
    args: tuple[Any, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure.

    value     None: not known, never zero
    unit      «%», «страниц» …: as `wording.number` writes it
    known, of   coverage: of how many of all it is known (`of` None: it does not depend on collection)
    as_of     how old the oldest of what it is made of is
    counts    what `known` and `of` count, where it is not pages: «месяцев страниц: »
    before    the same a year ago, None where that is not known or cannot be compared
    """

    code: str
    section: str
    title: str
    value: Value
    unit: str
    definition: str
    before: Value = None
    before_title: str = ""
    known: int | None = None
    of: int | None = None
    as_of: datetime | None = None
    rows: Link | None = None
    counts: str = ""

    @property
    def shown(self) -> str:
        """As every format writes it."""
        return number(self.value, self.unit)

    @property
    def shown_before(self) -> str:
        """The figure of a year ago as every format writes it, "" where there is none."""
        return number(self.before, self.unit) if self.before is not None else ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; `unit` "" holds words."""

    code: str
    title: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Figures cut by something: rows of values by the columns' codes; `links` opens the rows behind a row."""

    code: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, Any], ...]
    note: str = ""
    links: Mapping[int, Link] = field(default_factory=dict)

    def shown(self) -> list[list[str]]:
        """The cells as every format writes them."""
        return [[number(row[c.code], c.unit) if c.unit else str(row[c.code] or "") for c in self.columns] for row in self.rows]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything of a period and a place."""

    title: str
    finding: str
    place: str
    period_title: str
    within: str
    since: date
    until: date
    running: bool
    made_at: datetime
    figures: tuple[Figure, ...]
    tables: tuple[Table, ...]

    def figure(self, code: str) -> Figure | None:
        """The figure of that code, None where the report has none."""
        return next((one for one in self.figures if one.code == code), None)

    def table(self, code: str) -> Table | None:
        """The table of that code."""
        return next((one for one in self.tables if one.code == code), None)

    def sections(self) -> dict[str, list[Figure]]:
        """Figures by section, in their order."""
        found: dict[str, list[Figure]] = {}
        for one in self.figures:
            found.setdefault(one.section, []).append(one)
        return found


def plain(report: Report) -> dict[str, Any]:
    """The report as JSON holds it; links stay behind, they are addresses of the screen."""
    data = asdict(report)
    for one, figure in zip(data["figures"], report.figures, strict=True):
        one.pop("rows")
        one["shown"] = figure.shown
    for table, real in zip(data["tables"], report.tables, strict=True):
        table.pop("links")
        table["shown"] = real.shown()
    return data
