"""A region's files become rows: territories, spheres, bodies."""

from django.db import transaction

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused
from gospult.lib.regions import BodyRow, Region, TerritoryRow

from ..models import Body, BodySphere, Sphere, Territory
from ..tree import repath

BATCH = 1000


@transaction.atomic
def load_region(*, region: Region, by: Person | None, is_demo: bool = False) -> dict[str, int]:
    """Bring the region's territories, spheres and bodies in; rows of the same code are renewed, nothing is deleted.

    Returns how many rows of each kind the files hold; Refused when a row names a parent that is not there.
    """
    places = _territories(region.territories)
    spheres = _spheres(region)
    bodies = _bodies(region.bodies, places, spheres, is_demo)
    counts = {"territories": len(region.territories), "spheres": len(spheres), "bodies": len(bodies)}
    journal.write(by, "registry.region_loaded", None, region=region.code, **counts)
    return counts


def _territories(rows: tuple[TerritoryRow, ...]) -> dict[str, Territory]:
    made = [
        Territory(
            code=row.code,
            name=row.name,
            level=row.level,
            oktmo=row.oktmo,
            population=row.population,
            population_date=row.population_date,
            time_zone=row.timezone,
            aliases=list(dict.fromkeys([row.short_name, *row.aliases])),
        )
        for row in rows
    ]
    found = _by_code(Territory, made, ["name", "level", "oktmo", "population", "population_date", "time_zone", "aliases"])
    _hang(Territory, found, {row.code: row.parent for row in rows})
    return found


def _spheres(region: Region) -> dict[str, Sphere]:
    return _by_code(Sphere, [Sphere(code=row.code, name=row.name) for row in region.spheres], ["name"])


def _bodies(rows: tuple[BodyRow, ...], places: dict[str, Territory], spheres: dict[str, Sphere], is_demo: bool) -> dict[str, Body]:
    made = [
        Body(
            code=row.code,
            ogrn=row.ogrn,
            name=row.name,
            short_name=row.short_name,
            level=row.level,
            status=row.status,
            territory=_there(places, row.territory, row.name),
            is_demo=is_demo,
        )
        for row in rows
    ]
    found = _by_code(Body, made, ["ogrn", "name", "short_name", "level", "status", "territory", "is_demo"])
    _hang(Body, found, {row.code: row.parent for row in rows})
    BodySphere.objects.filter(body__in=found.values()).delete()
    kept = [BodySphere(body=found[row.code], sphere=spheres[row.sphere], position=1) for row in rows if row.sphere in spheres]
    BodySphere.objects.bulk_create(kept, batch_size=BATCH)
    return found


def _by_code(model, rows, fields):  # type: ignore[no-untyped-def]
    """Insert or renew by code; returns code → row as the database has it."""
    model.objects.bulk_create(rows, batch_size=BATCH, update_conflicts=True, unique_fields=["code"], update_fields=fields)
    return {row.code: row for row in model.objects.filter(code__in=[row.code for row in rows])}


def _hang(model, rows, parents):  # type: ignore[no-untyped-def]
    """Put each row under its parent."""
    for code, parent in parents.items():
        rows[code].parent = _there(rows, parent, rows[code].name)
    model.objects.bulk_update(rows.values(), ["parent"], batch_size=BATCH)
    repath(model)


def _there(rows, code, whose):  # type: ignore[no-untyped-def]
    if code and code not in rows:
        raise Refused(f"В файлах региона у «{whose}» указан код «{code}», которого нет. Исправьте файл и повторите.")
    return rows[code] if code else None
