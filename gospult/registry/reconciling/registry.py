"""The registry as it stands, in memory, and the plan that grows on it."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from ..importing import Export
from ..importing.columns import fold
from ..ledger import Ledger, Places
from ..matching import Key, by_name
from ..models import Body, BodySphere, Exemption, Page, PageBody, PageHandle, Sphere, Territory

PageKey = tuple[str, str, str]


class Registry:
    """Everything that an import may touch, read in eight queries; rows that the plan adds are added here too."""

    def __init__(self) -> None:
        territories = list(Territory.objects.all())
        self.territories = by_name(territories)
        regions = [t for t in territories if t.level == "region"]
        self.region = regions[0] if len(regions) == 1 else None
        self.spheres = {fold(s.name): s for s in Sphere.objects.all()}
        self.bodies = list(Body.objects.select_related("parent", "founder_territory"))
        self.links = list(PageBody.objects.all())
        self.exemptions = {e.body_id: e for e in Exemption.objects.filter(ended_at__isnull=True)}
        self.handles = {h.page_id: h for h in PageHandle.objects.filter(until__isnull=True)}
        self.pages = list(Page.objects.all())
        self.by_id = {(p.network, p.external_id): p for p in self.pages if p.external_id}
        self.by_handle = {(p.network, p.handle.lower()): p for p in self.pages if p.handle}
        self.places = self._places()
        self.territory_codes = {t.code for t in territories}
        self.sphere_codes = {s.code for s in self.spheres.values()}
        self.knew_spheres = bool(self.spheres)

    def _places(self) -> dict[int, Places]:
        names = {s.pk: s for s in self.spheres.values()}
        places: dict[int, Places] = {}
        for row in BodySphere.objects.order_by("position"):
            places[row.body_id] = (*places.get(row.body_id, ()), (row.position, names[row.sphere_id]))
        return places


@dataclass
class Plan:
    """The whole difference between a file and the registry."""

    export: Export
    registry: Registry
    ledger: Ledger = field(default_factory=Ledger)
    bodies: dict[Key, Body] = field(default_factory=dict)
    pages: dict[PageKey, Page] = field(default_factory=dict)
    created: set[Key] = field(default_factory=set)
    changed: set[Key] = field(default_factory=set)
    gone_bodies: list[Body] = field(default_factory=list)
    gone_pages: list[Page] = field(default_factory=list)
    now: datetime = field(default_factory=timezone.now)

    @property
    def partial(self) -> bool:
        """Whether bodies that the file does not name stay as they are."""
        return self.export.holds_only_pages

    def note(self, key: Key, differs: bool) -> None:
        """Remember that something of the body changed."""
        if differs:
            self.changed.add(key)

    def counts(self) -> dict[str, int]:
        """Figures of the import; created, changed and unchanged count rows, the others what their names say."""
        rows = self.export.rows
        sort = Counter("created" if r.key in self.created else "changed" if r.key in self.changed else "unchanged" for r in rows)
        return {
            "rows": self.export.total,
            "bodies": len(self.bodies),
            "pages": len(self.pages),
            "exempt": len({row.key for row in rows if row.ground}),
            **{kind: sort[kind] for kind in ("created", "changed", "unchanged")},
            "gone_bodies": len(self.gone_bodies),
            "gone_pages": len(self.gone_pages),
        }
