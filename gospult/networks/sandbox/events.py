"""Events on their way to a page's server: one worker per share of the pages, repeats until it is pleased."""

import heapq
import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from gospult.networks.sandbox.world import Page, World, now

if TYPE_CHECKING:
    from gospult.networks.sandbox.dialect import Dialect

WORKERS = 4
TIMEOUT = 10.0


@dataclass(order=True)
class Parcel:
    due: float
    order: int
    page: Page = field(compare=False)
    body: dict[str, Any] = field(compare=False)
    headers: dict[str, str] = field(compare=False)
    tries: int = field(default=0, compare=False)
    born: float = field(default=0.0, compare=False)
    era: int = field(default=0, compare=False)  # parcels of the time before a reset are dropped


class Courier:
    """Delivers events in the order of their making, page by page; a repeat may be overtaken, as in the real networks."""

    def __init__(self, world: World, dialects: Mapping[str, "Dialect"]) -> None:
        self.world = world
        self.dialects = dialects
        self.counts: Counter[str] = Counter()
        self._heaps: list[list[Parcel]] = [[] for _ in range(WORKERS)]
        self._changed = threading.Condition()
        self._order = itertools.count()
        self._stopped = False
        self._carried: list[Parcel] = []
        self._era = 0
        self._dice = random.Random(world.settings.seed)
        # the page's server is on this machine or in its network: no proxy, and no certificates to load
        self._http = httpx.Client(timeout=TIMEOUT, trust_env=False, verify=False)
        self._threads = [threading.Thread(target=self._work, args=(heap,), daemon=True) for heap in self._heaps]

    def start(self) -> None:
        """Begin delivering."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop at once; what was not delivered stays undelivered."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(timeout=TIMEOUT)
        self._http.close()

    def reset(self) -> None:
        """Forget parcels and counts."""
        with self._changed:
            for heap in self._heaps:
                heap.clear()
            self._era += 1
            self.counts.clear()
            self._dice = random.Random(self.world.settings.seed)

    def send(self, page: Page, body: dict[str, Any], headers: dict[str, str]) -> None:
        """Take an event for delivery, and for those who poll; a page without a server that wants it is not called."""
        with self._changed:
            page.updates.append(body)
            self._changed.notify_all()
            if not page.callback_url or not self.dialects[page.network].wants(page, body):
                return
            self.counts["sent"] += 1
            self._push(page, body, headers, self._late())
            if self._dice.random() < self.world.settings.chaos:
                self._fault("event_twice")
                self._push(page, body, headers, self._dice.random())

    def updates(self, page: Page, after: int, seconds: float) -> list[dict[str, Any]]:
        """Events of a page from the `after`-th on; waits so many seconds for the first one. Hold no lock here."""
        end = time.monotonic() + seconds
        with self._changed:
            while len(page.updates) <= after and not self._stopped and (left := end - time.monotonic()) > 0:
                self._changed.wait(timeout=left)
            return page.updates[after:]

    def pending(self, page: Page | None = None) -> int:
        """Parcels that are waiting or on their way, of one page or of all."""
        with self._changed:
            if page is None:
                return sum(map(len, self._heaps)) + len(self._carried)
            return sum(parcel.page is page for parcel in itertools.chain(self._carried, *self._heaps))

    def confirm(self, page: Page) -> bool | None:
        """The network's handshake: the server has to answer with the page's confirmation string. None where the network asks nothing."""
        body = self.dialects[page.network].handshake(page)
        if body is None:
            return None
        try:
            answer = self._http.post(page.callback_url, json=body)
        except (httpx.HTTPError, httpx.InvalidURL):
            return False
        page.confirmed = answer.status_code == 200 and answer.text.strip() == page.confirmation
        return page.confirmed

    def _late(self) -> float:
        delay = self.world.settings.event_delay
        if self._dice.random() < self.world.settings.chaos:
            self._fault("event_late")
            delay += self._dice.random()
        return delay

    def _fault(self, kind: str) -> None:
        self.world.faults[kind] += 1

    def _push(self, page: Page, body: dict[str, Any], headers: dict[str, str], delay: float) -> None:
        parcel = Parcel(time.monotonic() + delay, next(self._order), page, body, headers, born=time.monotonic(), era=self._era)
        heapq.heappush(self._heaps[page.id % WORKERS], parcel)
        self._changed.notify_all()

    def _work(self, heap: list[Parcel]) -> None:
        while (parcel := self._next(heap)) is not None:
            delivered = self._deliver(parcel)
            with self._changed:
                self._carried.remove(parcel)
                self._settle(heap, parcel, delivered)

    def _next(self, heap: list[Parcel]) -> Parcel | None:
        with self._changed:
            while not self._stopped:
                wait = heap[0].due - time.monotonic() if heap else None
                if wait is not None and wait <= 0:
                    self._carried.append(heapq.heappop(heap))
                    return self._carried[-1]
                self._changed.wait(timeout=wait)
            return None

    def _deliver(self, parcel: Parcel) -> bool:
        page, wanted = parcel.page, self.dialects[parcel.page.network].accepts
        if not page.callback_url:
            return True  # unsubscribed meanwhile
        try:
            answer = self._http.post(page.callback_url, json=parcel.body, headers=parcel.headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return self._refused(page, type(error).__name__)
        if answer.status_code != 200 or (wanted and answer.text.strip() != wanted):
            return self._refused(page, f"Wrong response from the webhook: {answer.status_code} {answer.reason_phrase}")
        page.hook_error = ""
        return True

    def _refused(self, page: Page, words: str) -> bool:
        page.hook_error, page.hook_error_at = words, now()
        return False

    def _settle(self, heap: list[Parcel], parcel: Parcel, delivered: bool) -> None:
        settings = self.world.settings
        if parcel.era != self._era:
            return
        self.counts["attempts"] += 1
        if delivered:
            self.counts["delivered"] += 1
        elif time.monotonic() - parcel.born > settings.give_up_after:
            self.counts["given_up"] += 1
            self.dialects[parcel.page.network].gave_up(parcel.page)
        else:
            parcel.due = time.monotonic() + min(settings.retry_cap, settings.retry_first * 2 ** min(parcel.tries, 10))
            parcel.tries += 1
            heapq.heappush(heap, parcel)
