"""Exact people of every cell at the size of a country and of a region, DuckDB's count(distinct) beside it; people of pages chosen on the spot."""

import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gospult.audience import engine, queries
from gospult.audience.models import Build, PageShare, Sketch
from gospult.lib.errors import Refused
from gospult.registry.models import Page, Territory
from gospult.registry.testing import make_territory

from . import audience_work
from .audience_world import SIZES as WORLDS
from .audience_world import World, world
from .figures import machine, median, peak_mb, say, spread, timed

SIZES = ("region", "country")
TARGETS = {"country_s": 12.0, "country_mb": 3000, "region_s": 1.0, "chosen_p95_ms": 20.0}
CHOSEN, ROUNDS = 500, 100
TRUE = 10  # of the choices, counted exactly to measure the error


def run(sizes: Sequence[str] = SIZES) -> dict[str, Any]:
    """Seconds and MB of both ways on the same files, each in a process of its own; p95 of choices and their measured error."""
    found: dict[str, Any] = {"machine": machine(), "targets": TARGETS}
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="gospult-audience-") as folder:
            found[size] = _counted(size, Path(folder))
            if size == sizes[0]:
                found["chosen"] = _chosen(Path(folder))
    return found | {"enough": _enough(found), "peak_mb": peak_mb()}


def _enough(found: dict[str, Any]) -> bool:
    kept = {"chosen_p95_ms": found["chosen"]["p95_ms"]}
    for size in SIZES:
        if size in found:
            kept |= {f"{size}_s": found[size]["ours"]["seconds"], f"{size}_mb": found[size]["ours"]["peak_mb"]}
    return all(found[size]["equal"] for size in SIZES if size in found) and all(kept[name] <= top for name, top in TARGETS.items() if name in kept)


def _counted(size: str, folder: Path) -> dict[str, Any]:
    seconds, _ = timed(lambda: audience_work.write(size, folder))
    mb = sum(path.stat().st_size for path in folder.iterdir()) / 1024**2
    say(f"Аудитория, {size}: {mb:.0f} МБ пар за {seconds:.0f} с")
    ways = {way: _way(way, folder) for way in audience_work.WAYS}
    equal = bool((np.load(folder / "ours.npy") == np.load(folder / "duckdb.npy")).all())
    return {"equal": equal, "ratio": round(ways["duckdb"]["seconds"] / ways["ours"]["seconds"], 1), **ways, "input_mb": round(mb)}


def _way(way: str, folder: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "gospult.bench.audience_work", way, str(folder)], stdout=subprocess.PIPE, env=os.environ, check=False
    )
    if done.returncode:
        raise Refused(f"Замер аудитории «{way}» не закончен: код {done.returncode}.")
    figures: dict[str, Any] = json.loads(done.stdout)
    say(f"  {way}: {figures['seconds']} с, {figures['peak_mb']} МБ")
    return figures


def _chosen(folder: Path) -> dict[str, Any]:
    """Choices of many pages through the query of the screen, out of the table of sketches."""
    made = world(**WORLDS[(folder / "size").read_text()])
    pages = _kept(folder, made)
    dice, most = random.Random(1), min(CHOSEN, len(pages))
    choices = [dice.sample(list(pages), most) for _ in range(ROUNDS)]
    queries.chosen(choices[0])  # warms the connection
    seconds, answers = zip(*(timed(lambda keys=keys: queries.chosen(keys)) for keys in choices), strict=True)  # type: ignore[misc]
    portions = audience_work.read(folder, made.pairs)
    true = engine.distinct(portions, [[pages[key] for key in keys] for keys in choices[:TRUE]], len(made.size))
    off = [answer.people / people - 1 for answer, people in zip(answers, true, strict=False)]
    say(f"Выборки из {most} страниц: p95 {spread(seconds)['p95_ms']} мс")
    return {
        "pages": most, "of": len(pages), "rounds": ROUNDS, **spread(seconds), "people": round(median(true)),
        "printed_error_percent": round(100 * median(answer.error / answer.people for answer in answers), 2),
        "measured_error_percent": round(100 * float(np.sqrt(np.mean(np.square(off)))), 2),
    }  # fmt: skip


def _kept(folder: Path, made: World) -> dict[int, int]:
    """The sketches of one network as rows; key of a page → its index among the pairs."""
    territory: Territory = make_territory(level="region")
    build = Build.objects.create(state=Build.State.DONE, unfinished=None)
    raw, begin, rows = (folder / "sketches").read_bytes(), 0, []
    for page, bits in np.load(folder / "sketched.npy").tolist():
        if made.places.network[page] == 0:
            rows.append((page, raw[begin : begin + (1 << bits)]))
        begin += 1 << bits
    pages = Page.objects.bulk_create([Page(network="vk", external_id=str(page + 1), name=f"Школа {page}") for page, _ in rows], batch_size=1000)
    common = {"build": build, "territory": territory}
    PageShare.objects.bulk_create(
        [PageShare(page=row, subscriptions=int(made.size[page]), **common) for row, (page, _) in zip(pages, rows, strict=True)]
    )
    Sketch.objects.bulk_create([Sketch(build=build, page=row, registers=one) for row, (_, one) in zip(pages, rows, strict=True)], batch_size=500)
    return {row.pk: page for row, (page, _) in zip(pages, rows, strict=True)}
