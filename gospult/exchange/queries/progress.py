"""How far the connecting of thousands of pages has come, for the screens «Соцсети»."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Case, CharField, Count, FilteredRelation, Prefetch, Q, QuerySet, Value, When
from django.db.models.functions import Greatest
from django.utils import timezone

from gospult.accounts.models import Person
from gospult.networks.registry import NETWORKS
from gospult.registry.models import Page, PageBody
from gospult.registry.queries import pages_visible_to

from ..models import Hook, Incoming, Mode, Outgoing

# The steps of a page, in their order, with the class that colours them.
STEPS = {
    "none": ("нет ссылки", "wait"),
    "invited": ("приглашён", "wait"),
    "opened": ("открыл ссылку", "soon"),
    "given": ("ключ дан", "soon"),
    "checked": ("ключ проверен", "soon"),
    "alive": ("события идут", "fine"),
    "silent": ("молчит", "late"),
    "trouble": ("ошибка", "late"),
}
# The same of many pages, where the words differ.
OF_MANY = {"none": "без ссылки", "invited": "приглашены", "opened": "открыли ссылку", "silent": "молчат", "trouble": "с ошибкой"}


def stepped(pages: QuerySet[Page], now: datetime | None = None) -> QuerySet[Page]:
    """Pages of the networks that we speak to, with their open link as `link`, latest proof of life as `proof_at` and `step`, a key of STEPS."""
    now = now or timezone.now()
    known = pages.living().filter(network__in=list(NETWORKS))  # type: ignore[attr-defined]
    linked = known.annotate(link=FilteredRelation("invitations", condition=Q(invitations__connected_at=None, invitations__revoked_at=None)))
    # PostgreSQL's GREATEST passes over what is not known.
    proved = linked.annotate(proof_at=Greatest("connection__last_proof_at", "connection__heard_at"))
    return proved.annotate(step=_step(now))


def _step(now: datetime) -> Case:
    silence = now - timedelta(seconds=settings.SILENT_AFTER)
    connected, silent = Q(connection__isnull=False), Q(proof_at__lt=silence) | Q(proof_at=None, connection__created_at__lt=silence)
    flowing = Q(connection__hook=Hook.ALIVE) | Q(connection__heard_at__isnull=False) | Q(connection__mode=Mode.OBSERVE, proof_at__isnull=False)
    return Case(
        When(connected & ~Q(connection__problem=""), then=Value("trouble")),
        When(connected & silent, then=Value("silent")),
        When(connected & Q(connection__checked_at=None, proof_at=None), then=Value("given")),
        When(connected & flowing, then=Value("alive")),
        When(connected, then=Value("checked")),
        When(link__next_check_at__isnull=False, then=Value("given")),
        When(Q(link__isnull=True) | Q(link__expires_at__lte=now), then=Value("none")),
        When(~Q(link__problem=""), then=Value("trouble")),
        When(link__opened_at__isnull=False, then=Value("opened")),
        default=Value("invited"),
        output_field=CharField(),
    )


def find_progress(user: Person, filters: dict[str, Any]) -> QuerySet[Any]:
    """Pages of the table: visible, filtered by network, territory, mode, pilot and words; not by step, so that the steps can be counted."""
    found = stepped(pages_visible_to(user))
    if territory := filters.get("territory"):
        path = territory.path or "-"  # not in the tree yet: an empty prefix would find everything
        found = found.filter(pk__in=PageBody.objects.filter(body__territory__path__startswith=path).values("page"))
    if network := filters.get("network"):
        found = found.filter(network=network)
    if mode := filters.get("mode"):
        found = found.filter(connection__mode=mode)
    if filters.get("pilot"):
        found = found.filter(pilot__isnull=False)
    for word in (filters.get("q") or "").lower().replace("ё", "е").split()[:6]:
        found = found.filter(Q(sort_name__contains=word) | Q(handle__icontains=word) | Q(external_id=word))
    return found.order_by("sort_name", "id")


def step_counts(pages: QuerySet[Any]) -> dict[str, int]:
    """How many pages stand at each step, also those where none does."""
    counted = dict(pages.order_by().values_list("step").annotate(n=Count("pk")))
    return {step: int(counted.get(step, 0)) for step in STEPS}


def with_rows(pages: QuerySet[Any]) -> QuerySet[Any]:
    """The same pages with what a row of the table tells: connection, owner and place."""
    owners = PageBody.objects.filter(shared=False).select_related("body__territory")
    return pages.select_related("connection", "pilot").prefetch_related(Prefetch("owners", owners, "main_owner"))


def nothing_begun(user: Person) -> bool:
    """Whether no page has a connection, a link or a place in the pilot yet."""
    begun = Q(connection__isnull=False) | Q(invitations__isnull=False) | Q(pilot__isnull=False)
    return not pages_visible_to(user).filter(begun).exists()


def pilot_pages(user: Person) -> list[Page]:
    """The pages of the pilot with their steps, oldest first."""
    return list(with_rows(stepped(pages_visible_to(user)).filter(pilot__isnull=False)).order_by("pilot__since", "pk"))


def pilot_today(pages: list[Page]) -> dict[int, dict[str, int]]:
    """What has happened since midnight on each page: came, answered by us, by the page itself, waiting to leave, troubles."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    said = Incoming.objects.filter(page__in=pages, received_at__gte=midnight, action="said")
    out = Outgoing.objects.filter(page__in=pages)
    waiting = Q(state__in=[Outgoing.State.READY, Outgoing.State.CLAIMED]) | Q(state=Outgoing.State.UNKNOWN, needs_person=False)
    return {
        page.pk: {
            "came": said.filter(page=page, by_page=False).count(),
            "native": said.filter(page=page, by_page=True).count(),
            "sent": out.filter(page=page, state=Outgoing.State.SENT, sent_at__gte=midnight).count(),
            "waiting": out.filter(waiting, page=page).count(),
            "trouble": out.filter(page=page, needs_person=True).count(),
        }
        for page in pages
    }
