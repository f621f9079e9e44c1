"""What a photo report shows of its place and time, in words; the camera's coordinates are compared and never kept. Pure; no database."""

from dataclasses import dataclass
from datetime import datetime

from gospult.lib.earth import Point, metres

NEAR, FAR, NO_FIX, NO_POINT = "near", "far", "no_fix", "no_point"
SOON, PLAIN = "soon", ""


@dataclass(frozen=True, slots=True)
class Where:
    """How far from the case's place a photo was taken: metres to the middle of `name`, which reaches `radius` metres."""

    verdict: str
    distance: int | None = None
    name: str = ""
    radius: int | None = None


def where(taken: tuple[float, float] | None, point: Point | None) -> Where:
    """Where a photo was taken, as far as the camera and the gazetteer know."""
    if taken is None:
        return Where(NO_FIX)
    if point is None:
        return Where(NO_POINT)
    far = metres(taken, (point.lat, point.lon))
    return Where(FAR if far > point.radius else NEAR, far, point.name, point.radius)


def place_words(found: Where) -> str:
    """The place in words: what it was compared with, and how exact that is; "" where nothing was measured."""
    if found.verdict == NO_POINT:
        return "место снимка есть, но координат места обращения нет: сравнить не с чем"
    if found.distance is None or found.radius is None:
        return ""
    middle, within = f"{found.name}, {_far(found.distance)} от середины", _far(found.radius)
    if found.verdict == FAR:
        return f"снято далеко от места обращения: {middle}, радиус {within}"
    return f"снято в пределах: {middle} (точнее место обращения неизвестно, радиус {within})"


def facts(found: Where, taken_at: datetime | None, opened_at: datetime) -> list[tuple[str, str]]:
    """Pairs (mood, words) under a photo; what the camera did not write is nobody's fault."""
    if found.verdict == NO_FIX and taken_at is None:
        return [(PLAIN, "место и время снимка неизвестны")]
    lines = [(PLAIN, "время снимка неизвестно")] if taken_at is None else []
    if taken_at is not None:
        early = taken_at < opened_at
        lines.append((SOON, f"снимок сделан раньше обращения: {taken_at:%d.%m.%Y}") if early else (PLAIN, f"снято {taken_at:%d.%m.%Y %H:%M}"))
    if found.verdict == NO_FIX:
        return [*lines, (PLAIN, "место снимка неизвестно")]
    words = place_words(found)
    return [*lines, (SOON if found.verdict == FAR else PLAIN, words)] if words else lines


def _far(distance: int) -> str:
    if distance < 1000:
        return f"{distance} м"
    km = distance / 1000
    return f"{km:.0f} км" if km >= 10 else f"{km:.1f} км".replace(".", ",")
