"""One problem with one responsible body, and everything that happened to it."""

from django.db import models
from django.utils import timezone

from gospult.accounts.models import Role
from gospult.lib.errors import Refused
from gospult.registry.models import Body
from gospult.registry.models.access import EVERYTHING, User, remembered
from gospult.registry.queries import pages_of_steward, scope_q

from .kinds import Kind, Topic

# Who works with residents' words. Editors, methodists and juries have other work; a steward comes by his page.
READS = frozenset({Role.OPERATOR, Role.EXECUTOR, Role.CURATOR, Role.ANALYST, Role.HEAD, Role.ADMIN, Role.AUDITOR})

ASKED = [
    "body", "page", "territory", "topic", "kind", "state", "has_photo", "by_comment", "by_dm", "danger",
    "message_count", "first_elapsed", "first_worked", "late", "next_due_at",
]  # fmt: skip
FEW = 300  # bodies of a branch that are named one by one


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, user: User) -> "CaseQuerySet":
        """Cases in the user's scope, and those of which a part was asked of a body of his (`Task`)."""
        return self._reached(user, asked=True)

    def in_scope_of(self, user: User) -> "CaseQuerySet":
        """Cases of the bodies, territories and pages that the user's grants cover: the work that is his own."""
        return self._reached(user, asked=False)

    def _reached(self, user: User, *, asked: bool) -> "CaseQuerySet":
        scope = scope_q(user, body_field="", page_field=None, roles=READS)
        if scope == EVERYTHING:
            return self.all()
        if not user.is_active:
            return self.none()
        bodies, pages = Body.objects.filter(scope), remembered(user, "pages", lambda: list(pages_of_steward(user).values_list("page_id", flat=True)))
        helped = remembered(user, f"helped {scope}", lambda: _helped_by(bodies)) if asked else []
        few = remembered(user, f"bodies {scope}", lambda: list(bodies.values_list("pk", flat=True)[: FEW + 1]))
        # Ids and no subquery, which the planner takes for a few cases: a popular body has thousands (docs/scale.md).
        if len(few) <= FEW and not pages and not helped:
            return self.filter(body__in=few)
        if not pages and not helped:
            return self.filter(body__in=bodies)
        # An «or» of two subqueries would read every case of the region.
        own = models.Q(body__in=few if len(few) <= FEW else list(bodies.values_list("pk", flat=True)))
        return self.filter(own | models.Q(page__in=pages) | models.Q(pk__in=helped))

    def open(self) -> "CaseQuerySet":
        return self.filter(state__in=OPEN)


def _helped_by(bodies: models.QuerySet[Body]) -> list[int]:
    """Cases of others of which the bodies were asked to do a part: while it is open, or the case is, and while the case is with a body above them."""
    part = models.Q(tasks__state="open") | models.Q(tasks__state="done", state__in=OPEN)
    above = models.Q(body=None) | (models.Q(tasks__body__path__startswith=models.F("body__path")) & ~models.Q(body__path=""))
    asked = Case.objects.filter(part, above, tasks__body__in=bodies).exclude(body__in=bodies)  # one join: all of it holds of one task
    return list(asked.values_list("pk", flat=True))


class Case(models.Model):
    """One problem with one responsible body and clocks counted from its earliest message."""

    class State(models.TextChoices):
        NEW = "new", "разобрать"
        ROUTED = "routed", "у исполнителя"
        PROMISED = "promised", "промежуточный ответ"
        ANSWERED = "answered", "отвечено"
        CLOSED = "closed", "закрыто"
        MERGED = "merged", "объединено"

    NEXT = {
        State.NEW: {State.ROUTED, State.ANSWERED, State.PROMISED, State.CLOSED, State.MERGED},
        State.ROUTED: {State.NEW, State.ROUTED, State.PROMISED, State.ANSWERED, State.CLOSED, State.MERGED},
        State.PROMISED: {State.ROUTED, State.PROMISED, State.ANSWERED, State.CLOSED, State.MERGED, State.NEW},
        State.ANSWERED: {State.CLOSED, State.ROUTED, State.NEW, State.MERGED},
        State.CLOSED: {State.ROUTED, State.NEW, State.ANSWERED, State.PROMISED},
        State.MERGED: {State.NEW, State.ROUTED},
    }

    number = models.CharField(max_length=20, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.NEW)
    kind = models.CharField(max_length=12, choices=Kind, blank=True)
    topic = models.ForeignKey(Topic, null=True, on_delete=models.PROTECT, db_index=False)
    topic_confidence = models.FloatField(null=True)
    territory = models.ForeignKey("registry.Territory", null=True, on_delete=models.PROTECT, db_index=False)
    place = models.CharField(max_length=250, blank=True)
    body = models.ForeignKey("registry.Body", null=True, on_delete=models.PROTECT, db_index=False)
    suggested_body = models.ForeignKey("registry.Body", null=True, on_delete=models.SET_NULL, related_name="+")
    page = models.ForeignKey("registry.Page", null=True, on_delete=models.PROTECT, db_index=False)
    urgent = models.BooleanField(default=False)
    danger = models.BooleanField(default=False)
    wordless = models.BooleanField(default=False)
    headline = models.CharField(max_length=200, blank=True)
    message_count = models.PositiveIntegerField(default=0)
    # What the filters ask of a case's messages, kept by `recount`: a look at each message would read the whole region.
    has_photo = models.BooleanField(default=False)
    by_comment = models.BooleanField(default=False)
    by_dm = models.BooleanField(default=False)
    reopened = models.PositiveSmallIntegerField(default=0)
    bounced = models.PositiveSmallIntegerField(default=0)  # how often a body returned it: not ours
    settled = models.BooleanField(default=False)  # an arbiter has decided whose it is
    opened_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)
    first_due_at = models.DateTimeField(null=True)
    final_due_at = models.DateTimeField(null=True)
    next_due_at = models.DateTimeField(null=True)  # the clock that runs now, None when nothing runs
    paused_until = models.DateField(null=True)  # the last day of the pause; `events` say since when and why
    first_reaction_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    late = models.BooleanField(default=False)  # some clock of this case was stopped too late
    closed_at = models.DateTimeField(null=True)
    closed_as = models.CharField(max_length=40, blank=True)
    # What the rating of bodies asks, kept by `recount`: whole minutes until the first words that residents saw, and what came of promises.
    first_elapsed = models.PositiveIntegerField(null=True)
    first_worked = models.PositiveIntegerField(null=True)
    promises = models.PositiveSmallIntegerField(default=0)
    promised_date = models.DateField(null=True)  # the date that is still owed
    broken = models.PositiveSmallIntegerField(default=0)
    returned = models.PositiveSmallIntegerField(default=0)
    repeated = models.BooleanField(default=False)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="merged_from")

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(state="routed") | models.Q(body__isnull=False), name="case_routed_has_body"),
            models.CheckConstraint(condition=~models.Q(state="merged") | models.Q(merged_into__isnull=False), name="case_merged_into"),
        ]
        indexes = [
            models.Index(fields=["state", "next_due_at", "id"], name="case_queue"),
            models.Index(fields=["body", "state", "next_due_at"], name="case_body"),
            models.Index(fields=["page", "state"], name="case_page"),
            models.Index(fields=["territory", "topic", "opened_at"], name="case_place"),
            models.Index(fields=["kind", "-opened_at"], name="case_kind"),
            # With what the filters and the figures of a period ask inside: a walk over a month of the whole region looks at no row.
            models.Index(fields=["-opened_at", "-id"], include=ASKED, name="case_opened"),
            # The newest of a body, page or place are read in order, without a look at all that it ever had.
            models.Index(fields=["body", "-opened_at", "-id"], include=["state", "territory", "topic", "kind"], name="case_of_body"),
            models.Index(fields=["page", "-opened_at", "-id"], include=["state", "territory", "topic", "kind"], name="case_of_page"),
            models.Index(fields=["territory", "-opened_at", "-id"], include=["state", "body", "page"], name="case_of_territory"),
            models.Index(fields=["topic", "-opened_at", "-id"], include=["state", "body", "page"], name="case_of_topic"),
            models.Index(fields=["-opened_at", "-id"], include=["body", "page"], name="case_danger", condition=models.Q(danger=True)),
            # With the body inside, a branch is counted without a look at the rows.
            models.Index(
                fields=["next_due_at", "id"], include=["body"], name="case_open_due", condition=models.Q(state__in=["new", "routed", "promised"])
            ),
            models.Index(fields=["kind", "body"], name="case_kind_body"),
            models.Index(fields=["kind", "page"], name="case_kind_page"),
            models.Index(fields=["paused_until"], name="case_paused", condition=models.Q(paused_until__isnull=False)),
            models.Index(fields=["id"], name="case_uncounted", condition=models.Q(first_reaction_at__isnull=False, first_elapsed__isnull=True)),
            models.Index(fields=["promised_date", "id"], name="case_promised", condition=models.Q(promised_date__isnull=False)),
            models.Index(fields=["next_due_at", "id"], name="case_dispute", condition=models.Q(state="new", bounced__gte=2, settled=False)),
        ]

    def __str__(self) -> str:
        return self.number

    def move_to(self, state: "Case.State | str", **fields: object) -> None:
        """The only way from state to state; Refused when it is not allowed or somebody else was quicker."""
        old, new = self.State(self.state), self.State(state)
        if new not in self.NEXT[old]:
            raise Refused(f"Обращение {self.number} сейчас «{old.label}»: сделать его «{new.label}» нельзя.")
        if not Case.objects.filter(pk=self.pk, state=old).update(state=new, **fields):
            raise Refused(f"Обращение {self.number} только что изменил другой сотрудник. Обновите страницу.")
        self.state = new
        for name, value in fields.items():
            setattr(self, name, value)


OPEN = (Case.State.NEW, Case.State.ROUTED, Case.State.PROMISED)


class CaseEvent(models.Model):
    """Everything that happened to a case, in order. The clock is a pure function of these rows and the calendar."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=24)
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    data = models.JSONField(default=dict)
    undone = models.BooleanField(default=False, db_default=False)  # taken back within a minute: it is shown, and moves no clock

    class Meta:
        indexes = [models.Index(fields=["case", "at", "id"], name="case_event_order")]
