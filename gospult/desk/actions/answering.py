"""Answers: written, checked, approved, published to everyone who wrote; or recognised where the page gave them itself."""

import logging
import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import cast

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.exchange import actions as exchange
from gospult.exchange.models import Incoming, Outgoing
from gospult.exchange.queries import can_publish, is_autoreply
from gospult.lib import photos
from gospult.lib.errors import Refused
from gospult.registry.models import Page

from .. import checker, privacy
from ..models import OPEN, WITHOUT_CLOCK, Answer, Case, Message, PhotoReport, TemplateVersion
from ..moderation import rules
from ..queries import approve_by, around, may_sign, need_of, question_of, recent_texts, recipients, sent_back_at
from ..templating import kept
from .approving import sign, unsigned
from .copying import pasted, to_paste, wording
from .events import happened, recount
from .foreign import must_not_be_second
from .proofs import measured, photo_remarks, twin_of, works_of
from .telling import tell_approval, tell_returned

logger = logging.getLogger(__name__)

State = Answer.State
MAX_PHOTOS = 10  # VK takes no more with one reply
IN_WORK = (State.DRAFT, State.CHECKED, State.APPROVED, State.FAILED)


def _in_work(case: Case) -> Answer | None:
    return case.answers.filter(state__in=IN_WORK).first()


@transaction.atomic
def save_draft(*, case: Case, text: str, kind: str = Answer.Kind.FINAL, promised_date: date | None = None, by: Person) -> Answer:
    """The draft of a case is kept as it is typed; there is one draft, whoever writes."""
    if case.state == Case.State.MERGED:
        raise Refused("Обращение объединено с другим: отвечайте в главном.")
    Case.objects.select_for_update().get(pk=case.pk)  # two first keystrokes at once make one draft
    answer = _in_work(case)
    if answer is None:
        answer = Answer.objects.create(case=case)
    elif answer.state != State.DRAFT:
        raise Refused(f"Ответ сейчас «{State(answer.state).label}»: верните его, чтобы править.")
    answer.text, answer.kind, answer.promised_date, answer.author = text.replace("\0", ""), Answer.Kind(kind), promised_date, by
    answer.save(update_fields=["text", "kind", "promised_date", "author", "saved_at"])  # the state is not ours to write back
    return answer


@transaction.atomic
def attach_photo(*, answer: Answer, content: bytes, moment: str = PhotoReport.Moment.AFTER, by: Person) -> PhotoReport:
    """A photo of the work done, or of how it was before, is added; its EXIF is read (time), compared (place) and taken off."""
    if answer.state != State.DRAFT:
        raise Refused("Фото добавляют к черновику: верните ответ на доработку.")
    if answer.photos.count() >= MAX_PHOTOS:
        raise Refused(f"К ответу прикладывают не больше {MAX_PHOTOS} фото: уберите лишнее.")
    photo = photos.clean(content)
    if PhotoReport.objects.filter(answer=answer, sha256=photo.sha256).exists():
        raise Refused("Это фото уже приложено.")
    after = PhotoReport.Moment(moment) == PhotoReport.Moment.AFTER
    row = PhotoReport(
        answer=answer, key=secrets.token_urlsafe(18), sha256=photo.sha256, width=photo.width, height=photo.height, taken_at=photo.taken_at,
        moment=moment, by=by, dhash=photo.dhash, twin=twin_of(answer=answer, sha256=photo.sha256, dhash=photo.dhash) if after else None,
        **(measured(answer.case, photo.place) if after else {}),
    )  # fmt: skip
    row.file.save(f"{row.key}.jpg", ContentFile(photo.content), save=False)
    row.save()
    journal.write(by, "photo_attached", answer, sha256=photo.sha256)
    return row


@transaction.atomic
def detach_photo(*, photo: PhotoReport, by: Person) -> None:
    """A photo is taken off a draft."""
    if photo.answer.state != State.DRAFT:
        raise Refused("Фото убирают из черновика: верните ответ на доработку.")
    storage, name = photo.file.storage, str(photo.file.name)
    photo.delete()
    transaction.on_commit(lambda: storage.delete(name))  # a rollback must not leave a row without its picture
    journal.write(by, "photo_detached", photo.answer, sha256=photo.sha256)


def remarks(answer: Answer) -> list[checker.Remark]:
    """What the checker says of an answer."""
    case = answer.case
    found = checker.check(
        answer.text,
        question_of(case),
        answer.kind,
        answer.promised_date,
        works_of(answer).exists(),
        recent_texts(case.body_id, except_answer=answer.pk),
    )
    place = around(case)
    found = [*privacy.joined(found, privacy.check(answer.text, question_of(case), place), place), *photo_remarks(answer)]
    return sorted(found, key=lambda remark: remark.level != checker.BLOCK)


@transaction.atomic
def to_private(*, answer: Answer, by: Person) -> Answer:
    """What may not be said in public leaves the draft, and the ready words that lead to direct messages come in."""
    place, phrase = around(answer.case), rules().private_phrase
    left = privacy.without_personal(answer.text, question_of(answer.case), place)
    text = left if phrase in left else f"{phrase} {left}".strip()
    return save_draft(case=answer.case, text=text, kind=answer.kind, promised_date=answer.promised_date, by=by)


@transaction.atomic
def submit(*, answer: Answer, by: Person) -> Answer:
    """A draft goes to approval, unless the checker finds something that must not be published; the approvers are told."""
    _hand_in(answer, by)
    tell_approval(answer)
    return answer


def _hand_in(answer: Answer, by: Person) -> None:
    case = Case.objects.select_for_update().get(pk=answer.case_id)  # it may have been closed while the answer was written
    _must_take_answers(case)
    must_not_be_second(case)
    if answer.kind == Answer.Kind.INTERIM and (answer.promised_date is None or answer.promised_date < timezone.localdate()):
        raise Refused("Промежуточный ответ обещает дату: укажите день, не раньше сегодняшнего, когда ответите окончательно.")
    found = remarks(answer)
    blocking = [r.text for r in found if r.level == "block"]
    if blocking:
        raise Refused(" ".join(blocking))
    answer.move_to(
        State.CHECKED,
        checked_by=by,
        approve_by=approve_by(answer),
        remarks=[{"code": r.code, "level": r.level, "text": r.text} for r in found],
        returned_because="",
        template_kept=template_kept(answer),
    )
    happened(case=answer.case, event="answer_checked", by=by, answer=answer.pk)
    journal.write(by, "answer_submitted", answer, case=answer.case_id)


def template_kept(answer: Answer) -> float | None:
    """How much of its template the answer has kept; None when it was made without one."""
    version = TemplateVersion.objects.filter(pk=answer.template_version_id or 0).first()
    return kept(version.text, answer.text) if version else None


def _must_take_answers(case: Case) -> None:
    if case.state not in (*OPEN, Case.State.ANSWERED) and case.kind not in WITHOUT_CLOCK:
        raise Refused(f"Обращение {case.number} уже «{Case.State(case.state).label}»: верните его в работу, чтобы ответить.")


@transaction.atomic
def return_draft(*, answer: Answer, why: str, by: Person) -> Answer:
    """An answer waiting for approval goes back to its author with a reason."""
    if not why.strip():
        raise Refused("Напишите, что исправить: без этого ответ не вернуть.")
    answer.move_to(State.DRAFT, returned_because=why, **unsigned(answer))
    event = happened(case=answer.case, event="answer_returned", by=by, answer=answer.pk, why=why)
    tell_returned(answer, event.pk)
    journal.write(by, "answer_returned", answer, case=answer.case_id)
    return answer


@transaction.atomic
def approve(*, answer: Answer, by: Person) -> Answer:
    """The last approver hands the answer to the exchange: one reply for every author, in his own thread, after the time to undo."""
    case = Case.objects.select_for_update().get(pk=answer.case_id)  # nobody closes or merges it under the answer's feet
    _must_take_answers(case)
    must_not_be_second(case)
    waiting = recipients(case)
    if not waiting:
        raise Refused("Отвечать некому: сообщения удалены или на них уже ответили на странице.")
    by_person = to_paste(answer, waiting)
    if [m for m in waiting if m not in by_person and not can_publish(m.page)]:
        raise Refused("Страница подключена только на чтение: опубликуйте ответ на ней сами и нажмите «Отметить опубликованным».")
    if not sign(answer=answer, by=by):
        return answer  # one more person looks first
    answer.move_to(State.APPROVED, approved_by=by, approved_at=timezone.now())
    pictures = [{"file": str(p.file.name), "name": f"{p.pk}.jpg", "link": public_link(p)} for p in works_of(answer)]
    back = sent_back_at(case)
    for message in [m for m in waiting if m not in by_person]:
        # What the page said before the case came back is known and was not enough: it does not hold this answer back.
        after = max(message.sent_at, back or message.sent_at)
        exchange.enqueue(
            page=cast(Page, message.page), kind=message.channel, thread_id=message.thread_id, reply_to=message.external_id, after=after,
            text=wording(answer, message), answer=answer.pk, message=message.pk, photos=pictures,
            not_before=timezone.now() + timedelta(seconds=settings.UNDO_SECONDS),
        )  # fmt: skip
    happened(case=case, event="answer_approved", by=by, answer=answer.pk)
    journal.write(by, "answer_approved", answer, case=case.pk, replies=len(waiting) - len(by_person), by_hand=len(by_person))
    return answer


def public_link(photo: PhotoReport) -> str:
    """The public address of a photo report, for networks that refuse pictures."""
    return settings.URL + reverse("desk:report_photo", args=[photo.key])


@transaction.atomic
def send(*, answer: Answer, by: Person) -> Answer:
    """Check and approve at once; where a policy wants another person, the answer is left for him."""
    if answer.state == State.DRAFT:
        _hand_in(answer, by)
    if may_sign(answer, by):
        tell_approval(answer)
        return answer
    return approve(answer=answer, by=by)


@transaction.atomic
def withdraw(*, answer: Answer, by: Person) -> Answer:
    """«Отменить» within the time to undo, or after every reply has failed: nothing has left, and the answer becomes a draft again."""
    if answer.state in (State.APPROVED, State.FAILED):
        if not exchange.withdraw(answer=answer.pk):
            raise Refused("Ответ уже уходит в сеть или ушёл части жителей: отменить его нельзя.")
        gone = [Outgoing.State.WITHDRAWN, Outgoing.State.FAILED]
        Outgoing.objects.filter(answer=answer.pk, state__in=gone).delete()  # or a new approval would find them
    answer.move_to(State.DRAFT, **unsigned(answer))
    happened(case=answer.case, event="answer_withdrawn", by=by, answer=answer.pk)
    journal.write(by, "answer_withdrawn", answer, case=answer.case_id)
    return answer


@transaction.atomic
def retry(*, answer: Answer, by: Person) -> Answer:
    """Replies that failed, or whose outcome nobody knows, go out again after a person has looked."""
    if answer.state != State.FAILED:
        raise Refused("Повторять нечего: обновите страницу.")
    answer.move_to(State.APPROVED)
    for row in Outgoing.objects.filter(answer=answer.pk, state__in=[Outgoing.State.FAILED, Outgoing.State.UNKNOWN], needs_person=True):
        exchange.repeat(row=row, by=by)
    journal.write(by, "answer_retried", answer, case=answer.case_id)
    return answer


@transaction.atomic
def mark_published(*, answer: Answer, url: str, by: Person) -> Answer:
    """A person has published the answer in the network himself and gives its address as the proof."""
    if not url.startswith(("https://", "http://")):
        raise Refused("Вставьте адрес опубликованного ответа: он начинается с https://.")
    if answer.state == State.DRAFT:
        _hand_in(answer, by)
    if answer.state == State.CHECKED:
        if (need := need_of(answer)).strict and answer.approved_times < need.count:
            raise Refused(f"Сначала ответ согласуют: по правилу «{need.why}». Опубликуйте его после этого.")
        answer.move_to(State.APPROVED, approved_by=by, approved_at=timezone.now())
    if not exchange.give_up(answer=answer.pk):
        raise Refused("Ответ как раз уходит в сеть: подождите минуту и обновите страницу.")
    journal.write(by, "answer_published_by_hand", answer, case=answer.case_id, url=url)
    _published(answer, timezone.now())
    return answer


UNDER_WAY = Q(state__in=[Outgoing.State.READY, Outgoing.State.CLAIMED]) | Q(state=Outgoing.State.UNKNOWN, needs_person=False)


def settle_due(*, limit: int = 200) -> int:
    """Answers take notice of what became of their replies; returns how many answers were settled."""
    final = Q(state__in=[Outgoing.State.SENT, Outgoing.State.FAILED, Outgoing.State.WITHDRAWN], settled_at=None)
    asked = Q(state=Outgoing.State.UNKNOWN, needs_person=True, settled_at=None)
    due = Outgoing.objects.filter(final | asked, ~Exists(Outgoing.objects.filter(UNDER_WAY, answer=OuterRef("answer"))))
    done = 0
    for pk in list(due.order_by("answer").values_list("answer", flat=True).distinct()[:limit]):
        try:
            with transaction.atomic():
                done += _settle(pk)
        except Exception:
            logger.exception("answer %s was not settled", pk)  # the others must not wait for it
    return done


def _settle(pk: int) -> int:
    answer = Answer.objects.select_for_update(skip_locked=True).select_related("case").filter(pk=pk).first()
    rows = list(Outgoing.objects.select_for_update().filter(answer=pk))
    if answer is None or Outgoing.objects.filter(UNDER_WAY, answer=pk).exists():
        return 0
    Outgoing.objects.filter(pk__in=[r.pk for r in rows], settled_at=None).update(settled_at=timezone.now())
    if answer.state not in (State.APPROVED, State.FAILED):
        return 1
    sent = [r.sent_at for r in rows if r.state == Outgoing.State.SENT and r.sent_at]
    troubles = [r for r in rows if r.state in (Outgoing.State.FAILED, Outgoing.State.UNKNOWN)]
    if troubles:
        if answer.state == State.APPROVED:
            answer.move_to(State.FAILED)
            happened(case=answer.case, event="answer_failed", answer=answer.pk, why=troubles[0].error)
    elif to_paste(answer):
        pass  # a person has not yet pasted it everywhere
    elif sent:
        _published(answer, max(sent))
    else:
        answer.move_to(State.WITHDRAWN)  # the page answered everybody by itself
    recount(case=answer.case)
    return 1


def _published(answer: Answer, at: datetime) -> None:
    case = answer.case
    answer.move_to(State.PUBLISHED, published_at=at)
    if answer.kind == Answer.Kind.INTERIM:
        happened(case=case, event="interim_published", at=at, answer=answer.pk, promised=answer.promised_date and answer.promised_date.isoformat())
        if case.state in OPEN:
            case.move_to(Case.State.PROMISED)
    else:
        happened(case=case, event="answer_published", at=at, answer=answer.pk)
        if case.state in OPEN:
            case.move_to(Case.State.ANSWERED, answered_at=at)
    recount(case=case)


def native_answer(*, incoming: Incoming) -> Answer | None:
    """A reply that the page gave in the network's own app becomes the answer of the case; waiting drafts are withdrawn."""
    message = _answered_by(incoming)
    if message is None or message.case is None:
        return None
    case = message.case.merged_into or message.case
    if _by_itself(incoming):
        if not case.events.filter(kind="page_said", data__incoming=incoming.pk).exists():
            happened(case=case, event="page_said", at=incoming.sent_at, incoming=incoming.pk)
        return None
    if (found := pasted(case=case, message=message, incoming=incoming)) is not None:
        if to_paste(found):
            happened(case=case, event="page_replied", at=incoming.sent_at, answer=found.pk, message=message.pk)
        elif not Outgoing.objects.filter(UNDER_WAY, answer=found.pk).exists():
            _published(found, incoming.sent_at)
        return found
    answer = Answer.objects.create(
        case=case, state=State.NATIVE, text=incoming.text, incoming=incoming, published_at=incoming.sent_at, kind=Answer.Kind.FINAL
    )
    if case.state not in OPEN:
        happened(case=case, event="page_said", at=incoming.sent_at, answer=answer.pk)
        return answer
    _stop_waiting(case, message)
    if recipients(case):  # others who wrote about it have not been answered yet
        happened(case=case, event="page_replied", at=incoming.sent_at, answer=answer.pk, message=message.pk)
    else:
        happened(case=case, event="native_answer", at=incoming.sent_at, answer=answer.pk, message=message.pk)
        case.move_to(Case.State.ANSWERED, answered_at=incoming.sent_at)
    recount(case=case)
    return answer


def _by_itself(incoming: Incoming) -> bool:
    """Whether it is the page's autoresponder that replied to the latest words before it."""
    words = Message.objects.filter(network=incoming.network, page_key=incoming.page_key, thread_id=incoming.thread_id)
    asked = words.filter(sent_at__lte=incoming.sent_at).order_by("-sent_at").values_list("sent_at", flat=True).first()
    return asked is not None and is_autoreply(kind=incoming.kind, asked=asked, replied=incoming.sent_at)


def _stop_waiting(case: Case, message: Message) -> None:
    """Replies to this author that have not left are withdrawn; the draft too, when nobody else waits for it."""
    waiting = Outgoing.objects.filter(message__in=_same_author(case, message), state=Outgoing.State.READY)
    waiting.update(state=Outgoing.State.WITHDRAWN, error="На странице уже ответили.")
    draft = _in_work(case)
    if draft is None or recipients(case):
        return
    # An approved one with replies of its own is settled by what becomes of them; one that a person was to paste has none.
    to_be_pasted = draft.state == State.APPROVED and not Outgoing.objects.filter(answer=draft.pk).exists()
    if draft.state in (State.DRAFT, State.CHECKED) or to_be_pasted:
        draft.move_to(State.WITHDRAWN)


def _same_author(case: Case, message: Message) -> Sequence[int]:
    same = case.message_set.filter(page=message.page, thread_id=message.thread_id, author_id=message.author_id)
    return list(same.values_list("pk", flat=True))


def _answered_by(incoming: Incoming) -> Message | None:
    """The message that a reply of the page answers: the one it names, else the latest one before it in the thread."""
    thread = Message.objects.filter(network=incoming.network, page_key=incoming.page_key, thread_id=incoming.thread_id).exclude(case=None)
    thread = thread.select_related("case__merged_into", "page")
    named = thread.filter(external_id=incoming.reply_to).first() if incoming.reply_to else None
    return named or thread.filter(sent_at__lte=incoming.sent_at).order_by("-sent_at", "-id").first()
