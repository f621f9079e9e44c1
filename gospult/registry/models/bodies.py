"""Bodies: ministries, administrations, schools, hospitals; and why some of them need no page."""

from typing import Self

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from .access import EVERYTHING, User, granted, keeps, pages_of_steward, scope_q
from .places import Sphere, Territory, sort_key


class Status(models.TextChoices):
    ACTIVE = "active", "активный"
    FLAGSHIP = "flagship", "флагманский"
    CARD = "card", "визитка"
    NOT_COUNTED = "not_counted", "не учитывается"


class BodyQuerySet(models.QuerySet["Body"]):
    def under(self, body: "Body") -> Self:
        """The body itself and everything that it founded, to any depth."""
        return self.filter(path__startswith=body.path) if body.path else self.none()

    def visible_to(self, user: User) -> Self:
        """Bodies of the person's branches and those whose pages the person keeps."""
        scope = scope_q(user, body_field="", page_field=None)
        if scope is EVERYTHING or not user.is_authenticated or not user.is_active or not keeps(user):
            return self.filter(scope)
        own = Body.objects.filter(page_links__page__in=pages_of_steward(user)).order_by().values("pk")
        return self.filter(pk__in=Body.objects.filter(scope).order_by().values("pk").union(own) if granted(user) else own)

    def present(self) -> Self:
        """Bodies that exist today and stand in the registry by themselves, not only as somebody's founder."""
        return self.filter(gone_at__isnull=True, listed=True)

    def exempt(self) -> Self:
        """Bodies with a legal ground, in force today, for having no page."""
        return self.filter(Exists(Exemption.objects.filter(body=OuterRef("pk"), ended_at__isnull=True)))

    def owing(self) -> Self:
        """Bodies obliged to keep a page, with no ground not to, whether they have one or not."""
        owing = self.present().filter(obliged=True).exclude(status=Status.NOT_COUNTED)
        return owing.exclude(Exists(Exemption.objects.filter(body=OuterRef("pk"), ended_at__isnull=True)))

    def with_page(self) -> Self:
        """Of those that owe one: bodies that have a page, in force, prepared or on review."""
        return self.owing().exclude(pk__in=self.without_page().values("pk"))

    def without_page(self) -> Self:
        """Bodies obliged to keep a page, with no ground and no living page: the law's debt."""
        debt = self.present().filter(obliged=True).exclude(status=Status.NOT_COUNTED)
        debt = debt.filter(~Exists(Exemption.objects.filter(body=OuterRef("pk"), ended_at__isnull=True)))
        links = self.model._meta.get_field("page_links").related_model._default_manager  # type: ignore[union-attr]
        return debt.filter(~Exists(links.filter(body=OuterRef("pk"), page__state__in=["draft", "published", "under_review"])))


class Body(models.Model):
    """An organ or institution. `status`, `level` and `founder_name` are the words of the official export."""

    name = models.CharField("название", max_length=1000)
    short_name = models.CharField("краткое название", max_length=300, blank=True)
    code = models.SlugField("код", max_length=100, unique=True, null=True, blank=True)
    ogrn = models.CharField("ОГРН", max_length=15, blank=True, db_index=True)
    level = models.CharField("уровень", max_length=200, blank=True)
    founder_name = models.CharField("учредитель", max_length=1000, blank=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    founder_territory = models.ForeignKey(
        Territory,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="founded",
    )
    territory = models.ForeignKey(
        Territory,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="bodies",
    )
    spheres = models.ManyToManyField(Sphere, through="BodySphere", related_name="bodies")
    status = models.CharField("статус", max_length=20, choices=Status, blank=True)
    obliged = models.BooleanField("обязана вести страницу", default=True)
    listed = models.BooleanField("стоит в реестре", default=True)  # False: known only as somebody's founder
    contact_phone = models.CharField("телефон", max_length=100, blank=True)
    contact_email = models.EmailField("почта", blank=True)
    path = models.CharField(max_length=300, blank=True, editable=False)
    sort_name = sort_key()
    gone_at = models.DateTimeField("исчезла из выгрузки", null=True, blank=True)
    is_demo = models.BooleanField(default=False)
    raw = models.JSONField(null=True, blank=True)  # the row of the export as it came, so that nothing of it is lost

    objects = BodyQuerySet.as_manager()

    class Meta:
        verbose_name = "организация"
        verbose_name_plural = "организации"
        ordering = ["sort_name", "id"]
        indexes = [
            models.Index(fields=["path"], opclasses=["text_pattern_ops"], name="body_path"),
            models.Index(fields=["sort_name", "id"], include=["gone_at", "listed"], name="body_order"),
            GinIndex(OpClass("sort_name", "gin_trgm_ops"), name="body_words"),
        ]
        constraints = [models.CheckConstraint(condition=~Q(parent=models.F("id")), name="body_not_own_parent")]

    def __str__(self) -> str:
        return self.short_name or self.name

    @property
    def founder_text(self) -> str:
        """The founder as the export would call it."""
        founder = self.parent or self.founder_territory
        return self.founder_name or (founder.name if founder else "")


class BodySphere(models.Model):
    """The place (1–3) of a sphere in the export's columns «Сфера 1» to «Сфера 3»."""

    body = models.ForeignKey(Body, on_delete=models.CASCADE, related_name="sphere_places")
    sphere = models.ForeignKey(Sphere, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["body", "position"]
        constraints = [models.UniqueConstraint(fields=["body", "position"], name="body_sphere_position")]


class Exemption(models.Model):
    """The legal ground on which a body keeps no page; while it holds, the body leaves the denominators."""

    body = models.ForeignKey(Body, on_delete=models.PROTECT, related_name="exemptions")
    ground = models.TextField("основание")
    document = models.CharField("документ", max_length=500, blank=True)
    date = models.DateField("от", null=True, blank=True)
    review_date = models.DateField("пересмотреть", null=True, blank=True)
    from_export = models.BooleanField("из выгрузки", default=False)  # only such a ground ends when an export stops naming it
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField("прекращено", null=True, blank=True)

    class Meta:
        verbose_name = "основание не вести страницу"
        verbose_name_plural = "основания не вести страницу"
        constraints = [
            models.UniqueConstraint(
                fields=["body"],
                condition=Q(ended_at__isnull=True),
                name="exemption_one_in_force",
            )
        ]
