"""Rules of routing for people: the list, what a change would do, and whose rule it is to change."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from gospult.accounts.models import Person, Role
from gospult.lib.errors import Refused
from gospult.registry import queries as registry
from gospult.registry.models import Body, BodySphere

from .. import routing
from ..models import WITHOUT_CLOCK, Case, CaseEvent, RoutingRule
from ..trial import NOBODY, TIE, Row, Trial, compare
from .filters import worded
from .thinking import known_places, known_topics, pure_rule, rules_known

KEEPERS = (Role.OPERATOR, Role.CURATOR, Role.ADMIN)
WHOLE = (Role.OPERATOR, Role.ADMIN)
MONTH = timedelta(days=30)
STATES = {"": "Действуют и будут", "past": "Прежние", "all": "Все"}


@dataclass(frozen=True)
class Outlook:
    """What a rule would do, before it is kept: rules equal to it, whether it names nothing, and the trial on last month's cases with its seconds."""

    ties: list[RoutingRule]
    catches_all: bool
    trial: Trial
    seconds: float


def find_rules(user: Person, filters: Mapping[str, Any]) -> QuerySet[RoutingRule]:
    """Rules that the person may see, strongest first; filters: topic (a code or group:code), territory, sphere, organ, state."""
    rules, today = RoutingRule.objects.visible_to(user), timezone.localdate()
    if filters.get("state", "") == "":
        rules = rules.standing(today)
    elif filters["state"] == "past":
        rules = rules.filter(Q(withdrawn=True) | Q(to_date__lt=today))
    if topic := filters.get("topic"):
        rules = rules.filter(
            Q(group_code=topic.partition(":")[2]) | Q(topic__group_code=topic.partition(":")[2]) if ":" in topic else Q(topic__code=topic)
        )
    if territory := filters.get("territory"):
        rules = rules.filter(territory__path__startswith=known_places()[territory].path or "-")
    if sphere := filters.get("sphere"):
        rules = rules.filter(sphere=sphere)
    if organ := filters.get("organ"):
        rules = rules.filter(body__in=worded_bodies(organ))
    return rules.select_related("topic", "territory", "sphere", "body", "overflow", "made_by", "ended_by").order_by("withdrawn", "-priority", "id")


def worded_bodies(words: str) -> Any:
    """Ids of bodies by all words of their name, short name or ОГРН."""
    return worded(Body.objects.all(), words, lambda word: Q(sort_name__contains=word) | Q(short_name__icontains=word) | Q(ogrn=word))


def body_by_words(text: str) -> Body:
    """The one living body that the words of a name or an ОГРН name; Refused says which ones fit."""
    found = Body.objects.filter(pk__in=worded_bodies(text), gone_at=None).order_by("sort_name", "pk")
    exact = [body for body in found[:50] if text.lower() in (body.name.lower(), body.short_name.lower())]
    rows = exact if len(exact) == 1 else list(found[:6])
    if not rows:
        raise Refused(f"Органа «{text}» в реестре нет: проверьте слова или вставьте ОГРН.")
    if len(rows) > 1:
        some = ", ".join(f"«{body}»" + (f" (ОГРН {body.ogrn})" if body.ogrn else "") for body in rows[:5])
        raise Refused(f"Подходят несколько: {some}{' и другие' if len(rows) > 5 else ''}. Допишите слово или вставьте ОГРН.")
    return rows[0]


def words_for(body: Body | None) -> str:
    """Words by which `body_by_words` finds this very body again."""
    if body is None:
        return ""
    alone = Body.objects.filter(pk__in=worded_bodies(str(body)), gone_at=None).count() == 1
    return str(body) if alone or not body.ogrn else body.ogrn


def newest(rule: RoutingRule) -> RoutingRule:
    """The last version of the rule."""
    while later := RoutingRule.objects.select_related("topic", "territory", "sphere", "body", "overflow").filter(replaces=rule).first():
        rule = later
    return rule


def versions_of(rule: RoutingRule) -> list[RoutingRule]:
    """All versions of the rule, newest first."""
    chain: list[RoutingRule] = []
    row: RoutingRule | None = newest(rule)
    while row and len(chain) < 100:
        chain.append(row)
        row = RoutingRule.objects.select_related("body", "made_by", "ended_by").filter(pk=row.replaces_id or 0).first()
    return chain


def holds_on(rule: RoutingRule, day: date | None = None) -> bool:
    """Whether the version decides on the day (today when not given) or will."""
    return not rule.withdrawn and (rule.to_date is None or rule.to_date >= (day or timezone.localdate()))


def equal_rules(row: RoutingRule, old: RoutingRule | None) -> list[RoutingRule]:
    """Rules that nothing would tell from this one (not kept yet)."""
    _, after, new = _both(row, old)
    ids = {rule.id for rule in routing.ties(new, after)}
    return list(RoutingRule.objects.filter(pk__in=ids).select_related("body").order_by("pk")) if ids else []


def catches_all(row: RoutingRule) -> bool:
    """Whether the rule names neither topic nor place nor sphere."""
    return not (row.topic_id or row.group_code or row.territory_id or row.sphere_id)


def look_ahead(row: RoutingRule, old: RoutingRule | None, user: Person) -> Outlook:
    """What the rule (not kept yet) would do in the place of `old`: on the cases of the last 30 days that the person may see. Writes nothing."""
    begun = time.perf_counter()
    before, after, _ = _both(row, old)
    day = row.from_date or timezone.localdate()
    trial = compare(rows_for(user), before, after, day)
    return Outlook(equal_rules(row, old), catches_all(row), trial, time.perf_counter() - begun)


def _both(row: RoutingRule, old: RoutingRule | None) -> tuple[list[routing.Rule], list[routing.Rule], routing.Rule]:
    """Rules without and with the change; the changed one is called "new"."""
    before, _ = rules_known()
    new = routing.renamed(pure_rule(row), "new")
    return before, [rule for rule in before if not old or rule.id != str(old.pk)] + [new], new


def rows_for(user: Person) -> Iterator[Row]:
    """Cases of the last 30 days that somebody had to answer, as the tester needs them; three statements for all."""
    cases = Case.objects.in_scope_of(user).filter(opened_at__gte=timezone.now() - MONTH).exclude(kind__in=WITHOUT_CLOCK).exclude(state="merged")
    by_hand = set(CaseEvent.objects.filter(kind="routed", by__isnull=False, case__in=cases.values("pk")).values_list("case_id", flat=True))
    topics = {t.pk: (t.code, t.group_code) for t in known_topics().values()}
    paths, spheres = _paths(), first_spheres()
    found = cases.values_list("pk", "topic_id", "territory_id", "suggested_body_id", "body_id")
    for pk, topic, territory, owner, body in found.iterator(chunk_size=10_000):
        code, group = topics.get(topic, ("", ""))
        yield Row(pk, code, group, paths.get(territory, ()), spheres.get(owner, ""), f"body {body}" if body else NOBODY, pk in by_hand)


def _paths() -> dict[int, tuple[str, ...]]:
    codes = {t.pk: t.code for t in known_places().values()}
    return {t.pk: tuple(codes[int(part)] for part in reversed(t.path.split("/")) if part and int(part) in codes) for t in known_places().values()}


def first_spheres() -> dict[int, str]:
    """The first sphere of each body."""
    return dict(BodySphere.objects.order_by("body", "-position").values_list("body_id", "sphere__code"))


def names_in(trial: Trial) -> dict[str, str]:
    """Bodies' keys of the trial → their names; TIE and NOBODY are the operator."""
    keys = {key for pair in trial.moves for key in pair}
    ids = [int(key.removeprefix("body ")) for key in keys - {TIE, NOBODY}]
    names = {f"body {body.pk}": str(body) for body in Body.objects.filter(pk__in=ids)}
    return names | {TIE: "оператор: правила равны", NOBODY: "оператор: правила нет"}


def outside(user: Person, *bodies: Body | None) -> bool:
    """Whether one of the bodies is out of the reach of those who keep rules there."""
    ids = {body.pk for body in bodies if body}
    return Body.objects.filter(registry.scope_q(user, "", None, KEEPERS), pk__in=ids).count() < len(ids)


def may_keep(user: Person, old: RoutingRule | None, new: RoutingRule | None) -> bool:
    """Whether the person may put `new` in the place of `old` (either may be None).

    Who keeps rules of the whole region may. A curator may only share out what comes to his branch already: no case may come to it or
    leave it by his change, or he would read what is not his to read.
    """
    if registry.can(user, *WHOLE):
        return True
    before, _ = rules_known()
    after = [rule for rule in before if not old or rule.id != str(old.pk)] + ([routing.renamed(pure_rule(new), "new")] if new else [])
    codes = {t.pk: t.code for t in known_places().values()}
    parents = {t.code: codes.get(t.parent_id or 0, "") for t in known_places().values()}
    groups = {t.code: t.group_code for t in known_topics().values()}
    day = max(timezone.localdate(), (new.from_date if new else None) or timezone.localdate())
    touched = {key for pair in routing.moves(before, after, parents, groups, day) for key in pair}
    if NOBODY in touched:
        return False
    return not outside(user, *Body.objects.filter(pk__in=[int(key.removeprefix("body ")) for key in touched]))
