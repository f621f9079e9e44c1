"""The demo's audience: counted at once, and a month ago, from the subscribers that the sandbox will name when they are counted anew."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from gospult.audience.models import Build
from gospult.audience.testing import make_build
from gospult.networks.registry import NETWORKS
from gospult.networks.sandbox.world import Page as SandboxPage
from gospult.registry.models import Page

from .wall import by_export, demo_pages, members_of, page_number

MONTH = timedelta(days=31)
BEFORE = 93  # of a hundred subscribers, so many were there a month ago


def fill_audience(*, say: Callable[[str], None]) -> None:
    """Two builds, once; the nights' own follow them."""
    if Build.objects.exists():
        return
    say("Аудитория: подсчёт за сегодня и за прошлый месяц…")
    people = {
        page: _followers(page, page_number(page), page.members or members_of(number)) for number, page in enumerate(demo_pages()) if _named(page)
    }
    people |= {page: _followers(page, int(page.external_id or 0), page.members or 0) for page in by_export() if _named(page)}
    first = make_build({page: [who for who in found if who % 100 < BEFORE] for page, found in people.items()})
    Build.objects.filter(pk=first.pk).update(**dict.fromkeys(("as_of", "started_at", "finished_at"), timezone.now() - MONTH))
    make_build(people)


def _named(page: Page) -> bool:
    kind = NETWORKS[page.network]
    return "members" in kind.can(frozenset(kind.kinds))


def _followers(page: Page, number: int, members: int) -> range:
    return SandboxPage(page.network, number, page.name, page.handle, {}, members=members).followers
