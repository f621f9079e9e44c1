"""Callback events on their way to a page's server: one worker per share of the pages, repeats until it says "ok"."""

import heapq
import itertools
import random
import secrets
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx

from gospult.networks.sandbox.world import Page, World

WORKERS = 4
VERSION = "5.199"
TIMEOUT = 10.0


@dataclass(order=True)
class Parcel:
    due: float
    order: int
    page_id: int = field(compare=False)
    body: dict[str, Any] = field(compare=False)
    tries: int = field(default=0, compare=False)
    born: float = field(default=0.0, compare=False)
    era: int = field(default=0, compare=False)  # parcels of the time before a reset are dropped


class Courier:
    """Delivers events in the order of their making, page by page; a repeat may be overtaken, as in VK."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.counts: Counter[str] = Counter()
        self._heaps: list[list[Parcel]] = [[] for _ in range(WORKERS)]
        self._changed = threading.Condition()
        self._order = itertools.count()
        self._stopped = False
        self._busy = 0
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

    def send(self, page: Page, label: str, thing: Any) -> None:
        """Take an event for delivery; a page without a server gets none."""
        if not page.callback_url:
            return
        body = {"type": label, "object": thing, "group_id": page.id, "event_id": secrets.token_hex(20), "v": VERSION}
        if page.secret:
            body["secret"] = page.secret
        with self._changed:
            self.counts["sent"] += 1
            self._push(page, body, self._late())
            if self._dice.random() < self.world.settings.chaos:
                self._fault("event_twice")
                self._push(page, body, self._dice.random())

    def pending(self) -> int:
        """Parcels that are waiting or on their way."""
        with self._changed:
            return sum(map(len, self._heaps)) + self._busy

    def confirm(self, page: Page) -> bool:
        """VK's handshake: the server has to answer with the page's confirmation string."""
        body = {"type": "confirmation", "group_id": page.id, "event_id": secrets.token_hex(20), "v": VERSION}
        body |= {"secret": page.secret} if page.secret else {}
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

    def _push(self, page: Page, body: dict[str, Any], delay: float) -> None:
        parcel = Parcel(time.monotonic() + delay, next(self._order), page.id, body, born=time.monotonic(), era=self._era)
        heapq.heappush(self._heaps[page.id % WORKERS], parcel)
        self._changed.notify_all()

    def _work(self, heap: list[Parcel]) -> None:
        while (parcel := self._next(heap)) is not None:
            delivered = self._deliver(parcel)
            with self._changed:
                self._busy -= 1
                self._settle(heap, parcel, delivered)

    def _next(self, heap: list[Parcel]) -> Parcel | None:
        with self._changed:
            while not self._stopped:
                wait = heap[0].due - time.monotonic() if heap else None
                if wait is not None and wait <= 0:
                    self._busy += 1
                    return heapq.heappop(heap)
                self._changed.wait(timeout=wait)
            return None

    def _deliver(self, parcel: Parcel) -> bool:
        page = self.world.pages.get(parcel.page_id)
        if page is None:
            return True  # the world was reset meanwhile
        try:
            answer = self._http.post(page.callback_url, json=parcel.body)
        except (httpx.HTTPError, httpx.InvalidURL):
            return False
        return answer.status_code == 200 and answer.text.strip() == "ok"

    def _settle(self, heap: list[Parcel], parcel: Parcel, delivered: bool) -> None:
        settings = self.world.settings
        if parcel.era != self._era:
            return
        self.counts["attempts"] += 1
        if delivered:
            self.counts["delivered"] += 1
        elif time.monotonic() - parcel.born > settings.give_up_after:
            self.counts["given_up"] += 1
        else:
            parcel.due = time.monotonic() + min(settings.retry_cap, settings.retry_first * 2 ** min(parcel.tries, 10))
            parcel.tries += 1
            heapq.heappush(heap, parcel)
