"""Subscriptions and people of territories. Across networks nobody can be recognised, so there people are a span and no number."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from gospult.registry.models import Sphere, Territory
from gospult.registry.models.access import User
from gospult.registry.models.places import Level

from ..models import Build, Cell

MONTH, YEAR = 30, 365
ALIKE = 0.05  # of the pages of a cell: where more or fewer were read than in the earlier build, its growth would be that of our reading
SLACK = 0.5  # an earlier build may be half a span older than asked for


@dataclass(frozen=True)
class Figure:
    """Of a territory (with everything inside), a sphere and a network, or of several networks together.

    people_from, people_to   between these: the largest network at least, the sum of all at most; the same number where it is one network
    subscriptions            of the cells that are shown; `partial` when some are not, then all figures are «at least» and people_to is not known
    hidden                   nothing may be shown
    pages, read              living pages; those whose subscribers were counted
    before                   subscriptions of the same cells in the earlier build, None where that cannot be compared: also where fewer or more
                             pages were read then
    """

    territory: Territory
    subscriptions: int | None
    people_from: int | None
    people_to: int | None
    partial: bool
    hidden: bool
    pages: int
    read: int
    before: int | None = None

    @property
    def exact(self) -> bool:
        """Whether the people are one number."""
        return self.people_from is not None and self.people_from == self.people_to

    @property
    def share(self) -> tuple[float, float | None] | None:
        """Part of the population that follows something, from … to, in percent; None where one of the two is not known."""
        living = self.territory.population
        if self.people_from is None or not living:
            return None
        return 100 * self.people_from / living, None if self.people_to is None else 100 * self.people_to / living

    @property
    def growth(self) -> float | None:
        """Subscriptions against the earlier build, in percent."""
        return 100 * (self.subscriptions / self.before - 1) if self.before and self.subscriptions is not None else None

    def as_json(self) -> dict[str, Any]:
        """Plain data; null is «not known» or «not shown»."""
        share = self.share
        return {
            "territory": self.territory.name, "code": self.territory.code, "subscriptions": self.subscriptions,
            "people": self.people_from if self.exact else None, "people_from": self.people_from, "people_to": self.people_to,
            "hidden": self.hidden, "partial": self.partial, "pages": self.pages, "read": self.read, "population": self.territory.population,
            "population_date": self.territory.population_date, "share_from": share and round(share[0], 1),
            "share_to": share and share[1] and round(share[1], 1), "growth": None if self.growth is None else round(self.growth, 1),
        }  # fmt: skip


@dataclass(frozen=True)
class Headline:
    """The figures of one territory: together, and of each network that has pages there."""

    build: Build
    earlier: Build | None
    whole: Figure
    networks: list[tuple[str, Figure]]

    @property
    def as_of(self) -> datetime:
        """The moment for which the counts stand."""
        return self.build.as_of or self.build.started_at


def latest() -> Build | None:
    """The build that screens show."""
    return Build.objects.done().first()


def earlier(build: Build, days: int = MONTH) -> Build | None:
    """The build of so many days before, or the nearest one older than that (by half as much at most)."""
    moment = (build.as_of or build.started_at) - timedelta(days=days)
    return Build.objects.done().filter(as_of__lte=moment + timedelta(hours=12), as_of__gte=moment - timedelta(days=days * SLACK)).first()


def headline(user: User, territory: Territory | None, *, sphere: Sphere | None = None, network: str = "", days: int = MONTH) -> Headline | None:
    """The territory's figures by the latest build, None while there is none, or no territory."""
    build = latest()
    if build is None or territory is None:
        return None
    before = earlier(build, days)
    cells = list(_cells(user, build, sphere, network).filter(territory=territory))
    old = _before(user, before, sphere, network, [territory.pk])
    return Headline(
        build,
        before,
        figure(territory, cells, old),
        [(cell.network, figure(territory, [cell], old)) for cell in sorted(cells, key=_size, reverse=True)],
    )


def rows(user: User, above: Territory | None, *, sphere: Sphere | None = None, network: str = "", days: int = MONTH) -> list[Figure]:
    """Figures of the territories right below, the most subscriptions first, the hidden ones last."""
    build = latest()
    if build is None or above is None:
        return []
    by_place = _by_place(_cells(user, build, sphere, network).filter(territory__parent=above))
    old = _before(user, earlier(build, days), sphere, network, [place.pk for place in by_place])
    found = [figure(place, cells, old) for place, cells in by_place.items()]
    return sorted(found, key=lambda row: (row.subscriptions is None, -(row.subscriptions or 0), row.territory.sort_name))


def heat(user: User, *, network: str) -> tuple[list[Sphere], list[tuple[Territory, list[tuple[int | None, int]]]]]:
    """Municipality × sphere in one network: people (None: hidden or no page) and how dark, 0 to 4, against the largest of the sphere."""
    build = latest()
    cells = Cell.objects.visible_to(user).filter(build=build, network=network, sphere__isnull=False, territory__level=Level.MUNICIPALITY)
    found = {(cell.territory_id, cell.sphere_id): cell for cell in cells.select_related("territory", "sphere")}
    places = sorted({cell.territory for cell in found.values()}, key=lambda place: place.sort_name)
    spheres = sorted({cell.sphere for cell in found.values() if cell.sphere}, key=lambda sphere: sphere.sort_name)
    most = {sphere.pk: max([cell.people or 0 for (_, of), cell in found.items() if of == sphere.pk]) for sphere in spheres}
    return spheres, [(place, [_shade(found.get((place.pk, sphere.pk)), most[sphere.pk]) for sphere in spheres]) for place in places]


def figure(territory: Territory, cells: Sequence[Cell], old: Mapping[tuple[int, str], Cell] | None = None) -> Figure:
    """What the networks' cells of one territory and sphere say together."""
    shown = [cell for cell in cells if cell.people is not None]
    pages, read = sum(cell.pages for cell in cells), sum(cell.read for cell in cells)
    if not shown:
        return Figure(territory, None, None, None, False, any(cell.hidden for cell in cells), pages, read)
    people = [cell.people or 0 for cell in shown]
    partial = len(shown) < len(cells)
    before = [_comparable((old or {}).get((territory.pk, cell.network)), cell) for cell in shown]
    return Figure(
        territory, sum(cell.subscriptions or 0 for cell in shown), max(people), None if partial else sum(people), partial, False, pages, read,
        None if None in before else sum(one or 0 for one in before),
    )  # fmt: skip


def _cells(user: User, build: Build, sphere: Sphere | None, network: str) -> "QuerySet[Cell]":
    found = Cell.objects.visible_to(user).filter(build=build, sphere=sphere).select_related("territory")
    return found.filter(network=network) if network else found


def _by_place(cells: Iterable[Cell]) -> dict[Territory, list[Cell]]:
    found: dict[Territory, list[Cell]] = {}
    for cell in cells:
        found.setdefault(cell.territory, []).append(cell)
    return found


def _before(user: User, build: Build | None, sphere: Sphere | None, network: str, places: Sequence[int]) -> dict[tuple[int, str], Cell]:
    """(territory, network) → the cell of an earlier build."""
    if build is None:
        return {}
    cells = _cells(user, build, sphere, network).filter(territory__in=places)
    return {(cell.territory_id, cell.network): cell for cell in cells}


def _comparable(old: Cell | None, cell: Cell) -> int | None:
    """Subscriptions of the earlier cell where about as many pages were read."""
    return old.subscriptions if old and abs(cell.read - old.read) <= ALIKE * max(cell.read, old.read) else None


def _size(cell: Cell) -> int:
    return cell.subscriptions or 0


def _shade(cell: Cell | None, most: int) -> tuple[int | None, int]:
    if cell is None or cell.people is None:
        return None, 0 if cell is None or not cell.hidden else -1
    return cell.people, 1 + min(3, 4 * cell.people // max(1, most))
