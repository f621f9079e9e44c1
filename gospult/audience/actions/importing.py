"""A build from somebody's own collection: a file of (page, person)."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np

from gospult.accounts.models import Person
from gospult.lib.errors import Refused
from gospult.registry.models import Page

from ..door import Door, Shelf
from ..models import Build
from ..queries import known_network
from ..registered import Registered
from .building import carry_out, start_build
from .living import go_on, lease

READ_AT_ONCE = 250_000  # pairs
NOBODY = "Ни одной страницы файла нет в реестре этой сети: проверьте столбец page и --network. Прежний подсчёт остался."
READERS = {".parquet": "read_parquet(?)", ".csv": "read_csv(?, all_varchar = true, header = true)"}


def build_from_pairs(*, file: Path, network: str, by: Person | None) -> Build:
    """Count a Parquet or CSV file with the columns page and person; `page` is the page's id, handle or address in the network.

    Whatever stands for a person goes through the door like an id of a network: the file's own keys are no use afterwards.
    """
    reader = READERS.get(file.suffix.lower())
    if reader is None:
        raise Refused("Нужен файл .parquet или .csv со столбцами page и person.")
    known_network(network)
    build = start_build(by=by, source=Build.Source.FILE)
    if build.source != Build.Source.FILE or build.state != Build.State.WAITING:
        raise Refused("Подсчёт аудитории уже идёт: дождитесь его конца или остановите его на экране «Аудитория».")
    build.move_to(Build.State.COLLECTING, not_before=lease())

    def fill(build: Build, known: Registered, door: Door, shelf: Shelf) -> None:
        pages = _names(known, network)
        seen: set[int] = set()
        for names, people in _rows(file, reader):
            index = np.array([pages.get(name.strip().lower().rstrip("/"), -1) for name in names])
            keyed = door.keyed(network, people)
            for page in np.unique(index[index >= 0]).tolist():
                shelf.put(page, keyed[index == page])
                seen.add(page)
            go_on(build, listed=len(set(pages.values())), done=len(seen))
        if not seen:
            raise Refused(NOBODY)

    carry_out(build, fill)
    build.refresh_from_db()
    return build


def _names(known: Registered, network: str) -> dict[str, int]:
    """Whatever a page of the network may be called → its index."""
    rows, found = Page.objects.in_bulk(known.pages), dict[str, int]()
    for index, key in enumerate(known.pages):
        page = rows[key]
        if page.network == network:
            found |= {name.lower().rstrip("/"): index for name in (page.address, page.handle, page.external_id) if name}
    return found


def _rows(file: Path, reader: str) -> Iterator[tuple[list[str], list[str]]]:
    with duckdb.connect() as base:
        try:
            rows = base.execute(f"SELECT page::VARCHAR, person::VARCHAR FROM {reader} WHERE page IS NOT NULL AND person IS NOT NULL", [str(file)])
            while part := rows.fetchmany(READ_AT_ONCE):
                yield [page for page, _ in part], [person for _, person in part]
        except duckdb.Error:
            raise Refused("Файл не читается: нужны столбцы page и person.") from None
