"""One network's trial: a flood of deeds, replies to a part of them, faults from the first deed on, and the comparison at the end."""

import random
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db.models import Max

from gospult.accounts.models import Journal, Person
from gospult.exchange import actions as exchange
from gospult.exchange.models import Connection, Incoming, Outgoing
from gospult.registry.testing import make_page

from .cast import KEPT_BACK
from .counting import Verdict, count
from .evidence import Keys, of_exchange, told_by_person, unheard
from .flood import Flood, Opened
from .person import look
from .road import say
from .stage import SHORT, Stage
from .wall import subscribe_pages

ONLY = {
    **SHORT,
    "GOSPULT_JOBS": "exchange",
    "GOSPULT_WORKER_SLOTS": "10",
    "GOSPULT_POLL_EVERY": "20",
    "GOSPULT_POLL_GAPS_EVERY": "86400",
    # OK publishes no limits, so they are learned from refusals: those that chance draws here would teach that it is slow.
    "GOSPULT_LIMITS": "ok.user=9,ok.bot=9",
}
TURN = 25  # deeds between two looks at the clock
QUEUE = 60  # replies that may wait at one time: so they are spread over the whole run
REPORT_EVERY = 10.0  # seconds
GAPS_AFTER = 30.0  # seconds after which the day's reading of gaps is called forward once more
SAID = ("said", "edited", "restored")


def trial(network: str, *, events: int, replies: int, chaos: float, seed: int, pages: int, seconds: float, logs: Path) -> dict[str, Any]:
    """Run it and give its figures; what is unfinished after `seconds` shows in them."""
    began = time.monotonic()
    with Stage(chaos=chaos, seed=seed, env=ONLY, logs=logs) as stage:
        run = Trial(network, stage, Flood(stage.sandbox.at(network), pages=pages, seed=seed), seed)
        try:
            run.open()
            run.through(events, replies, began + seconds)
            figures = run.figures()
        finally:
            run.close()
    sizes = {"network": network, "seed": seed, "wanted_events": events, "wanted_replies": replies, "pages": pages}
    say(f"{network}: {figures}")
    return sizes | figures | {"seconds": round(time.monotonic() - began, 1)}


class Trial:
    """The state of one run."""

    def __init__(self, network: str, stage: Stage, flood: Flood, seed: int) -> None:
        self.network, self.stage, self.flood = network, stage, flood
        self.keys: Keys = {(network, str(page.number)): page.external_id for page in flood.pages}
        self.dice = random.Random(f"{seed}/replies/{network}")
        self.first = 1 + (Outgoing.objects.aggregate(last=Max("answer"))["last"] or 0)
        self.person = Person.objects.get_or_create(username="robot-operator")[0]
        self.told_before = told_by_person()
        self.enqueued = 0
        self.asked: set[int] = set()  # rows that have a reply
        self.left: Mapping[str, int] = {}
        self.told_at = self.gaps_at = 0.0

    # Before and after

    def open(self) -> None:
        """The pages are connected and subscribed in calm, then everything may go wrong."""
        for page in self.flood.pages:
            self._connect(page)
        self.stage.ready()
        subscribe_pages(self.stage.sandbox, self.stage.url)
        self.stage.go_wrong()

    def _connect(self, opened: Opened) -> None:
        page = make_page(network=self.network, external_id=opened.external_id, handle=f"flood_{opened.number}", name=f"Учреждение {opened.number}")
        kept_back = KEPT_BACK.get(self.network, frozenset())
        exchange.connect(page=page, tokens={kind: token for kind, token in opened.tokens.items() if kind not in kept_back}, by=None)

    def close(self) -> None:
        """The next network's worker shall not ask a sandbox that is gone."""
        Connection.objects.filter(page__network=self.network).delete()

    # The run

    def through(self, events: int, replies: int, deadline: float) -> None:
        """Deeds and replies until all are done and nothing is left to wait for."""
        while time.monotonic() < deadline:
            said = sum(self.flood.done.values())
            for _ in range(min(TURN, events - said)):
                self.flood.step()
            share = min(1.0, sum(self.flood.done.values()) / events)
            self._reply(int(replies * share) - self.enqueued, everything=share == 1.0)
            self.stage.tend(say)
            look(self.stage.sandbox, self.keys, by=self.person)
            if share == 1.0 and self.enqueued >= replies and not self._unfinished():
                return
            self._tell(events)
            if share == 1.0:
                time.sleep(0.5)

    def _reply(self, number: int, *, everything: bool) -> None:
        """Replies to some of what was recorded and is still unanswered."""
        room = QUEUE - Outgoing.objects.filter(page__network=self.network, state__in=["ready", "claimed"]).count()
        if min(number, room) <= 0:
            return
        rows = Incoming.objects.filter(network=self.network, by_page=False, action="said", addressee="desk").exclude(pk__in=self.asked)
        rows = rows.exclude(thread_id="").select_related("page").order_by("id" if everything else "-id")[: 4 * number]
        for row in self.dice.sample(list(rows), min(number, room, len(rows))):
            self._enqueue(row)

    def _enqueue(self, row: Incoming) -> None:
        assert row.page is not None
        number = self.first + self.enqueued
        exchange.enqueue(
            page=row.page, kind=row.kind, thread_id=row.thread_id, reply_to=row.external_id, after=row.sent_at, answer=number, message=row.pk,
            text=f"Здравствуйте! Ответ № {number}: приняли, до 5 декабря исправим. Дежурный, телефон 8 351 000-00-00.",
        )  # fmt: skip
        self.asked.add(row.pk)
        self.enqueued += 1

    def _unfinished(self) -> bool:
        ours = Outgoing.objects.filter(page__network=self.network)
        waiting = {
            "outgoing": ours.filter(state__in=["ready", "claimed"]).count(),
            "unknown": ours.filter(state="unknown", needs_person=False).count(),
            "events": int(not self.stage.sandbox.wait_quiet(0.2)),
        }
        waiting |= {} if any(waiting.values()) else self._missing()
        self.left = {name: number for name, number in waiting.items() if number}
        return bool(self.left)

    def _missing(self) -> dict[str, int]:
        if number := unheard(self.stage.sandbox, self.keys):
            return {"unheard": number}
        edits, natives = self._lost_edits(), self._lost_natives()
        if (edits or natives) and time.monotonic() > self.gaps_at + GAPS_AFTER:
            self.gaps_at = time.monotonic()
            self._read_gaps({page for page, _ in (*edits, *natives)})
        return {"edits": len(edits), "natives": len(natives)}

    def _read_gaps(self, pages: set[str]) -> None:
        """What a network tells nobody comes with the reading of gaps once a day: for these pages the day is over now."""
        Connection.objects.filter(page__network=self.network, page__external_id__in=pages).update(gaps_at=None, polled_at=None)

    def _tell(self, events: int) -> None:
        if time.monotonic() > self.told_at + REPORT_EVERY:
            self.told_at = time.monotonic()
            say(f"{self.network}: {sum(self.flood.done.values())} из {events} событий, ответов {self.enqueued}, осталось {dict(self.left)}")

    # What became of it

    def _lost_edits(self) -> list[tuple[str, str]]:
        """Words that stand in the network otherwise than in our latest revision of them."""
        rows = Incoming.objects.filter(network=self.network, action__in=SAID)
        known = set(rows.values_list("page_key", "external_id", "text"))
        stands = [line for line in self.stage.sandbox.said() if not line["deleted"]]
        lines = [(self.keys[line["network"], line["page"]], line["id"], line["text"]) for line in stands]
        return [(page, name) for page, name, text in lines if (page, name, text) not in known]

    def _lost_natives(self) -> list[tuple[str, str]]:
        """What the page itself said in the network and we have not heard."""
        rows = Incoming.objects.filter(network=self.network, by_page=True)
        known = set(rows.values_list("page_key", "external_id"))
        natives = [line for line in self.stage.sandbox.ledger() if line["by"] == "native"]
        lines = [(self.keys[line["network"], line["page"]], line["id"]) for line in natives]
        return [place for place in lines if place not in known]

    def figures(self) -> dict[str, Any]:
        """What the run gave, the faults found among it."""
        evidence = of_exchange(self.stage.sandbox, self.keys, self.network)
        verdict = count(evidence)
        lost = [*verdict.lost, *(f"слова {page}/{name} не такие, как в сети" for page, name in self._lost_edits())]
        lost += [f"ответ самой страницы {page}/{name} не дошёл" for page, name in self._lost_natives()]
        for line in (*lost, *verdict.doubled, *verdict.unknown):
            say(f"{self.network}: {line}")
        state = self.stage.sandbox.state()
        deleted = [line for line in self.stage.sandbox.said() if line["deleted"]]
        return {
            "events": sum(self.flood.done.values()), "deeds": dict(self.flood.done), "utterances": len(self.stage.sandbox.said()),
            **self._outcomes(), **_numbers(verdict, lost), "deletions": len(deleted),
            "deletions_heard": Incoming.objects.filter(network=self.network, action="deleted").values("page_key", "external_id").distinct().count(),
            "polled": Incoming.objects.filter(network=self.network, raw__has_key="polled").count(),
            "faults": state["faults"], "calls": sum(state["calls"].values()), "unfinished": dict(self.left),
        }  # fmt: skip

    def _outcomes(self) -> dict[str, int]:
        ours = Outgoing.objects.filter(page__network=self.network, answer__gte=self.first)
        met = ours.filter(read_backs__gt=0)
        told = Journal.objects.filter(verb__in=["reply_confirmed", "reply_repeated"]).values("object_id")
        alone = met.exclude(pk__in=told).exclude(needs_person=True)
        return {
            "replies": ours.count(),
            "sent": ours.filter(state="sent").count(),
            "withdrawn": ours.filter(state="withdrawn").count(),
            "met_unknown": met.count(),
            "read_back": alone.filter(state="sent", attempts=1).count(),
            "repeated_safely": alone.exclude(state="sent", attempts=1).count(),
            "shown_to_person": ours.filter(needs_person=True, state__in=["unknown", "failed"]).count() + told_by_person() - self.told_before,
        }


def _numbers(verdict: Verdict, lost: list[str]) -> dict[str, int]:
    return {"lost": len(lost), "doubled": len(verdict.doubled), "open": len(verdict.unknown)}
