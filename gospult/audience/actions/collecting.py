"""Subscribers of every page, as its network names them: through the door, page after page, within what the tokens have left."""

import time
from collections.abc import Iterator

from gospult.exchange.models import Task
from gospult.exchange.queries import connector, kinds_of
from gospult.networks.base import NetworkError
from gospult.networks.registry import NETWORKS
from gospult.registry.models import Page

from ..door import Door, Shelf
from ..engine import Words
from ..models import Build
from ..registered import Registered
from .living import go_on

LONGEST_WAIT = 600.0  # seconds that a network may ask for before its page counts as unread
TRIES = 5
PAUSE = 5.0  # seconds, where the network does not say how long
LATER = {"too_fast", "flood", "quota", "timeout", "down"}


def collect(build: Build, known: Registered, door: Door, shelf: Shelf) -> None:
    """The people of every page whose network names them."""
    listed = [(index, page) for index, page in _pages(known) if _names_people(page)]
    go_on(build, listed=len(listed))
    done = unread = 0
    for index, page in listed:
        people = _people(page, door)
        if people is None:
            unread += 1
        else:
            shelf.put(index, people)
            done += 1
        go_on(build, done=done, unread=unread)


def _pages(known: Registered) -> Iterator[tuple[int, Page]]:
    rows = Page.objects.in_bulk(known.pages)
    return ((index, rows[key]) for index, key in enumerate(known.pages) if key in rows and rows[key].external_id)


def _names_people(page: Page) -> bool:
    kind = NETWORKS.get(page.network)
    return kind is not None and "members" in kind.can(kinds_of(page))


def _people(page: Page, door: Door) -> Words | None:
    """Keyed people of a page, None when the network does not show them; the ids themselves go no further than this line."""
    for _ in range(TRIES):
        try:
            return door.keyed(page.network, (who for batch in connector(page, task=Task.SWEEP).members() for who in batch))
        except NetworkError as error:
            wait = error.retry_after or PAUSE
            if error.permanent or error.fault not in LATER or wait > LONGEST_WAIT:
                return None
            time.sleep(wait)
    return None
