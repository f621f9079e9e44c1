"""The classifier, deadlines, policies of approval, routing rules and templates of a region's files become rows."""

import json
from collections.abc import Iterator
from dataclasses import astuple
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib import regions
from gospult.registry.models import Body, Sphere, Territory

from ..models import ApprovalPolicy, DeadlineRule, RoutingRule, Template, Topic, WorkCalendar
from ..queries.deadlines import REGION_CALENDAR
from ..queries.thinking import forget
from .routes import end_version


@transaction.atomic
def load_classifier(*, region: regions.Region, by: Person | None = None) -> dict[str, int]:
    """Topics, deadlines, routing rules and templates of a region become rows; what is there is updated, what is gone is retired."""
    for row in region.topics:
        fields = {"name": row.name, "group": row.group_name, "group_code": row.group, "urgent": row.urgent, "version": row.version, "retired": False}
        Topic.objects.update_or_create(code=row.code, defaults=fields)
    Topic.objects.exclude(code__in=[row.code for row in region.topics]).update(retired=True)
    _load_deadlines(region.code)
    _load_approval(region.code)
    rules = _load_rules(region)
    for ready in region.templates:
        Template.objects.get_or_create(code=ready.code, defaults={"title": ready.name, "text": ready.text, "group_code": ready.group})
    forget()
    counts = {"topics": len(region.topics), "rules": rules, "templates": len(region.templates)}
    journal.write(by, "classifier_loaded", None, region=region.code, **counts)
    return counts


def _load_deadlines(code: str) -> None:
    folder = regions.default_root() / code
    calendar = json.loads((folder / "calendar.json").read_text(encoding="utf-8"))
    presets = json.loads((folder / "deadlines.json").read_text(encoding="utf-8"))
    chosen = DeadlineRule.objects.filter(is_default=True).values_list("code", flat=True).first() or presets["default"]
    for preset in presets["deadlines"]:
        fields = {"title": preset["title"], "data": preset, "is_default": preset["code"] == chosen}
        DeadlineRule.objects.update_or_create(code=preset["code"], defaults=fields)
    _load_calendar(calendar)


def _load_calendar(data: dict[str, Any]) -> None:
    """The region's calendar comes from its file once; then it is people who change it, and a list of the changes is shown to them."""
    chosen = WorkCalendar.objects.filter(is_default=True).exists()
    fields = {"title": data.get("name") or "Календарь региона", "data": data, "is_default": not chosen}
    WorkCalendar.objects.get_or_create(code=REGION_CALENDAR, defaults=fields)


def _load_approval(code: str) -> None:
    """Policies of the file come in once each: one that people have retired stays retired, one that has left the file is retired."""
    file = regions.default_root() / code / "approval.json"
    rows = json.loads(file.read_text(encoding="utf-8"))["policies"] if file.exists() else []
    policies = {policy.filed: policy for row in rows for policy in _policies(row)}
    known = set(ApprovalPolicy.objects.exclude(filed="").values_list("filed", flat=True))
    ApprovalPolicy.objects.bulk_create(policy for name, policy in policies.items() if name not in known)
    ApprovalPolicy.objects.filter(filed__in=known - set(policies), retired_at=None).update(retired_at=timezone.now())


def _policies(row: dict[str, Any]) -> Iterator[ApprovalPolicy]:
    """A line of the file is a policy, or one for each of its groups and topics; a topic that the region does not have is left out."""
    asked: dict[str, Any] = {
        name: row[name] for name in ("title", "approvers", "hours", "urgent", "danger", "beyond_norm", "mass_from") if name in row
    }
    asked["from_date"] = date.fromisoformat(row["from"])
    groups, topics = row.get("groups", []), Topic.objects.filter(code__in=row.get("topics", []), retired=False)
    yield from (ApprovalPolicy(filed=f"{row['code']}:{group}", group_code=group, **asked) for group in groups)
    yield from (ApprovalPolicy(filed=f"{row['code']}:{topic.code}", topic=topic, **asked) for topic in topics)
    if "groups" not in row and "topics" not in row:
        yield ApprovalPolicy(filed=row["code"], **asked)


def _load_rules(region: regions.Region) -> int:
    """Rules of the file become versions: what has changed in it since is a new version from today, what is gone ends.

    A rule that a person has touched stays as the person left it. Rules whose body, topic or territory is not in the database are left out.
    """
    today = timezone.localdate()
    RoutingRule.objects.filter(code="", filed="", made_by=None).delete()  # of a file, read before versions were kept
    known = {rule.code: rule for rule in RoutingRule.objects.exclude(code="").filter(replaced_by=None)}
    rows = _rule_rows(region)
    for row, rule in rows.items():
        old = known.pop(rule.code, None)
        if old and (old.filed == rule.filed or old.made_by_id or old.ended_by_id):
            continue
        if old:
            end_version(old, before=today)
            rule.replaces, rule.from_date = old, max(today, row.from_date or today)
        if rule.to_date is None or rule.from_date is None or rule.from_date <= rule.to_date:
            rule.save()
    for gone in known.values() if rows else ():
        if not gone.made_by_id and gone.ended_at is None:
            end_version(gone, before=today)
    return len(rows)


def _rule_rows(region: regions.Region) -> dict[regions.RuleRow, RoutingRule]:
    bodies = dict(Body.objects.exclude(code=None).values_list("code", "pk"))
    topics = dict(Topic.objects.values_list("code", "pk"))
    places = dict(Territory.objects.values_list("code", "pk"))
    spheres = dict(Sphere.objects.values_list("code", "pk"))
    return {
        r: RoutingRule(
            code=r.id, filed="|".join(map(str, astuple(r)))[:400], priority=r.priority, topic_id=topics.get(r.topic),
            group_code="" if r.topic else r.group, territory_id=places.get(r.territory), sphere_id=spheres.get(r.sphere),
            body_id=bodies[r.body], from_date=r.from_date, to_date=r.to_date,
        )
        for r in region.rules
        if r.body in bodies and (not r.topic or r.topic in topics) and (not r.territory or r.territory in places)
    }  # fmt: skip
