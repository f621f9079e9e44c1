"""A region as data: typed rows of the files in `regions/<code>/`."""

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from gospult.lib.geo import Gazetteer, Street, Territory

Made = TypeVar("Made")


class RegionError(ValueError):
    """The region's files cannot be used; the text is one Russian sentence."""


@dataclass(frozen=True)
class TerritoryRow:
    """oktmo "" and population None mean «unknown», never zero; timezone is an IANA name."""

    code: str
    parent: str
    level: str
    name: str
    short_name: str
    oktmo: str
    population: int | None
    population_date: date | None
    timezone: str
    aliases: tuple[str, ...]
    weak: tuple[str, ...]


@dataclass(frozen=True)
class StreetRow:
    territory: str
    name: str
    kind: str
    aliases: tuple[str, ...]
    common: bool


@dataclass(frozen=True)
class SphereRow:
    code: str
    name: str


@dataclass(frozen=True)
class TopicRow:
    """words and negative are pairs (phrase, weight); weights are positive in both."""

    code: str
    group: str
    group_name: str
    name: str
    urgent: bool
    sphere: str
    words: tuple[tuple[str, float], ...]
    negative: tuple[tuple[str, float], ...]
    version: str
    from_date: date | None
    to_date: date | None


@dataclass(frozen=True)
class CueRow:
    """A phrase that speaks for a kind of message, or of danger; `label` says in Russian what it is."""

    kind: str
    phrase: str
    weight: float
    label: str


@dataclass(frozen=True)
class BodyRow:
    """status: active / flagship / card / not_counted; parent is the founder's code, "" at the top."""

    code: str
    ogrn: str
    name: str
    short_name: str
    parent: str
    territory: str
    sphere: str
    level: str
    status: str


@dataclass(frozen=True)
class RuleRow:
    id: str
    priority: int
    topic: str
    group: str
    territory: str
    sphere: str
    body: str
    from_date: date | None
    to_date: date | None


@dataclass(frozen=True)
class TemplateRow:
    code: str
    name: str
    group: str
    text: str


@dataclass(frozen=True)
class PointRow:
    """The middle of a territory, or of one of its streets, in degrees; `radius` is within how many metres the place lies."""

    territory: str
    street: str
    lat: float
    lon: float
    radius: int


@dataclass(frozen=True)
class Region:
    """All of one region. `settings` is region.json as it stands (name, version, thresholds of the triage)."""

    code: str
    name: str
    settings: dict[str, Any]
    territories: tuple[TerritoryRow, ...]
    streets: tuple[StreetRow, ...]
    spheres: tuple[SphereRow, ...]
    topics: tuple[TopicRow, ...]
    cues: tuple[CueRow, ...]
    bodies: tuple[BodyRow, ...]
    rules: tuple[RuleRow, ...]
    templates: tuple[TemplateRow, ...]
    points: tuple[PointRow, ...] = ()

    def gazetteer(self) -> Gazetteer:
        """Return the compiled gazetteer of the region (0.1 s; keep it)."""
        return Gazetteer(
            (Territory(t.code, t.parent, t.level, t.name, t.aliases, t.weak) for t in self.territories),
            (Street(s.territory, s.name, s.kind, s.aliases, s.common) for s in self.streets),
        )


def default_root() -> Path:
    """Return the folder of regions: inside an installed package, else beside it in a checkout."""
    inside = Path(__file__).resolve().parents[1] / "regions"
    return inside if inside.is_dir() else Path(__file__).resolve().parents[2] / "regions"


def load(code: str, root: Path | None = None) -> Region:
    """Return a region by the name of its folder; RegionError says in Russian which file and line cannot be read."""
    return _load(code, (root or default_root()).resolve())


@lru_cache(maxsize=8)
def _load(code: str, root: Path) -> Region:
    folder = root / code
    if not folder.is_dir():
        raise RegionError(f"Нет папки региона «{code}» в {root}: проверьте код региона.")
    settings = _settings(folder / "region.json")
    return Region(
        code=code,
        name=str(settings.get("name", code)),
        settings=settings,
        territories=_rows(folder, "territories.csv", _territory, required=True),
        streets=_rows(folder, "streets.csv", _street),
        spheres=_rows(folder, "spheres.csv", lambda r: SphereRow(r["code"], r["name"])),
        topics=_rows(folder, "topics.csv", _topic, required=True),
        cues=_rows(folder, "cues.csv", lambda r: CueRow(r["kind"], r["phrase"], float(r["weight"] or 1), r["label"])),
        bodies=_rows(folder, "bodies.csv", _body),
        rules=_rows(folder, "rules.csv", _rule),
        templates=_rows(folder, "templates.csv", lambda r: TemplateRow(r["code"], r["name"], r["group"], r["text"].replace("\\n", "\n"))),
        points=_rows(folder, "points.csv", _point),
    )


def _settings(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RegionError(f"Файл {path.name} региона не читается: {error}.") from error
    if not isinstance(found, dict):
        raise RegionError(f"В файле {path.name} региона ожидается объект JSON.")
    return found


def _rows(folder: Path, name: str, make: Callable[[dict[str, str]], Made], *, required: bool = False) -> tuple[Made, ...]:
    path = folder / name
    if not path.exists() and not required:
        return ()
    try:
        return tuple(_made(path, make))
    except (OSError, UnicodeDecodeError) as error:
        raise RegionError(f"Файл {name} региона не читается: {error}.") from error


def _made(path: Path, make: Callable[[dict[str, str]], Made]) -> Iterator[Made]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, raw in enumerate(csv.DictReader(file), start=2):
            row = {key: (value or "").strip() for key, value in raw.items() if key}
            if not any(row.values()) or next(iter(row.values())).startswith("#"):
                continue
            try:
                yield make(row)
            except KeyError as error:
                raise RegionError(f"В файле {path.name} нет столбца «{error.args[0]}».") from error
            except ValueError as error:
                raise RegionError(f"Строка {number} файла {path.name} не читается: {error}.") from error


def _territory(row: dict[str, str]) -> TerritoryRow:
    return TerritoryRow(
        code=row["code"],
        parent=row["parent"],
        level=row["level"],
        name=row["name"],
        short_name=row["short_name"] or row["name"],
        oktmo=row["oktmo"],
        population=int(row["population"]) if row["population"] else None,
        population_date=_date(row["population_date"]),
        timezone=row["timezone"],
        aliases=_list(row["aliases"]),
        weak=_list(row["weak"]),
    )


def _street(row: dict[str, str]) -> StreetRow:
    return StreetRow(row["territory"], row["name"], row["kind"], _list(row["aliases"]), row["common"] == "1")


def _point(row: dict[str, str]) -> PointRow:
    made = PointRow(row["territory"], row["street"], float(row["lat"]), float(row["lon"]), int(row["radius_m"]))
    if not (-90 <= made.lat <= 90 and -180 <= made.lon <= 180 and made.radius > 0):
        raise ValueError("широта от −90 до 90, долгота от −180 до 180, радиус больше нуля")
    return made


def _topic(row: dict[str, str]) -> TopicRow:
    return TopicRow(
        code=row["code"],
        group=row["group"],
        group_name=row["group_name"],
        name=row["name"],
        urgent=row["urgent"] in ("1", "★"),
        sphere=row["sphere"],
        words=_weighted(row["words"]),
        negative=_weighted(row["negative"]),
        version=row["version"],
        from_date=_date(row["from_date"]),
        to_date=_date(row["to_date"]),
    )


def _body(row: dict[str, str]) -> BodyRow:
    return BodyRow(
        row["code"], row["ogrn"], row["name"], row["short_name"], row["parent"], row["territory"], row["sphere"], row["level"], row["status"]
    )


def _rule(row: dict[str, str]) -> RuleRow:
    return RuleRow(
        row["id"],
        int(row["priority"]),
        row["topic"],
        row["group"],
        row["territory"],
        row["sphere"],
        row["body"],
        _date(row["from_date"]),
        _date(row["to_date"]),
    )


def _list(value: str) -> tuple[str, ...]:
    return tuple(piece.strip() for piece in value.split(";") if piece.strip())


def _weighted(value: str) -> tuple[tuple[str, float], ...]:
    """Read «яма:3; разбитая дорога:4; тротуар»: a phrase without a weight counts 2."""
    pairs = []
    for piece in _list(value):
        phrase, _, weight = piece.partition(":")
        pairs.append((phrase.strip(), float(weight) if weight else 2.0))
    return tuple(pairs)


def _date(value: str) -> date | None:
    return date.fromisoformat(value) if value else None
