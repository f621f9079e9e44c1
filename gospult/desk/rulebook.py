"""Which version of the deadlines counts a case: the most specific one that was in force on the day the case was opened.

Specific means, in this order: a group of topics before none; a territory before none, the nearest one up the tree
before those above it; a sphere before none. Of equally specific ones the later start wins, then the later number.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from .deadlines import DeadlineRule


@dataclass(frozen=True, slots=True)
class Version:
    """A dated version: `rule` carries its days; empty `group` and `sphere` and territory None ask nothing; `calendar` is a code or empty."""

    number: int
    rule: DeadlineRule
    group: str = ""
    territory: int | None = None
    sphere: str = ""
    calendar: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a version may ask of a case; `path` holds the territories from the case's own upwards."""

    day: date
    group: str = ""
    path: tuple[int, ...] = ()
    spheres: tuple[str, ...] = ()


def choose(versions: Iterable[Version], asked: Asked) -> Version | None:
    """The version that counts such a case; None when none is in force."""
    fitting = [version for version in versions if _fits(version, asked)]
    return max(fitting, key=lambda version: _weight(version, asked.path), default=None)


def _fits(version: Version, asked: Asked) -> bool:
    return (
        version.rule.valid_on(asked.day)
        and (not version.group or version.group == asked.group)
        and (version.territory is None or version.territory in asked.path)
        and (not version.sphere or version.sphere in asked.spheres)
    )


def _weight(version: Version, path: Sequence[int]) -> tuple[bool, int, bool, date, int]:
    near = len(path) - path.index(version.territory) if version.territory is not None else 0
    return bool(version.group), near, bool(version.sphere), version.rule.valid_from or date.min, version.number
