"""Rows of the open data: every published page with its owner. Read in portions, so that a country fits."""

from collections.abc import Iterator

from gospult.registry.models import PageBody
from gospult.registry.models.pages import NETWORK_NAMES

from ..opendata import Row

PORTION = 2000


def open_rows() -> Iterator[Row]:
    """Published pages by body and network; a page shared by bodies stands with each."""
    links = PageBody.objects.filter(page__state="published", body__gone_at__isnull=True, body__listed=True)
    links = links.select_related("page", "body__territory", "body__parent", "body__founder_territory").prefetch_related("body__spheres")
    for link in links.order_by("body__sort_name", "body_id", "page__network", "page_id").iterator(chunk_size=PORTION):
        page, body = link.page, link.body
        if not page.address:
            continue
        place = body.territory.name if body.territory else body.founder_text
        checked = page.facts_date.isoformat() if page.facts_date else ""
        spheres = ", ".join(sphere.name for sphere in body.spheres.all())
        yield Row(body.name, body.ogrn, place, spheres, NETWORK_NAMES.get(page.network, page.network), page.name, page.address, checked)
