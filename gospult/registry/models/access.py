"""Who may see what: grants, stewards, and the one rule that `visible_to` of every room is built on."""

from collections.abc import Callable, Collection, Iterable
from contextvars import ContextVar
from typing import Any, NamedTuple, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from gospult.accounts.models import Person, Role

User = Person | AnonymousUser
Found = TypeVar("Found")

# Members of a jury read entries of contests, never the registry or residents' cases; stewards come by their pages.
SEES = frozenset(Role) - {Role.JURY, Role.STEWARD}
EVERYTHING = Q(pk__isnull=False)  # an empty Q would vanish in "a | b"
NOTHING = Q(pk__in=[])


def live_on(day: object | None = None) -> Q:
    """Rows with since/until that hold on the day (today when not given); `until` is the first day without."""
    day = day or timezone.localdate()
    return Q(since__lte=day) & (Q(until__isnull=True) | Q(until__gt=day))


class Grant(models.Model):
    """A role of a person inside a branch of bodies and/or of territories; without both it is the whole region."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField("роль", max_length=20, choices=Role)
    body = models.ForeignKey(
        "registry.Body",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="grants",
    )
    territory = models.ForeignKey(
        "registry.Territory",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="grants",
    )
    since = models.DateField("с", default=timezone.localdate)
    until = models.DateField("по", null=True, blank=True)
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    absence = models.ForeignKey("registry.Absence", null=True, blank=True, on_delete=models.PROTECT, related_name="grants")  # lent to the deputy

    class Meta:
        verbose_name = "доступ"
        verbose_name_plural = "доступы"
        indexes = [models.Index(fields=["person", "until"], name="grant_person")]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "role", "body", "territory"],
                condition=Q(until__isnull=True),
                nulls_distinct=False,
                name="grant_once",
                violation_error_message="Такой доступ уже есть.",
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=models.F("since")),
                name="grant_until_after_since",
            ),
        ]


class Steward(models.Model):
    """Who keeps a page, with a deputy for holidays."""

    page = models.ForeignKey("registry.Page", on_delete=models.PROTECT, related_name="stewards")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="stewardships")
    is_deputy = models.BooleanField("заместитель", default=False)
    since = models.DateField("с", default=timezone.localdate)
    until = models.DateField("по", null=True, blank=True)
    absence = models.ForeignKey("registry.Absence", null=True, blank=True, on_delete=models.PROTECT, related_name="stewards")  # lent to the deputy

    class Meta:
        verbose_name = "администратор страницы"
        verbose_name_plural = "администраторы страниц"
        indexes = [models.Index(fields=["person", "until"], name="steward_person")]
        constraints = [
            models.UniqueConstraint(
                fields=["page", "person"],
                condition=Q(until__isnull=True),
                name="steward_once",
            ),
            models.UniqueConstraint(
                fields=["page"],
                condition=Q(until__isnull=True, is_deputy=False),
                name="steward_one_main",
            ),
        ]


def pages_of_steward(user: User) -> models.QuerySet[Any, Any]:
    """Page ids that the person keeps today, for use inside `__in`."""
    return Steward.objects.filter(live_on(), person_id=user.pk or 0).values("page_id")


def keeps(user: User) -> bool:
    """Whether the person keeps any page today; read once a request."""
    return remembered(user, "keeps", pages_of_steward(user).exists)


class Granted(NamedTuple):
    """A grant of today as the checks of access read it."""

    role: str
    body_id: int | None
    body_path: str | None
    territory_id: int | None
    territory_path: str | None

    @property
    def whole(self) -> bool:
        """Whether it reaches the whole region."""
        return self.body_id is None and self.territory_id is None


# Filled for the time of one request (`registry.middleware`): a page asks about the same person a dozen times.
known_grants: ContextVar[dict[tuple[int, str], Any] | None] = ContextVar("known_grants", default=None)


def remembered(user: User, what: str, read: Callable[[], Found]) -> Found:
    """What follows from a person's grants and pages; read once a request."""
    known, key = known_grants.get(), (user.pk or 0, what)
    if known is None:
        return read()
    if key not in known:
        known[key] = read()
    found: Found = known[key]
    return found


def granted(user: User) -> list[Granted]:
    """The grants that the person has today; read once a request."""
    return remembered(user, "grants", lambda: [Granted(*row) for row in _grants(user)])


def _grants(user: User) -> Iterable[tuple[Any, ...]]:
    live = Grant.objects.filter(live_on(), person_id=user.pk or 0)
    return live.values_list("role", "body_id", "body__path", "territory_id", "territory__path")


def forget_grants() -> None:
    """Somebody's grants or pages change in this very request."""
    known = known_grants.get()
    if known is not None:
        known.clear()


def roles_of(user: User) -> set[Role]:
    """Roles that the person has today anywhere; a superuser is an administrator, so that the first person can begin."""
    if not user.is_authenticated or not user.is_active:
        return set()
    roles = {Role(row.role) for row in granted(user)}
    if user.is_superuser:
        roles.add(Role.ADMIN)
    if keeps(user):
        roles.add(Role.STEWARD)
    return roles


def has_role(user: User, *roles: Role) -> bool:
    """Whether the person has one of the roles today, wherever."""
    return bool(roles_of(user) & set(roles))


def scope_q(
    user: User,
    body_field: str = "body",
    page_field: str | None = "page",
    roles: Collection[Role] = SEES,
) -> Q:
    """The rows that the person may see, as a condition on a model with a body and (for stewards) a page; one query.

    `body_field=""` is for the bodies themselves; `page_field=None` leaves the stewards' own pages out; `roles` narrows
    which grants count.
    """
    if not user.is_authenticated or not user.is_active:
        return NOTHING
    if user.is_superuser and Role.ADMIN in roles:
        return EVERYTHING
    scope = NOTHING
    for row in granted(user):
        if row.role not in roles:
            continue
        if row.whole:
            return EVERYTHING
        scope |= _branch(
            body_field,
            row.body_path if row.body_id else None,
            row.territory_path if row.territory_id else None,
        )
    return scope | Q(**{f"{page_field}__in": pages_of_steward(user)}) if page_field else scope


def _branch(body_field: str, body_path: str | None, territory_path: str | None) -> Q:
    """Bodies of a branch; given both, only those of the branch that lie in the territory."""
    prefix = f"{body_field}__" if body_field else ""
    if body_path == "" or territory_path == "":
        return NOTHING  # not in the tree yet: an empty prefix would open everything
    found = Q()
    if body_path is not None:
        found &= Q(**{f"{prefix}path__startswith": body_path})
    if territory_path is not None:
        found &= Q(**{f"{prefix}territory__path__startswith": territory_path})
    return found
