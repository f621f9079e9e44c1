"""Raw revisions become messages, and messages find or open their case."""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from gospult.exchange.actions import attach
from gospult.exchange.models import Incoming
from gospult.exchange.queries import is_our_echo
from gospult.lib import text as words

from ..marks import read as read_mark
from ..models import WITHOUT_CLOCK, Answer, Case, Kind, Message
from ..queries import Verdict, judge
from .alarming import raise_alarm
from .answering import native_answer
from .control import close, reopen, thanked
from .events import happened, recount
from .hiding import back_in_sight, hidden_by_us
from .marking import hear
from .sorting import open_case, sort_case

logger = logging.getLogger(__name__)

MAX_TRIED = 1000  # rows of one round; those that must wait stand first and must not hide the others
LONG_ENOUGH = 40  # letters of a text that two people hardly write by chance
SAME_WITHIN = timedelta(days=30)
REOPEN_WITHIN = {"comment": timedelta(days=30), "dm": timedelta(days=7)}


def take_waiting(*, limit: int = 200) -> int:
    """Take what the exchange has received, oldest first; returns how many rows were taken.

    A row that cannot be taken now (the page's own reply whose sending has no outcome yet, or a row that
    hits a bug) is passed over and found again by the next round.
    """
    taken = tried = last = 0
    while taken < limit and tried < MAX_TRIED:
        row = None
        try:
            with transaction.atomic():
                row = _waiting(1, after=last).first()
                if row is None:
                    break
                tried, last = tried + 1, row.pk
                taken += take(row)
        except Exception:
            if row is None:
                raise
            logger.exception("incoming %s was not taken", row.pk)
    return taken


def take_batch(*, limit: int = 100) -> int:
    """Take many rows in one transaction, for imports; when one of them hits a bug, all are taken one by one."""
    try:
        with transaction.atomic():
            return sum(take(row) for row in _waiting(limit))
    except Exception:
        logger.exception("a batch was not taken at once")
        return take_waiting(limit=limit)


def _waiting(limit: int, after: int = 0) -> QuerySet[Incoming]:
    rows = Incoming.objects.filter(addressee="desk", taken_at=None, pk__gt=after)
    return rows.select_related("page").order_by("id").select_for_update(skip_locked=True, of=("self",))[:limit]


def take(row: Incoming) -> bool:
    """One revision is taken: a message is made, changed or deleted. False when it must wait."""
    _one_at_a_time(row)
    if row.by_page:
        echo = is_our_echo(row)
        if echo is None:
            return False
        if not echo and row.action == "said":
            native_answer(incoming=row)
    else:
        _take_resident(row)
    Incoming.objects.filter(pk=row.pk).update(taken_at=timezone.now())
    return True


def _one_at_a_time(row: Incoming) -> None:
    """Two events of one thread are never taken at once, or one person's two comments would open two cases."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{row.network}/{row.page_key}/{row.thread_id or row.external_id}"])


def _take_resident(row: Incoming) -> None:
    known = Message.objects.filter(network=row.network, page_key=row.page_key, external_id=row.external_id).first()
    if row.action == "deleted":
        _deleted(row, known)
    elif row.action in ("said", "edited", "restored"):
        if row.attachments:
            attach(row)
        if known is None:
            _new(row)
        else:
            _changed(row, known)


def _new(row: Incoming) -> Message:
    message = Message.objects.create(
        network=row.network, page=row.page, page_key=row.page_key, external_id=row.external_id, channel=row.kind, thread_id=row.thread_id,
        reply_to=row.reply_to, author_id=row.author_id, author_name=row.author_name, text=words.plain(row.text), number=row.number,
        fingerprint=words.fingerprint(row.text) if words.normalise(row.text) else "", sent_at=row.sent_at, received_at=row.received_at,
        edited_at=row.received_at if row.action == "edited" else None, has_photo=_has_picture(row),
    )  # fmt: skip
    _place_in_case(message, row)
    return message


def _place_in_case(message: Message, row: Incoming) -> None:
    """The message joins its author's case of the thread, the case of the same text, or opens a case of its own."""
    verdict = judge(message, has_photo=_has_picture(row))
    message.kind, message.verdict = verdict.kind or "", verdict.as_json()
    message.duplicate_of = _same_text(message)
    case = _case_of_thread(message, verdict) or _case_of_duplicate(message)
    case = case and _held(case)
    message.case = case or open_case(message=message, verdict=verdict, wordless=not message.text)
    message.save()
    if case:
        _joined(case, message, verdict, row)
    recount(case=message.case)
    _answered_already(message)


def _held(case: Case) -> Case:
    """The case as it is at this moment, kept from closing and merging until the message is in it."""
    held = Case.objects.select_for_update().get(pk=case.pk)
    return Case.objects.select_for_update().get(pk=held.merged_into_id) if held.merged_into_id else held


def _answered_already(message: Message) -> None:
    """The page's own reply may be heard before the words that it answers: it is their answer all the same."""
    heard = Incoming.objects.filter(network=message.network, page_key=message.page_key, thread_id=message.thread_id, by_page=True, action="said")
    heard = heard.filter(answer=None, sent_at__gte=message.sent_at).exclude(taken_at=None)
    if message.channel == "comment":
        heard = heard.filter(reply_to__in=["", message.external_id])
    for row in heard.order_by("sent_at", "id"):
        if is_our_echo(row) is False:
            native_answer(incoming=row)


def _has_picture(row: Incoming) -> bool:
    return any(item["kind"] in ("photo", "video") for item in row.attachments)


def _same_text(message: Message) -> Message | None:
    if not message.fingerprint:
        return None
    since = message.sent_at - SAME_WITHIN
    same = Message.objects.filter(fingerprint=message.fingerprint, sent_at__gte=since, duplicate_of=None, deleted_at=None).exclude(pk=message.pk)
    return same.filter(network=message.network).order_by("id").first()


def _case_of_duplicate(message: Message) -> Case | None:
    """The open case of the same long text; a short one («нет света») may be about another house."""
    first = message.duplicate_of
    if first is None or first.case is None or len(words.normalise(message.text)) < LONG_ENOUGH:
        return None
    case = first.case.merged_into or first.case
    return case if case.state in (Case.State.NEW, Case.State.ROUTED, Case.State.PROMISED) or case.kind in WITHOUT_CLOCK else None


def _case_of_thread(message: Message, verdict: Verdict) -> Case | None:
    """The case that this author already has in this thread, unless it is long over or clearly about something else."""
    if not message.author_id:
        return None
    same = Message.objects.filter(network=message.network, page_key=message.page_key, thread_id=message.thread_id, author_id=message.author_id)
    last = same.exclude(pk=message.pk).exclude(case=None).order_by("-sent_at", "-id").select_related("case__merged_into", "case__topic").first()
    if last is None or last.case is None:
        return None
    case = last.case.merged_into or last.case
    if case.state not in (Case.State.ANSWERED, Case.State.CLOSED):
        return case
    # Under a comment the thread itself is about the answered problem; a dialogue goes on for years about anything.
    other = message.channel == "dm" and _about_something_else(case, verdict)
    waits = timedelta(days=settings.MARK_DAYS) if read_mark(message.text) else timedelta(0)
    over = message.sent_at - (case.closed_at or case.answered_at or last.sent_at) > max(REOPEN_WITHIN.get(message.channel, timedelta(0)), waits)
    return None if over or other else case


def _about_something_else(case: Case, verdict: Verdict) -> bool:
    return verdict.topic is not None and case.topic is not None and verdict.topic != case.topic.code and verdict.kind != Kind.GRATITUDE


def _joined(case: Case, message: Message, verdict: Verdict, row: Incoming) -> None:
    happened(case=case, event="joined", at=message.sent_at, message=message.pk)
    raise_alarm(case=case, heard=verdict.danger, said_at=message.sent_at, at=message.received_at)
    over = case.state in (Case.State.ANSWERED, Case.State.CLOSED)
    grateful = verdict.kind == Kind.GRATITUDE and not verdict.danger
    if hear(case=case, message=message, thanks=grateful):
        return  # a mark of our answer is nothing to sort; a bad one has opened the case
    if over and grateful:
        thanked(case=case, message=message)
    elif over and case.kind not in WITHOUT_CLOCK and _says_something(message, row):
        reopen(case=case, at=message.sent_at, because="житель написал снова", by=None)
    elif case.kind in WITHOUT_CLOCK and (verdict.kind or (over and _says_something(message, row))) and verdict.kind not in WITHOUT_CLOCK:
        if over:  # put away without an answer: the clocks run from these words on
            reopen(case=case, at=message.sent_at, because="житель написал снова", by=None)
        sort_case(case=case, message=message, verdict=verdict)


def _says_something(message: Message, row: Incoming) -> bool:
    """More than «ок»: words, or a photo, video, voice or file that speaks without them."""
    files = any(item["kind"] in ("photo", "video", "voice", "file") for item in row.attachments)
    return len(words.normalise(message.text)) > settings.REOPEN_FROM_LETTERS or (files and not message.text)


def _changed(row: Incoming, message: Message) -> None:
    if row.action == "restored":
        message.deleted_at = None
        back_in_sight(row=row, message=message)
        message.hidden_at = Message.objects.values_list("hidden_at", flat=True).get(pk=message.pk)
    if row.action == "said" and (message.edited_at or message.text):
        return  # the first wording has come after its edit: the edit stays
    text = words.plain(row.text)
    first_words = not message.text and message.case is None
    changed = text != message.text
    message.text, message.fingerprint = text, words.fingerprint(row.text) if words.normalise(row.text) else ""
    message.forgotten_at = None  # new words begin a new term
    message.has_photo = message.has_photo or _has_picture(row)
    if row.action == "edited" and changed:
        message.edited_at = row.received_at
    # Only what the revision says: somebody may be hiding the comment, or merging its case, at this very moment.
    message.save(update_fields=["text", "fingerprint", "forgotten_at", "has_photo", "edited_at", "deleted_at"])
    if first_words:
        message.sent_at, message.author_id, message.thread_id, message.channel = row.sent_at, row.author_id, row.thread_id, row.kind
        _place_in_case(message, row)
        if message.deleted_at and message.case:
            _silent(message)
        return
    if message.case and message.has_photo:
        Case.objects.filter(pk=message.case.pk, has_photo=False).update(has_photo=True)
    if message.case and changed:
        happened(case=message.case, event="edited", at=row.received_at, message=message.pk)
        raise_alarm(case=message.case, heard=judge(message, has_photo=False).danger, said_at=row.received_at, at=row.received_at)
        if not hear(case=message.case, message=message):
            _sort_again(message, row)
    if row.action == "restored" and message.case and message.case.closed_as == "deleted":
        reopen(case=message.case, at=row.received_at, because="сообщение восстановлено", by=None)


def _sort_again(message: Message, row: Incoming) -> None:
    """An edit may add the address or turn a complaint into thanks; what a person has decided stays."""
    case = message.case
    if case is None:
        return
    put_away = case.state == Case.State.CLOSED and case.closed_as in WITHOUT_CLOCK
    if case.state not in (Case.State.NEW, Case.State.ROUTED) and not put_away:
        return
    if case.events.filter(kind__in=["triaged", "routed", "kind_changed"], by__isnull=False, undone=False).exists() or case.answers.exists():
        return
    verdict = judge(message, has_photo=_has_picture(row))
    message.kind, message.verdict = verdict.kind or "", verdict.as_json()
    message.save(update_fields=["kind", "verdict"])
    if put_away and verdict.kind in WITHOUT_CLOCK:
        return
    if put_away:
        reopen(case=case, at=row.received_at, because="житель изменил текст", by=None)
    sort_case(case=case, message=message, verdict=verdict)
    recount(case=case)


def _deleted(row: Incoming, message: Message | None) -> None:
    """A deletion is a fact; the text stays until its term. It may come before the words themselves."""
    if message is None and _page_unsaid(row):
        return
    if message is None:
        Message.objects.create(
            network=row.network, page=row.page, page_key=row.page_key, external_id=row.external_id, channel=row.kind, thread_id=row.thread_id,
            number=row.number, sent_at=row.sent_at, received_at=row.received_at, deleted_at=row.received_at,
        )  # fmt: skip
    elif message.deleted_at is None and not hidden_by_us(row=row, message=message):
        message.deleted_at = row.received_at
        message.save(update_fields=["deleted_at"])
        if message.case:
            happened(case=message.case, event="deleted", at=row.received_at, message=message.pk)
            _silent(message)


def _page_unsaid(row: Incoming) -> bool:
    """The page has deleted a reply of its own: a case that was answered by nothing else is in work again."""
    said = Incoming.objects.filter(network=row.network, page_key=row.page_key, external_id=row.external_id, by_page=True).first()
    if said is None:
        return False
    answer = Answer.objects.filter(incoming=said).select_related("case").first()
    if answer is None:
        return True
    happened(case=answer.case, event="page_unsaid", at=row.received_at, answer=answer.pk)
    others = answer.case.answers.filter(state__in=[Answer.State.PUBLISHED, Answer.State.NATIVE]).exclude(pk=answer.pk)
    if answer.case.state == Case.State.ANSWERED and not others.exists():
        reopen(case=answer.case, at=row.received_at, because="страница удалила свой ответ", by=None)
    return True


def _silent(message: Message) -> None:
    """A case with nothing left to answer is closed, unless somebody already works on its answer."""
    case = message.case
    if case is None or case.state not in (Case.State.NEW, Case.State.ROUTED) or case.answers.exists() or case.danger:
        return
    if not case.message_set.filter(deleted_at=None).exists():
        close(case=case, closed_as="deleted", by=None)
