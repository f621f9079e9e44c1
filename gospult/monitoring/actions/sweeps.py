"""Everything is read now, at a person's word: cards, walls, and the day's snapshots of them."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from gospult.accounts.models import Person
from gospult.exchange import actions as exchange
from gospult.exchange.models import Sweep
from gospult.exchange.queries import calls_made
from gospult.registry.models import Page

from ..models import Post
from ..queries.coverage import whole_coverage
from .posts import take_posts
from .snapshots import take_cards

DONE = Sweep.State.DONE


def sweep(*, network: str = "", by: Person | None, progress: Callable[[Sweep], None] | None = None, seconds: float = 3600.0) -> dict[str, Any]:
    """Read the cards and walls of one network or of all; what the quotas do not allow now goes on by the clock.

    pages, cards and walls (read of them), posts (whose figures were read), calls (to the networks), unread (pages that did not show
    themselves), unfinished (network and goal → why), as_of, coverage
    """
    began, calls = timezone.now(), calls_made()
    networks = [network] if network else exchange.swept_networks()
    figures, unfinished = {"cards": 0, "walls": 0, "unread": 0}, dict[str, str]()
    for code in networks:
        for goal in exchange.goals_of(code):
            row = exchange.sweep_now(network=code, goal=goal, by=by, take=take_posts, progress=progress, seconds=seconds)
            figures[goal] += row.done - row.unread
            figures["unread"] += row.unread
            if row.state != DONE:
                unfinished[f"{code} {goal}"] = row.fault or row.state
    take_cards()
    return {
        "pages": Page.objects.living().filter(network__in=networks).count(), **figures, "posts": Post.objects.filter(read_at__gte=began).count(),
        "calls": calls_made() - calls, "unfinished": unfinished, "as_of": timezone.now(),
        "coverage": {row.network: row.text for row in whole_coverage() if row.network in networks},
    }  # fmt: skip
