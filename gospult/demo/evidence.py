"""The two sides that are compared: rows of the database, answers of the sandbox."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Min, Q
from django.utils import timezone

from gospult.accounts.models import Journal
from gospult.desk.models import OPEN, Answer, Case, Message
from gospult.exchange.models import Incoming, Outgoing
from gospult.networks.base import UtteranceKind
from gospult.networks.registry import NETWORKS
from gospult.networks.testing import SandboxClient

from .counting import Evidence, Place, Posted, Reply, Verdict, count

LEDGER = ("id", "thread", "reply_to", "text", "by", "number", "guid")
Keys = Mapping[tuple[str, str], str]  # network and the sandbox's own number of a page → its id as the network tells it


def gather(sandbox: SandboxClient, keys: Keys) -> Evidence:
    """Both sides as they stand now."""
    said = _said(sandbox, keys)
    ledger = [Posted(line["network"], _key(keys, line), **{name: line[name] for name in LEDGER}) for line in sandbox.ledger()]
    return Evidence(said, ledger, _known(), _replies(), _heard(), *_answers())


def of_exchange(sandbox: SandboxClient, keys: Keys, network: str) -> Evidence:
    """Both sides of one network, where nothing has gone up to the desk."""
    ledger = [Posted(line["network"], _key(keys, line), **{name: line[name] for name in LEDGER}) for line in sandbox.ledger()]
    replies = [reply for reply in _replies() if reply.network == network]
    return Evidence(_said(sandbox, keys), ledger, _recorded(), replies, _heard())


def _recorded() -> frozenset[Place]:
    return frozenset(Incoming.objects.filter(network__in=NETWORKS).values_list("network", "page_key", "external_id"))


def _said(sandbox: SandboxClient, keys: Keys) -> dict[Place, int]:
    return {(line["network"], _key(keys, line), line["id"]): int(line["number"]) for line in sandbox.said() if _could_be_heard(line)}


def unheard(sandbox: SandboxClient, keys: Keys) -> int:
    """How much of what was said has not reached us: somewhere an event is late, elsewhere the next reading brings it."""
    return len(set(_said(sandbox, keys)) - _recorded())


def _key(keys: Keys, line: Mapping[str, Any]) -> str:
    return keys[line["network"], line["page"]]


def _could_be_heard(line: Mapping[str, Any]) -> bool:
    """Where a network tells nothing and has to be polled, what was deleted before a reading was never there for us."""
    kind: UtteranceKind = "comment" if line["id"][0] == "c" else "dm"
    return not line["deleted"] or kind in NETWORKS[line["network"]].pushes


def _known() -> frozenset[Place]:
    messages = Message.objects.filter(network__in=NETWORKS).values_list("network", "page_key", "external_id")
    others = Incoming.objects.filter(network__in=NETWORKS).exclude(addressee="desk").values_list("network", "page_key", "external_id")
    return frozenset([*messages, *others])


def _replies() -> list[Reply]:
    names = (
        "page__network", "page__external_id", "answer", "message", "reply_to", "text", "guard", "state", "external_id", "needs_person", "claimed_at",
    )  # fmt: skip
    return [Reply(*row) for row in Outgoing.objects.order_by("id").values_list(*names)]


def _heard() -> dict[Place, datetime]:
    rows = Incoming.objects.filter(network__in=NETWORKS, by_page=True).values("network", "page_key", "external_id")
    return {(row["network"], row["page_key"], row["external_id"]): row["first"] for row in rows.annotate(first=Min("received_at"))}


def _answers() -> tuple[frozenset[int], frozenset[int]]:
    ids = dict.fromkeys((Answer.State.APPROVED, Answer.State.PUBLISHED), frozenset[int]())
    for state in ids:
        ids[state] = frozenset(Answer.objects.filter(state=state).values_list("pk", flat=True))
    by_hand = frozenset(Journal.objects.filter(verb="answer_published_by_hand").values_list("object_id", flat=True))
    return ids[Answer.State.APPROVED], ids[Answer.State.PUBLISHED] - by_hand


def figures(evidence: Evidence, verdict: Verdict, state: Mapping[str, Any]) -> dict[str, int]:
    """The counts of `gospult demo --once`, but for the kills and the time; `state` is the sandbox's."""
    return {
        "messages": len(evidence.said),
        "cases": Case.objects.count(),
        "merged": Case.objects.filter(state=Case.State.MERGED).count(),
        "answered": Case.objects.filter(answers__state__in=[Answer.State.PUBLISHED, Answer.State.NATIVE]).distinct().count(),
        "answered_natively": Case.objects.filter(answers__state=Answer.State.NATIVE).distinct().count(),
        "published": sum(1 for line in evidence.ledger if line.by == "api"),
        "unknown": len(verdict.unknown),
        "shown_to_person": sum(1 for reply in evidence.replies if reply.shown) + told_by_person(),
        "lost": len(verdict.lost),
        "doubled": len(verdict.doubled),
        "overdue": Case.objects.filter(Q(late=True) | Q(state__in=OPEN, next_due_at__lt=timezone.now())).count(),
        "faults_injected": int(state["faults_injected"]),
    }


def told_by_person() -> int:
    """How many outcomes a person has found out for us."""
    return Journal.objects.filter(verb__in=["reply_confirmed", "reply_repeated"]).values("object_id").distinct().count()


def compare(sandbox: SandboxClient, keys: Keys) -> tuple[dict[str, int], Verdict]:
    """The figures and the faults behind them."""
    evidence = gather(sandbox, keys)
    verdict = count(evidence)
    return figures(evidence, verdict, sandbox.state()), verdict


def unfinished() -> dict[str, int]:
    """What the road has not finished yet, by kind; empty when nothing is left to wait for. What stands before a person is not waited for."""
    asked = Outgoing.objects.filter(state="unknown", needs_person=True)
    shown, threads = asked.values("answer"), asked.values("thread_id")
    waiting = {
        # The echo of a reply whose outcome a person has to tell waits with it.
        "incoming": Incoming.objects.filter(addressee="desk", taken_at=None).exclude(by_page=True, thread_id__in=threads).count(),
        "outgoing": Outgoing.objects.filter(state__in=["ready", "claimed"]).count(),
        "unknown": Outgoing.objects.filter(state="unknown", needs_person=False).count(),
        "unsettled": Outgoing.objects.filter(state__in=["sent", "failed", "withdrawn"], settled_at=None).count(),
        "answers": Answer.objects.filter(state=Answer.State.APPROVED).exclude(pk__in=shown).count(),
        "cases": Case.objects.filter(state__in=OPEN).exclude(answers__state=Answer.State.FAILED).exclude(answers__in=shown).count(),
    }
    return {name: number for name, number in waiting.items() if number}
