"""The two sides that are compared: rows of the database, answers of the sandbox."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Min, Q
from django.utils import timezone

from gospult.accounts.models import Journal
from gospult.desk.models import OPEN, Answer, Case, Message
from gospult.exchange.models import Incoming, Outgoing
from gospult.networks.testing import SandboxClient

from .counting import Evidence, Posted, Reply, Verdict, count

LEDGER = ("page", "id", "thread", "reply_to", "text", "by", "guid")


def gather(sandbox: SandboxClient) -> Evidence:
    """Both sides as they stand now."""
    said = frozenset((line["page"], line["id"]) for line in sandbox.said())
    ledger = [Posted(**{name: line[name] for name in LEDGER}) for line in sandbox.ledger()]
    return Evidence(said, ledger, _known(), _replies(), _heard(), *_answers())


def _known() -> frozenset[tuple[str, str]]:
    messages = Message.objects.filter(network="vk").values_list("page_key", "external_id")
    others = Incoming.objects.filter(network="vk").exclude(addressee="desk").values_list("page_key", "external_id")
    return frozenset([*messages, *others])


def _replies() -> list[Reply]:
    names = ("page__external_id", "answer", "message", "guard", "state", "external_id", "needs_person", "claimed_at")
    return [Reply(*row) for row in Outgoing.objects.order_by("id").values_list(*names)]


def _heard() -> dict[tuple[str, str], datetime]:
    rows = Incoming.objects.filter(network="vk", by_page=True).values("page_key", "external_id").annotate(first=Min("received_at"))
    return {(row["page_key"], row["external_id"]): row["first"] for row in rows}


def _answers() -> tuple[frozenset[int], frozenset[int]]:
    ids = dict.fromkeys((Answer.State.APPROVED, Answer.State.PUBLISHED), frozenset[int]())
    for state in ids:
        ids[state] = frozenset(Answer.objects.filter(state=state).values_list("pk", flat=True))
    by_hand = frozenset(Journal.objects.filter(verb="answer_published_by_hand").values_list("object_id", flat=True))
    return ids[Answer.State.APPROVED], ids[Answer.State.PUBLISHED] - by_hand


def figures(evidence: Evidence, verdict: Verdict, state: Mapping[str, Any]) -> dict[str, int]:
    """The counts of `gospult demo --once`, but for the kills and the time; `state` is the sandbox's."""
    return {
        "messages": len(set(evidence.said)),
        "cases": Case.objects.count(),
        "merged": Case.objects.filter(state=Case.State.MERGED).count(),
        "answered": Case.objects.filter(answers__state__in=[Answer.State.PUBLISHED, Answer.State.NATIVE]).distinct().count(),
        "answered_natively": Case.objects.filter(answers__state=Answer.State.NATIVE).distinct().count(),
        "published": sum(1 for line in evidence.ledger if line.by == "api"),
        "unknown": len(verdict.unknown),
        "lost": len(verdict.lost),
        "doubled": len(verdict.doubled),
        "overdue": Case.objects.filter(Q(late=True) | Q(state__in=OPEN, next_due_at__lt=timezone.now())).count(),
        "faults_injected": int(state["faults_injected"]),
    }


def compare(sandbox: SandboxClient) -> tuple[dict[str, int], Verdict]:
    """The figures and the faults behind them."""
    evidence = gather(sandbox)
    verdict = count(evidence)
    return figures(evidence, verdict, sandbox.state()), verdict


def unfinished() -> dict[str, int]:
    """What the road has not finished yet, by kind; empty when nothing is left to wait for."""
    waiting = {
        "incoming": Incoming.objects.filter(addressee="desk", taken_at=None).count(),
        "outgoing": Outgoing.objects.filter(state__in=["ready", "claimed"]).count(),
        "unknown": Outgoing.objects.filter(state="unknown", needs_person=False).count(),
        "unsettled": Outgoing.objects.filter(state__in=["sent", "failed", "withdrawn"], settled_at=None).count(),
        "answers": Answer.objects.filter(state=Answer.State.APPROVED).count(),
        "cases": Case.objects.filter(state__in=OPEN).exclude(answers__state=Answer.State.FAILED).count(),
    }
    return {name: number for name, number in waiting.items() if number}
