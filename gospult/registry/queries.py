"""Who may do what, and figures of the registry. Reads only."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Case, Count, Exists, OuterRef, Prefetch, Q, QuerySet, Value, When
from django.utils import timezone

from gospult.accounts.models import Person, Role

from .keeping import kept
from .models import (
    SEES,
    Absence,
    Body,
    BodySphere,
    Exemption,
    Grant,
    Page,
    PageBody,
    Steward,
    Territory,
    has_role,
    live_on,
    pages_of_steward,
    roles_of,
    scope_q,
)
from .models.access import Granted, User, granted
from .models.bodies import BodyQuerySet
from .models.pages import State
from .paging import LongPaginator

__all__ = [
    "SEES",
    "WAY",
    "LongPaginator",
    "absences_seen_by",
    "bodies_visible_to",
    "can",
    "deputies_for",
    "duties_of",
    "figures",
    "find_bodies",
    "find_pages",
    "has_role",
    "live_on",
    "may_send_away",
    "pages_of_steward",
    "pages_visible_to",
    "people_under",
    "places_to_choose",
    "reached",
    "region_bodies",
    "roles_of",
    "scope_q",
    "step_counts",
    "unpaged",
    "with_owners",
    "with_pages",
    "with_steps",
]

# The way of an obliged body to its page: the step is the furthest that any of its pages has reached.
WAY = {
    "none": "страницы нет, не начинали",
    "archived": "прежняя страница в архиве, новой нет",
    "draft": "страница готовится, администратора нет",
    "kept": "страница готовится, администратор назначен",
    "under_review": "страница на проверке",
}


def bodies_visible_to(user: User) -> QuerySet[Body]:
    """The bodies that the person may see; usable inside `__in`."""
    return Body.objects.visible_to(user)


def pages_visible_to(user: User) -> QuerySet[Page]:
    """The pages that the person may see; usable inside `__in`."""
    return Page.objects.visible_to(user)


def can(
    user: User,
    *roles: Role,
    body: Body | None = None,
    territory: Territory | None = None,
    page: Page | None = None,
) -> bool:
    """Whether one of the person's roles reaches the body, territory or page; without an object, the whole region.

    A steward's role reaches only the pages that the person keeps.
    """
    if page is not None:
        return _reaches_page(user, page, roles)
    if body is not None:
        return _reaches_body(user, body, roles)
    whole = _whole(user, roles)
    if whole or territory is None:
        return whole
    if not user.is_authenticated or not user.is_active:
        return False
    paths = [row.territory_path for row in granted(user) if row.role in roles and row.body_id is None]
    return any(path and territory.path.startswith(path) for path in paths)


def _reaches_body(user: User, body: Body, roles: tuple[Role, ...]) -> bool:
    """What `scope_q` asks of the bodies, asked of one that is at hand."""
    if _whole(user, roles):
        return True
    if not user.is_authenticated or not user.is_active:
        return False
    return any(row.role in roles and _covers(row, body) for row in granted(user))


def _covers(row: Granted, body: Body) -> bool:
    if row.body_id is not None and not (row.body_path and body.path.startswith(row.body_path)):
        return False
    if row.territory_id is None:
        return row.body_id is not None
    return bool(row.territory_path and body.territory and body.territory.path.startswith(row.territory_path))


def _reaches_page(user: User, page: Page, roles: tuple[Role, ...]) -> bool:
    if _whole(user, roles):
        return True
    if Role.STEWARD in roles and user.is_active and pages_of_steward(user).filter(page=page).exists():
        return True
    return Body.objects.filter(scope_q(user, "", None, roles), pages=page).exists()


def reached(user: User, pages: Collection[int], *roles: Role) -> set[int]:
    """Which of these pages one of the person's roles reaches, as `can` would say of each."""
    if _whole(user, roles):
        return set(pages)
    links = PageBody.objects.filter(page__in=pages, body__in=Body.objects.filter(scope_q(user, "", None, roles)).values("pk"))
    own = set(pages_of_steward(user).filter(page__in=pages).values_list("page", flat=True)) if Role.STEWARD in roles and user.is_active else set()
    return own | set(links.values_list("page", flat=True))


def _whole(user: User, roles: tuple[Role, ...]) -> bool:
    if not user.is_authenticated or not user.is_active:
        return False
    if user.is_superuser and Role.ADMIN in roles:
        return True
    return any(row.whole and row.role in roles for row in granted(user))


def region_bodies(user: User) -> BodyQuerySet:
    """Bodies of the registry that exist today and that the person may see."""
    return Body.objects.visible_to(user).present()


def figures(user: User, *, fresh: bool = False) -> dict[str, Any]:
    """The registry in figures, as far as the person sees it: pages living, on review, with the mark, mark unknown; bodies, exempt, in debt.

    as_of  when those of a large registry were counted; None: just now
    """
    found, as_of = kept(user, "figures", lambda: _figures(user), fresh=fresh)
    return {**found, "as_of": as_of}


def _figures(user: User) -> dict[str, int]:
    mark = {"marked": Count("pk", filter=Q(has_mark=True)), "mark_unknown": Count("pk", filter=Q(has_mark__isnull=True))}
    pages = Page.objects.visible_to(user).living()
    counted = pages.aggregate(pages=Count("pk"), review=Count("pk", filter=Q(state="under_review")), **mark)
    bodies = region_bodies(user)
    return {**counted, "bodies": bodies.count(), "exempt": bodies.exempt().count(), "debt": bodies.without_page().count()}


PLACES = 300  # as many as one still finds in a list


def places_to_choose(chosen: Territory | None = None) -> QuerySet[Territory]:
    """Territories for a filter: regions and municipalities; of a country the regions, and the municipalities of the region that is chosen."""
    places = Territory.objects.filter(level__in=["region", "municipality"])
    if places[: PLACES + 1].count() <= PLACES:
        return places
    inside = Q(level="region")
    if chosen is not None:
        region = chosen.pk if chosen.level == "region" else chosen.parent_id
        inside |= Q(parent=region, level="municipality") | Q(pk=chosen.pk)
    return places.filter(inside).order_by("path")


def find_pages(user: User, filters: dict[str, Any]) -> QuerySet[Page]:
    """Pages of the list screen: visible, filtered by territory, sphere, network, state, mark, body or branch of bodies, and words."""
    found = Page.objects.visible_to(user)
    if territory := filters.get("territory"):
        found = found.filter(pk__in=PageBody.objects.filter(body__territory__path__startswith=_path(territory)).values("page"))
    if sphere := filters.get("sphere"):
        found = found.filter(pk__in=PageBody.objects.filter(body__in=BodySphere.objects.filter(sphere=sphere).values("body")).values("page"))
    if body := filters.get("body"):
        found = found.filter(pk__in=PageBody.objects.filter(body=body).values("page"))
    if branch := filters.get("branch"):
        found = found.filter(pk__in=PageBody.objects.filter(body__in=Body.objects.under(branch).values("pk")).values("page"))
    if network := filters.get("network"):
        found = found.filter(network=network)
    if mark := filters.get("mark"):
        found = found.filter(has_mark={"yes": True, "no": False}.get(mark))
    found = found.filter(state=filters["state"]) if filters.get("state") else found.living()
    if words := _words(filters.get("q")):
        addressed = Q(handle__icontains=words[0]) | Q(external_id=words[0]) if words[0].isascii() else Q()  # addresses have no Russian letters
        found = found.filter(_all(words, "sort_name__contains") | addressed)
    return found.order_by("sort_name", "id")


def with_owners(pages: QuerySet[Page]) -> QuerySet[Page]:
    """The pages with what a row of the list tells of whose they are."""
    links = PageBody.objects.select_related("body__territory", "body__parent", "body__founder_territory")
    return pages.prefetch_related(Prefetch("owners", links))


def find_bodies(user: User, filters: dict[str, Any]) -> QuerySet[Body]:
    """Bodies of the list screen: visible, filtered by territory, sphere, branch, status, having a page and words."""
    found = region_bodies(user)
    if territory := filters.get("territory"):
        found = found.filter(territory__path__startswith=_path(territory))
    if sphere := filters.get("sphere"):
        found = found.filter(pk__in=BodySphere.objects.filter(sphere=sphere).values("body"))
    if branch := filters.get("branch"):
        found = found.filter(path__startswith=branch.path or "-")
    if status := filters.get("status"):
        found = found.filter(status=status)
    if has := filters.get("has"):
        found = {"debt": found.without_page, "exempt": found.exempt, "obliged": found.owing, "with_page": found.with_page}[has]()
    if words := _words(filters.get("q")):
        found = found.filter(_all(words, "sort_name__contains") | (Q(ogrn=words[0]) if words[0].isdecimal() else Q()))
    return found.order_by("sort_name", "id")


def with_pages(bodies: QuerySet[Body]) -> QuerySet[Body]:
    """The bodies with their living pages and their ground for having none."""
    living = PageBody.objects.exclude(page__state="archived").select_related("page")
    grounds = Exemption.objects.filter(ended_at__isnull=True)
    lists = (Prefetch("page_links", living, "living_links"), Prefetch("exemptions", grounds, "grounds"))
    return bodies.select_related("territory", "parent").prefetch_related(*lists)


def unpaged(bodies: BodyQuerySet) -> BodyQuerySet:
    """Of these bodies those obliged to keep a page, with no ground and no page in force: also where one is prepared or on review."""
    return bodies.owing().exclude(Exists(_pages_in(State.PUBLISHED)))


def _pages_in(*states: State) -> QuerySet[PageBody]:
    return PageBody.objects.filter(body=OuterRef("pk"), page__state__in=states)


def with_steps(bodies: QuerySet[Body]) -> QuerySet[Any]:
    """Each of the bodies with `step`, a key of WAY."""
    kept = Steward.objects.filter(live_on(), page__state=State.DRAFT, page__owners__body=OuterRef("pk"))
    reached = Case(
        When(Exists(_pages_in(State.UNDER_REVIEW)), then=Value("under_review")),
        When(Exists(kept), then=Value("kept")),
        When(Exists(_pages_in(State.DRAFT)), then=Value("draft")),
        When(Exists(_pages_in(State.ARCHIVED)), then=Value("archived")),
        default=Value("none"),
    )
    return bodies.annotate(step=reached)


def step_counts(bodies: QuerySet[Body]) -> dict[str, int]:
    """How many of the bodies stand at each step of WAY, also those where none does."""
    counted = dict(with_steps(bodies).order_by().values_list("step").annotate(n=Count("pk", distinct=True)))
    return {step: int(counted.get(step, 0)) for step in WAY}


def _path(territory: Territory) -> str:
    return territory.path or "-"  # not in the tree yet: finds nothing, where an empty prefix would find everything


def _words(text: str | None) -> list[str]:
    return (text or "").lower().replace("ё", "е").split()[:6]


def _all(words: list[str], lookup: str) -> Q:
    condition = Q()
    for word in words:
        condition &= Q(**{lookup: word})
    return condition


LEADERS = (Role.OPERATOR, Role.CURATOR, Role.ADMIN)  # who sends others away; everybody may go himself


def duties_of(person: Person, day: date) -> tuple[list[Grant], list[Steward]]:
    """What a deputy takes over from the day on: bodies that the person answers for and pages that he keeps; nothing that is lent to him."""
    own = Q(absence=None) & (Q(until=None) | Q(until__gt=day))
    return list(Grant.objects.filter(own, person=person, role=Role.EXECUTOR)), list(Steward.objects.filter(own, person=person))


def people_under(user: Person) -> QuerySet[Person]:
    """Active people with duties in the reach of an operator or curator."""
    people = Person.objects.filter(is_active=True)
    return people if can(user, Role.OPERATOR, Role.ADMIN) else _at(people, Body.objects.filter(scope_q(user, "", None, LEADERS)))


def _at(people: QuerySet[Person], bodies: QuerySet[Body]) -> QuerySet[Person]:
    """Those of the people who have a role at one of the bodies or keep a page of theirs."""
    granted = Grant.objects.filter(live_on(), person=OuterRef("pk"), body__in=bodies)
    keeping = Steward.objects.filter(live_on(), person=OuterRef("pk"), page__in=PageBody.objects.filter(body__in=bodies).values("page"))
    return people.filter(Exists(granted) | Exists(keeping))


def may_send_away(user: Person, person: Person) -> bool:
    """Everybody may name a deputy for himself, an operator for all, a curator for whoever works in his branch only."""
    if user.pk == person.pk or can(user, Role.OPERATOR, Role.ADMIN):
        return True
    grants, pages = duties_of(person, timezone.localdate())
    bodies = {g.body_id for g in grants}
    if None in bodies or not (grants or pages):
        return False
    reached = Body.objects.filter(scope_q(user, "", None, LEADERS), pk__in=[pk for pk in bodies if pk]).count()
    return reached == len(bodies) and all(can(user, *LEADERS, page=s.page) for s in pages)


def deputies_for(user: Person, person: Person) -> QuerySet[Person]:
    """Whom the user may name: an operator anybody; a curator people of his branch; the person himself those of his bodies, above and below."""
    if can(user, Role.OPERATOR, Role.ADMIN):
        return Person.objects.filter(is_active=True).exclude(pk=person.pk)
    found = Person.objects.none()
    if user.pk == person.pk:
        grants, pages = duties_of(person, timezone.localdate())
        own = Body.objects.filter(Q(pk__in=[g.body_id for g in grants if g.body_id]) | Q(pages__in=[s.page_id for s in pages])).distinct()
        near = Q(pk__in=[])
        for body in own[:20]:
            near |= Q(path__startswith=body.path or "-") | Q(pk__in=[int(part) for part in body.path.split("/") if part])
        found = _at(Person.objects.filter(is_active=True), Body.objects.filter(near))
    if has_role(user, *LEADERS):
        found = Person.objects.filter(Q(pk__in=found.values("pk")) | Q(pk__in=people_under(user).values("pk")))
    return found.exclude(pk=person.pk)


def absences_seen_by(user: Person) -> QuerySet[Absence]:
    """Absences of people in the reach of an operator or curator, and one's own from both sides."""
    own = Q(person=user) | Q(deputy=user)
    if has_role(user, *LEADERS):
        own |= Q(person__in=people_under(user).values("pk"))
    return Absence.objects.filter(own).select_related("person", "deputy", "by").order_by("-from_date", "-id")
