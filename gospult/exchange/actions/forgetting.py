"""Words that came in, and who said them, are forgotten when their term is over; that something came stays known.

The key of a revision stays too, so that a late repeat of the same event is not taken for a new message.
"""

from django.db import transaction
from django.db.models import Case as Choice
from django.db.models import F, Q, QuerySet, Value, When
from django.utils import timezone

from ..models import Addressee, Attachment, Incoming, Outgoing
from ..queries import term_over


@transaction.atomic
def forget(*, revisions: QuerySet[Incoming]) -> int:
    """The revisions lose text, author, files and raw answer; returns how many. Killed in between, the next run does the rest."""
    for file in Attachment.objects.filter(incoming__in=revisions).exclude(file=""):
        file.file.delete(save=False)
    Attachment.objects.filter(incoming__in=revisions).update(state=Attachment.State.FORGOTTEN, file="", source_url="", name="")
    # The id of a dialogue is the id of the person in it.
    thread = Choice(When(kind="dm", then=Value("")), default=F("thread_id"))
    return revisions.order_by().update(text="", author_id="", author_name="", attachments=[], raw={}, thread_id=thread, forgotten_at=timezone.now())


def forget_replies(*, message: int, words: bool) -> None:
    """The replies to a direct message lose the id of the dialogue, and their words when nothing else holds them."""
    gone = {"thread_id": "", "text": ""} if words else {"thread_id": ""}
    Outgoing.objects.filter(message=message, kind="dm", state__in=[Outgoing.State.SENT, Outgoing.State.WITHDRAWN]).update(**gone)


def forget_strays(*, limit: int = 500, rounds: int = 20) -> int:
    """What no case holds (the page's own words, talks with a bot, events of other kinds) is forgotten by its term; returns how many rows."""
    ours = Q(addressee=Addressee.DESK, by_page=False)
    due = Incoming.objects.filter(~ours, term_over("received_at", "kind", timezone.now()), forgotten_at=None).order_by("id")
    done = 0
    for _ in range(rounds):
        ids = list(due.values_list("pk", flat=True)[:limit])
        if not ids:
            break
        done += forget(revisions=Incoming.objects.filter(pk__in=ids))
    return done
