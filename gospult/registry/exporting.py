"""The registry as a table of the official 20 columns."""

from collections.abc import Iterator
from io import BytesIO

import xlsxwriter
from django.db.models import Prefetch, Q, QuerySet

from .importing.columns import TITLES
from .models import Body, BodySphere, Exemption, PageBody
from .models.bodies import Status
from .models.pages import State
from .reconciling.pages import ABSENT

WIDTHS = {"founder": 30, "name": 60, "ground": 40, "ogrn": 16, "url": 35, "settings_address": 30}
FACTS = ("design", "widgets", "activity", "members", "weekly_reach", "post_reach")


def rows(bodies: QuerySet[Body]) -> Iterator[dict[str, object]]:
    """One row per body and VK page; a body without a page has one row. A page that left the last export stays out."""
    shown = PageBody.objects.filter(page__network="vk").exclude(page__state=State.ARCHIVED)
    shown = shown.exclude(Q(page__state=State.UNDER_REVIEW) & Q(page__review_reason=ABSENT)).select_related("page").order_by("id")
    full = (
        bodies.order_by("sort_name", "id")
        .select_related("parent", "founder_territory")
        .prefetch_related(
            Prefetch("page_links", shown, "shown_links"),
            Prefetch("sphere_places", BodySphere.objects.select_related("sphere"), "shown_spheres"),
            Prefetch("exemptions", Exemption.objects.filter(ended_at__isnull=True), "grounds"),
        )
    )
    for body in full:
        about = _body(body)
        pages = [_page(link.page) for link in body.shown_links]
        for page in pages or [{}]:
            yield {**about, **page}


def workbook(bodies: QuerySet[Body]) -> bytes:
    """The bytes of an XLSX with the official titles; texts are never read as formulas."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("Реестр")
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        for column, (key, title) in enumerate(TITLES.items()):
            sheet.set_column(column, column, WIDTHS.get(key, 14))
            sheet.write_string(0, column, title, bold)
        sheet.freeze_panes(1, 0)
        for line, row in enumerate(rows(bodies), start=1):
            for column, key in enumerate(TITLES):
                _write(sheet, line, column, row.get(key))
    return buffer.getvalue()


def _write(sheet: xlsxwriter.worksheet.Worksheet, line: int, column: int, value: object) -> None:
    if isinstance(value, int):
        sheet.write_number(line, column, value)
    elif value:
        sheet.write_string(line, column, str(value))


def _body(body: Body) -> dict[str, object]:
    grounds, places = body.grounds, body.shown_spheres  # type: ignore[attr-defined]
    return {
        "level": body.level,
        "founder": body.founder_text,
        "name": body.name,
        "ground": grounds[0].ground if grounds else "",
        "ogrn": body.ogrn,  # as text: Excel shows a 13-digit number as 1,07E+12
        **{f"sphere_{place.position}": place.sphere.name for place in places},
        "status": Status(body.status).label if body.status else "",
    }


def _page(page) -> dict[str, object]:  # type: ignore[no-untyped-def]
    said = {True: "да", False: "нет", None: ""}
    return {
        "page_id": int(page.external_id) if page.external_id and page.external_id.isdigit() else "",
        "url": page.address,
        "settings_address": page.settings_address,
        "connected": said[page.connected],
        "has_mark": said[page.has_mark],
        **{key: getattr(page, key) for key in FACTS},
    }
