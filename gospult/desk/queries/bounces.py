"""«Не наше» and load: who returned a case, who decides a dispute, whose hands are full."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, QuerySet
from django.utils import timezone

from gospult.accounts.models import Person, Role
from gospult.lib.words import in_words, plural
from gospult.registry import queries as registry
from gospult.registry.models import Body, Grant, live_on
from gospult.registry.models.access import User

from ..models import DISPUTE, OPEN, BodyLimit, Bounce, Case

ARBITERS = (Role.OPERATOR, Role.HEAD, Role.ADMIN)
MONTH = timedelta(days=30)


def in_dispute(case: Case) -> bool:
    """Whether bodies have returned the case so often that only an arbiter gives it away."""
    return case.bounced >= DISPUTE and not case.settled and case.state in OPEN


def is_arbiter(user: User) -> bool:
    """Whether the person decides disputes: one of those named in the settings, else any operator or head of the whole region."""
    named = not settings.ARBITERS or user.get_username() in settings.ARBITERS
    return named and registry.can(user, *ARBITERS)


def arbiters() -> str:
    """Names of those who decide disputes, for a sentence."""
    whole = Grant.objects.filter(live_on(), role__in=ARBITERS, body=None, territory=None).values("person")
    people = Person.objects.filter(pk__in=whole, is_active=True)
    if settings.ARBITERS:
        people = people.filter(username__in=settings.ARBITERS)
    return ", ".join(str(person) for person in people.order_by("last_name", "username")[:3]) or "руководитель"


def bounce_lines(case: Case) -> list[dict[str, Any]]:
    """The case's returns, oldest first: {"row", "held"}; what a body held is time of the one clock, which never begins anew."""
    rows = case.bounces.select_related("body", "proposed", "by").order_by("at") if case.bounced else []
    return [{"row": row, "held": in_words(row.at - row.held_since)} for row in rows]


def candidates(case: Case) -> list[Body]:
    """Bodies that a dispute is about: those that returned the case, those that they named, and the page's owner."""
    ids = {pk for row in case.bounces.all() for pk in (row.body_id, row.proposed_id, case.suggested_body_id) if pk}
    return list(Body.objects.filter(pk__in=ids, gone_at=None).order_by("sort_name", "pk"))


def bounces_by_body(user: User) -> QuerySet[Any]:
    """Bodies that returned cases within 30 days, most first: body, body__name, body__short_name, count, last."""
    rows = Bounce.objects.visible_to(user).filter(at__gte=timezone.now() - MONTH)
    return rows.values("body", "body__name", "body__short_name").annotate(count=Count("pk"), last=Max("at")).order_by("-count", "body")


def bounces_of(user: User, body: int) -> QuerySet[Bounce]:
    """The returns of a body within 30 days, newest first."""
    rows = Bounce.objects.visible_to(user).filter(body=body, at__gte=timezone.now() - MONTH)
    return rows.select_related("case", "body", "proposed", "by").order_by("-at", "-pk")


def open_by_body(bodies: Collection[int]) -> dict[int, int]:
    """How many open cases each of the bodies has; those without any are left out."""
    rows = Case.objects.filter(body__in=bodies, state__in=[Case.State.ROUTED, Case.State.PROMISED]).order_by()
    return dict(rows.values_list("body").annotate(Count("pk")))


def full(body: Body) -> str:
    """«у … уже N открытых обращений» when the body has its fill, else ""."""
    most = BodyLimit.objects.filter(body=body).values_list("most", flat=True).first()
    if most is None or (now := open_by_body([body.pk]).get(body.pk, 0)) < most:
        return ""
    return f"у «{body}» уже {plural(now, ('открытое обращение', 'открытых обращения', 'открытых обращений'))} (предел {most})"
