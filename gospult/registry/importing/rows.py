"""Types the cells of each row and names what is wrong with it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from gospult.lib.errors import Refused
from gospult.lib.sheets import Grid, grids

from . import cells, columns
from .address import Address, parse
from .columns import fold
from .problems import Problems

NOWHERE = Address(trouble="empty")
STATUSES = {"активный": "active", "флагманский": "flagship", "визитка": "card", "не учитывается": "not_counted"}
PERCENTS = ("design", "activity")
SMALLEST_FOR_SHIFT = 3  # fewer rows say nothing about a shift of columns


@dataclass
class Row:
    """One row that names a body. None in the figures of the page means that the export says nothing."""

    number: int  # of the sheet, from 1
    name: str
    level: str = ""
    founder: str = ""
    ground: str = ""
    ogrn: str = ""
    spheres: tuple[tuple[int, str], ...] = ()  # (place 1–3, name)
    status: str = ""
    address: Address = NOWHERE
    page_id: str = ""  # of the column, "" when it is no id
    page: tuple[str, str, str] | None = None  # (network, "id" | "handle", value): which page is meant
    facts: dict[str, object] = field(default_factory=dict)  # what is said of the page, blanks left out
    raw: dict[str, str] = field(default_factory=dict)

    @cached_property
    def key(self) -> tuple[str, str, str]:
        """What makes two rows the same body: branches share an ОГРН, village councils share names."""
        return self.ogrn, fold(self.name), fold(self.founder)


@dataclass
class Export:
    """A file of the export. `total` counts all filled rows, `rows` those that name a body."""

    total: int
    rows: list[Row]
    problems: Problems

    @property
    def holds_only_pages(self) -> bool:
        """Whether every body in it has a page: the mark of a partial export."""
        return bool(self.rows) and all(row.page for row in self.rows)


def read(content: bytes, file_name: str = "") -> Export:
    """Typed rows and problems of a file; Refused, in one sentence, when it is not a registry export."""
    grid, first, where = columns.find(list(grids(content)))
    filled = [(n, _cells(row, where)) for n, row in enumerate(grid[first:], start=first + 1) if any(cells.text(c) for c in row)]
    if not filled:
        raise Refused("В файле есть заголовки, но нет ни одной строки реестра. Выгрузите реестр ещё раз.")
    _refuse_shifted(grid[first:], where)
    problems = Problems()
    fractions = {key for key in PERCENTS if _is_fraction([row.get(key) for _, row in filled])}
    rows = [row for n, found in filled if (row := _row(n, found, fractions, problems))]
    _identify(rows, problems)
    _compare(rows, problems)
    return Export(len(filled), rows, problems)


def _cells(row: list[object], where: dict[str, int]) -> dict[str, object]:
    return {key: row[at] for key, at in where.items() if at < len(row)}


def _refuse_shifted(rows: Grid, where: dict[str, int]) -> None:
    """A file whose cells stand under other titles would spoil the whole registry at once."""
    if len(rows) < SMALLEST_FOR_SHIFT:
        return
    hits: Counter[int] = Counter(at for row in rows for at, cell in enumerate(row) if cells.ogrn(cell)[0])
    at, best = hits.most_common(1)[0] if hits else (where["ogrn"], 0)
    if at != where["ogrn"] and best > len(rows) / 2 > hits[where["ogrn"]] * 2:
        raise Refused(f"Колонки сдвинуты: под заголовком «ОГРН» стоят другие данные, а ОГРН — в колонке {at + 1}. Выгрузите реестр ещё раз.")


def _is_fraction(values: list[object]) -> bool:
    numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    return any(0 < v < 1 for v in numbers) and all(cells.fraction(v) is not None for v in numbers)


def _row(number: int, found: dict[str, object], fractions: set[str], problems: Problems) -> Row | None:
    for key, cell in found.items():
        if isinstance(cell, str) and cells.ERROR.fullmatch(cell.strip()):
            problems.add("cell_error", number, cell)
            found[key] = ""
    name = cells.line(found.get("name"))
    if not any(c.isalpha() for c in name):  # an uncalculated formula reads as 0
        problems.add("name_blank", number, name)
        return None
    row = Row(number, name, raw={key: cells.text(cell) for key, cell in found.items() if cells.text(cell)})
    _body(row, found, problems)
    _page(row, found, problems)
    _facts(row, found, fractions, problems)
    return row


def _body(row: Row, found: dict[str, object], problems: Problems) -> None:
    row.level, row.founder = cells.line(found.get("level"))[:200], cells.line(found.get("founder"))
    row.ground = cells.text(found.get("ground"))
    row.spheres = tuple((place, sphere) for place in (1, 2, 3) if (sphere := cells.line(found.get(f"sphere_{place}"))))
    status = cells.line(found.get("status")).lower().replace("ё", "е")
    row.status = STATUSES.get(status, "")
    row.ogrn, fits = cells.ogrn(found.get("ogrn"))
    if row.name.isupper() and len(row.name) > 10:
        problems.add("name_capitals", row.number)
    if not row.level:
        problems.add("level_blank", row.number, row.founder)
    if not row.founder:
        problems.add("founder_blank", row.number)
    if not row.status:
        problems.add("status_unknown" if status else "status_blank", row.number, status)
    if not fits:
        problems.add("ogrn_bad" if cells.text(found.get("ogrn")) else "ogrn_blank", row.number, cells.text(found.get("ogrn")))
    if "\n" in row.ground:
        problems.add("ground_newline", row.number)


def _page(row: Row, found: dict[str, object], problems: Problems) -> None:
    row.address = parse(cells.text(found.get("url")))
    page_id = cells.text(found.get("page_id"))
    row.page_id = page_id.lstrip("0") if page_id.isdecimal() and 1 < int(page_id) < 10**15 else ""
    trouble = row.address.trouble
    if trouble and not (trouble == "empty" and (row.ground or row.page_id)):
        problems.add(f"address_{trouble}", row.number, row.address.url)
    if page_id and not row.page_id and page_id not in ("0", "1"):
        problems.add("value_unreadable", row.number, page_id)
    if not trouble and row.address.network != "vk":
        problems.add("address_other_network", row.number, row.address.url)
    elif not trouble and not row.page_id:
        problems.add("id_missing", row.number, row.address.url)
    elif not trouble and row.address.external_id not in ("", row.page_id):
        problems.add("id_mismatch", row.number, f"{row.address.external_id} ≠ {row.page_id}")


def _facts(row: Row, found: dict[str, object], fractions: set[str], problems: Problems) -> None:
    readers: dict[str, Callable[[Any], object]] = dict.fromkeys(("connected", "has_mark"), cells.yes_no)
    readers |= dict.fromkeys(("members", "weekly_reach", "post_reach"), cells.number)
    readers |= {key: _percent_of_fraction if key in fractions else _percent for key in PERCENTS} | {"widgets": _widgets}
    for key, reader in readers.items():
        try:
            value = reader(found.get(key))
        except (ValueError, OverflowError):
            problems.add("value_unreadable", row.number, f"{columns.TITLES[key]}: {cells.text(found[key])}")
            continue
        if value is not None:
            row.facts[key] = value
    if address := cells.line(found.get("settings_address")):
        row.facts["settings_address"] = address[:500]


def _percent(cell: object) -> int | None:
    return cells.number(cell, 100)


def _percent_of_fraction(cell: object) -> int | None:
    return cells.number(cell * 100 if isinstance(cell, float) else cell, 100)


def _widgets(cell: object) -> int | None:
    return cells.number(cell, 10)


def _identify(rows: list[Row], problems: Problems) -> None:
    """Id in the address, then the id column, then the handle; a handle whose id another row knows is that page."""
    known: dict[tuple[str, str], str] = {}
    for row in rows:
        place, found = (
            row.address,
            row.address.external_id or (row.page_id if row.address.network == "vk" and row.address.trouble != "personal" else ""),
        )
        if found and place.handle and known.setdefault((place.network, place.handle.lower()), found) != found:
            problems.add("handle_conflict", row.number, place.handle)
            row.address = Address(place.network, place.external_id, "", place.url)
        row.page = (place.network, "id", found) if found else None
    for row in rows:
        place = row.address
        if not row.page and not place.trouble:
            found = known.get((place.network, place.handle.lower()), "")
            row.page = (place.network, "id", found) if found else (place.network, "handle", place.handle.lower())


def _compare(rows: list[Row], problems: Problems) -> None:
    """What shows only when rows are put side by side."""
    numbers = Counter(ogrn for ogrn in {row.key: row.ogrn for row in rows}.values() if ogrn)
    owners: dict[object, set[object]] = {}
    for row in rows:
        owners.setdefault(row.page, set()).add(row.key)
    seen: set[object] = set()
    for row in rows:
        if (row.key, row.page) in seen:
            problems.add("row_duplicate", row.number, row.ogrn)
        seen.add((row.key, row.page))
        if numbers[row.ogrn] > 1:
            problems.add("ogrn_shared", row.number, row.ogrn)
        if row.page and len(owners[row.page]) > 1:
            problems.add("address_shared", row.number, row.address.url)
        if row.page and row.ground:
            problems.add("ground_with_address", row.number)
