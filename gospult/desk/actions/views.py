"""Filters kept under a name: a person's own, or shared with the centre."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import Max

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused

from ..models import SavedView

MOST = 20  # of one person: each is counted whenever a list is drawn


@transaction.atomic
def save_view(*, name: str, filters: Mapping[str, str], shared: bool = False, by: Person) -> SavedView:
    """The filter stands in the left column under its name; the person's view of the same name gets the new filter."""
    name = " ".join(name.split())
    if not name:
        raise Refused("Назовите подборку: так она будет стоять слева.")
    if not set(filters) - {"view"}:
        raise Refused("Сначала выберите условия: без них это подборка «Все».")
    Person.objects.select_for_update().get(pk=by.pk)  # two tabs of one person
    mine = SavedView.objects.filter(owner=by)
    if not mine.filter(name=name).exists() and mine.count() >= MOST:
        raise Refused(f"Своих подборок не больше {MOST}: уберите лишнюю.")
    last = mine.aggregate(at=Max("position"))["at"] or 0
    view, made = SavedView.objects.get_or_create(owner=by, name=name, defaults={"filters": {}, "position": last + 1})
    view.filters, view.shared = dict(filters), shared
    view.save(update_fields=["filters", "shared"])
    journal.write(by, "view_saved", view, shared=shared, new=made)
    return view


@transaction.atomic
def rename_view(*, view: SavedView, name: str, by: Person) -> None:
    """A saved view gets another name."""
    name = " ".join(name.split())
    if not name:
        raise Refused("Имя подборки пустое: напишите его.")
    if SavedView.objects.filter(owner=view.owner_id, name=name).exclude(pk=view.pk).exists():
        raise Refused(f"Подборка «{name}» уже есть: выберите другое имя.")
    SavedView.objects.filter(pk=view.pk).update(name=name)
    journal.write(by, "view_renamed", view)


@transaction.atomic
def move_view(*, view: SavedView, up: bool, by: Person) -> None:
    """A saved view changes places with its neighbour in the left column."""
    line = list(SavedView.objects.editable_by(by).filter(shared=view.shared).select_for_update(of=("self",)))
    at = next(n for n, other in enumerate(line) if other.pk == view.pk)
    to = at - 1 if up else at + 1
    if not 0 <= to < len(line):
        raise Refused("Дальше двигать некуда.")
    line.insert(to, line.pop(at))
    for position, other in enumerate(line, start=1):
        SavedView.objects.filter(pk=other.pk).update(position=position)
    journal.write(by, "view_moved", view, up=up)


@transaction.atomic
def remove_view(*, view: SavedView, by: Person) -> None:
    """A saved view leaves the left column; its cases stay where they are."""
    journal.write(by, "view_removed", view, shared=view.shared)
    view.delete()
