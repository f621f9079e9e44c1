"""Answers of pages where a person publishes: prepared here, pasted there, recognised when they appear."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from django.conf import settings

from gospult.accounts import journal
from gospult.exchange import actions as exchange
from gospult.exchange.models import Incoming, Outgoing
from gospult.exchange.queries import is_copied
from gospult.lib import regions
from gospult.lib import text as words

from ..models import Answer, Case, Message
from ..queries import recipients
from ..wording import RATE_US, REFUSAL

State = Answer.State
ALIKE = 0.85  # share of equal words in order: people correct a name or leave the last line out
MOST_WORDS = 600  # of a text that are compared
IN_WORK = (State.DRAFT, State.CHECKED, State.APPROVED, State.FAILED)


def wording(answer: Answer, message: Message) -> str:
    """The answer as this resident reads it: an interim one tells his own number, so that he can look how it goes."""
    text = answer.text.strip()
    number = " ".join(message.number[at : at + 4] for at in range(0, 12, 4))
    if answer.kind != Answer.Kind.INTERIM:
        return _inviting(text, number)
    return f"{text}\n\nНомер сообщения {number}, ход работы: {settings.STATUS_URL}"


def _inviting(text: str, number: str) -> str:
    """The answer with the region's invitation to mark it, where the region has one; never after a refusal."""
    invitation = str(regions.load(settings.REGION).settings.get("marks", {}).get("invitation", ""))
    if not invitation or RATE_US.search(text) or REFUSAL.search(text):
        return text
    return f"{text}\n\n{invitation.replace('{номер}', number).replace('{адрес}', settings.STATUS_URL)}"


def to_paste(answer: Answer, waiting: Sequence[Message] | None = None) -> list[Message]:
    """Messages to which a person has still to paste the answer; who wrote after the approval waits for the next one."""
    waiting = recipients(answer.case) if waiting is None else waiting
    done = set(Outgoing.objects.filter(answer=answer.pk, state=Outgoing.State.SENT).values_list("message", flat=True))
    asked = [m for m in waiting if m.pk not in done and is_copied(m.page)]
    return [m for m in asked if answer.approved_at is None or m.received_at <= answer.approved_at]


def pasted(*, case: Case, message: Message, incoming: Incoming) -> Answer | None:
    """The page has said in the thread what was prepared for it: that reply is published, with the number that the network gave. Else None."""
    answer = case.answers.filter(state__in=IN_WORK).first()
    if answer is None or incoming.page is None or not is_copied(incoming.page) or not alike(wording(answer, message), incoming.text):
        return None
    for state in (State.CHECKED, State.APPROVED):  # pasted before anybody approved it: it stands there all the same
        if state in Answer.NEXT[State(answer.state)]:
            answer.move_to(state)
    exchange.found_published(answer=answer.pk, message=message.pk, after=message.sent_at, incoming=incoming)
    journal.write(None, "answer_pasted", answer, case=case.pk, message=message.pk, external_id=incoming.external_id)
    return answer


def alike(prepared: str, published: str) -> bool:
    """Whether a published text is the prepared one, give or take a few words; a greeting alone is not."""
    ours, theirs = words.tokens(prepared)[:MOST_WORDS], words.tokens(published)[:MOST_WORDS]
    if not ours or not theirs:
        return False
    return SequenceMatcher(None, ours, theirs, autojunk=False).ratio() >= ALIKE
