"""«Поручение»: a part of a case that its body asks of a body below it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from gospult.lib.errors import Refused
from gospult.registry.models import Body
from gospult.registry.models.access import User, granted
from gospult.registry.queries import scope_q

from .answers import private_storage
from .cases import READS, Case


class TaskQuerySet(models.QuerySet["Task"]):
    def visible_to(self, user: User) -> "TaskQuerySet":
        """What was asked in the cases of the user's scope, and what was asked of his bodies."""
        asked = Body.objects.filter(scope_q(user, body_field="", page_field=None, roles=READS))
        return self.filter(Q(case__in=Case.objects.in_scope_of(user)) | Q(body__in=asked))

    def asked_of(self, user: User) -> "TaskQuerySet":
        """What was asked of the very bodies of the user's grants, not of those below: the work that he has to do."""
        return self.filter(body__in=[row.body_id for row in granted(user) if row.role in READS and row.body_id])

    def open(self) -> "TaskQuerySet":
        return self.filter(state=Task.State.OPEN)


class Task(models.Model):
    """A body below does a part of a case and says what was done; residents are answered by the body of the case, and its clock goes on.

    case      where it stands now: it goes along when its case is merged
    asked_in  the case that it was asked in, to which a split brings it back
    """

    class State(models.TextChoices):
        OPEN = "open", "в работе"
        DONE = "done", "выполнено"
        RETURNED = "returned", "возвращено"
        CANCELLED = "cancelled", "снято"

    NEXT = {
        State.OPEN: {State.DONE, State.RETURNED, State.CANCELLED},
        State.DONE: set(),
        State.RETURNED: set(),
        State.CANCELLED: set(),
    }

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="tasks")
    asked_in = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    text = models.TextField(blank=True)
    due_date = models.DateField()
    late_because = models.CharField(max_length=300, blank=True)  # why it is due after the case's own term
    asked_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    told_late_at = models.DateTimeField(null=True)
    result = models.TextField(blank=True)  # what was done, or why it came back or was taken off
    photo = models.FileField(storage=private_storage, upload_to="tasks/%Y/%m/%d", max_length=250, blank=True)
    ended_by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    forgotten_at = models.DateTimeField(null=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["asked_in", "body"], condition=Q(state="open"), name="task_one_open"),
            models.CheckConstraint(condition=Q(state="open", ended_at=None) | (~Q(state="open") & Q(ended_at__isnull=False)), name="task_has_an_end"),
        ]
        indexes = [
            models.Index(fields=["case", "asked_at"], name="task_of_case"),
            models.Index(fields=["body", "state", "case"], name="task_of_body"),
            models.Index(fields=["due_date"], include=["case", "body"], name="task_due", condition=Q(state="open")),
        ]

    def __str__(self) -> str:
        return f"Поручение: {self.body}"

    @property
    def late(self) -> bool:
        """Whether its day has passed and it is still open."""
        return self.state == self.State.OPEN and self.due_date < timezone.localdate()

    def move_to(self, state: "Task.State | str", **fields: object) -> None:
        """The only way from state to state; Refused when it is not allowed or somebody else was quicker."""
        old, new = self.State(self.state), self.State(state)
        if new not in self.NEXT[old] or not Task.objects.filter(pk=self.pk, state=old).update(state=new, **fields):
            now = self.State(Task.objects.values_list("state", flat=True).get(pk=self.pk))
            raise Refused(f"Поручение уже «{now.label}». Обновите страницу.")
        self.state = new
        for name, value in fields.items():
            setattr(self, name, value)
