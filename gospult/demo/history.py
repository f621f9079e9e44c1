"""The demo's last month: messages that came and what became of them, so that the queue is not empty at the first look.

They are said in a sandbox of their own, which gives them each network's ids, enter as webhook events do and are worked on through
the desk's actions; afterwards the times of these rows are moved to where they would have stood. The journal is not touched: it says
when the demo was filled.
"""

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from gospult.desk import actions as desk
from gospult.desk.models import OPEN, Answer, Case, Message
from gospult.exchange import actions as exchange
from gospult.exchange.models import Incoming, Outgoing
from gospult.networks.base import Attachment, Event, Utterance, UtteranceKind
from gospult.networks.testing import Sandbox
from gospult.registry.models import Body, Page

from . import scenes
from .cast import TROUBLED, networks_of, number_of
from .residents import MARKS_AFTER, NATIVE, THANKS_AFTER, UNSOLVED_AFTER, Line, endless
from .staff import Staff
from .wall import NEWS, demo_pages, page_number

CASES = 240
DAYS = 31.0
SEED = 74
LATELY = timedelta(days=5)
# What becomes of a message of the past → its weight: of the last days, of the weeks before, and where a branch is in trouble.
ENDS = {"waits": 22, "answered": 20, "closed": 22, "native": 10, "checked": 6, "promised": 5, "failed": 2, "thanked": 7, "marked": 6}
OLDER = {"waits": 1, "answered": 6, "closed": 42, "native": 14, "thanked": 14, "marked": 18, "unsolved": 3, "bounced": 1}
TROUBLE = {"waits": 34, "answered": 10, "closed": 12, "native": 6, "checked": 6, "unsolved": 14, "bounced": 12, "marked": 6}
AFTER = {"thanked": THANKS_AFTER, "marked": MARKS_AFTER, "unsolved": UNSOLVED_AFTER}
FRESH = timedelta(hours=2)  # what came so lately is not answered yet
SLOWLY = 4.0  # so many times longer the troubled branch takes


def fill_history(*, say: Callable[[str], None], cases: int = CASES) -> None:
    """The past is written whole or not at all, once."""
    if Message.objects.exists():
        return
    say(f"История: {cases} сообщений за последний месяц…")
    # It stands in this very process: no other server is waited for inside the transaction.
    with Sandbox() as rehearsal, transaction.atomic():
        _History(demo_pages(), rehearsal).write(cases)


class _History:
    def __init__(self, pages: list[Page], rehearsal: Sandbox) -> None:
        self.dice = random.Random(SEED)
        self.pages = {(page.network, page_number(page)): page for page in pages}
        self.walls = {page.network: rehearsal.at(page.network) for page in pages}
        self.posts: dict[int, list[str]] = {}
        self.spoken: dict[tuple[int, str], tuple[str, str]] = {}  # page and what was said there → under which post, by whom in the rehearsal
        for network, number in self.pages:
            self._open(network, number)
        self.now = timezone.now()
        self.staff = Staff(seed=SEED)
        self.troubled = set(Body.objects.filter(Q(code=TROUBLED) | Q(parent__code=TROUBLED)).values_list("pk", flat=True))

    def _open(self, network: str, number: int) -> None:
        page = self.pages[network, number]
        self.walls[network].add_page(number, name=page.name, handle=page.handle)
        self.posts[page.pk] = [self.walls[network].add_post(number, text) for text in NEWS]

    def write(self, cases: int) -> None:
        # Two of five within the last days: a desk has little old work.
        moments = sorted(self.now - timedelta(days=DAYS * self.dice.random() ** 2) for _ in range(cases))
        for moment, line in zip(moments, islice(endless(SEED), cases), strict=True):
            self._heard(line, moment)
        _take_all()
        for case in Case.objects.filter(state__in=OPEN).order_by("pk"):
            self._live(case)
        scenes.play()
        Incoming.objects.update(received_at=F("sent_at") + timedelta(seconds=4))
        Message.objects.update(received_at=F("sent_at") + timedelta(seconds=4))

    def _heard(self, line: Line, at: datetime) -> None:
        network, number = self.dice.choice(networks_of(line.page)), number_of(line.page)
        page, wall = self.pages[network, number], self.walls[network]
        # Two people of one name are two people: each has a number of his own.
        author = f"{line.author} {at.timestamp()}"
        post = self.dice.choice(self.posts[page.pk]) if line.channel == "comment" else ""
        about: dict[str, Any] = {"author": author, "at": int(at.timestamp())}
        made = wall.comment(number, post, line.text, **about) if post else wall.message(number, line.text, **about)
        self.spoken[page.pk, made["id"]] = post, author
        pictures = tuple(Attachment("photo", f"photo{made['author']}_{made['id']}", name="Фото") for _ in line.attachments)
        words = {"author_id": str(made["author"]), "author_name": line.author, "by_page": False, "attachments": pictures}
        _record(page, _utterance(made, line.text, at, **words))

    def _live(self, case: Case) -> None:
        """What became of one case."""
        troubled = (case.body_id or case.suggested_body_id) in self.troubled
        ends = TROUBLE if troubled else ENDS if case.opened_at > self.now - LATELY else OLDER
        end = self.dice.choices(list(ends), weights=list(ends.values()))[0]
        if end == "waits" or case.opened_at > self.now - FRESH:
            return
        hours = min(30.0, self.dice.lognormvariate(0.8, 0.8)) * (SLOWLY if troubled else 1)
        at = min(case.opened_at + timedelta(hours=hours), self.now - timedelta(minutes=5))
        self.staff.today = lambda: timezone.localdate(None if end == "promised" else at)
        if end == "native":
            self._native(case, at)
        elif end == "bounced":
            self._bounced(case)
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
            self.staff.notice_one(case)
            desk.close(case=case, by=self.staff.operator)
        elif end in AFTER:
            self._afterwards(case, at + timedelta(hours=1), AFTER[end])

    def _bounced(self, case: Case) -> None:
        """«Не наше», once and again: an arbiter is asked."""
        for _ in range(2):
            if self._ready_to_answer(case) and case.state == Case.State.ROUTED:
                desk.bounce(case=case, why="Этот участок не на нашем балансе.", by=self.staff.executor)
                case.refresh_from_db()

    def _sent(self, row: Outgoing, at: datetime, *, failed: bool) -> None:
        row.move_to(Outgoing.State.CLAIMED, claimed_at=at, first_claimed_at=at, attempts=1)
        if failed:
            error = "Комментарии под записью закрыты: ответьте в личных сообщениях или откройте их."
            row.move_to(Outgoing.State.FAILED, needs_person=True, fault="closed", error=error)
        else:
            made = self._by_page(row.page, row.thread_id, row.text, row.reply_to, at)
            row.move_to(Outgoing.State.SENT, external_id=made["id"], sent_at=at)

    def _native(self, case: Case, at: datetime) -> None:
        asked = case.message_set.select_related("page").order_by("sent_at").first()
        if asked and asked.page:
            self._said(asked, at, self.dice.choice(NATIVE), by_page=True)

    def _afterwards(self, case: Case, at: datetime, words: Sequence[str]) -> None:
        """What the resident says to the answer."""
        asked = case.message_set.select_related("page").order_by("sent_at").first()
        if asked and asked.page and at < self.now:
            self._said(asked, at, self.dice.choice(words), by_page=False)

    def _said(self, asked: Message, at: datetime, text: str, *, by_page: bool) -> None:
        """Something more in the thread of a message."""
        assert asked.page is not None
        network, number = asked.page.network, page_number(asked.page)
        wall, (post, author) = self.walls[network], self.spoken[asked.page.pk, asked.external_id]
        if by_page:
            made = self._by_page(asked.page, asked.thread_id, text, asked.external_id, at)
        elif post:
            made = wall.comment(number, post, text, author=author, reply_to=asked.external_id, at=int(at.timestamp()))
        else:
            made = wall.message(number, text, author=author, at=int(at.timestamp()))
        words = {"author_id": f"-{number}" if by_page else asked.author_id, "author_name": "" if by_page else asked.author_name, "by_page": by_page}
        _record(asked.page, _utterance(made | {"thread": asked.thread_id}, text, at, reply_to=asked.external_id, **words))
        _take_all()

    def _by_page(self, page: Page, thread: str, text: str, reply_to: str, at: datetime) -> dict[str, Any]:
        return self.walls[page.network].native(page_number(page), thread, text, reply_to=reply_to, at=int(at.timestamp()))

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


def _utterance(made: dict[str, Any], text: str, at: datetime, **words: Any) -> Utterance:
    """What the sandbox made, in the words of a connector."""
    kind: UtteranceKind = "comment" if made["id"].startswith("c") else "dm"
    return Utterance(kind=kind, external_id=made["id"], thread_id=made["thread"], text=text, sent_at=at, **words)


def _record(page: Page, said: Utterance) -> None:
    event = Event(action="said", page_id=page.external_id or "", utterance=said, raw={"demo": True})
    exchange.record(network=page.network, page_key=page.external_id or "", page_id=page.pk, event=event)


def _take_all() -> None:
    while desk.take_waiting():
        pass
