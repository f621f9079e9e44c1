"""What the centre has agreed: who answers for what, by when, and in which ready words."""

from datetime import date
from typing import Self

from django.db import models
from django.utils import timezone

from gospult.accounts.models import Role
from gospult.registry.models.access import User, scope_q

from .kinds import Topic

KEEPS = frozenset({Role.OPERATOR, Role.CURATOR, Role.ANALYST, Role.HEAD, Role.ADMIN})


class RoutingRuleQuerySet(models.QuerySet["RoutingRule"]):
    def visible_to(self, user: User) -> Self:
        """Rules of the bodies that the person's grants cover; a steward and an executor need none."""
        return self.filter(scope_q(user, page_field=None, roles=KEEPS))

    def deciding(self) -> Self:
        """Versions that decide on some day; those that gave way on the very day they began are left out."""
        return self.filter(withdrawn=False)

    def standing(self, today: date) -> Self:
        """The versions that hold today or will hold."""
        return self.deciding().filter(models.Q(to_date=None) | models.Q(to_date__gte=today))


class RoutingRule(models.Model):
    """A version of a rule: which body answers for a topic or a group of topics in a territory. Equal rules are a tie that a person decides.

    A version is never rewritten or deleted: a change ends it and makes the next one, so that each case is explained by the version that decided it.
    """

    code = models.CharField(max_length=60, blank=True)  # of the region's file, "" when a person wrote it
    filed = models.CharField(max_length=400, blank=True)  # the file's row as it was read, to see whether it has changed
    priority = models.IntegerField(default=0)
    topic = models.ForeignKey(Topic, null=True, blank=True, on_delete=models.PROTECT)
    group_code = models.CharField(max_length=60, blank=True)
    territory = models.ForeignKey("registry.Territory", null=True, blank=True, on_delete=models.PROTECT)
    sphere = models.ForeignKey("registry.Sphere", null=True, blank=True, on_delete=models.PROTECT)
    body = models.ForeignKey("registry.Body", on_delete=models.PROTECT)
    overflow = models.ForeignKey("registry.Body", null=True, blank=True, on_delete=models.PROTECT, related_name="+")  # when `body` has its fill
    from_date = models.DateField(null=True, blank=True)
    to_date = models.DateField(null=True, blank=True)  # the last day
    replaces = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by")
    withdrawn = models.BooleanField(default=False)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)  # when somebody set the last day
    ended_by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")

    objects = RoutingRuleQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["withdrawn", "to_date", "-priority", "id"], name="routing_rule_order")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(from_date=None) | models.Q(to_date=None) | models.Q(from_date__lte=models.F("to_date")), name="routing_rule_dates"
            ),
            models.CheckConstraint(condition=models.Q(topic=None) | models.Q(group_code=""), name="routing_rule_topic_or_group"),
        ]

    def __str__(self) -> str:
        return f"№ {self.pk}"


class DeadlineRule(models.Model):
    """A ready preset of deadlines; the default one counts the cases of days on which no version was in force."""

    code = models.CharField(max_length=60, unique=True)
    title = models.CharField(max_length=120)
    data = models.JSONField()
    is_default = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["is_default"], condition=models.Q(is_default=True), name="deadline_one_default")]


class Template(models.Model):
    """A ready piece of an answer; unfilled placeholders block publishing. `text` is that of the newest version."""

    code = models.CharField(max_length=60, unique=True)
    title = models.CharField(max_length=120)
    text = models.TextField()
    group_code = models.CharField(max_length=60, blank=True)
    retired_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.title


class TemplateVersion(models.Model):
    """The words of a template as they were: an answer made by them names this row."""

    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["template", "number"], name="template_version_once")]
