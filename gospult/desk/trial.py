"""What a change of the rules would have done to cases that came already: counted without a database, written nowhere."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from .routing import Match, Rule, holds, route

TIE = "tie"  # equal rules: the operator decides
NOBODY = ""  # no rule: the operator decides


class Row(NamedTuple):
    """A case as the tester needs it: `body` is who has it now, "" nobody; `by_hand`: a person has decided that."""

    case: int
    topic: str
    group: str
    path: tuple[str, ...]
    sphere: str
    body: str
    by_hand: bool


@dataclass(slots=True)
class Trial:
    """The difference between two sets of rules on the same cases.

    caught                     cases that the rules in question would have decided
    moves                      (from, to) → cases; bodies' keys, or TIE, or NOBODY
    changed                    the cases behind `moves` with their (from, to)
    ties_before, ties_after    cases that equal rules leave to the operator
    right, wrong               of the changed cases that people routed by hand: now as they did, no longer as they did
    by_hand                    all changed cases that people routed by hand
    """

    checked: int = 0
    caught: int = 0
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    changed: dict[int, tuple[str, str]] = field(default_factory=dict)
    ties_before: int = 0
    ties_after: int = 0
    by_hand: int = 0
    right: int = 0
    wrong: int = 0


def compare(rows: Iterable[Row], before: Sequence[Rule], after: Sequence[Rule], day: date) -> Trial:
    """Route every case by both sets of rules as they stand on the day; time grows with the sorts of cases that the rules tell apart."""
    found = Trial()
    known: dict[Sort, tuple[str, str, bool] | None] = {}
    judge = _Judge(before, after, day)
    for row in rows:
        found.checked += 1
        sort = judge.sort(row)
        if sort not in known:
            known[sort] = judge.outcome(sort)
        outcome = known[sort]
        if outcome:
            _count(found, row, *outcome)
    return found


Sort = tuple[str, str, tuple[str, ...], str]


class _Judge:
    """Both sets of rules by what they speak of, so that a case is tried by the few that may hold."""

    def __init__(self, before: Sequence[Rule], after: Sequence[Rule], day: date) -> None:
        self.day = day
        self.sides = [_by_subject(before), _by_subject(after)]
        self.new = {rule.id for rule in after} - {rule.id for rule in before}
        self.differing = [rule for rule in (*before, *after) if (rule in before) != (rule in after)]
        every = (*before, *after)
        self.topics, self.groups = {r.topic for r in every}, {r.group for r in every}
        self.places, self.spheres = {r.territory for r in every}, {r.sphere for r in every}

    def sort(self, row: Row) -> Sort:
        """The case with everything left out that no rule names; "?" is a topic or group that none names."""
        topic = row.topic if row.topic in self.topics or not row.topic else "?"
        group = row.group if row.group in self.groups else "?"
        return topic, group, tuple(place for place in row.path if place in self.places), row.sphere if row.sphere in self.spheres else "?"

    def outcome(self, sort: Sort) -> tuple[str, str, bool] | None:
        """(now, with the change, whether the change decides); None when nothing that differs speaks of such a case."""
        topic, group, path, sphere = sort
        # A case without a topic is never routed by rules.
        if not topic or not any(holds(rule, topic, group, path, self.day, sphere) for rule in self.differing):
            return None
        was, now = (
            route(topic, group, path, [rule for subject in {topic, f"group {group}", ""} for rule in side.get(subject, ())], self.day, sphere=sphere)
            for side in self.sides
        )
        return _said(was), _said(now), bool(now and now.rule and now.rule.id in self.new)


def _by_subject(rules: Iterable[Rule]) -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = {}
    for rule in rules:
        found.setdefault(rule.topic or (f"group {rule.group}" if rule.group else ""), []).append(rule)
    return found


def _said(match: Match | None) -> str:
    return match.body or TIE if match else NOBODY


def _count(found: Trial, row: Row, was: str, now: str, caught: bool) -> None:
    found.caught += caught
    found.ties_before += was == TIE
    found.ties_after += now == TIE
    if was == now:
        return
    found.moves[(was, now)] += 1
    found.changed[row.case] = (was, now)
    if row.by_hand and row.body:
        found.by_hand += 1
        found.right += now == row.body
        found.wrong += was == row.body
