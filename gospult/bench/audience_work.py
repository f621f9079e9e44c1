"""`python -m gospult.bench.audience_work ours|duckdb DIR`: one way of counting the same files, in a process and a memory of its own."""

import json
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from gospult.audience.cells import ALL, Plan, plan
from gospult.audience.engine import Counts, Portions, count, portions_for
from gospult.audience.sketches import fold, precision, sketch

from .audience_world import SIZES, World, chunks, world
from .figures import MB, peak_mb

AT_ONCE = 20_000  # pages
DUCKDB_MB = 10_000


def write(size: str, folder: Path) -> World:
    """The made up pairs of a size as Parquet files in the folder, and which row of which page lies in which cell."""
    made = world(**SIZES[size])
    known = plan(made.places)
    with duckdb.connect() as base:
        for number, (page, person) in enumerate(chunks(made)):
            _put(base, {"page": page, "person": person}, folder / f"pairs-{number:03}.parquet")
        levels = {f"cell{depth}": level for depth, level in enumerate(known.levels)}
        _put(base, {"page": known.page, "everywhere": known.sphere == ALL, **levels}, folder / "rows.parquet")
    (folder / "size").write_text(size)
    return made


def _put(base: duckdb.DuckDBPyConnection, columns: dict[str, NDArray[Any]], path: Path) -> None:
    base.register("columns", columns)
    base.execute(f"COPY (SELECT * FROM columns) TO '{path}' (FORMAT parquet)")
    base.unregister("columns")


def ours(folder: Path) -> dict[str, Any]:
    """Seconds from the files to the counts, and afterwards those of the sketches."""
    made = world(**SIZES[(folder / "size").read_text()])
    began = perf_counter()
    portions = read(folder, made.pairs)
    read_s = perf_counter() - began
    known = plan(made.places)
    counts = count(portions, known)
    seconds = perf_counter() - began
    np.save(folder / "ours.npy", counts.people)
    figures = {"seconds": round(seconds, 2), "read_s": round(read_s, 2), "peak_mb": peak_mb(), **_size(known, counts, portions)}
    return figures | _sketches(folder, portions, counts)


def read(folder: Path, expected: int) -> Portions:
    """The pairs of all files, cut into portions; two threads take one file after another."""
    portions, files = portions_for(expected), iter(sorted(folder.glob("pairs-*.parquet")))

    def take(_turn: int) -> None:
        with duckdb.connect(config={"threads": 1}) as base:
            for path in files:
                columns = base.execute("SELECT page, person FROM read_parquet(?)", [str(path)]).fetchnumpy()
                portions.add(columns["page"], columns["person"])

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(take, range(2)))
    return portions


def _size(known: Plan, counts: Counts, portions: Portions) -> dict[str, Any]:
    pages = int(np.count_nonzero(counts.members))
    lowest = np.unique(known.levels[0][known.sphere != ALL] % known.cells)
    return {"pairs": portions.total, "people": counts.distinct, "pages": pages, "cells": known.cells, "lowest_cells": len(lowest)}


def _sketches(folder: Path, portions: Portions, counts: Counts) -> dict[str, Any]:
    """Sketches of every page that may have one, and the bytes of all."""
    began = perf_counter()
    bits = {page: allowed for page, members in enumerate(counts.members.tolist()) if (allowed := precision(members)) is not None}
    pages, size = list(bits), 0
    with (folder / "sketches").open("wb") as file:
        for begin in range(0, len(pages), AT_ONCE):
            part = pages[begin : begin + AT_ONCE]
            for page, row in zip(part, sketch(portions, part, len(counts.members)), strict=True):
                size += file.write(fold(row, bits[page]).tobytes())
    np.save(folder / "sketched.npy", np.array(list(bits.items()), np.int64).reshape(-1, 2))
    return {"sketches": len(pages), "sketches_s": round(perf_counter() - began, 2), "sketches_mb": round(size / MB, 1), "whole_peak_mb": peak_mb()}


def beside(folder: Path) -> dict[str, Any]:
    """DuckDB's count(distinct) over the same files: a query for each depth of the tree, with all spheres together and with each alone."""
    with duckdb.connect(config={"memory_limit": f"{DUCKDB_MB}MB", "temp_directory": str(folder / "spill"), "threads": 2}) as base:
        made = world(**SIZES[(folder / "size").read_text()])
        known = plan(made.places)
        began = perf_counter()
        found = np.zeros(known.cells, np.int64)
        for cells, people in _queries(base, folder, known):
            found[cells] = people
        seconds = perf_counter() - began
    np.save(folder / "duckdb.npy", found)
    return {"seconds": round(seconds, 2), "peak_mb": peak_mb(), "version": duckdb.__version__}


def _queries(base: duckdb.DuckDBPyConnection, folder: Path, known: Plan) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    for depth in range(len(known.levels)):
        for everywhere in (True, False):
            rows = base.execute(
                f"SELECT cell{depth} AS cell, count(DISTINCT person) AS people FROM read_parquet(?) JOIN read_parquet(?) USING (page)"
                f" WHERE everywhere = ? AND cell{depth} < ? GROUP BY 1",
                [str(folder / "pairs-*.parquet"), str(folder / "rows.parquet"), everywhere, known.cells],
            ).fetchnumpy()
            yield rows["cell"], rows["people"]


WAYS: dict[str, Callable[[Path], dict[str, Any]]] = {"ours": ours, "duckdb": beside}

if __name__ == "__main__":
    print(json.dumps(WAYS[sys.argv[1]](Path(sys.argv[2]))))
