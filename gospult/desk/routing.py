"""Which body answers: rules of a region over territory × topic, decided without a database and explained in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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
    holding = [r for r in rules if _holds(r, topic, group, path, at, sphere)]
    if not holding:
        return None
    best = max(_rank(r, path) for r in holding)
    winners = sorted((r for r in holding if _rank(r, path) == best), key=lambda r: r.id)
    if len({r.body for r in winners}) > 1:
        return Match(None, None, _why_tied(winners, names or {}), tuple(winners))
    return Match(winners[0], winners[0].body, _why(winners[0], names or {}))


def _holds(rule: Rule, topic: str | None, group: str | None, path: Sequence[str], at: date, sphere: str) -> bool:
    if (rule.from_date and at < rule.from_date) or (rule.to_date and at > rule.to_date):
        return False
    return rule.topic in ("", topic) and rule.group in ("", group) and rule.sphere in ("", sphere) and (not rule.territory or rule.territory in path)


def _rank(rule: Rule, path: Sequence[str]) -> tuple[int, int, int, int]:
    near = -path.index(rule.territory) if rule.territory else -len(path)
    exact = 2 if rule.topic else 1 if rule.group else 0
    return rule.priority, near, exact, 1 if rule.sphere else 0


def _why(rule: Rule, names: Mapping[str, str]) -> str:
    what = rule.topic or rule.group
    about = f"«{names.get(what, what)}»" if what else "любая тема"
    where = f"«{names.get(rule.territory, rule.territory)}»" if rule.territory else "вся область"
    return f"Правило {rule.id}: {about}, {where} → {names.get(rule.body, rule.body)}"


def _why_tied(rules: Sequence[Rule], names: Mapping[str, str]) -> str:
    bodies = ", ".join(sorted({names.get(r.body, r.body) for r in rules}))
    return f"Правила {', '.join(r.id for r in rules)} равны и указывают на разные органы ({bodies}): решает оператор"


def rule_of(row: RuleRow) -> Rule:
    """Turn a row of rules.csv into a rule."""
    return Rule(row.id, row.priority, row.topic, row.group, row.territory, row.sphere, row.body, row.from_date, row.to_date)
