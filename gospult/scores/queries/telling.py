"""Scores as plain values for the command line."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.utils import timezone

from gospult.lib.errors import Refused
from gospult.registry.models import Page, PageBody, Territory

from ..library import method as method_of
from ..library import methods
from ..method import Method
from ..models import OfficialScore, Score
from .explaining import among_peers, of_group, of_one_page
from .table import number_of

SUBJECTS = ("territory", "body", "page")


def told(code: str, month: date) -> list[dict[str, Any]]:
    """Every kept score of a month: municipalities, then bodies, then pages, best first; decimals as numbers, None where nothing is confirmed."""
    rows = Score.objects.filter(method=code, month=month).select_related(*SUBJECTS).order_by(F("total").desc(nulls_last=True), "pk")
    official = dict(OfficialScore.objects.filter(method=code, month=month).values_list("territory", "total"))
    lines = [_line(row, official.get(row.territory_id or 0)) for row in rows]
    return sorted(lines, key=lambda line: SUBJECTS.index(line["subject"]))


def _line(row: Score, official: Decimal | None) -> dict[str, Any]:
    subject = next(name for name in SUBJECTS if getattr(row, f"{name}_id"))
    parts = {part["code"]: _float(number_of(part["value"])) for part in row.parts}
    return {
        "subject": subject, "id": getattr(row, f"{subject}_id"), "name": str(getattr(row, subject)), "total": _float(row.total), "group": row.group,
        "kind": row.kind, "official": _float(official), **parts, "pages": row.pages, "known": row.known,
    }  # fmt: skip


def explained(page: Page, code: str, month: date | None) -> dict[str, Any]:
    """A page's score with every point, what mending gives, its peers, and what it costs its municipality. Refused where no method scores pages."""
    found, month = _method(code), month or timezone.localdate().replace(day=1)
    one, alike = of_one_page(page, found, month), among_peers(page, found, month)
    result = one.result
    return {
        "page": page.name, "address": page.address, "method": found.code, "month": f"{month:%Y-%m}",
        "total": _float(result.total) if result else None,
        "group": result.group if result else "", "why": "" if result else "страница не стоит в знаменателе этой методики",
        "parts": [{"title": p.title, "points": _float(p.points), "most": _float(p.most), "why": p.why} for p in result.parts] if result else [],
        "gains": [{"what": gain.what, "points": _float(gain.points)} for gain in one.gains],
        "peers": {"better_than": alike.standing.share, "of": alike.standing.number, "sphere": alike.sphere} if alike else None,
        "municipality": _municipality(page, month),
    }  # fmt: skip


def _method(code: str) -> Method:
    found = method_of(code) if code else next((one for one in methods().methods.values() if "page" in one.subjects and one.indicators), None)
    if found is None or "page" not in found.subjects or not found.indicators:
        raise Refused("Назовите методику, которая считает страницы: --method traffic-light.")
    return found


def _municipality(page: Page, month: date) -> list[dict[str, Any]]:
    """What mending the page would give its municipality, by each method of municipalities in force that month."""
    link = PageBody.objects.filter(page=page).select_related("body__territory").first()
    path = link.body.territory.path if link and link.body.territory else ""
    own = _within(path)
    found = []
    for one in methods().methods.values():
        if own and "municipality" in one.subjects and "page" not in one.subjects and one.indicators and one.in_force(month):
            gains = of_group(one, month, territory=own).gains
            found += [{"method": one.code, "what": gain.what, "points": _float(gain.points)} for gain in gains if gain.page == page.pk]
    return found


def _within(path: str) -> int | None:
    keys = [int(part) for part in path.strip("/").split("/") if part]
    return Territory.objects.filter(pk__in=keys, level="municipality").values_list("pk", flat=True).first()


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
