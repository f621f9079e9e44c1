"""Subscribers of every page, as its network names them: through the door, within what the tokens have left.

Where a network tells the subscribers of many pages in one request, small pages share theirs; the others, and those that show themselves
only to their own keys, are asked one after another.
"""

import time
from collections import Counter
from collections.abc import Iterator, Sequence

from gospult.exchange.models import Task, Token
from gospult.exchange.queries import connector, kinds_of, service_connector, service_kinds
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
NAP = 5.0  # seconds of a pause after which we look whether somebody has stopped us
WORD = 1.0  # seconds between two words of progress
SMALL = 25_000  # subscribers: a larger page fills requests of its own, and is not kept in memory by whole
LATER = {"too_fast", "flood", "quota", "timeout", "down"}
SILENT = 5  # pages in a row that a network has let wait in vain, after which it is asked no more: thousands of them would take days

Listed = tuple[int, Page]  # a page with its index
Read = tuple[int, Words | None]  # the index of a page with its keyed people, None where the network does not show them


def collect(build: Build, known: Registered, door: Door, shelf: Shelf) -> None:
    """The people of every page whose network names them."""
    together, alone = _listed(known)
    go_on(build, listed=len(alone) + sum(map(len, together.values())))
    done = unread = 0
    told = time.monotonic()
    for index, people in _read(build, together, alone, door):
        if people is None:
            unread += 1
        else:
            shelf.put(index, people)
            done += 1
        if time.monotonic() - told > WORD:
            go_on(build, done=done, unread=unread)
            told = time.monotonic()
    go_on(build, done=done, unread=unread)


def _listed(known: Registered) -> tuple[dict[str, list[Listed]], list[Listed]]:
    """network → pages that are read together, and those that are read one by one; without those whose people nobody names to us."""
    together: dict[str, list[Listed]] = {}
    alone = []
    shared = {network for network in known.networks if network in NETWORKS and "members_of" in NETWORKS[network].can(service_kinds(network))}
    for index, page in _pages(known):
        if page.network in shared and (page.members or 0) <= SMALL:
            together.setdefault(page.network, []).append((index, page))
        elif page.network in NETWORKS and "members" in NETWORKS[page.network].can(kinds_of(page)):
            alone.append((index, page))
    return together, alone


def _pages(known: Registered) -> Iterator[Listed]:
    rows = Page.objects.in_bulk(known.pages)
    return ((index, rows[key]) for index, key in enumerate(known.pages) if key in rows and rows[key].external_id)


def _read(build: Build, together: dict[str, list[Listed]], alone: Sequence[Listed], door: Door) -> Iterator[Read]:
    silent: Counter[str] = Counter()
    own = set(Token.objects.filter(page__isnull=False).values_list("page", flat=True))
    for network, pages in together.items():
        for index, page, people, final in _shared(build, network, pages, door):
            # a closed community, or whatever befell the shared request: perhaps the page's own key is let in
            yield (index, people) if people is not None or (final and page.pk not in own) else (index, _people(build, page, door, silent))
    for index, page in alone:
        yield index, _people(build, page, door, silent)


def _shared(build: Build, network: str, pages: Sequence[Listed], door: Door) -> Iterator[tuple[int, Page, Words | None, bool]]:
    """Each page once, with its people or None, and whether a refusal is the network's last word: so it is of all that are left when it is silent."""
    left, tries, silent = {page.external_id or "": (index, page) for index, page in pages}, 0, False
    while left:
        asked = len(left)
        try:
            for name, found in service_connector(network).members_of(list(left)):
                index, page = left.pop(name)
                tries = 0
                if isinstance(found, NetworkError):
                    yield index, page, None, found.permanent
                else:
                    yield index, page, door.keyed(network, found), True
        except NetworkError as error:
            tries += 1
            if not _wait(build, error, tries):
                silent = error.fault in LATER
                break
        else:
            if len(left) == asked:
                break  # it tells nothing of these, however often it is asked
    yield from ((index, page, None, silent) for index, page in left.values())


def _people(build: Build, page: Page, door: Door, silent: Counter[str]) -> Words | None:
    """Keyed people of a page by its own connector, None when the network does not show them; the ids go no further than the line with the door.

    `silent`: pages in a row of each network that it has let wait in vain
    """
    if silent[page.network] >= SILENT:
        return None
    for tries in range(1, TRIES + 1):
        try:
            found = door.keyed(page.network, (who for batch in connector(page, task=Task.SWEEP).members() for who in batch))
            silent[page.network] = 0
            return found
        except NetworkError as error:
            if not _wait(build, error, tries):
                silent[page.network] = silent[page.network] + 1 if error.fault in LATER else 0
                return None
    return None


def _wait(build: Build, error: NetworkError, tries: int) -> bool:
    """The pause that the network wants, with signs of life; False where it is no use to ask again."""
    pause = error.retry_after or PAUSE
    if error.permanent or error.fault not in LATER or pause > LONGEST_WAIT or tries >= TRIES:
        return False
    end = time.monotonic() + pause
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(NAP, left))
        go_on(build)
    return True
