"""Parts of a network's JSON, whatever they are: what is of another kind than awaited is empty, never an error."""

from datetime import UTC, datetime
from typing import Any


def as_map(value: Any) -> dict[str, Any]:
    """An object, {} for anything else."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[dict[str, Any]]:
    """The objects of a list, [] for anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def as_int(value: Any) -> int | None:
    """A whole number, None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def as_text(value: Any) -> str:
    """A text, "" for anything else."""
    return value if isinstance(value, str) else ""


def as_moment(value: Any, *, per_second: int = 1) -> datetime:
    """A Unix time, `per_second` 1000 for milliseconds, as an aware UTC moment; the epoch where it is missing or absurd."""
    try:
        return datetime.fromtimestamp((as_int(value) or 0) / per_second, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.fromtimestamp(0, UTC)
