"""The table of scores leaves as a file: the very figures of the screen."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from tempfile import TemporaryFile
from typing import IO, Any

from django.db import transaction

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused
from gospult.lib.tables import write_csv, write_xlsx

from ..queries.table import Table

WRITERS: dict[str, Callable[..., int]] = {"xlsx": partial(write_xlsx, sheet="Баллы", widths={"name": 44, "why": 60}), "csv": write_csv}


@transaction.atomic
def export_scores(*, table: Table, form: str, by: Person) -> IO[bytes]:
    """The rows of a table (of `queries.table`, already what the person may see) as an open file: xlsx, csv or json."""
    if form not in (*WRITERS, "json"):
        raise Refused("Выберите XLSX, CSV или JSON.")
    file = TemporaryFile()  # noqa: SIM115  (the answer reads it and closes it)
    rows = table.plain()
    if form == "json":
        about = {"method": table.method.code, "title": table.method.title, "source": table.method.source, "month": f"{table.month:%Y-%m}"}
        file.write(json.dumps(about | {"rows": [_floats(row) for row in rows]}, ensure_ascii=False, indent=1, default=str).encode())
    else:
        WRITERS[form](file, table.titles(), rows)
    file.seek(0)
    about = {"method": table.method.code, "month": f"{table.month:%Y-%m}", "subject": table.subject}
    journal.write(by, "scores_exported", None, **about, form=form, rows=len(rows))
    return file


def _floats(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: float(value) if hasattr(value, "as_tuple") else value for name, value in row.items()}
