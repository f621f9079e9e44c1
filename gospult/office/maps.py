"""A region's map: GeoJSON becomes paths of a picture, names of its areas are matched with territories. Pure, but for reading the file once."""

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from gospult.lib import regions
from gospult.lib.regions import RegionError

WIDTH = 520  # units of the picture
NAMES = ("name", "name:ru", "district", "municipality", "NAME", "title")
# What two sources call differently: «Чебаркульский район» and «Чебаркульский муниципальный округ».
KINDS = re.compile(r"\b(муниципальн\w+|городск\w+|образовани\w+|округ\w*|район\w*|город|го|мо|мр|гп|г|зато)\b")


@dataclass(frozen=True, slots=True)
class Area:
    """An area by its name, and the `d` of its path."""

    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Map:
    """All areas, in a picture `width` × `height`."""

    areas: tuple[Area, ...]
    width: int
    height: int


def region_map() -> Map | None:
    """The map of this installation's region: GOSPULT_MAP, else map.geojson of its files; None where there is none."""
    path = Path(settings.MAP) if settings.MAP else regions.default_root() / settings.REGION / "map.geojson"
    if not path.is_file():
        return None
    return _read(path, path.stat().st_mtime)


@lru_cache(maxsize=4)
def _read(path: Path, _changed: float) -> Map:
    try:
        return drawn(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise RegionError(f"Карта {path.name} не читается: нужен GeoJSON с районами и их названиями.") from error


def drawn(data: Mapping[str, Any], width: int = WIDTH) -> Map:
    """Areas in a plane whose scale is right in the middle of the region; points that fall together at this size are one."""
    shapes = [(_name(one["properties"]), list(_rings(one["geometry"]))) for one in data["features"]]
    points = [point for _, rings in shapes for ring in rings for point in ring]
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    narrow = math.cos(math.radians((south + north) / 2))
    scale = width / ((east - west) * narrow)

    def place(point: Sequence[float]) -> tuple[int, int]:
        return round((point[0] - west) * narrow * scale), round((north - point[1]) * scale)

    areas = tuple(Area(name, "".join(_path([place(p) for p in ring]) for ring in rings)) for name, rings in shapes)
    return Map(areas, width, round((north - south) * scale))


def _name(properties: Mapping[str, Any]) -> str:
    return next((str(properties[key]) for key in NAMES if properties.get(key)), "")


def _rings(geometry: Mapping[str, Any]) -> Iterable[Sequence[Sequence[float]]]:
    parts = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"] if geometry["type"] == "MultiPolygon" else []
    for part in parts:
        yield from part


def _path(points: Sequence[tuple[int, int]]) -> str:
    kept = [point for n, point in enumerate(points) if not n or point != points[n - 1]]
    return "M" + "L".join(f"{x} {y}" for x, y in kept) + "Z" if len(kept) > 2 else ""


def matched(areas: Iterable[str], territories: Mapping[str, int]) -> tuple[dict[str, int], list[str], list[str]]:
    """Area → territory by name, else by the name without its kind where that is not ambiguous; then the areas and the names without a pair."""
    names, found = list(areas), dict[str, int]()
    exact = {_plain(name): pk for name, pk in territories.items()}
    for name in names:
        if _plain(name) in exact:
            found[name] = exact[_plain(name)]
    taken = set(found.values())
    left, stems = [name for name in names if name not in found], dict[str, set[int]]()
    for name, pk in territories.items():
        if pk not in taken:
            stems.setdefault(_stem(name), set()).add(pk)
    for name in left:
        same = stems.get(_stem(name), set())
        if len(same) == 1 and sum(_stem(name) == _stem(other) for other in left) == 1:
            found[name] = next(iter(same))
    used = set(found.values())
    return found, [name for name in names if name not in found], sorted({name for name, pk in territories.items() if pk not in used})


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[^\w\s-]", " ", name.lower().replace("ё", "е")).split())


def _stem(name: str) -> str:
    return " ".join(KINDS.sub(" ", _plain(name)).split())
