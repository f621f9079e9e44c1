"""Selections: pages that somebody wants counted together at every build."""

from collections.abc import Sequence

from django.db import transaction

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused
from gospult.registry.models import Page

from ..models import Selection

MOST = 20  # of a person: each costs every build a pass over the pairs


@transaction.atomic
def save_selection(*, name: str, pages: Sequence[Page], by: Person) -> Selection:
    """From the next build on these pages are counted together exactly, under this name; the same name again replaces the pages."""
    if not name.strip() or not pages:
        raise Refused("Назовите набор и выберите хотя бы одну страницу.")
    if Selection.objects.filter(owner=by).exclude(name=name.strip()).count() >= MOST:
        raise Refused(f"У вас уже {MOST} наборов: удалите ненужный.")
    row, _ = Selection.objects.get_or_create(owner=by, name=name.strip()[:100])
    row.pages.set(pages)
    row.counts.all().delete()  # they were of other pages
    journal.write(by, "selection_saved", row, pages=len(pages))
    return row


@transaction.atomic
def drop_selection(*, selection: Selection, by: Person) -> None:
    """A selection and its counts are gone."""
    journal.write(by, "selection_dropped", selection)
    selection.delete()
