"""The same figures for the command line: of everything, or of a territory, a sphere, a network named in words."""

from typing import Any

from django.db.models import Q
from django.utils import timezone

from gospult.accounts.models import Person
from gospult.lib.errors import Refused
from gospult.registry.models import Sphere, Territory

from .figures import YEAR, earlier, headline
from .lists import known_network

EVERYBODY = Person(is_superuser=True)  # whoever has the command line has the database


def whole(*, territory: str = "", sphere: str = "", network: str = "") -> dict[str, Any]:
    """Figures as plain data; null is «not known» or «hidden»: as_of, coverage, age, together and by network. Refused for an unknown name."""
    place = _named(Territory, territory, "Территории") if territory else Territory.objects.filter(parent=None).order_by("path").first()
    if place is None:
        raise Refused("В реестре нет территорий: сначала загрузите регион.")
    kind = _named(Sphere, sphere, "Сферы") if sphere else None
    if network:
        known_network(network)
    found = headline(EVERYBODY, place, sphere=kind, network=network)
    asked = {"territory": place.name, "sphere": kind.name if kind else None, "network": network or None}
    if found is None:
        return asked | {"as_of": None, "note": "Аудиторию ещё не считали."}
    build, year = found.build, earlier(found.build, YEAR)
    return asked | {
        "as_of": found.as_of.isoformat(), "age_hours": round((timezone.now() - found.as_of).total_seconds() / 3600, 1),
        "coverage": {"pages": build.total, "listed": build.listed, "read": build.done, "unread": build.unread},
        "compared_with": found.earlier and found.earlier.as_of, "year_ago": year and year.as_of,
        **{name: value for name, value in found.whole.as_json().items() if name not in ("territory", "code")},
        "networks": {code: one.as_json() for code, one in found.networks},
    }  # fmt: skip


def _named(model: Any, name: str, what: str) -> Any:
    rows = list(model.objects.filter(Q(code=name) | Q(name__iexact=name))[:2])
    if len(rows) != 1:
        raise Refused(f"{what} «{name}» нет." if not rows else f"«{name}» — не одна: назовите код.")
    return rows[0]
