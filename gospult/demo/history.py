"""The demo's last days: messages that came and what became of them, so that the queue is not empty at the first look.

They enter as webhook events do and are worked on through the desk's actions; afterwards the times of
these rows are moved to where they would have stood. The journal is not touched: it says when the demo was filled.
"""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count, islice

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from gospult.desk import actions as desk
from gospult.desk.models import OPEN, Answer, Case, Message
from gospult.exchange import actions as exchange
from gospult.exchange.models import Incoming, Outgoing
from gospult.networks.base import Attachment, Event, Utterance
from gospult.registry.models import Page

from .cast import FIRST_PAGE, PAGES
from .residents import NATIVE, THANKS_AFTER, Line, endless
from .staff import Staff
from .wall import POSTS, demo_pages

CASES = 180
DAYS = 5.0
SEED = 74
FIRST_RESIDENT = 5001  # the sandbox numbers its new residents after the highest that it knows
# What becomes of a message of the past → its weight; the first has never been touched.
ENDS = {"waits": 22, "answered": 20, "closed": 28, "native": 10, "checked": 6, "promised": 5, "failed": 2, "thanked": 7}
FRESH = timedelta(hours=2)  # what came so lately is not answered yet


def fill_history(*, say: Callable[[str], None], cases: int = CASES) -> None:
    """The past is written whole or not at all, once."""
    if Message.objects.exists():
        return
    say(f"История: {cases} сообщений за последние дни…")
    with transaction.atomic():
        _History(demo_pages()).write(cases)


class _History:
    def __init__(self, pages: list[Page]) -> None:
        self.dice = random.Random(SEED)
        self.pages = {int(page.external_id or 0): page for page in pages}
        self.numbers = {page.pk: count(len(POSTS) + 1) for page in pages}
        self.residents = count(FIRST_RESIDENT)
        self.now = timezone.now()
        self.staff = Staff(seed=SEED)

    def write(self, cases: int) -> None:
        moments = sorted(self.now - timedelta(days=DAYS * self.dice.random()) for _ in range(cases))
        for moment, line in zip(moments, islice(endless(SEED), cases), strict=True):
            self._heard(line, moment)
        _take_all()
        for case in Case.objects.filter(state__in=OPEN).order_by("pk"):
            self._live(case)
        Incoming.objects.update(received_at=F("sent_at") + timedelta(seconds=4))
        Message.objects.update(received_at=F("sent_at") + timedelta(seconds=4))

    def _heard(self, line: Line, at: datetime) -> None:
        page = self.pages[FIRST_PAGE + PAGES.index(line.page)]
        number, author = next(self.numbers[page.pk]), next(self.residents)
        comment = line.channel == "comment"
        pictures = tuple(Attachment("photo", f"photo{author}_{number}", name="Фото") for _ in line.attachments)
        said = Utterance(
            kind="comment" if comment else "dm",
            external_id=f"{'c' if comment else 'm'}{number}",
            thread_id=f"w{self.dice.choice(POSTS)}_{number}" if comment else f"d{author}",
            author_id=str(author),
            by_page=False,
            text=line.text,
            sent_at=at,
            author_name=line.author,
            attachments=pictures,
        )
        _record(page, said)

    def _live(self, case: Case) -> None:
        """What became of one case."""
        end = self.dice.choices(list(ENDS), weights=list(ENDS.values()))[0]
        if end == "waits" or case.opened_at > self.now - FRESH:
            return
        at = min(case.opened_at + timedelta(hours=min(30.0, self.dice.lognormvariate(0.8, 0.8))), self.now - timedelta(minutes=5))
        self.staff.today = lambda: timezone.localdate(None if end == "promised" else at)
        if end == "native":
            self._native(case, at)
        elif self._ready_to_answer(case):
            self._answered(case, end, at)
        self._move(case, at)

    def _ready_to_answer(self, case: Case) -> bool:
        if case.state == Case.State.NEW:
            self.staff.sort_one(case)
            case.refresh_from_db()
        return case.state in OPEN

    def _answered(self, case: Case, end: str, at: datetime) -> None:
        (self.staff.promise if end == "promised" else self.staff.answer)(case)
        if end == "checked":
            return
        answer = case.answers.get(state=Answer.State.CHECKED)
        desk.approve(answer=answer, by=self.staff.operator)
        for row in Outgoing.objects.filter(answer=answer.pk).select_related("page"):
            self._sent(row, at, failed=end == "failed")
        desk.settle_due()
        case.refresh_from_db()
        if end == "closed":
            desk.close(case=case, by=self.staff.operator)
        elif end == "thanked":
            self._thanks(case, at + timedelta(hours=1))

    def _sent(self, row: Outgoing, at: datetime, *, failed: bool) -> None:
        row.move_to(Outgoing.State.CLAIMED, claimed_at=at, first_claimed_at=at, attempts=1)
        if failed:
            error = "Комментарии под записью закрыты: ответьте в личных сообщениях или откройте их."
            row.move_to(Outgoing.State.FAILED, needs_person=True, fault="closed", error=error)
        else:
            proof = f"{'c' if row.kind == 'comment' else 'm'}{next(self.numbers[row.page_id])}"
            row.move_to(Outgoing.State.SENT, external_id=proof, sent_at=at)

    def _native(self, case: Case, at: datetime) -> None:
        asked = case.message_set.select_related("page").order_by("sent_at").first()
        if asked and asked.page:
            self._said(asked, at, self.dice.choice(NATIVE), by_page=True)

    def _thanks(self, case: Case, at: datetime) -> None:
        asked = case.message_set.select_related("page").order_by("sent_at").first()
        if asked and asked.page and at < self.now:
            self._said(asked, at, self.dice.choice(THANKS_AFTER), by_page=False)

    def _said(self, asked: Message, at: datetime, text: str, *, by_page: bool) -> None:
        """Something more in the thread of a message."""
        assert asked.page is not None
        number = next(self.numbers[asked.page.pk])
        author = "-" + (asked.page.external_id or "") if by_page else asked.author_id
        said = Utterance(
            kind="comment" if asked.channel == "comment" else "dm",
            external_id=f"{asked.external_id[0]}{number}",
            thread_id=asked.thread_id,
            author_id=author,
            by_page=by_page,
            text=text,
            sent_at=at,
            author_name="" if by_page else asked.author_name,
            reply_to=asked.external_id,
        )
        _record(asked.page, said)
        _take_all()

    def _move(self, case: Case, at: datetime) -> None:
        """The times of what was done to the case."""
        case.refresh_from_db()
        moments = {"answer_checked": at - timedelta(minutes=20), "answer_approved": at - timedelta(minutes=5), "answer_failed": at}
        for event in case.events.filter(at__gt=self.now):
            moment = moments.get(event.kind, at + timedelta(hours=2) if event.kind == "closed" else case.opened_at + timedelta(minutes=3))
            case.events.filter(pk=event.pk).update(at=max(case.opened_at, min(moment, self.now)))
        case.answers.update(created_at=moments["answer_checked"], saved_at=moments["answer_checked"])
        case.answers.exclude(approved_at=None).update(approved_at=moments["answer_approved"])
        Outgoing.objects.filter(answer__in=case.answers.values("pk")).update(created_at=moments["answer_approved"])
        if case.closed_at:
            Case.objects.filter(pk=case.pk).update(closed_at=min(at + timedelta(hours=2), self.now))
            case.refresh_from_db()
        desk.recount(case=case)


def _record(page: Page, said: Utterance) -> None:
    event = Event(action="said", page_id=page.external_id or "", utterance=said, raw={"demo": True})
    exchange.record(network="vk", page_key=page.external_id or "", page_id=page.pk, event=event)


def _take_all() -> None:
    while desk.take_waiting():
        pass
