"""The quality of answers: a draw by lot, and what a reviewer and the body say of each answer drawn."""

from django.db import models
from django.db.models import F, Q

from gospult.lib.errors import Refused
from gospult.registry.models.access import User

from .answers import Answer
from .cases import Case


class DrawQuerySet(models.QuerySet["Draw"]):
    def visible_to(self, user: User) -> "DrawQuerySet":
        """Draws that hold an answer which the user may see."""
        return self.filter(pk__in=Inspection.objects.visible_to(user).values("draw"))


class Draw(models.Model):
    """A sample of the answers published from the first day to the last; `frame` is what it was drawn from, so that it can be repeated.

    frame  [[answer, body, why it is looked at in any case], …]
    by     None when the clock has drawn it
    """

    since = models.DateField()
    until = models.DateField()
    seed = models.CharField(max_length=32)
    checklist = models.CharField(max_length=40)
    least = models.PositiveSmallIntegerField()
    share = models.FloatField()
    frame = models.JSONField()
    by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    objects = DrawQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["since", "until"], condition=Q(by=None), name="draw_once_by_the_clock")]


class InspectionQuerySet(models.QuerySet["Inspection"]):
    def visible_to(self, user: User) -> "InspectionQuerySet":
        """Those of cases in the user's scope."""
        return self.filter(case__in=Case.objects.in_scope_of(user))

    def not_by(self, user: User) -> "InspectionQuerySet":
        """Those of answers that the user has neither written nor checked nor approved."""
        mine = Answer.objects.filter(Q(author=user) | Q(checked_by=user) | Q(approved_by=user) | Q(approvals__by=user))
        return self.exclude(answer__in=mine)


class Inspection(models.Model):
    """One answer looked at by the checklist. The body may object once; somebody else than the reviewer decides. The resident hears nothing.

    marks        a list of {code, title, verdict, worth, lost, note}; `first_marks` and `first_score` stood there before a decision changed them
    object_by    until when the body may object
    """

    class State(models.TextChoices):
        WAITING = "waiting", "ждёт проверки"
        DONE = "done", "проверен"
        OBJECTED = "objected", "орган возражает"
        UPHELD = "upheld", "оставлено в силе"
        CHANGED = "changed", "изменено по возражению"

    NEXT = {
        State.WAITING: {State.DONE},
        State.DONE: {State.OBJECTED},
        State.OBJECTED: {State.UPHELD, State.CHANGED},
        State.UPHELD: set(),
        State.CHANGED: set(),
    }

    class Why(models.TextChoices):
        LOT = "lot", "по жребию"
        SHARE = "share", "по жребию из остальных"
        MARK = "mark", "плохая оценка жителя"
        REOPENED = "reopened", "открыто снова"

    draw = models.ForeignKey(Draw, on_delete=models.CASCADE, related_name="inspections")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="inspections")
    answer = models.OneToOneField(Answer, on_delete=models.CASCADE, related_name="inspection")
    body = models.ForeignKey("registry.Body", on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=8, choices=Why)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    marks = models.JSONField(default=list)
    score = models.PositiveSmallIntegerField(null=True)
    by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(null=True)
    object_by = models.DateTimeField(null=True)
    objection = models.CharField(max_length=1000, blank=True)
    objected_by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    objected_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=1000, blank=True)
    decided_by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    first_marks = models.JSONField(default=list)
    first_score = models.PositiveSmallIntegerField(null=True)

    objects = InspectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(score=None) | Q(score__lte=100), name="inspection_at_most_100"),
            models.CheckConstraint(condition=Q(state="waiting") | Q(score__isnull=False, by__isnull=False), name="inspection_done_by_somebody"),
            models.CheckConstraint(
                condition=Q(decided_by=None) | (~Q(decided_by=F("by")) & ~Q(decided_by=F("objected_by"))), name="inspection_decided_by_another"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "id"], name="inspection_state"),
            models.Index(fields=["case"], include=["score"], name="inspection_case"),
            models.Index(fields=["-at"], name="inspection_latest"),
        ]

    def move_to(self, state: "Inspection.State | str", **fields: object) -> None:
        """The only way from state to state; Refused when it is not allowed or somebody else was quicker."""
        old, new = self.State(self.state), self.State(state)
        if new not in self.NEXT[old] or not Inspection.objects.filter(pk=self.pk, state=old).update(state=new, **fields):
            raise Refused(f"Проверка уже другая, было «{old.label}»: обновите страницу.")
        self.state = new
        for name, value in fields.items():
            setattr(self, name, value)


SCORED = (Inspection.State.DONE, Inspection.State.OBJECTED, Inspection.State.UPHELD, Inspection.State.CHANGED)
BY_LOT = (Inspection.Why.LOT, Inspection.Why.SHARE)  # only these speak of a body
