"""The registry as the engine wants it: pages, territories and spheres by index."""

from dataclasses import dataclass

from gospult.registry.models import BodySphere, Page, PageBody, Sphere, Territory

from .cells import NOWHERE, Places, Plan, plan

SPHERES = 3


@dataclass(frozen=True)
class Registered:
    """The keys of rows in the order of their indexes, and the plan made of them."""

    pages: list[int]
    territories: list[int]
    spheres: list[int]
    networks: list[str]
    places: Places
    plan: Plan


def registered() -> Registered:
    """Every living page with the territory and the spheres of its owner; a page of nowhere counts for the whole region."""
    territories = dict(Territory.objects.order_by("path", "pk").values_list("pk", "parent"))
    index = {key: number for number, key in enumerate(territories)}
    rows = list(Page.objects.living().order_by("pk").values_list("pk", "network"))
    owners = dict(PageBody.objects.filter(shared=False).values_list("page", "body"))
    places = dict(PageBody.objects.filter(shared=False).values_list("page", "body__territory"))
    top = next((number for key, number in index.items() if territories[key] is None), NOWHERE)
    spheres = list(Sphere.objects.order_by("pk").values_list("pk", flat=True))
    of_bodies = _spheres(spheres)
    networks = sorted({network for _, network in rows})
    made = Places(
        parents=[index[parent] if parent else NOWHERE for parent in territories.values()],
        territory=[index.get(places.get(page) or 0, top) for page, _ in rows],
        network=[networks.index(network) for _, network in rows],
        spheres=[of_bodies.get(owners.get(page, 0), [])[:SPHERES] for page, _ in rows],
    )
    return Registered([page for page, _ in rows], list(territories), spheres, networks, made, plan(made))


def _spheres(order: list[int]) -> dict[int, list[int]]:
    """body → indexes of its spheres, the first first."""
    number, found = {key: index for index, key in enumerate(order)}, dict[int, list[int]]()
    for body, sphere in BodySphere.objects.order_by("body", "position").values_list("body", "sphere"):
        found.setdefault(body, []).append(number[sphere])
    return found
