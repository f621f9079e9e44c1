"""What a body says to the residents of a case, the photos that prove it, and the control of its quality."""

from django.core.files.storage import Storage, storages
from django.db import models

from gospult.exchange.models import Attachment, Incoming
from gospult.lib.errors import Refused

from .cases import Case


def private_storage() -> Storage:
    return storages["private"]


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
        State.WITHDRAWN: {State.DRAFT, State.CHECKED, State.FAILED},  # only when what withdrew it is undone
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
    approved_times = models.PositiveSmallIntegerField(default=0)  # of those who look before it leaves: `Approval`
    approve_by = models.DateTimeField(null=True)  # the next of them has time until then
    published_at = models.DateTimeField(null=True)
    template_version = models.ForeignKey("TemplateVersion", null=True, on_delete=models.SET_NULL, related_name="+")
    template_kept = models.FloatField(null=True)  # how much of its words is in the answer that was handed in, 0 to 1
    incoming = models.OneToOneField(Incoming, null=True, on_delete=models.PROTECT)  # the native reply itself

    class Meta:
        indexes = [
            models.Index(fields=["published_at"], include=["case", "template_kept"], name="answer_published", condition=models.Q(state="published")),
            models.Index(fields=["approve_by"], include=["case"], name="answer_approve_by", condition=models.Q(state="checked")),
            models.Index(fields=["state", "case"], name="answer_waits", condition=models.Q(state__in=["checked", "failed"])),
        ]
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
    """A photo of the work done, or of how it was before. `key` makes its public address once the answer is published.

    before, before_sent  what stands beside it as «до»: the body's own photo, or one that a resident sent, which we never publish
    where                how far from the case's place it was taken; the coordinates of the camera are compared and not kept
    """

    class Moment(models.TextChoices):
        AFTER = "after", "после"
        BEFORE = "before", "до"

    class Where(models.TextChoices):
        UNMEASURED = "", "не измеряли"
        NEAR = "near", "в пределах места обращения"
        FAR = "far", "далеко от места обращения"
        NO_FIX = "no_fix", "место снимка неизвестно"
        NO_POINT = "no_point", "координат места обращения нет"

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="photos")
    file = models.FileField(storage=private_storage, upload_to="reports/%Y/%m/%d", max_length=250)
    key = models.CharField(max_length=32, unique=True)
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    taken_at = models.DateTimeField(null=True)
    moment = models.CharField(max_length=6, choices=Moment, default=Moment.AFTER)
    before = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    before_sent = models.ForeignKey(Attachment, null=True, on_delete=models.SET_NULL, related_name="+")
    where = models.CharField(max_length=8, choices=Where, blank=True)
    distance = models.PositiveIntegerField(null=True)  # metres to the middle of `measured_to`, which reaches `radius` metres
    measured_to = models.CharField(max_length=300, blank=True)
    radius = models.PositiveIntegerField(null=True)
    dhash = models.BigIntegerField(null=True)  # what the picture looks like: lib.photos
    twin = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")  # the same picture in another case
    insisted_because = models.CharField(max_length=500, blank=True)
    insisted_by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="photo_created")]
        constraints = [models.CheckConstraint(condition=models.Q(before=None) | models.Q(before_sent=None), name="photo_one_before")]


class Review(models.Model):
    """A control of the quality of a published answer."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="reviews")
    answer = models.ForeignKey(Answer, null=True, on_delete=models.CASCADE)
    good = models.BooleanField()
    note = models.TextField(blank=True)
    by = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
