"""What stands above when all else is equal: the living, the larger, the flagship; 0 is ordinary, smaller is higher."""

import math
from dataclasses import dataclass

DEAD = 10.0
LEVELS = {"регион": -1.2, "правительство": -1.2, "министерство": -0.4, "ведомство": -0.3, "законодательный орган": -0.3}
STATUSES = {"flagship": -0.5, "active": -0.1, "card": 0.1, "not_counted": 0.5}


@dataclass(frozen=True, slots=True)
class Standing:
    """What ranks a line: words of the export, pages that live, their subscribers, words and numbers of its name."""

    level: str
    status: str
    pages: int
    members: int
    length: int
    dead: bool


def rank(of: Standing) -> float:
    """The rank of a line: the sum of what speaks for and against it."""
    points = LEVELS.get(of.level.strip().lower(), 0.0) + STATUSES.get(of.status, 0.0)
    points += 0.0 if of.pages else 0.6
    points -= 0.12 * math.log10(of.members + 1)
    return round(points + 0.03 * of.length + (DEAD if of.dead else 0.0), 3)
