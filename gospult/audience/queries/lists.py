"""What a person may choose from, and the pages with what each adds."""

from django.db.models import F, QuerySet

from gospult.lib.errors import Refused
from gospult.registry.models import Page, Sphere, Territory
from gospult.registry.models.access import User, granted
from gospult.registry.models.pages import NETWORK_NAMES

from ..models import READERS, Build, Cell, PageShare, territories_of


def reads_audience(user: User) -> bool:
    """Whether some grant of the person shows the audience of something."""
    return user.is_authenticated and user.is_active and (user.is_superuser or any(row.role in READERS for row in granted(user)))


def territories(user: User) -> QuerySet[Territory]:
    """Territories whose audience the person may see, from the top of the tree down."""
    return Territory.objects.filter(territories_of(user)).order_by("path")


def known_network(network: str) -> str:
    """The network itself; Refused where neither we nor the registry have heard of it."""
    if network not in NETWORK_NAMES and not Page.objects.filter(network=network).exists():
        raise Refused(f"Сети «{network}» нет, есть {', '.join(NETWORK_NAMES)}.")
    return network


def networks(build: Build | None) -> list[tuple[str, str]]:
    """(code, name) of the networks that the build has counted."""
    found = Cell.objects.filter(build=build, people__isnull=False).order_by().values_list("network", flat=True).distinct() if build else ()
    return sorted((code, NETWORK_NAMES.get(code, code)) for code in found)


def spheres_of(build: Build | None) -> QuerySet[Sphere]:
    """Spheres that some page of the build is of."""
    return Sphere.objects.filter(pk__in=Cell.objects.filter(build=build).values("sphere"))


def shares(user: User, *, territory: Territory | None = None, network: str = "") -> QuerySet[PageShare]:
    """Pages with what each adds to the others, the most first; what cannot be told stands last."""
    found = PageShare.objects.visible_to(user).select_related("page", "territory")
    if territory is not None:
        found = found.filter(territory__path__startswith=territory.path)
    if network:
        found = found.filter(page__network=network)
    return found.order_by(F("only_here").desc(nulls_last=True), "-subscriptions", "pk")
