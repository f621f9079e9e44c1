"""Moderation in figures: the open monthly count, and what an operator watches. No texts, no names of residents."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncHour
from django.utils import timezone
from django.utils.dateparse import parse_date

from gospult.exchange.models import Card
from gospult.registry.models import Page
from gospult.registry.models.access import User

from ..models import Appeal, Ban, Hiding, Message
from ..moderation import rules

WATCHED_DAYS = 30  # of deletions
SEVERAL = 2  # authors: one who deletes his own words is no moderation
COLUMNS = ("hidden", "returned", "banned", "appeals", "granted")


def month_of(text: str) -> date:
    """The first day of the month «2026-11»; of this month when the text names none or one to come."""
    first = timezone.localdate().replace(day=1)
    try:
        asked = parse_date(f"{text[:7]}-01") if text else None
    except ValueError:
        asked = None
    return asked if asked and date(2020, 1, 1) <= asked <= first else first


def _bounds(month: date) -> tuple[datetime, datetime]:
    following = (month + timedelta(days=32)).replace(day=1)
    return tuple(timezone.make_aware(datetime.combine(day, time.min)) for day in (month, following))  # type: ignore[return-value]


def open_count(month: date) -> dict[str, Any]:
    """One month for everybody: `total`, `grounds` (title, hidden, banned) and `rows` by page (page, body and COLUMNS)."""
    since, until = _bounds(month)
    asked: dict[str, tuple[QuerySet[Any], str]] = {
        "hidden": (Hiding.objects.filter(hidden_at__gte=since, hidden_at__lt=until), "page"),
        "returned": (Hiding.objects.filter(returned_at__gte=since, returned_at__lt=until), "page"),
        "banned": (Ban.objects.filter(in_force_at__gte=since, in_force_at__lt=until), "page"),
        "appeals": (Appeal.objects.filter(recorded_at__gte=since, recorded_at__lt=until), "hiding__page"),
        "granted": (Appeal.objects.filter(decided_at__gte=since, decided_at__lt=until, granted=True), "hiding__page"),
    }
    pages: dict[int, dict[str, int]] = {}
    for name, (rows, field) in asked.items():
        for pk, number in rows.order_by().values_list(field).annotate(number=Count("pk")):
            pages.setdefault(pk, dict.fromkeys(COLUMNS, 0))[name] = number
    total = {name: sum(row[name] for row in pages.values()) for name in COLUMNS}
    return {"total": total, "grounds": _grounds(asked), "rows": _named(pages)}


def _grounds(asked: Mapping[str, tuple[QuerySet[Any], str]]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name in ("hidden", "banned"):
        for title, number in asked[name][0].order_by().values_list("title").annotate(number=Count("pk")):
            found.setdefault(title, {"title": title, "hidden": 0, "banned": 0})[name] = number
    return sorted(found.values(), key=lambda row: (-row["hidden"], row["title"]))


def _named(pages: Mapping[int, dict[str, int]]) -> list[dict[str, Any]]:
    known = Page.objects.prefetch_related("owners__body").in_bulk(list(pages))
    rows = [{"page": known[pk], "body": next((link.body for link in known[pk].owners.all()), None), **counts} for pk, counts in pages.items()]
    return sorted(rows, key=lambda row: (-row["hidden"] - row["banned"], row["page"].name))


def hidings(user: User, filters: Mapping[str, str]) -> QuerySet[Hiding]:
    """Hidden comments that the person may see, the latest first; filters: ground, state, second (not yet looked over), network."""
    rows = Hiding.objects.visible_to(user).select_related("case", "page", "by", "seen_by")
    asked = Q(needs_second=True, seen_at=None) if filters.get("second") else Q()
    return _narrow(rows, filters, "state", "ground").filter(asked).order_by("-at", "-id")


def bans(user: User, filters: Mapping[str, str]) -> QuerySet[Ban]:
    """Bans that the person may see, the latest first; filters: ground, state, network."""
    rows = Ban.objects.visible_to(user).select_related("case", "page", "proposed_by", "decided_by")
    return _narrow(rows, filters, "state", "ground").order_by("-proposed_at", "-id")


def appeals(user: User, filters: Mapping[str, str]) -> QuerySet[Appeal]:
    """Appeals that the person may see, the latest first; filter: state (open, granted, refused)."""
    rows = Appeal.objects.visible_to(user).select_related("hiding__case", "hiding__page", "decided_by", "recorded_by")
    outcome: dict[str, Q] = {"open": Q(granted=None), "granted": Q(granted=True), "refused": Q(granted=False)}
    return rows.filter(outcome.get(filters.get("state", ""), Q())).order_by("-recorded_at", "-id")


def _narrow(rows: Any, filters: Mapping[str, str], *names: str) -> Any:
    asked = {name: filters[name] for name in names if filters.get(name)}
    if filters.get("network"):
        asked["page__network"] = filters["network"]
    return rows.filter(**asked)


def closed_pages(user: User, filters: Mapping[str, str]) -> QuerySet[Card]:
    """Cards of living pages whose comments are closed, those closed longest first."""
    pages = Page.objects.visible_to(user).living()
    rows = Card.objects.filter(page__in=pages, comments_open=False, gone=False).select_related("page")
    return _narrow(rows, filters).order_by("comments_closed_at", "page_id")


def mass_deletions(user: User, filters: Mapping[str, str]) -> QuerySet[Any, Any]:
    """Hours in which many residents' comments were deleted on a page: page, page__name, page__network, hour, number, authors."""
    since, most = timezone.now() - timedelta(days=WATCHED_DAYS), rules().deletions_a_day
    if not most:
        return Message.objects.none().values("page")
    rows = Message.objects.filter(deleted_at__gte=since, hidden_at=None, channel="comment", page__in=Page.objects.visible_to(user))
    counted = _narrow(rows, filters).order_by().annotate(hour=TruncHour("deleted_at")).values("page", "page__name", "page__network", "hour")
    counted = counted.annotate(number=Count("pk"), authors=Count("author_id", distinct=True))
    return counted.filter(number__gte=most, authors__gte=SEVERAL).order_by("-hour", "page")
