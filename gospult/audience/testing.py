"""Builders for tests, the demo and the benchmarks."""

from collections.abc import Iterable, Mapping
from typing import Any

from gospult.registry.models import Page

from .actions import start_build
from .actions.building import carry_out
from .door import Door, Shelf
from .models import Build
from .registered import Registered


def make_build(people: Mapping[Page, Iterable[Any]], *, listed: int | None = None) -> Build:
    """A done build of these pages with these people (anything that has a text of its own)."""
    build = start_build(by=None)
    build.move_to(Build.State.COLLECTING)

    def fill(build: Build, known: Registered, door: Door, shelf: Shelf) -> None:
        for page, who in people.items():
            shelf.put(known.pages.index(page.pk), door.keyed(page.network, map(str, who)))
        Build.objects.filter(pk=build.pk).update(listed=listed or len(people), done=len(people))

    carry_out(build, fill)
    build.refresh_from_db()
    return build
