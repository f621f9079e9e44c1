"""Published results are taken in: months, municipalities, percents by column. The second time nothing changes."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused
from gospult.lib.sheets import grids
from gospult.registry.models import Territory

from ..inputs import month_of, number_of
from ..library import methods
from ..method import Method
from ..models import OfficialScore

PERIOD, PLACE = "period", "municipality"
# What only says of which kind a municipality is: published lists and registries disagree on it.
KINDS = {"мо", "го", "мр", "муниципальный", "муниципальное", "городской", "округ", "район", "образование"}


@transaction.atomic
def import_official(*, content: bytes, source: str, by: Person | None) -> dict[str, Any]:
    """The published results of a file stand beside ours: {rows, created, changed, unchanged, misses}; misses are names without a territory."""
    grid = next(grids(content), [])
    heads = [str(cell).strip().lower() for cell in grid[0]] if grid else []
    known = [one for one in methods().methods.values() if one.official in heads]
    if PERIOD not in heads or PLACE not in heads or not known:
        columns = sorted({one.official for one in methods().methods.values() if one.official})
        raise Refused(f"Нужны столбцы {PERIOD}, {PLACE} и хотя бы один из {', '.join(columns)}: проверьте первую строку файла.")
    names = _names(Territory.objects.filter(level="municipality"))
    found: dict[tuple[str, date, int], Decimal] = {}
    misses: dict[str, None] = {}
    lines = [(n, dict(zip(heads, row, strict=False))) for n, row in enumerate(grid[1:], start=2) if any(str(cell).strip() for cell in row)]
    for number, row in lines:
        name = str(row.get(PLACE, ""))
        place = names.get(_whole(name)) or names.get(_bare(name))
        if place is None:
            misses[name.strip()[:200]] = None
        else:
            found |= _results(number, row, place, known)
    told = {"rows": len(lines), **_keep(found, source), "misses": list(misses)}
    journal.write(by, "official_scores_taken", None, source=source[:100], rows=told["rows"], created=told["created"], changed=told["changed"])
    return told


def _results(number: int, row: Mapping[str, Any], place: int, known: Iterable[Method]) -> dict[tuple[str, date, int], Decimal]:
    try:
        month = month_of(str(row.get(PERIOD, "")))
    except Refused as no:
        raise Refused(f"Строка {number}, столбец {PERIOD}: {no}") from no
    found = {}
    for one in known:
        value = number_of(number, one.official, row.get(one.official, ""))
        if value is None or not one.in_force(month):
            continue
        if not one.bounds[0] <= value <= one.bounds[1]:
            raise Refused(f"Строка {number}, столбец {one.official}: {value} вне границ методики {one.bounds[0]}…{one.bounds[1]}.")
        found[one.code, month, place] = value
    return found


def _keep(found: Mapping[tuple[str, date, int], Decimal], source: str) -> dict[str, int]:
    months = {month for _, month, _ in found}
    there = {(o.method, o.month, o.territory_id): o.total for o in OfficialScore.objects.filter(month__in=months)}
    new = {key: value for key, value in found.items() if there.get(key) != value}
    rows = [OfficialScore(method=m, month=d, territory_id=pk, total=v, source=source[:300], taken_at=timezone.now()) for (m, d, pk), v in new.items()]
    OfficialScore.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["method", "month", "territory"], update_fields=["total", "source", "taken_at"]
    )
    changed = sum(key in there for key in new)
    return {"created": len(new) - changed, "changed": changed, "unchanged": len(found) - len(new)}


def _names(territories: Iterable[Territory]) -> dict[str, int]:
    """The territory of each name, whole or without the word that says of which kind it is; a name that two have is nobody's."""
    rows = [(row.pk, name) for row in territories for name in (row.name, *row.aliases)]
    found: dict[str, set[int]] = {}
    for key, pk in [(_whole(name), pk) for pk, name in rows] + [(_bare(name), pk) for pk, name in rows]:
        found.setdefault(key, set()).add(pk)
    return {key: min(pks) for key, pks in found.items() if key and len(pks) == 1}


def _whole(name: str) -> str:
    return " ".join(name.lower().replace("ё", "е").split())


def _bare(name: str) -> str:
    return " ".join(word for word in _whole(name).split() if word.strip("().,") not in KINDS)
