"""By when an answer is owed: versions of the deadlines, calendars with their special days, and how a change is tried before it counts."""

from django.db import models

from gospult.lib.errors import Refused

from .cases import Case


class WorkCalendar(models.Model):
    """Working hours of the week and the days that differ, as `lib.calendar.Calendar` reads them; one is the region's own."""

    code = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=120)
    data = models.JSONField()
    is_default = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["is_default"], condition=models.Q(is_default=True), name="calendar_one_default")]

    def __str__(self) -> str:
        return self.title


class BodyCalendar(models.Model):
    """The body works by a calendar of its own, and so does what stands under it, unless something nearer says otherwise."""

    body = models.OneToOneField("registry.Body", on_delete=models.CASCADE)
    calendar = models.ForeignKey(WorkCalendar, on_delete=models.PROTECT, related_name="bodies")


class DaySet(models.Model):
    """Days known by one name, as school holidays: {"spans": [{"from", "to", "note"}]}. The norms of pages ask for them."""

    code = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=120)
    data = models.JSONField()


class DeadlineVersion(models.Model):
    """Deadlines in force from a day on, for all cases or for a group of topics, a territory, a sphere of the body.

    A case is counted by the version of the day on which it was opened; `rulebook.choose` says which of several.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", "проверяется"
        IN_FORCE = "in_force", "действует"
        DROPPED = "dropped", "отменена"

    title = models.CharField(max_length=120)
    data = models.JSONField()  # the terms, as `deadlines.DeadlineRule` reads them
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    group_code = models.CharField(max_length=60, blank=True)
    territory = models.ForeignKey("registry.Territory", null=True, on_delete=models.PROTECT)
    sphere = models.ForeignKey("registry.Sphere", null=True, on_delete=models.PROTECT)
    calendar = models.ForeignKey(WorkCalendar, null=True, on_delete=models.PROTECT)
    by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_to=None) | models.Q(valid_to__gte=models.F("valid_from")), name="deadline_version_ends_after_start"
            ),
            models.UniqueConstraint(
                fields=["valid_from", "group_code", "territory", "sphere"],
                condition=models.Q(state="in_force"),
                nulls_distinct=False,
                name="deadline_version_one_a_day",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Recount(models.Model):
    """Cases counted anew because of a change: first tried and listed, then applied by a person. Work goes on from `cursor`."""

    class State(models.TextChoices):
        TRYING = "trying", "считаем"
        READY = "ready", "посмотрите изменения"
        APPLYING = "applying", "применяем"
        APPLIED = "applied", "применено"
        STOPPED = "stopped", "остановлено"
        DROPPED = "dropped", "отменено"

    NEXT = {
        State.TRYING: {State.READY, State.STOPPED, State.DROPPED},
        State.READY: {State.APPLYING, State.DROPPED},
        State.APPLYING: {State.APPLIED, State.STOPPED},
        State.STOPPED: {State.TRYING, State.APPLYING, State.DROPPED},
        State.APPLIED: set(),
        State.DROPPED: set(),
    }

    state = models.CharField(max_length=10, choices=State, default=State.TRYING)
    stopped_in = models.CharField(max_length=10, blank=True)  # where «Продолжить» leads back to
    version = models.ForeignKey(DeadlineVersion, null=True, on_delete=models.PROTECT)
    calendar = models.ForeignKey(WorkCalendar, null=True, on_delete=models.PROTECT)
    calendar_data = models.JSONField(null=True)  # the calendar as it would be
    calendar_before = models.JSONField(null=True)
    closed_since = models.DateField(null=True)  # answered and closed cases opened from this day on are counted too
    cursor = models.BigIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    seen = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    became_overdue = models.PositiveIntegerField(default=0)
    no_longer_late = models.PositiveIntegerField(default=0)
    by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True)
    applied_by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["id"], name="recount_working", condition=models.Q(state__in=["trying", "applying"]))]
        constraints = [
            # Two changes tried at once would each be compared with what the other is about to move.
            models.UniqueConstraint(
                models.Value(1), condition=models.Q(state__in=["trying", "ready", "applying", "stopped"]), name="recount_one_at_a_time"
            )
        ]

    def move_to(self, state: "Recount.State | str", **fields: object) -> None:
        """The only way from state to state; Refused when it is not allowed or somebody else was quicker."""
        old, new = self.State(self.state), self.State(state)
        if new not in self.NEXT[old]:
            raise Refused(f"Пересчёт сейчас «{old.label}»: обновите страницу.")
        if not Recount.objects.filter(pk=self.pk, state=old).update(state=new, **fields):
            raise Refused("Пересчётом только что распорядился другой сотрудник. Обновите страницу.")
        self.state = new
        for name, value in fields.items():
            setattr(self, name, value)


class RecountChange(models.Model):
    """What a recount changes in one case: its next term, or the final one where nothing runs; None where there is none."""

    class Turn(models.IntegerChoices):
        LATE = 0, "станет просроченным"
        IN_TIME = 1, "больше не просрочено"
        MOVED = 2, "срок сдвинется"

    recount = models.ForeignKey(Recount, on_delete=models.CASCADE, related_name="changes")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    turn = models.PositiveSmallIntegerField(choices=Turn)
    old_due_at = models.DateTimeField(null=True)
    new_due_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["recount", "turn", "id"], name="recount_change_list")]
        constraints = [models.UniqueConstraint(fields=["recount", "case"], name="recount_change_once")]
