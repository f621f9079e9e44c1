"""Whose pages are, as far as checks of their cards ask: names, ОГРН, spheres, region."""

from collections.abc import Collection
from dataclasses import dataclass, field

from gospult.registry.models import BodySphere, PageBody, Territory

from ..design import Bodies
from ..widgets import Owner


@dataclass(frozen=True, slots=True)
class Whose:
    """Of one page."""

    owner: Owner = field(default_factory=Owner)
    bodies: Bodies = field(default_factory=Bodies)


def owners_of(pages: Collection[int]) -> dict[int, Whose]:
    """For each page whose it is; a page without an owner is nobody's, and checks that ask for one say nothing of it."""
    links: dict[int, list[tuple[int, str, str, str, str, str, str]]] = {}
    fields = ("page", "body", "body__name", "body__short_name", "body__ogrn", "body__level", "body__territory__name", "body__territory__oktmo")
    for page, *rest in PageBody.objects.filter(page__in=pages).order_by("page", "shared", "pk").values_list(*fields):
        links.setdefault(page, []).append(tuple(value or "" for value in rest))  # type: ignore[arg-type]
    spheres: dict[int, set[str]] = {}
    bodies = {row[0] for rows in links.values() for row in rows}
    for body, code in BodySphere.objects.filter(body__in=bodies).values_list("body", "sphere__code"):
        spheres.setdefault(body, set()).add(code)
    region = _region()
    return {page: _whose(links.get(page, []), spheres, region) for page in pages}


def _region() -> str:
    """The two digits of the region in ОКТМО, which ПОС uses too; "" where the registry holds none or more than one."""
    codes = {oktmo[:2] for oktmo in Territory.objects.filter(level="region").exclude(oktmo="").values_list("oktmo", flat=True)}
    return codes.pop() if len(codes) == 1 else ""


def _whose(rows: list[tuple[int, str, str, str, str, str, str]], spheres: dict[int, set[str]], region: str) -> Whose:
    names = [text for _, name, short, *_ in rows for text in (name, short) if text]
    ogrns = frozenset(ogrn for _, _, _, ogrn, *_ in rows if len(ogrn) == 13)
    municipality = next((oktmo[:8] for *_, level, _, oktmo in rows if level == "МО" and len(oktmo) >= 8 and not oktmo[:8].endswith("000000")), "")
    places = [place for *_, place, _ in rows if place]
    found = frozenset(code for body, *_ in rows for code in spheres.get(body, ()))
    return Whose(Owner(ogrns, region, municipality), Bodies(names, places, found))
