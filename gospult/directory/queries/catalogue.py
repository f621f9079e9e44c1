"""Lists and cards of the public catalogue."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from gospult.registry.models import Body, Page, Sphere, Territory

from ..models import EntryBody
from ..standing import STATUSES, place, standings
from .find import Answer, search
from .official import last_checked

MOST = 100  # lines of one search


@dataclass(frozen=True, slots=True)
class Shown:
    """A page on the card of its body: what its network is by law, when the page was last looked at."""

    page: Page
    status: str
    basis: str
    checked: Any


def public_bodies() -> QuerySet[Body]:
    """Bodies that residents may see: those that lead a line of the directory and exist."""
    return Body.objects.filter(directory_line__entry__body_id=F("pk"), gone_at__isnull=True)


def browse(*, territory: Territory | None, sphere: Sphere | None, network: str) -> QuerySet[Body]:
    """Bodies of a place with everything inside, of a sphere, with a page in a network."""
    bodies = public_bodies().select_related("territory", "parent", "founder_territory").prefetch_related("pages")
    if territory:
        bodies = bodies.filter(territory__path__startswith=territory.path) if territory.path else bodies.filter(territory=territory)
    if sphere:
        bodies = bodies.filter(spheres=sphere)
    if network:
        bodies = bodies.filter(pages__network=network, pages__state="published")
    return bodies.distinct() if sphere or network else bodies


def found(query: str, *, territory: Territory | None, sphere: Sphere | None, network: str) -> Answer:
    """What the search answers, within the chosen place, sphere and network."""
    answer = search(query, limit=MOST)
    if territory or sphere or network:
        kept = set(
            browse(territory=territory, sphere=sphere, network=network)
            .filter(pk__in=[hit.body_id for hit in answer.hits])
            .values_list("pk", flat=True)
        )
        answer.hits = [hit for hit in answer.hits if hit.body_id in kept]
    return answer


def card_of(pk: int) -> Body | None:
    """The body of a card; a row that stands in another's line gives that one."""
    line = EntryBody.objects.filter(body_id=pk, body__gone_at__isnull=True).select_related("entry__body").first()
    return line.entry.body if line and not line.entry.dead else None


def pages_of(body: Body) -> list[Shown]:
    """Living pages of all rows of the body, in the order of their networks' legal status."""
    rows = Page.objects.filter(bodies__directory_line__entry__body=body, state="published").distinct()
    known = standings()
    made = []
    for page in sorted(rows, key=lambda page: (*place(page.network), page.sort_name)):
        one = known.get(page.network)
        made.append(Shown(page, one.words if one else "", one.basis if one else "", last_checked(page)))
    return made


def places() -> QuerySet[Territory]:
    """Municipalities that have bodies here."""
    inside = Q(level="municipality") | Q(level="region")
    return (
        Territory.objects.filter(inside)
        .annotate(number=Count("bodies", filter=Q(bodies__gone_at__isnull=True, bodies__listed=True)))
        .order_by("sort_name")
    )


def spheres() -> QuerySet[Sphere]:
    """Spheres that bodies here have, with their number."""
    return Sphere.objects.annotate(number=Count("bodies", filter=Q(bodies__gone_at__isnull=True, bodies__listed=True))).filter(number__gt=0)


def structured(body: Body, pages: list[Shown], url: str) -> dict[str, Any]:
    """The card as schema.org tells it to search engines."""
    made: dict[str, Any] = {"@context": "https://schema.org", "@type": "GovernmentOrganization", "name": body.name, "url": url}
    made["sameAs"] = [one.page.address for one in pages if one.page.address]
    extra = {"telephone": body.contact_phone, "email": body.contact_email, "identifier": body.ogrn}
    made |= {key: value for key, value in extra.items() if value}
    if body.territory:
        made["areaServed"] = {"@type": "AdministrativeArea", "name": body.territory.name}
    if body.parent:
        made["parentOrganization"] = {"@type": "GovernmentOrganization", "name": body.parent.name}
    return made


__all__ = ["STATUSES", "Shown", "browse", "card_of", "found", "pages_of", "places", "public_bodies", "spheres", "structured"]
