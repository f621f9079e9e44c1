"""Pages with the parts of their month, for the monthly sheet."""

from collections.abc import Iterator
from typing import Any

from gospult.registry.models import PageBody
from gospult.registry.models.pages import NETWORK_NAMES

from .scope import Asked


def month_parts(asked: Asked) -> Iterator[tuple[str, str, str, list[Any]]]:
    """Name, network, owner and the five parts of each page's month; nothing where the period is not one month."""
    if asked.period.kind != "month":
        return
    rows = asked.months.filter(month=asked.period.since).order_by("page__sort_name", "page")
    links = PageBody.objects.filter(shared=False, page__in=asked.pages.values("pk"))
    owners = {page: short or name for page, short, name in links.values_list("page", "body__short_name", "body__name")}
    for pk, name, network, parts in rows.values_list("page", "page__name", "page__network", "parts").iterator(chunk_size=5000):
        yield name, NETWORK_NAMES.get(network, network), owners.get(pk) or "", parts or []
