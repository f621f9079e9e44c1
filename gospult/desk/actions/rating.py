"""The rating leaves as a file: the very figures of the screen."""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from tempfile import TemporaryFile
from typing import IO, Any

from django.db import transaction

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused
from gospult.lib.tables import write_csv, write_xlsx

from ..queries.rating import COUNTED, Asked, explained

COLUMNS = {
    "name": "Орган", "rated": "Оценивается", "points": "Балл", "cases": "Обращений", "answered": "С первой реакцией",
    "median_worked": "Медиана первой реакции, рабочих минут", "p90_worked": "90 % первых реакций, рабочих минут",
    "median_elapsed": "Медиана первой реакции, минут подряд", "p90_elapsed": "90 % первых реакций, минут подряд", "late": "С опозданием",
    "in_time_share": "Доля в срок", "postponed": "Отложено", "moved": "Обещание перенесено", "broken": "Обещание нарушено", "repeated": "Повторно",
    "reopened": "Открыто снова", "returned": "Возвращено контролем", "marks": "Оценок", "mark": "Средняя оценка", "good_share": "Доля оценок 4 и 5",
    "inspected": "Ответов проверено по жребию", "quality": "Качество ответов, средний балл",
    "lines": "Из чего балл",
}  # fmt: skip
WRITERS: dict[str, Callable[..., int]] = {"xlsx": partial(write_xlsx, sheet="Рейтинг", widths={"name": 40, "lines": 60}), "csv": write_csv}
PLAIN = tuple(name for name in COLUMNS if name not in ("rated", "lines"))


@transaction.atomic
def export_rating(*, found: Mapping[str, Any], asked: Asked, form: str, by: Person) -> IO[bytes]:
    """The rating (of `queries.rating`, already what the person may see) as an open file: xlsx, csv or json."""
    if form not in ("xlsx", "csv", "json"):
        raise Refused("Выберите XLSX, CSV или JSON.")
    file = TemporaryFile()  # noqa: SIM115  (the answer reads it and closes it)
    if form == "json":
        file.write(json.dumps(_plain(found, asked), ensure_ascii=False, indent=1).encode())
    else:
        WRITERS[form](file, COLUMNS, _rows(found))
    file.seek(0)
    journal.write(by, "rating_exported", None, form=form, since=str(asked.since), until=str(asked.until), branch=asked.branch)
    return file


def _rows(found: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    for rated, rows in ((True, found["rated"]), (False, found["unrated"])):
        for row in explained(rows, found["method"]):
            shown = {name: _number(row[name]) for name in PLAIN}
            yield shown | {"rated": "да" if rated else "нет", "points": shown["points"] if rated else None, "lines": " ".join(row["lines"])}


def _number(value: Any) -> Any:
    """A figure as a cell keeps it; a share of nothing stays empty."""
    return round(value, 4) if isinstance(value, float) else value


def _plain(found: Mapping[str, Any], asked: Asked) -> dict[str, Any]:
    method = found["method"]
    return {
        "since": str(asked.since), "until": str(asked.until), "method": {"code": method.code, "title": method.title, "source": method.source},
        "least": found["least"], "figures": list(COUNTED), "rated": [_row(row) for row in explained(found["rated"], method)],
        "unrated": [_row(row | {"points": None, "lines": []}) for row in found["unrated"]],
        "peers": found["peers"], "peers_count": found["peers_count"],
    }  # fmt: skip


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _number(row[name]) for name in PLAIN} | {"lines": row["lines"]}
