"""Which body answers: rules of a region over territory × topic, decided without a database and explained in words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from gospult.lib.regions import RuleRow


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: an empty topic, group, territory or sphere matches anything; dates are inclusive, None is open.

    id         the rule's code or key, shown to people
    priority   larger wins
    topic      code of a topic of the classifier
    group      code of a group of topics
    territory  code of a territory; holds for everything inside it
    sphere     code of the sphere of the institution in question
    body       code of the body that answers
    """

    id: str
    priority: int
    topic: str
    group: str
    territory: str
    sphere: str
    body: str
    from_date: date | None = None
    to_date: date | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """What the rules say. `body` is None on a tie: then `tied` names the rules that disagree and a person decides."""

    rule: Rule | None
    body: str | None
    why: str
    tied: tuple[Rule, ...] = ()


def route(
    topic: str | None,
    group: str | None,
    path: Sequence[str],
    rules: Iterable[Rule],
    at: date,
    *,
    sphere: str = "",
    names: Mapping[str, str] | None = None,
) -> Match | None:
    """Return what the rules say on this day, or None when no rule holds.

    path    territory codes from the most specific up to the region
    names   code → Russian name of topics, groups, territories and bodies, for the explanation

    Highest priority first, then the most specific territory, then topic over group over neither, then a named sphere over none.
    """
    holding = [r for r in rules if holds(r, topic, group, path, at, sphere)]
    if not holding:
        return None
    best = max(_rank(r, path) for r in holding)
    winners = sorted((r for r in holding if _rank(r, path) == best), key=lambda r: r.id)
    if len({r.body for r in winners}) > 1:
        return Match(None, None, _why_tied(winners, names or {}), tuple(winners))
    return Match(winners[0], winners[0].body, _why(winners[0], names or {}))


def holds(rule: Rule, topic: str | None, group: str | None, path: Sequence[str], at: date, sphere: str) -> bool:
    """Whether the rule speaks of such a case on this day."""
    if (rule.from_date and at < rule.from_date) or (rule.to_date and at > rule.to_date):
        return False
    return rule.topic in ("", topic) and rule.group in ("", group) and rule.sphere in ("", sphere) and (not rule.territory or rule.territory in path)


def _rank(rule: Rule, path: Sequence[str]) -> tuple[int, int, int, int]:
    near = -path.index(rule.territory) if rule.territory else -len(path)
    exact = 2 if rule.topic else 1 if rule.group else 0
    return rule.priority, near, exact, 1 if rule.sphere else 0


def ties(rule: Rule, others: Iterable[Rule]) -> list[Rule]:
    """The rules that `route` could not tell from this one on some day: same priority, place, topic or group and sphere, another body."""
    return [o for o in others if o.id != rule.id and o.body != rule.body and _same(o) == _same(rule) and _share_a_day(o, rule)]


def _same(rule: Rule) -> tuple[object, ...]:
    return rule.priority, rule.territory, rule.topic, "" if rule.topic else rule.group, rule.sphere


def _share_a_day(one: Rule, two: Rule) -> bool:
    first = max(one.from_date or date.min, two.from_date or date.min)
    return first <= min(one.to_date or date.max, two.to_date or date.max)


def moves(before: Sequence[Rule], after: Sequence[Rule], parents: Mapping[str, str], groups: Mapping[str, str], at: date) -> set[tuple[str, str]]:
    """Who would lose cases to whom between two sets of rules on this day, in keys of bodies; "" is the operator.

    parents   territory → the one above it
    groups    topic → its group

    Exact for every possible case: rules can tell apart only the topics, places and spheres that they name, so one case of each sort is tried.
    """
    differing = [rule for rule in (*before, *after) if (rule in before) != (rule in after)]
    found = set()
    for rule in differing:
        near = [o for o in (*before, *after) if _meet(o, rule, parents, groups)]
        for topic, group, path, sphere in _sorts(rule, near, parents, groups):
            was, now = (route(topic, group, path, rules, at, sphere=sphere) for rules in (before, after))
            pair = (was.body or "" if was else "", now.body or "" if now else "")
            if pair[0] != pair[1]:
                found.add(pair)
    return found


def above(territory: str, parents: Mapping[str, str]) -> tuple[str, ...]:
    """The territory and all that it lies in, nearest first."""
    path: list[str] = []
    while territory and territory not in path:
        path.append(territory)
        territory = parents.get(territory, "")
    return tuple(path)


def _meet(one: Rule, two: Rule, parents: Mapping[str, str], groups: Mapping[str, str]) -> bool:
    topics = (one.topic, two.topic)
    same_topic = one.topic == two.topic or "" in topics
    named = {rule.group or groups.get(rule.topic, "") for rule in (one, two)} - {""}
    nested = one.territory in above(two.territory, parents) or two.territory in above(one.territory, parents)
    places = nested or not one.territory or not two.territory
    return same_topic and len(named) < 2 and places and (one.sphere == two.sphere or "" in (one.sphere, two.sphere))


def _sorts(
    rule: Rule, near: Sequence[Rule], parents: Mapping[str, str], groups: Mapping[str, str]
) -> Iterator[tuple[str, str, tuple[str, ...], str]]:
    """One case of each sort that these rules tell apart and the rule speaks of; a topic, group or sphere "?" is one that nobody names."""
    if rule.topic:
        topics = {(rule.topic, groups.get(rule.topic, rule.group))}
    else:
        topics = {(o.topic, groups.get(o.topic, o.group)) for o in near if o.topic} | {("?", o.group) for o in near if o.group} | {("?", "?")}
        topics = {(t, g) for t, g in topics if rule.group in ("", g)}
    places = {above(o.territory, parents) for o in (*near, rule)}
    places = {p for p in places if not rule.territory or rule.territory in p}
    spheres = {rule.sphere} if rule.sphere else {"?", *(o.sphere for o in near if o.sphere)}
    yield from ((t, g, p, s) for t, g in topics for p in places for s in spheres)


def _why(rule: Rule, names: Mapping[str, str]) -> str:
    what = rule.topic or rule.group
    about = f"«{names.get(what, what)}»" if what else "любая тема"
    where = f"«{names.get(rule.territory, rule.territory)}»" if rule.territory else "вся область"
    return f"Правило {rule.id}: {about}, {where} → {names.get(rule.body, rule.body)}"


def _why_tied(rules: Sequence[Rule], names: Mapping[str, str]) -> str:
    bodies = ", ".join(sorted({names.get(r.body, r.body) for r in rules}))
    return f"Правила {', '.join(r.id for r in rules)} равны и указывают на разные органы ({bodies}): решает оператор"


def renamed(rule: Rule, id: str) -> Rule:
    """The same rule under another id: one that is not kept yet has none."""
    return replace(rule, id=id)


def rule_of(row: RuleRow) -> Rule:
    """Turn a row of rules.csv into a rule."""
    return Rule(row.id, row.priority, row.topic, row.group, row.territory, row.sphere, row.body, row.from_date, row.to_date)
