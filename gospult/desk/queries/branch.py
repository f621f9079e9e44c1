"""How bodies stand today: what each figure of a branch asks of a case. The filter «figure» of the desk asks the same."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from gospult.registry.models import Body

from ..models import OPEN, WITHOUT_CLOCK, Bounce, Case

SOON = timedelta(hours=2)
WEEK, MONTH = timedelta(days=7), timedelta(days=30)


def _answered(now: datetime, since: timedelta, until: timedelta = timedelta()) -> Q:
    """Answered within the span before now; thanks and spam have no term and are no credit to anybody."""
    return Q(answered_at__gte=now - since, answered_at__lt=now - until) & ~Q(kind__in=WITHOUT_CLOCK)


# code → (the rows in words, what they are asked)
FIGURES: dict[str, tuple[str, Callable[[datetime], Q]]] = {
    "open": ("в работе", lambda now: Q(state__in=OPEN)),
    "overdue": ("просрочены", lambda now: Q(state__in=OPEN, next_due_at__lt=now)),
    "soon": ("срок в ближайшие 2 часа", lambda now: Q(state__in=OPEN, next_due_at__gte=now, next_due_at__lt=now + SOON)),
    "week": ("отвечены за 7 дней", lambda now: _answered(now, WEEK)),
    "week_on_time": ("отвечены в срок за 7 дней", lambda now: _answered(now, WEEK) & Q(late=False)),
    "week_late": ("отвечены с опозданием за 7 дней", lambda now: _answered(now, WEEK) & Q(late=True)),
    "before": ("отвечены за 7 дней до того", lambda now: _answered(now, 2 * WEEK, WEEK)),
    "before_late": ("отвечены с опозданием за 7 дней до того", lambda now: _answered(now, 2 * WEEK, WEEK) & Q(late=True)),
    "month": ("отвечены за 30 дней", lambda now: _answered(now, MONTH)),
    "month_on_time": ("отвечены в срок за 30 дней", lambda now: _answered(now, MONTH) & Q(late=False)),
    "month_late": ("отвечены с опозданием за 30 дней", lambda now: _answered(now, MONTH) & Q(late=True)),
    "reopened": ("открыты снова", lambda now: Q(reopened__gt=0) & (Q(state__in=OPEN) | Q(answered_at__gte=now - MONTH))),
}


def cases_behind(figure: str) -> Q:
    """What the rows of a figure are asked; a merged case counts where it went."""
    return FIGURES[figure][1](timezone.now()) & ~Q(state=Case.State.MERGED)


def figures_by_body(bodies: QuerySet[Body]) -> dict[int, dict[str, int]]:
    """Each of FIGURES by body, in one statement; a body with nothing at all is left out."""
    now = timezone.now()
    looked_at = Q(state__in=OPEN) | Q(answered_at__gte=now - MONTH)
    cases = Case.objects.filter(looked_at, body__in=bodies).exclude(state=Case.State.MERGED).order_by().values("body")
    rows: QuerySet[Any, Any] = cases.annotate(**{f"n_{code}": Count("pk", filter=asked(now)) for code, (_, asked) in FIGURES.items()})
    return {row["body"]: {code: row[f"n_{code}"] for code in FIGURES} for row in rows}


def bounces_of_bodies(bodies: QuerySet[Body]) -> QuerySet[Bounce]:
    """What the bodies returned within 30 days, newest first; whose the case is now does not matter: the return was theirs."""
    rows = Bounce.objects.filter(body__in=bodies, at__gte=timezone.now() - MONTH)
    return rows.select_related("case", "body", "proposed").order_by("-at", "-pk")


def bounces_by_body(bodies: QuerySet[Body]) -> dict[int, int]:
    """How many of them, by body."""
    rows = Bounce.objects.filter(body__in=bodies, at__gte=timezone.now() - MONTH).order_by()
    return dict(rows.values_list("body").annotate(Count("pk")))
