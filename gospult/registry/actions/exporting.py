"""Handing the registry out."""

from pathlib import Path

from django.db.models import QuerySet

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused

from ..exporting import workbook
from ..models import Body


def export_registry(*, by: Person | None, path: Path | None = None, bodies: QuerySet[Body] | None = None) -> bytes:
    """The registry in the official 20 columns, as XLSX bytes and, with a path, a file; Refused when it cannot be written."""
    content = workbook(Body.objects.present() if bodies is None else bodies.present())  # type: ignore[attr-defined]
    if path:
        try:
            path.write_bytes(content)
        except OSError as error:
            raise Refused(f"Файл «{path}» не записывается. Проверьте папку и права.") from error
    journal.write(by, "registry.exported", None, size=len(content))
    return content
