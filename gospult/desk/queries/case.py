"""One case as its screen and its actions need it."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Max, Prefetch, Q

from gospult.exchange.models import Incoming, Outgoing
from gospult.lib.words import day_in_words, moment_in_words

from .. import clock
from ..explain import explain
from ..history import gather
from ..models import OPEN, Answer, Case, Message, PhotoReport
from .deadlines import basis_of, deadlines_for


def clock_events(case: Case) -> list[clock.Event]:
    """The case's history in the clock's words; what was taken back has not been."""
    return [clock.Event(e.kind, e.at, e.data) for e in case.events.all() if not e.undone]


def clocks_of(case: Case) -> clock.Clocks:
    """The clocks that follow from the case's events."""
    facts = gather(clock_events(case))
    return clock.clocks(facts, *deadlines_for(case, facts.opened_at))


def clock_basis(case: Case) -> list[str]:
    """What the clocks are counted by: the deadlines with their first day, the calendar with its zone, pauses and why, the promise."""
    facts = gather(clock_events(case))
    basis = basis_of(case, facts.opened_at)
    tz, rule = basis.calendar.tz, basis.rule
    since = f", действуют с {day_in_words(rule.valid_from, case.opened_at.year)}" if rule.valid_from else ""
    lines = [f"Сроки «{rule.title}»{since}", f"Календарь «{basis.calendar_title}», время {basis.calendar.zone}"]
    for event in sorted((e for e in case.events.all() if e.kind == "paused"), key=lambda e: (e.at, e.pk)):
        until, reason = event.data.get("until"), event.data.get("reason")
        words = [f"Пауза с {moment_in_words(event.at.astimezone(tz), case.opened_at.year)}"]
        words += [f"до {day_in_words(date.fromisoformat(until), event.at.year)}"] if until else []
        lines.append(" ".join(words) + (f": {reason}" if reason else ""))
    if facts.promised:
        lines.append(f"Обещано жителю: {day_in_words(facts.promised, case.opened_at.year)}")
    return lines


def clock_lines(case: Case) -> list[dict[str, Any]]:
    """«Почему такой срок»: for each clock that counts its name, the clock itself and its lines, day by day."""
    clocks = clocks_of(case)
    shown = [c for c in (clocks.first, clocks.interim, clocks.final) if c.state != clock.NONE]
    return [{"name": clock.NAMES[c.name], "clock": c, "lines": explain(c)} for c in shown]


def recipients(case: Case) -> list[Message]:
    """The last message of every author in every thread who has not been answered since: one reply each."""
    latest: dict[tuple[Any, ...], Message] = {}
    for message in case.message_set.filter(deleted_at=None, hidden_at=None, forgotten_at=None).select_related("page").order_by("sent_at", "pk"):
        latest[(message.network, message.page_key, message.thread_id, message.author_id or message.pk)] = message
    back, again = sent_back_at(case), _reopened_by_resident(case)
    return [m for m in latest.values() if not _answered_by_page(case, m, back) and not (again and _answered_by_us(case, m, back))]


def sent_back_at(case: Case) -> datetime | None:
    """When a person last said that the answers so far were not enough, or the page took its own back: those hold no new answer back."""
    by_person = Q(kind="returned") | Q(kind="page_unsaid") | Q(kind="reopened", by__isnull=False)
    return case.events.filter(by_person).aggregate(at=Max("at"))["at"]


def _reopened_by_resident(case: Case) -> bool:
    """One of several residents was not satisfied: the others, who have their answer, are not answered again."""
    return case.state in OPEN and case.events.filter(kind="reopened", by__isnull=True).exists()


def _answered_by_us(case: Case, message: Message, back: datetime | None) -> bool:
    """A final answer of ours went to this very message: by its id, for networks tell whole seconds only."""
    finals = case.answers.filter(kind=Answer.Kind.FINAL).values("pk")
    sent = Outgoing.objects.filter(state=Outgoing.State.SENT, answer__in=finals, message=message.pk)
    return sent.filter(sent_at__gt=back).exists() if back else sent.exists()


def _answered_by_page(case: Case, message: Message, back: datetime | None) -> bool:
    """The page has replied in this thread by itself after the message, to it or to nobody else."""
    native = Incoming.objects.filter(
        network=message.network, page_key=message.page_key, thread_id=message.thread_id, by_page=True, action="said", sent_at__gte=message.sent_at,
        id__in=Answer.objects.filter(case=case, incoming__isnull=False).values("incoming"),
    )  # fmt: skip
    if message.channel == "comment":
        native = native.filter(reply_to__in=["", message.external_id])
    return native.filter(sent_at__gt=back).exists() if back else native.exists()


def question_of(case: Case) -> str:
    """What the residents wrote, for the checker."""
    return "\n".join(case.message_set.order_by("sent_at").values_list("text", flat=True)[:5])


def recent_texts(body_id: int | None, *, except_answer: int | None = None, limit: int = 20) -> list[str]:
    """The body's latest published answers, newest first."""
    published = Answer.objects.filter(case__body=body_id, state__in=[Answer.State.PUBLISHED, Answer.State.APPROVED])
    return list(published.exclude(pk=except_answer or 0).order_by("-id").values_list("text", flat=True)[:limit]) if body_id else []


def similar(case: Case, *, limit: int = 5) -> list[Case]:
    """Open cases that may be about the same thing: same topic and place, opened within two days."""
    if case.topic_id is None:
        return []
    near = Case.objects.filter(topic=case.topic, territory=case.territory, state__in=["new", "routed", "promised"]).exclude(pk=case.pk)
    day = timedelta(days=2)
    near = near.filter(opened_at__range=(case.opened_at - day, case.opened_at + day))
    if case.place:
        near = near.filter(place=case.place)
    return list(near.select_related("body", "topic").order_by("opened_at")[:limit])


def thread_of(case: Case) -> list[dict[str, Any]]:
    """What was said, oldest first: {"what": "message" | "answer", "at", "row", "outgoing"}."""
    said = [{"what": "message", "at": m.sent_at, "row": m} for m in case.message_set.select_related("page")]
    replies: dict[int, list[Outgoing]] = {}
    for row in Outgoing.objects.filter(answer__in=case.answers.values("pk")).select_related("page").order_by("id"):
        replies.setdefault(row.answer, []).append(row)
    shown = case.answers.exclude(state__in=[Answer.State.DRAFT, Answer.State.WITHDRAWN]).select_related("case", "author", "approved_by")
    shown = shown.prefetch_related(Prefetch("photos", PhotoReport.objects.select_related("answer__case", "before", "before_sent").order_by("pk")))
    said += [{"what": "answer", "at": a.published_at or a.saved_at, "row": a, "outgoing": replies.get(a.pk, [])} for a in shown]
    return sorted(said, key=lambda item: (item["at"], item["what"] == "answer"))
