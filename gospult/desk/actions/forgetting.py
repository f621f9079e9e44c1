"""Residents' words and names leave a case that is over when their term is over; the case, its clocks and its figures stay."""

from functools import partial

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from gospult.exchange import actions as exchange
from gospult.exchange.models import Incoming
from gospult.exchange.queries import term_over

from ..models import Answer, Case, Inspection, Message, PhotoReport, Review

KEPT = ("kind", "kind_confidence", "topic", "topic_confidence", "territory", "urgent")  # of a verdict: no word of the text is in them


def forget_due(*, limit: int = 200, rounds: int = 20) -> int:
    """Forget messages of cases that were closed or answered longer ago than the term; returns how many.

    A batch is a transaction: killed anywhere, the next run finds what is left.
    """
    done = 0
    for _ in range(rounds):
        with transaction.atomic():
            rows = list(_due().select_for_update(skip_locked=True, of=("self",))[:limit])
            for message in rows:
                _forget(message)
            for case in Case.objects.filter(pk__in={m.case_id for m in rows}):
                _forget_case(case)
        done += len(rows)
        if len(rows) < limit:
            break
    return done


def _due() -> QuerySet[Message]:
    now = timezone.now()
    closed = Q(case__state=Case.State.CLOSED) & term_over("case__closed_at", "channel", now)
    answered = Q(case__state=Case.State.ANSWERED) & term_over("case__answered_at", "channel", now)
    return Message.objects.filter(term_over("received_at", "channel", now), closed | answered | Q(case=None), forgotten_at=None).order_by("pk")


def _forget(message: Message) -> None:
    exchange.forget(revisions=message.revisions())
    direct = message.channel == "dm"
    if direct:
        exchange.forget_replies(message=message.pk, words=True)
    Message.objects.filter(pk=message.pk).update(
        text="", fingerprint="", author_id="", author_name="", thread_id="" if direct else message.thread_id,
        verdict={name: message.verdict[name] for name in KEPT if name in message.verdict}, forgotten_at=timezone.now(),
    )  # fmt: skip


def _forget_case(case: Case) -> None:
    """A case whose messages are all forgotten loses its headline; the answers of one that lived in dialogues only lose their words too."""
    if case.message_set.filter(forgotten_at=None).exists():
        return
    Case.objects.filter(pk=case.pk).update(headline="")
    _forget_beside(case)
    native = Incoming.objects.filter(answer__case=case)
    if not case.message_set.exclude(channel="dm").exists():
        Answer.objects.filter(case=case).update(text="")
        exchange.forget(revisions=Incoming.objects.filter(pk__in=list(native.values_list("pk", flat=True))))


def _forget_beside(case: Case) -> None:
    """Photos of the work done show people and yards; free words of control and of quality reviews quote residents. Verdicts and scores stay."""
    for photo in PhotoReport.objects.filter(answer__case=case):
        storage, name = photo.file.storage, str(photo.file.name)
        photo.delete()
        transaction.on_commit(partial(storage.delete, name))  # a rollback must not leave a row without its picture
    Review.objects.filter(case=case).update(note="")
    for row in Inspection.objects.filter(case=case):
        marks, first = ([mark | {"note": ""} for mark in given] for given in (row.marks, row.first_marks))
        Inspection.objects.filter(pk=row.pk).update(marks=marks, first_marks=first, objection="", decision="")
