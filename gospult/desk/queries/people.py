"""Who has to know of a case."""

from collections.abc import Collection

from gospult.accounts.models import Person, Role
from gospult.registry.models import Body, Grant, Page, Steward, live_on


def holders(role: Role, body: Body | None) -> list[Person]:
    """Those who hold the role for the body itself, else for the nearest body above it, else for its territory, else for the whole region."""
    live = Grant.objects.filter(live_on(), role=role, person__is_active=True).select_related("person").order_by("id")
    if body is not None:
        above = _ids(body.path)
        rows = list(live.filter(body__in=above, territory=None))
        nearest = max((above.index(row.body_id) for row in rows if row.body_id), default=-1)
        if nearest >= 0:
            return [row.person for row in rows if row.body_id == above[nearest]]
        if body.territory and (places := live.filter(body=None, territory__in=_ids(body.territory.path))):
            return [row.person for row in places]
    return [row.person for row in live.filter(body=None, territory=None)]


def executors(body: Body | None) -> list[Person]:
    """Those who answer for the body itself; nobody answers for the whole region."""
    if body is None:
        return []
    rows = Grant.objects.filter(live_on(), role=Role.EXECUTOR, body=body, person__is_active=True).select_related("person")
    return [row.person for row in rows.order_by("id")] or [p for p in holders(Role.EXECUTOR, body) if p.grants.filter(body__isnull=False).exists()]


def stewards(page: Page | None) -> list[Person]:
    """The page's steward, else the deputies."""
    if page is None:
        return []
    rows = Steward.objects.filter(live_on(), page=page, person__is_active=True).select_related("person").order_by("is_deputy", "id")
    main = [row.person for row in rows if not row.is_deputy]
    return main or [row.person for row in rows]


def distinct(people: Collection[Person]) -> list[Person]:
    """Each person once, in order."""
    return list({person.pk: person for person in people}.values())


def _ids(path: str) -> list[int]:
    return [int(part) for part in path.split("/") if part]
