"""What the centre has agreed: who answers for what, by when, and in which ready words."""

from django.db import models

from .kinds import Topic


class RoutingRule(models.Model):
    """Which body answers for a topic or a group of topics in a territory. Dated; equal rules are a tie that a person decides."""

    priority = models.IntegerField(default=0)
    topic = models.ForeignKey(Topic, null=True, blank=True, on_delete=models.CASCADE)
    group_code = models.CharField(max_length=60, blank=True)
    territory = models.ForeignKey("registry.Territory", null=True, blank=True, on_delete=models.CASCADE)
    sphere = models.ForeignKey("registry.Sphere", null=True, blank=True, on_delete=models.CASCADE)
    body = models.ForeignKey("registry.Body", on_delete=models.CASCADE)
    from_date = models.DateField(null=True, blank=True)
    to_date = models.DateField(null=True, blank=True)


class DeadlineRule(models.Model):
    """A ready preset of deadlines; the default one counts the cases of days on which no version was in force."""

    code = models.CharField(max_length=60, unique=True)
    title = models.CharField(max_length=120)
    data = models.JSONField()
    is_default = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["is_default"], condition=models.Q(is_default=True), name="deadline_one_default")]


class Template(models.Model):
    """A ready piece of an answer; unfilled placeholders block publishing."""

    code = models.CharField(max_length=60, unique=True)
    title = models.CharField(max_length=120)
    text = models.TextField()
    group_code = models.CharField(max_length=60, blank=True)
