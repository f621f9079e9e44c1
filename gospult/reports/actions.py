"""A report leaves as a file, with a line in the journal."""

from collections.abc import Callable

from django.db import transaction

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused
from gospult.registry import actions as registry

from .formats.pdf import pdf
from .formats.plain import as_json
from .formats.xlsx import month_book, workbook
from .queries import Asked, month_parts, report

# What a screen offers; the official table and the monthly sheet of a region take longest, so they are files of their own there.
FORMATS = {"pdf": "PDF", "xlsx": "XLSX", "json": "JSON", "registry": "Реестр, 20 столбцов", "parts": "Месяц по частям"}


def file_name(asked: Asked, form: str) -> str:
    """What the file is called: «otchet-2026-10-01-2026-10-31.pdf»; the official table and the monthly sheet are workbooks of their own name."""
    period = asked.period
    return f"otchet-{period.since}-{period.until}.{form}" if form in ("pdf", "xlsx", "json") else f"{form}-{period.since}.xlsx"


@transaction.atomic
def export_report(*, asked: Asked, form: str, by: Person | None, whole: bool = False) -> bytes:
    """The report as the bytes of a file; the journal keeps of which days and place it was. Refused for an unknown format.

    whole  an XLSX also holds the official table and the monthly sheet
    """
    if form not in FORMATS:
        raise Refused("Выберите PDF, XLSX или JSON.")
    period = asked.period
    journal.write(by, "report_exported", None, form=form, place=asked.place, since=str(period.since), until=str(period.until))
    write: dict[str, Callable[[], bytes]] = {
        "pdf": lambda: pdf(report(asked)),
        "json": lambda: as_json(report(asked)).encode(),
        "xlsx": lambda: workbook(report(asked), registry=_registry(asked, by) if whole else None, parts=month_parts(asked) if whole else ()),
        "registry": lambda: _registry(asked, by),
        "parts": lambda: month_book(month_parts(asked)),
    }
    return write[form]()


def _registry(asked: Asked, by: Person | None) -> bytes:
    return registry.export_registry(by=by, bodies=asked.bodies)
