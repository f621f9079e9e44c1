"""Which cells are not shown: those of few people or pages, and those by which a hidden one could be had. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .cells import ALL

Name = tuple[int, int, int]  # network, sphere (or ALL), territory
TOP = -1
FEW = 10


@dataclass(frozen=True)
class Size:
    """Of a cell: its people, its subscriptions, its pages and the subscribers of the largest of them."""

    people: int
    pages: int
    subscriptions: int
    largest: int

    @property
    def uniform(self) -> bool:
        """Whether nearly nobody follows two of its pages, or nearly everybody the largest: then one page of a person tells about the others."""
        return self.pages > 1 and min(self.subscriptions - self.people, self.people - self.largest) < FEW


def hidden(cells: Mapping[Name, Size], parents: Sequence[int], *, people: int, pages: int) -> set[Name]:
    """Names of the cells that must not be shown: fewer than `people` or `pages`, all alike, what lies inside such a cell, company for a lonely one.

    A cell that alone is hidden among its neighbours could be had as what is above them less the others (at least as a bound), so the
    smallest of the others is hidden too; and a cell of the very same pages as a hidden one says the very same number.
    """
    secret = {name for name, size in cells.items() if size.people < people or size.pages < pages or size.uniform}
    families = list(_families(cells, parents))
    before = -1
    while len(secret) != before:
        before = len(secret)
        for above, below in families:
            _settle(above, below, cells, secret)
    return secret


def _families(cells: Mapping[Name, Size], parents: Sequence[int]) -> Iterator[tuple[Name, list[Name]]]:
    """A cell and the cells that it is cut into: by the territories below, or by spheres."""
    found: dict[tuple[Name, bool], list[Name]] = {}
    for name in cells:
        network, sphere, territory = name
        if parents[territory] != TOP:
            found.setdefault(((network, sphere, parents[territory]), True), []).append(name)
        if sphere != ALL:
            found.setdefault(((network, ALL, territory), False), []).append(name)
    return ((above, below) for (above, _), below in found.items() if above in cells)


def _settle(above: Name, below: list[Name], cells: Mapping[Name, Size], secret: set[Name]) -> None:
    if above in secret:
        secret.update(below)
        return
    lonely = [name for name in below if name in secret]
    if any(cells[name].pages == cells[above].pages for name in lonely):
        secret.add(above)
    elif len(lonely) == 1 and len(below) > 1:
        secret.add(min((name for name in below if name not in secret), key=lambda name: (cells[name].people, name)))
