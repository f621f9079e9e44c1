"""The figures of a report: their order, names, units and definitions, as `catalogue.csv` holds them. A figure that is not there is in no format."""

import csv
from dataclasses import dataclass
from pathlib import Path

DESK = "Обращения"


@dataclass(frozen=True, slots=True)
class Measure:
    """`adds`: it grows through the period and is kept by months, so that a running one is compared with nothing."""

    code: str
    section: str
    title: str
    unit: str
    definition: str
    adds: bool = False


def _read() -> tuple[Measure, ...]:
    with Path(__file__).with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter=";", quoting=csv.QUOTE_NONE))[1:]
    # A definition may hold semicolons of its own.
    return tuple(Measure(code, section, title, unit, ";".join(rest), adds == "1") for code, section, title, unit, adds, *rest in rows)


MEASURES = _read()
BY_CODE = {one.code: one for one in MEASURES}
