"""Bodies, their founders, spheres and grounds."""

from typing import Any

from ..importing import Row
from ..importing.columns import fold
from ..matching import Key, match, slug
from ..models import Body, Exemption, Sphere, Territory
from .registry import Plan

MUNICIPAL = {"мо", "муниципалитет", "муниципальное образование"}  # levels at which the founder's text names a territory


def bodies(plan: Plan) -> None:
    """Every row key gets its body, new or known, with the words of its first row."""
    found = match(plan.export.rows, plan.registry.bodies)
    first: dict[Key, Row] = {}
    for row in plan.export.rows:
        first.setdefault(row.key, row)
    for key, row in first.items():
        plan.bodies[key] = found.get(key) or _new(plan, row)
    own = _own_names(plan)
    for key, row in first.items():
        _words(plan, row, plan.bodies[key])
        _spheres(plan, row, plan.bodies[key])
        _founder(plan, row, plan.bodies[key], own)
    _grounds(plan)
    for key, row in first.items():
        _keep_raw(plan, row, plan.bodies[key])


def _new(plan: Plan, row: Row) -> Body:
    plan.created.add(row.key)
    body = Body(name=row.name, level=row.level, ogrn=row.ogrn, status=row.status, raw=row.raw)
    plan.ledger.add(body)
    return body


def _words(plan: Plan, row: Row, body: Body) -> None:
    """Blanks of the export never wipe what is known."""
    said: dict[str, Any] = {name: value for name, value in (("level", row.level), ("ogrn", row.ogrn), ("status", row.status)) if value}
    plan.note(row.key, plan.ledger.set(body, name=row.name, gone_at=None, listed=True, **said))


def _spheres(plan: Plan, row: Row, body: Body) -> None:
    new = tuple((place, _sphere(plan, name, row)) for place, name in row.spheres)
    if new:
        plan.note(row.key, plan.ledger.place(body, plan.registry.places.get(body.pk, ()), new))


def _sphere(plan: Plan, name: str, row: Row) -> Sphere:
    known = plan.registry.spheres.get(fold(name))
    if known:
        return known
    if plan.registry.knew_spheres:
        plan.export.problems.add("sphere_unknown", row.number, name)
    sphere = Sphere(code=slug(name, plan.registry.sphere_codes), name=name[:200])
    plan.registry.spheres[fold(name)] = sphere
    plan.ledger.add(sphere)
    return sphere


def _own_names(plan: Plan) -> dict[str, Body]:
    """Folded name → the body that a founder of that name is: a row of the file, else one known before.

    Of two bodies with one name neither is taken: nobody could say which of them founded the others.
    """
    names: dict[str, Body | None] = {}
    for group in (
        [b for b in plan.registry.bodies if not b.listed],
        [b for b in plan.registry.bodies if b.listed],
        list(plan.bodies.values()),
    ):
        found: dict[str, Body | None] = {}
        for body in group:
            name = fold(body.name)
            found[name] = None if name in found else body
        names |= {name: body for name, body in found.items() if body or name not in names}
    return {name: body for name, body in names.items() if body}


def _founder(plan: Plan, row: Row, body: Body, own: dict[str, Body]) -> None:
    """A founder that somebody corrected by hand stays until the export names another one."""
    if not row.founder or (body.pk and fold(row.founder) == fold(body.founder_text) and (body.parent_id or body.founder_territory_id)):
        return
    if fold(row.level) in MUNICIPAL:
        place = _territory(plan, row.founder)
        differs = plan.ledger.set(body, founder_name=row.founder, founder_territory=place, parent=None, territory=place)
    else:
        founder = own.get(fold(row.founder)) or _founder_only(plan, row, own)
        parent = None if _would_circle(body, founder) else founder
        differs = plan.ledger.set(body, founder_name=row.founder, founder_territory=None, parent=parent)
    plan.note(row.key, differs)


def _founder_only(plan: Plan, row: Row, own: dict[str, Body]) -> Body:
    body = Body(name=row.founder, level=row.level, listed=False, obliged=False)
    own[fold(row.founder)] = body
    plan.ledger.add(body)
    return body


def _would_circle(body: Body, founder: Body) -> bool:
    above: Body | None = founder
    for _ in range(50):
        if above is None or above is body or (body.pk and above.pk == body.pk):
            return above is not None
        above = above.parent
    return True


def _territory(plan: Plan, name: str) -> Territory:
    known = plan.registry.territories.get(fold(name))
    if known:
        return known
    codes = plan.registry.territory_codes
    place = Territory(code=slug(name, codes), name=name[:300], level="municipality", parent=plan.registry.region)
    plan.registry.territories[fold(name)] = place
    plan.ledger.add(place)
    return place


def _grounds(plan: Plan) -> None:
    grounds: dict[Key, str] = {}
    for row in plan.export.rows:
        if row.ground:
            grounds.setdefault(row.key, row.ground)
    for key, body in plan.bodies.items():
        plan.note(key, _exempt(plan, body, grounds.get(key, "")))


def _exempt(plan: Plan, body: Body, ground: str) -> bool:
    """Whether the ground changed; one that a person entered does not end because an export is silent."""
    known = plan.registry.exemptions.get(body.pk) if body.pk else None
    if (known and ground.split() == known.ground.split()) or (not known and not ground):
        return False
    if known and not ground and not known.from_export:
        return False
    if known:
        plan.ledger.set(known, ended_at=plan.now)
    if ground:
        plan.ledger.add(Exemption(body=body, ground=ground, from_export=True, started_at=plan.now))
    return True


def _keep_raw(plan: Plan, row: Row, body: Body) -> None:
    """The row as it came is renewed with the words it belongs to; the first time it only marks where the body is from."""
    if body.raw is None or row.key in plan.changed:
        plan.ledger.set(body, quiet=True, raw=row.raw)
