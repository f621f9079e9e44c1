"""Puts back what an import changed, exactly, or says what stands in the way."""

from django.db import models
from django.db.models import ProtectedError

from gospult.lib.errors import Refused

from .ledger import BATCH, BY_LABEL, ORDER, Action, plain, snapshot, upsert
from .models import Body, BodySphere, Exemption, ImportChange, Page, PageBody, PageHandle, Sphere, Territory
from .tree import repath

SHOWN = 3


def put_back(changes: list[ImportChange]) -> dict[str, int]:
    """Delete what was created, restore what was changed and removed; Refused when later work would be lost.

    The caller holds the transaction. Returns the figures `removed` and `restored`.
    """
    objects = {model: model._default_manager.in_bulk([c.object_id for c in changes if BY_LABEL[c.object_type] is model]) for model in ORDER}
    spheres = _spheres([c.object_id for c in changes if BY_LABEL[c.object_type] is Body])
    _refuse_if_changed(changes, objects, spheres)
    # What hangs on others goes first and frees handles, owners and grounds; bodies go when nothing points at them.
    removed = _delete(changes, (Page, PageBody, PageHandle, Exemption))
    _restore(changes, objects)
    removed += _delete(changes, (Territory, Sphere, Body))
    _put_removed_back(changes)
    repath(Territory)
    repath(Body)
    return {"removed": removed, "restored": len(changes) - removed}


def _spheres(bodies: list[int]) -> dict[int, list[list[int]]]:
    found: dict[int, list[list[int]]] = {}
    for row in BodySphere.objects.filter(body__in=bodies).order_by("position"):
        found.setdefault(row.body_id, []).append([row.position, row.sphere_id])
    return found


def _refuse_if_changed(changes: list[ImportChange], objects: dict, spheres: dict[int, list[list[int]]]) -> None:
    touched: list[str] = []
    for change in changes:
        model = BY_LABEL[change.object_type]
        obj = objects[model].get(change.object_id)
        if change.action == Action.REMOVED:
            continue
        if not obj or _now(obj, change, spheres) != change.after:
            touched.append(str(obj) if obj else f"{model._meta.verbose_name} № {change.object_id}")
    if touched:
        names = ", ".join(f"«{name}»" for name in touched[:SHOWN]) + (f" и ещё {len(touched) - SHOWN}" if len(touched) > SHOWN else "")
        raise Refused(f"После импорта меняли: {names}. Отмена стёрла бы эту работу, поэтому реестр оставлен как есть.")


def _now(obj: models.Model, change: ImportChange, spheres: dict[int, list[list[int]]]) -> dict[str, object]:
    """The object today in the words of the change: all filled columns of a created one, the changed columns of another."""
    now = snapshot(obj) if change.action == Action.CREATED else plain({name: getattr(obj, name) for name in change.after if name != "spheres"})
    kept = spheres.get(obj.pk, [])
    return {**now, "spheres": kept} if "spheres" in change.after or (change.action == Action.CREATED and kept and isinstance(obj, Body)) else now


def _restore(changes: list[ImportChange], objects: dict) -> None:
    for model in ORDER:
        rows = []
        for change in changes:
            if BY_LABEL[change.object_type] is model and change.before and change.action != Action.REMOVED:
                rows.append(_with(objects[model][change.object_id], change.before))
        if model is Page:
            Page.objects.filter(pk__in=[p.pk for p in rows]).update(handle="")  # handles may have been swapped
        upsert(model, rows)
    _restore_spheres([c for c in changes if "spheres" in c.before])


def _restore_spheres(changes: list[ImportChange]) -> None:
    BodySphere.objects.filter(body__in=[c.object_id for c in changes]).delete()
    rows = [BodySphere(body_id=c.object_id, position=n, sphere_id=pk) for c in changes for n, pk in c.before["spheres"]]
    BodySphere.objects.bulk_create(rows, batch_size=BATCH)


def _with(obj: models.Model, values: dict[str, object]) -> models.Model:
    for field in obj._meta.concrete_fields:
        if field.attname in values:
            setattr(obj, field.attname, field.to_python(values[field.attname]))
    return obj


def _delete(changes: list[ImportChange], kinds: tuple[type[models.Model], ...]) -> int:
    created = [c for c in changes if c.action == Action.CREATED and BY_LABEL[c.object_type] in kinds]
    try:
        for model in reversed(kinds):
            rows = model._default_manager.filter(pk__in=[c.object_id for c in created if BY_LABEL[c.object_type] is model])
            if model in (Body, Territory):
                rows.filter(parent__in=rows.values("pk")).update(parent=None)  # a founder that goes too is no obstacle
            rows.delete()
    except ProtectedError as error:
        names = sorted({str(o._meta.verbose_name_plural) for o in error.protected_objects})
        raise Refused(f"С тем, что добавил импорт, уже работают ({', '.join(names)}): отменить его нельзя.") from error
    return len(created)


def _put_removed_back(changes: list[ImportChange]) -> None:
    for model in ORDER:
        rows = [_with(model(pk=c.object_id), c.before) for c in changes if c.action == Action.REMOVED and BY_LABEL[c.object_type] is model]
        model._default_manager.bulk_create(rows, batch_size=BATCH)
