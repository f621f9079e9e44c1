"""What a curator asks a body to put right, by when, and what closed it; the digests of his branch."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from gospult.accounts.models import Role
from gospult.lib.errors import Refused
from gospult.registry.models import PageBody, pages_of_steward, scope_q
from gospult.registry.models.access import EVERYTHING, User

READS = frozenset({Role.CURATOR, Role.HEAD, Role.OPERATOR, Role.ADMIN, Role.ANALYST, Role.EXECUTOR})


class Goal(models.TextChoices):
    """What the system can see for itself; only one's own words are closed by a person."""

    ANSWER_NAMED = "answer_named", "ответить на названные просроченные обращения"
    NO_OVERDUE = "no_overdue", "ни одного просроченного обращения"
    RECONNECT = "reconnect", "подключение страницы снова работает"
    COMMENTS = "comments", "комментарии открыты"
    PUBLISH = "publish", "на странице новая запись"
    GET_PAGE = "get_page", "страница действует или есть основание её не вести"
    MARK = "mark", "у страницы есть госметка"
    WORDS = "words", "своими словами"


OF_A_PAGE = frozenset({Goal.RECONNECT, Goal.COMMENTS, Goal.PUBLISH, Goal.MARK})


class RemedyQuerySet(models.QuerySet["Remedy"]):
    def visible_to(self, user: User) -> "RemedyQuerySet":
        """Tasks of the bodies in the person's branches and of the pages that he keeps."""
        scope = scope_q(user, "body", None, READS)
        if scope == EVERYTHING or not user.is_active:
            return self.filter(scope)
        own = pages_of_steward(user)
        return self.filter(scope | Q(page__in=own) | Q(page=None, body__in=PageBody.objects.filter(page__in=own).values("body")))

    def open(self) -> "RemedyQuerySet":
        return self.filter(state=Remedy.State.OPEN)


class Remedy(models.Model):
    """One thing that a body puts right by a day.

    seen        what the system saw when it closed the task, or what the person said who closed it
    look_at     when it is time to look again whether the goal is reached
    reminded_at, warned_at   when the people of the body were told the day before, and that the day has passed
    reported_at when the curator was told that it is closed
    """

    class State(models.TextChoices):
        OPEN = "open", "выполняется"
        SEEN = "seen", "выполнено, видно само"
        DONE = "done", "закрыто человеком"
        CANCELLED = "cancelled", "отменено"

    NEXT = {
        State.OPEN: {State.SEEN, State.DONE, State.CANCELLED},
        State.DONE: {State.OPEN},  # the curator is not content with what was said
        State.SEEN: set(),
        State.CANCELLED: set(),
    }

    body = models.ForeignKey("registry.Body", on_delete=models.PROTECT, related_name="remedies")
    page = models.ForeignKey("registry.Page", null=True, on_delete=models.PROTECT, related_name="remedies")
    cases = models.ManyToManyField("desk.Case", related_name="+")
    goal = models.CharField(max_length=12, choices=Goal)
    text = models.CharField(max_length=500, blank=True)
    due_date = models.DateField()
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    set_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    seen = models.CharField(max_length=500, blank=True)
    look_at = models.DateTimeField(default=timezone.now)
    reminded_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField(null=True)

    objects = RemedyQuerySet.as_manager()

    class Meta:
        verbose_name = "задача"
        verbose_name_plural = "задачи"
        constraints = [
            models.UniqueConstraint(
                fields=["body", "goal", "page"],
                condition=Q(state="open") & ~Q(goal__in=["words", "answer_named"]),
                nulls_distinct=False,
                name="remedy_one_open_of_a_goal",
            ),
            models.CheckConstraint(condition=~Q(goal="words") | ~Q(text=""), name="remedy_words_are_said"),
            models.CheckConstraint(
                condition=~Q(goal__in=["reconnect", "comments", "publish", "mark"]) | Q(page__isnull=False), name="remedy_of_a_page"
            ),
        ]
        indexes = [
            models.Index(fields=["look_at"], name="remedy_to_look_at", condition=Q(state="open")),
            models.Index(fields=["body", "due_date"], name="remedy_of_body"),
            models.Index(fields=["set_by", "closed_at"], name="remedy_unreported", condition=Q(closed_at__isnull=False, reported_at__isnull=True)),
        ]

    @property
    def is_late(self) -> bool:
        """Whether the day has passed and the thing is not right yet."""
        return self.state == self.State.OPEN and self.due_date < timezone.localdate()

    @property
    def title(self) -> str:
        """What is to be put right, in words."""
        return self.text if self.goal == Goal.WORDS else str(Goal(self.goal).label)

    def move_to(self, state: "Remedy.State | str", **fields: object) -> None:
        """The only way from state to state; Refused when it is not allowed or somebody else was quicker."""
        old, new = self.State(self.state), self.State(state)
        if new not in self.NEXT[old]:
            raise Refused(f"Задача уже «{old.label}»: сделать её «{new.label}» нельзя.")
        if not Remedy.objects.filter(pk=self.pk, state=old).update(state=new, **fields):
            raise Refused("Задачу только что изменил другой сотрудник. Обновите страницу.")
        self.state = new
        for name, value in fields.items():
            setattr(self, name, value)


class Digest(models.Model):
    """What a curator was told of his branch in a week: once for a person and a week; the next one is compared with it."""

    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    week = models.CharField(max_length=8)  # «2026-W48»
    figures = models.JSONField()
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "week"], name="digest_once_a_week")]
