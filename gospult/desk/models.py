from collections.abc import Collection

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.core.files.storage import Storage, storages
from django.db import models
from django.utils import timezone

from gospult.accounts.models import Role
from gospult.exchange.models import Incoming
from gospult.lib.errors import Refused
from gospult.registry.models import Body, Grant
from gospult.registry.models.access import EVERYTHING, User, live_on
from gospult.registry.queries import pages_of_steward, scope_q


def private_storage() -> Storage:
    return storages["private"]


class Kind(models.TextChoices):
    PROBLEM = "problem", "проблема"
    QUESTION = "question", "вопрос"
    SUGGESTION = "suggestion", "предложение"
    REVIEW = "review", "отзыв"
    GRATITUDE = "gratitude", "благодарность"
    NOT_FOR_US = "not_for_us", "не к нам"
    SPAM = "spam", "спам"


# Kinds that nobody owes an answer: counted, without a clock.
WITHOUT_CLOCK = frozenset({Kind.GRATITUDE, Kind.NOT_FOR_US, Kind.SPAM})


class Topic(models.Model):
    """A topic of the classifier: group → topic. The words that it is known by are the region's data of the same version."""

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    group = models.CharField(max_length=100)
    group_code = models.CharField(max_length=60)
    urgent = models.BooleanField(default=False)
    version = models.CharField(max_length=20)
    retired = models.BooleanField(default=False)

    class Meta:
        ordering = ["group", "name"]

    def __str__(self) -> str:
        return self.name


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
    """A dated preset of deadlines with its calendar; the pure clock reads `data` and `calendar`."""

    code = models.CharField(max_length=60, unique=True)
    title = models.CharField(max_length=120)
    data = models.JSONField()
    calendar = models.JSONField()
    is_default = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["is_default"], condition=models.Q(is_default=True), name="deadline_one_default")]


class Template(models.Model):
    """A ready piece of an answer; unfilled placeholders block publishing."""

    code = models.CharField(max_length=60, unique=True)
    title = models.CharField(max_length=120)
    text = models.TextField()
    group_code = models.CharField(max_length=60, blank=True)


# Who works with residents' words. Editors, methodists and juries have other work; a steward comes by his page.
READS = frozenset({Role.OPERATOR, Role.EXECUTOR, Role.CURATOR, Role.ANALYST, Role.HEAD, Role.ADMIN, Role.AUDITOR})


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, user: User) -> "CaseQuerySet":
        """Cases of the bodies, territories and pages that the user's grants cover."""
        scope = scope_q(user, body_field="", page_field=None, roles=READS)
        if scope == EVERYTHING or not user.is_active:
            return self.filter(scope)
        bodies, pages = Body.objects.filter(scope), list(pages_of_steward(user).values_list("page_id", flat=True))
        if not pages:
            return self.filter(body__in=bodies)
        # Ids and no subquery: an «or» of two subqueries would read every case of the region (docs/scale.md).
        return self.filter(models.Q(body__in=list(bodies.values_list("pk", flat=True))) | models.Q(page__in=pages))

    def open(self) -> "CaseQuerySet":
        return self.filter(state__in=OPEN)


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
        State.CLOSED: {State.ROUTED, State.NEW, State.ANSWERED},
        State.MERGED: {State.NEW, State.ROUTED},
    }

    number = models.CharField(max_length=20, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.NEW)
    kind = models.CharField(max_length=12, choices=Kind, blank=True)
    topic = models.ForeignKey(Topic, null=True, on_delete=models.PROTECT)
    topic_confidence = models.FloatField(null=True)
    territory = models.ForeignKey("registry.Territory", null=True, on_delete=models.PROTECT)
    place = models.CharField(max_length=250, blank=True)
    body = models.ForeignKey("registry.Body", null=True, on_delete=models.PROTECT)
    suggested_body = models.ForeignKey("registry.Body", null=True, on_delete=models.SET_NULL, related_name="+")
    page = models.ForeignKey("registry.Page", null=True, on_delete=models.PROTECT)
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
    opened_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)
    first_due_at = models.DateTimeField(null=True)
    final_due_at = models.DateTimeField(null=True)
    next_due_at = models.DateTimeField(null=True)  # the clock that runs now, None when nothing runs
    first_reaction_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    late = models.BooleanField(default=False)  # some clock of this case was stopped too late
    closed_at = models.DateTimeField(null=True)
    closed_as = models.CharField(max_length=40, blank=True)
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
            models.Index(fields=["-opened_at"], name="case_opened"),
            # With the body inside, a branch is counted without a look at the rows.
            models.Index(
                fields=["next_due_at", "id"], include=["body"], name="case_open_due", condition=models.Q(state__in=["new", "routed", "promised"])
            ),
            models.Index(fields=["kind", "body"], name="case_kind_body"),
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


class Message(models.Model):
    """One utterance of one person in one thread, as it reads now; its revisions are rows of `exchange.Incoming`."""

    network = models.CharField(max_length=16)
    page = models.ForeignKey("registry.Page", null=True, on_delete=models.PROTECT)
    page_key = models.CharField(max_length=64)
    external_id = models.CharField(max_length=120)
    channel = models.CharField(max_length=8)  # comment | dm | web | file
    thread_id = models.CharField(max_length=120, blank=True)
    reply_to = models.CharField(max_length=120, blank=True)
    author_id = models.CharField(max_length=64, blank=True)
    author_name = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    fingerprint = models.CharField(max_length=32, blank=True)
    number = models.CharField(max_length=12, unique=True)
    kind = models.CharField(max_length=12, choices=Kind, blank=True)
    has_photo = models.BooleanField(default=False)
    verdict = models.JSONField(default=dict)
    sent_at = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    forgotten_at = models.DateTimeField(null=True)  # its words and its author, when their term was over
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT)
    duplicate_of = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="duplicates")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network", "page_key", "external_id"], name="message_once")]
        indexes = [
            models.Index(fields=["network", "page_key", "thread_id", "author_id"], name="message_thread"),
            models.Index(fields=["fingerprint", "sent_at"], name="message_fingerprint", condition=~models.Q(fingerprint="")),
            models.Index(fields=["received_at"], name="message_remembered", condition=models.Q(forgotten_at__isnull=True)),
            GinIndex(SearchVector("text", config="russian"), name="message_words"),
        ]

    def revisions(self) -> "models.QuerySet[Incoming]":
        return Incoming.objects.filter(network=self.network, page_key=self.page_key, external_id=self.external_id).order_by("id")


class CaseEvent(models.Model):
    """Everything that happened to a case, in order. The clock is a pure function of these rows and the calendar."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=24)
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["case", "at", "id"], name="case_event_order")]


class Answer(models.Model):
    """What a body says to the residents of a case: written, checked, approved, published; or native, given in the network's own app."""

    class Kind(models.TextChoices):
        INTERIM = "interim", "промежуточный"
        FINAL = "final", "окончательный"

    class State(models.TextChoices):
        DRAFT = "draft", "черновик"
        CHECKED = "checked", "на согласовании"
        APPROVED = "approved", "публикуется"
        PUBLISHED = "published", "опубликован"
        NATIVE = "native", "дан на самой странице"
        FAILED = "failed", "не опубликован"
        WITHDRAWN = "withdrawn", "отозван"

    NEXT = {
        State.DRAFT: {State.CHECKED, State.WITHDRAWN},
        State.CHECKED: {State.APPROVED, State.DRAFT, State.WITHDRAWN},
        State.APPROVED: {State.PUBLISHED, State.FAILED, State.WITHDRAWN, State.DRAFT},
        State.FAILED: {State.APPROVED, State.PUBLISHED, State.WITHDRAWN, State.DRAFT},
        State.PUBLISHED: set(),
        State.NATIVE: set(),
        State.WITHDRAWN: set(),
    }

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="answers")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.FINAL)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    text = models.TextField(blank=True)
    promised_date = models.DateField(null=True, blank=True)
    remarks = models.JSONField(default=list)
    returned_because = models.TextField(blank=True)
    author = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    checked_by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    saved_at = models.DateTimeField(auto_now=True)
    approved_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    incoming = models.OneToOneField(Incoming, null=True, on_delete=models.PROTECT)  # the native reply itself

    class Meta:
        constraints = [
            # One answer is in the making at a time: two people write into the same draft, never two drafts.
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(state__in=["draft", "checked", "approved", "failed"]), name="answer_one_open"
            ),
            models.CheckConstraint(condition=~models.Q(state="native") | models.Q(incoming__isnull=False), name="answer_native_is_known"),
        ]

    def move_to(self, state: "Answer.State | str", **fields: object) -> None:
        """The only way from state to state; Refused when it is not allowed or somebody else was quicker."""
        old, new = self.State(self.state), self.State(state)
        if new not in self.NEXT[old]:
            raise Refused(f"Ответ сейчас «{old.label}»: сделать его «{new.label}» нельзя.")
        if not Answer.objects.filter(pk=self.pk, state=old).update(state=new, **fields):
            raise Refused("Ответ только что изменил другой сотрудник. Обновите страницу.")
        self.state = new
        for name, value in fields.items():
            setattr(self, name, value)


class PhotoReport(models.Model):
    """A photo of the work done. `key` makes its public address once the answer is published."""

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="photos")
    file = models.FileField(storage=private_storage, upload_to="reports/%Y/%m/%d", max_length=250)
    key = models.CharField(max_length=32, unique=True)
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    taken_at = models.DateTimeField(null=True)
    place = models.JSONField(null=True)  # {"lat", "lon"} as the camera wrote it
    by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)


class Review(models.Model):
    """A control of the quality of a published answer."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="reviews")
    answer = models.ForeignKey(Answer, null=True, on_delete=models.CASCADE)
    good = models.BooleanField()
    note = models.TextField(blank=True)
    by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)


# Who reads the whole region's work: views shared with the centre are theirs to see.
CENTRE = frozenset({Role.OPERATOR, Role.ANALYST, Role.HEAD, Role.ADMIN})


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: User) -> "SavedViewQuerySet":
        """The person's own views, then those that the centre shares, each in its order."""
        return self._of(user, CENTRE)

    def editable_by(self, user: User) -> "SavedViewQuerySet":
        """The person's own views; operators look after the shared ones together."""
        return self._of(user, {Role.OPERATOR, Role.ADMIN})

    def _of(self, user: User, roles: Collection[Role]) -> "SavedViewQuerySet":
        if not user.is_authenticated:
            return self.none()
        shared = models.Q(shared=True)
        if not user.is_superuser:
            shared &= models.Q(models.Exists(Grant.objects.filter(live_on(), person_id=user.pk, role__in=roles)))
        return self.filter(models.Q(owner_id=user.pk) | shared).order_by("shared", "position", "pk")


class SavedView(models.Model):
    """A filter of the queue kept under a name: a person's own, or shared with the centre. It opens no case that the reader may not see."""

    owner = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    shared = models.BooleanField(default=False)
    filters = models.JSONField()  # as in the address, see queries.filters
    position = models.PositiveIntegerField(default=0)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="saved_view_name")]

    def __str__(self) -> str:
        return self.name


class Presence(models.Model):
    """Somebody has a case open. No history: a row per case and person, forgotten after a day."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "person"], name="presence_once")]
        indexes = [models.Index(fields=["seen_at"], name="presence_seen")]


class Lease(models.Model):
    """Whose hand is on the draft of a case, and until when; a row per case, so that there is one hand."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, primary_key=True, related_name="+")
    person = models.ForeignKey("accounts.Person", on_delete=models.CASCADE, related_name="+")
    until = models.DateTimeField()
