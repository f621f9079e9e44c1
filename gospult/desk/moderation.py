"""The region's rules of moderation: grounds, terms, the words of an appeal. Read from its file; no database."""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings

from gospult.lib import regions
from gospult.lib.regions import RegionError


@dataclass(frozen=True, slots=True)
class Ground:
    """A reason for which words of a resident may be taken out of sight. Criticism is none.

    basis   the law or the page's rule that it stands on
    ban     whether it may close a person's access too
    second  whether a second person has to look at what was hidden
    """

    code: str
    title: str
    basis: str
    ban: bool
    second: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """What the file holds.

    terms            days of a ban that may be chosen
    deletions_a_day  so many residents' comments deleted on a page at once are worth a look
    hints            what to do at once, by danger
    sensitive        kinds of pages that confirm nothing personal → how their spheres' codes or names begin
    private_phrase   the ready words that lead from a comment to direct messages
    """

    grounds: dict[str, Ground]
    terms: tuple[int, ...]
    usual: int
    longest: int
    deletions_a_day: int
    appeal: str
    hints: dict[str, str]
    sensitive: dict[str, tuple[str, ...]]
    private_phrase: str


def rules() -> Rules:
    """The rules of this installation's region; none where it has no file: then nothing may be hidden."""
    return _read(settings.REGION)


@lru_cache(maxsize=4)
def _read(region: str) -> Rules:
    path = regions.default_root() / region / "moderation.json"
    if not path.is_file():
        return Rules({}, (), 0, 0, 0, "", {}, {}, "")
    try:
        return _rules(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError) as error:
        raise RegionError(f"Файл moderation.json региона не читается: {error}.") from error


def _rules(told: dict[str, Any]) -> Rules:
    grounds = [Ground(g["code"], g["title"], g["basis"], bool(g.get("ban")), bool(g.get("second"))) for g in told["grounds"]]
    ban = told["ban"]
    terms = tuple(days for days in sorted(ban["days"]) if 0 < days <= ban["longest"])
    return Rules(
        grounds={g.code: g for g in grounds},
        terms=terms,
        usual=ban["usual"],
        longest=ban["longest"],
        deletions_a_day=told["deletions_a_day"],
        appeal=told["appeal"],
        hints=dict(told.get("hints", {})),
        sensitive={kind: tuple(words) for kind, words in told.get("sensitive", {}).items()},
        private_phrase=told.get("private_phrase", ""),
    )
