"""A list of cases leaves as a file: within the limit, with a line in the journal."""

from collections.abc import Callable
from functools import partial
from tempfile import TemporaryFile
from typing import IO

from django.db import transaction
from django.db.models import QuerySet

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused
from gospult.lib.tables import write_csv, write_xlsx

from ..models import Case
from ..queries.table import COLUMNS, table

MOST = 20_000  # some seconds of one process; whoever needs more takes it by periods
WIDTHS = {"headline": 60, "body": 40, "topic": 30, "group": 24, "page": 30, "place": 24, "territory": 24}
FORMATS: dict[str, Callable[..., int]] = {"xlsx": partial(write_xlsx, sheet="Обращения", widths=WIDTHS), "csv": write_csv}


@transaction.atomic
def export_cases(*, rows: QuerySet[Case], form: str, by: Person, view: str = "", filters: tuple[str, ...] = ()) -> IO[bytes]:
    """The cases of a list (already `visible_to` the person) as an open file, xlsx or csv; the journal keeps how many and under which filters."""
    if form not in FORMATS:
        raise Refused("Выберите XLSX или CSV.")
    if rows.order_by()[: MOST + 1].count() > MOST:
        raise Refused(f"В подборке больше {MOST:,} обращений: сузьте её условиями, например по дням, и скачайте частями.".replace(",", " ", 1))
    file = TemporaryFile()  # noqa: SIM115  (the answer reads it and closes it)
    count = FORMATS[form](file, COLUMNS, table(rows))
    file.seek(0)
    journal.write(by, "cases_exported", None, rows=count, form=form, view=view, filters=list(filters))
    return file
