"""A report leaves as a file, with a line in the journal."""

from collections.abc import Callable

from django.db import transaction

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused
from gospult.registry import actions as registry

from .formats.pdf import pdf
from .formats.plain import as_json
from .formats.xlsx import workbook
from .queries import Asked, month_parts, report
from .shapes import Report

FORMATS = {"pdf": "PDF", "xlsx": "XLSX", "json": "JSON"}


@transaction.atomic
def export_report(*, asked: Asked, form: str, by: Person | None) -> bytes:
    """The report as the bytes of a file; the journal keeps of which days and place it was. Refused for an unknown format."""
    if form not in FORMATS:
        raise Refused("Выберите PDF, XLSX или JSON.")
    found = report(asked)
    journal.write(by, "report_exported", None, form=form, place=found.place, since=str(found.since), until=str(found.until))
    write: dict[str, Callable[[], bytes]] = {
        "pdf": lambda: pdf(found), "json": lambda: as_json(found).encode(), "xlsx": lambda: _workbook(found, asked, by),
    }  # fmt: skip
    return write[form]()


def _workbook(found: Report, asked: Asked, by: Person | None) -> bytes:
    return workbook(found, registry=registry.export_registry(by=by, bodies=asked.bodies), parts=month_parts(asked))
