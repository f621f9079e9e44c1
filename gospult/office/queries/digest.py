"""Who is given a digest, by which calendar, and the figures of it."""

from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from gospult.accounts.models import Person
from gospult.desk.queries import book
from gospult.lib.calendar import Calendar
from gospult.registry.models import Grant, live_on

from ..models import Digest, Remedy
from .branch import LEADERS, Branch, bodies_led, branch


def curators() -> QuerySet[Person]:
    """People who lead a branch today."""
    led = Grant.objects.filter(live_on(), role__in=LEADERS)
    return Person.objects.filter(is_active=True, pk__in=led.values("person")).order_by("pk")


def calendars(now: datetime) -> dict[int, Calendar]:
    """The calendar of each of them, of the body or territory of his oldest grant, by person."""
    known, found = book(), {}
    grants = Grant.objects.filter(live_on(), role__in=LEADERS).order_by("-pk").values_list("person", "body", "territory")
    for person, body, territory in grants:
        found[person] = known.basis(timezone.localdate(now), None, territory, body).calendar
    return found


def figures_of(person: Person) -> tuple[dict[str, int | None], Branch]:
    """The headline figures of the person's branch, and the branch."""
    led = bodies_led(person)
    found = branch(led)
    tasks = Remedy.objects.filter(body__in=led).aggregate(
        open=Count("pk", filter=Q(state="open")),
        late=Count("pk", filter=Q(state="open", due_date__lt=timezone.localdate())),
        closed=Count("pk", filter=Q(state__in=["seen", "done"], closed_at__gte=timezone.now() - timedelta(days=7))),
    )
    counted: dict[str, int | None] = {code: found.counts[code] for code in ("open", "overdue", "soon", "bounces", "reopened", "debt")}
    counted |= {
        "silent": found.kinds["silent"] if found.walls else None,
        "week_share": found.week,
        **{f"tasks_{name}": count for name, count in tasks.items()},
    }
    return counted, found


def last_before(person: Person, now: datetime) -> dict[str, int | None] | None:
    """The figures of the digest of the week before; an older one is nothing to compare a week with."""
    rows = Digest.objects.filter(person=person, made_at__gte=now - timedelta(days=11)).order_by("-made_at")
    return rows.values_list("figures", flat=True).first()
