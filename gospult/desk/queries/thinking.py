"""Rows of the database put into the pure thinking of triage, routing and clock, and its results taken back."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, cast

from django.conf import settings
from django.utils import timezone

from gospult.lib import regions
from gospult.lib.geo import Gazetteer, Street
from gospult.lib.geo import Territory as Spot
from gospult.registry.models import Body, BodySphere, Page, Territory

from .. import routing, triage
from ..kinds import Cue
from ..models import Case, Message, RoutingRule, Topic
from .bounces import full


@dataclass(frozen=True)
class Verdict:
    """The triage's verdict in the desk's words: territory is a code, address what was read of street and house."""

    kind: str | None
    kind_confidence: float
    topic: str | None
    topic_confidence: float
    territory: str | None
    address: str
    urgent: bool
    danger: tuple[str, ...]
    reasons: tuple[str, ...]
    alternatives: tuple[tuple[str, float], ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """The verdict as it is kept with the message, so that a person can see why."""
        return asdict(self)


@dataclass(frozen=True)
class Found:
    """What the routing rules say: body None leaves the case to the operator, `why` says so in Russian."""

    body: Body | None
    why: str
    rule: RoutingRule | None = None


class Remembered:
    """A compiled thing that is rebuilt when the rows it is made of have changed, looked at every few seconds at most."""

    ALL: list["Remembered"] = []

    def __init__(self, build: Callable[[], Any], mark: Callable[[], Any]) -> None:
        self._build, self._mark = build, mark
        self.ALL.append(self)
        self._value: Any = None
        self._known: Any = None
        self.looked_at = -1e9

    def get(self) -> Any:
        """The thing, at most REMEMBER_SECONDS behind its rows."""
        if time.monotonic() - self.looked_at > settings.REMEMBER_SECONDS or self._value is None:
            known = self._mark()
            if known != self._known or self._value is None:
                self._value, self._known = self._build(), known
            self.looked_at = time.monotonic()
        return self._value


def _classifier() -> triage.Classifier:
    region = regions.load(settings.REGION)
    known = {t.code for t in region.territories}
    own = [Spot(t.code, t.parent, t.level, t.name, t.aliases, t.weak) for t in region.territories]
    # Territories that came with an imported register are places too.
    more = Territory.objects.exclude(code__in=known).select_related("parent")
    own += [Spot(t.code, t.parent.code if t.parent else "", t.level, t.name, tuple(t.aliases), ()) for t in more]
    streets = (Street(s.territory, s.name, s.kind, s.aliases, s.common) for s in region.streets)
    return triage.Classifier(
        (triage.topic_of(row) for row in region.topics),
        Gazetteer(own, streets),
        (Cue(c.kind, c.phrase, c.weight, c.label) for c in region.cues),
        triage.Settings.of(region.settings.get("triage", {})),
    )


def _places_known() -> tuple[object, ...]:
    return settings.REGION, Territory.objects.count(), Territory.objects.order_by("-pk").values_list("pk", flat=True).first()


def _topics_known() -> list[tuple[object, ...]]:
    return list(Topic.objects.order_by("pk").values_list("pk", "version", "urgent"))


_brain = Remembered(_classifier, _places_known)
_topics = Remembered(lambda: {t.code: t for t in Topic.objects.all()}, _topics_known)
_places = Remembered(lambda: {t.code: t for t in Territory.objects.all()}, _places_known)


def known_topics() -> dict[str, Topic]:
    """Topics by code."""
    return cast(dict[str, Topic], _topics.get())


def known_places() -> dict[str, Territory]:
    """Territories by code."""
    return cast(dict[str, Territory], _places.get())


def judge(message: Message, *, has_photo: bool) -> Verdict:
    """What the triage thinks of a message written on its page."""
    verdict = _brain.get().classify(message.text, home=_home(message.page), has_photo=has_photo)
    place = verdict.place
    address = ", ".join(part for part in (place.street, place.house) if part) if place else ""
    return Verdict(
        verdict.kind, verdict.kind_confidence, verdict.topic, verdict.topic_confidence, verdict.path[0] if verdict.path else None, address,
        verdict.urgent, tuple(verdict.danger), tuple(verdict.reasons), tuple(verdict.alternatives),
    )  # fmt: skip


def owner_of(page: Page | None) -> Body | None:
    """The body that owns the page: suggested to the operator, never assigned silently."""
    if page is None:
        return None
    return Body.objects.filter(page_links__page=page).order_by("page_links__shared", "page_links__id").select_related("territory").first()


def _home(page: Page | None) -> str | None:
    owner = owner_of(page)
    return owner.territory.code if owner and owner.territory else None


def pure_rule(row: RoutingRule) -> routing.Rule:
    """A version of a rule in the pure words of routing; a body's key says that it is one, for a territory's code may be a number too."""
    return routing.Rule(
        str(row.pk), row.priority, row.topic.code if row.topic else "", row.group_code, row.territory.code if row.territory else "",
        row.sphere.code if row.sphere else "", f"body {row.body_id}", row.from_date, row.to_date,
    )  # fmt: skip


def _rules() -> tuple[list[routing.Rule], dict[str, str]]:
    rows = list(RoutingRule.objects.deciding().select_related("topic", "territory", "sphere", "body"))
    names = dict(Topic.objects.values_list("group_code", "group"))
    for r in rows:
        names[f"body {r.body_id}"] = r.body.short_name or r.body.name
        names |= {r.topic.code: r.topic.name} if r.topic else {}
        names |= {r.territory.code: r.territory.name} if r.territory else {}
    return [pure_rule(r) for r in rows], names


_routing = Remembered(_rules, lambda: list(RoutingRule.objects.order_by("pk").values_list()))


def rules_known() -> tuple[list[routing.Rule], dict[str, str]]:
    """All versions that decide on some day, and names for their codes; at most REMEMBER_SECONDS old."""
    return cast(tuple[list[routing.Rule], dict[str, str]], _routing.get())


def body_for(case: Case) -> Found:
    """The body that the rules name for the case's topic and place on the day it was opened."""
    rules, names = rules_known()
    if case.territory is None:
        path: tuple[str, ...] = ()
    else:
        path = tuple(_path(case.territory))
    topic, group = (case.topic.code, case.topic.group_code) if case.topic else (None, None)
    day = timezone.localdate(case.opened_at)
    match = routing.route(topic, group, path, rules, day, sphere=_sphere(case.suggested_body), names=names) if topic else None
    if match is None:
        return Found(None, "")
    if match.body is None or match.rule is None:
        return Found(None, match.why)
    rule = RoutingRule.objects.select_related("body", "overflow").get(pk=int(match.rule.id))
    if rule.body.gone_at:
        return Found(None, f"{match.why}: органа больше нет в реестре, решает оператор")
    return _with_room(rule, match.why)


def _with_room(rule: RoutingRule, why: str) -> Found:
    """The body of the rule, unless it has its fill: then the one that the rule names for that, else the operator."""
    busy = full(rule.body)
    if not busy:
        return Found(rule.body, why, rule)
    if rule.overflow and not rule.overflow.gone_at and not full(rule.overflow):
        return Found(rule.overflow, f"{why}; {busy}, поэтому → {rule.overflow}", rule)
    return Found(None, f"{why}; {busy}: решает оператор")


def _sphere(owner: Body | None) -> str:
    """The first sphere of the page's owner: a clinic's page speaks of this clinic."""
    return BodySphere.objects.filter(body=owner).order_by("position").values_list("sphere__code", flat=True).first() or "" if owner else ""


def _path(territory: Territory) -> list[str]:
    ids = [int(part) for part in territory.path.split("/") if part]
    codes = dict(Territory.objects.filter(pk__in=ids).values_list("pk", "code"))
    return [codes[pk] for pk in reversed(ids) if pk in codes]


def forget() -> None:
    """Look at the rows again at the next question (tests and imports change them at once)."""
    for thing in Remembered.ALL:
        thing.looked_at = -1e9
