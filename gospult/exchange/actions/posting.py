"""Posts on their way out: the same order as in `delivery`, on a wall instead of in a thread.

What may have been published is looked for among the page's latest posts. Found, it is sent. Not found, it goes out again
only where the network itself throws a double away (the guard) and the wall was really read; else a person decides.
"""

import logging
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.storage import storages
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused
from gospult.networks.base import Network, NetworkError, Post
from gospult.registry.models import Page

from ..models import Posting
from ..queries import can_do, connector
from .outcomes import CLOCK_SKEW, GUARD_LASTS, MAX_ATTEMPTS, failed, find_stuck, not_read, settle, take_unknown

logger = logging.getLogger(__name__)

State = Posting.State
MAYBE_OUT = "unknown"  # it goes out again under its guard: an earlier try may be out already
LOOK_THROUGH = 50  # of the latest posts: more are not written within minutes
CLAIM_LOCK = 0x706F7374
CANNOT_POST = "Страница больше не даёт публиковать записи: опубликуйте запись сами и вставьте её адрес или верните ключ и повторите."
PHOTO_REFUSED = "Сеть не принимает фото с этим ключом: уберите фото или подключите ключ, который их принимает."
GONE_OUT = "Запись уже уходит в сеть: изменить её можно только там."
ADDRESS = re.compile(r"https?://[\w.:-]+/(?:[^?#]*/)?(?:wall-?\d+_)?([\w.,-]+?)/?(?:[?#].*)?")
OPENED = re.compile(r"https?://[^?#]+\?(?:[^#]*&)?w=wall-?\d+_(\d+)(?:[^\d].*)?")  # a post of VK opened over its page


@transaction.atomic
def enqueue_post(*, page: Page, publication: int, text: str, photos: Sequence[dict[str, str]] = (), not_before: datetime | None = None) -> Posting:
    """A post waits to be published; a second one for the same publication is the first one."""
    told = {"page": page, "text": text, "photos": list(photos), "not_before": not_before or timezone.now()}
    row, _ = Posting.objects.get_or_create(publication=publication, defaults=told)
    return row


@transaction.atomic
def change_post(*, publication: int, text: str, photos: Sequence[dict[str, str]], not_before: datetime) -> None:
    """A post that nobody has tried to publish yet gets other words, photos or another hour; Refused after the first try."""
    waiting = Posting.objects.filter(publication=publication, state=State.READY, first_claimed_at=None)
    if not waiting.update(text=text, photos=list(photos), not_before=not_before):
        raise Refused(GONE_OUT)


@transaction.atomic
def withdraw_post(*, publication: int) -> None:
    """A post that has not left never leaves; Refused while it is leaving, when it has left or may have."""
    row = Posting.objects.select_for_update().get(publication=publication)
    if row.state == State.READY and row.fault == MAYBE_OUT:
        raise Refused(GONE_OUT)
    row.move_to(State.WITHDRAWN, needs_person=False)


def publish_due(*, limit: int = 50) -> int:
    """Publish what is due, one after another; returns how many were tried."""
    for number in range(limit):
        row = _claim()
        if row is None:
            return number
        _publish(row)
    return limit


def _claim() -> Posting | None:
    """Take the post that waits longest; the same words on the same page wait for one another, so that reading back confuses nothing."""
    under_way = Posting.objects.filter(page=OuterRef("page"), text=OuterRef("text"), state__in=[State.CLAIMED, State.UNKNOWN])
    now = timezone.now()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CLAIM_LOCK])
        due = Posting.objects.filter(~Exists(under_way), state=State.READY, not_before__lte=now)
        row = due.order_by("not_before", "id").select_for_update(skip_locked=True).first()
        if row is not None:
            row.move_to(State.CLAIMED, claimed_at=now, first_claimed_at=row.first_claimed_at or now, attempts=row.attempts + 1)
    return row


def _publish(row: Posting) -> None:
    if not can_do(row.page, "publish"):  # a key was taken away after the post was planned
        settle(row, State.FAILED, needs_person=True, fault="unsupported", error=CANNOT_POST)
        return
    leaving = False
    try:
        network = connector(row.page)
        earlier = _look(network, row) if row.first_claimed_at != row.claimed_at else None
        if earlier:
            _found(row, network, earlier)
            return
        references = [_upload(network, photo) for photo in row.photos]
        leaving = True
        sent = network.publish(row.text, guard=row.guard, attachments=references)
    except NetworkError as error:
        failed(row, error, since=row.first_claimed_at)
    except Exception as error:
        logger.exception("posting %s was not published", row.pk)
        failed(row, NetworkError(f"Внутренняя ошибка: {type(error).__name__}", permanent=True, outcome_unknown=leaving))
    else:
        settle(row, State.SENT, **_proof(sent.external_id, sent.url, timezone.now()))


def _proof(external_id: str, url: str, at: datetime) -> dict[str, object]:
    return {"external_id": external_id, "url": url, "sent_at": at, "error": "", "fault": "", "needs_person": False}


def _upload(network: Network, photo: dict[str, str]) -> str:
    """A post without its photo is another post: where the network refuses pictures, nothing leaves."""
    with storages["private"].open(photo["file"]) as file:
        content = file.read()
    try:
        return network.upload("", kind="post", name=photo["name"], content=content)
    except NetworkError as error:
        refused = error.fault in ("unsupported", "access")
        # An upload shows nobody anything, so its failure is never an unknown outcome of the post.
        told = PHOTO_REFUSED if refused else str(error)
        raise NetworkError(told, fault=error.fault, permanent=refused or error.permanent, retry_after=error.retry_after) from error


def _look(network: Network, row: Posting) -> Post | None:
    """The post among the page's latest; None when it is not there, or where this page's keys show no wall."""
    try:
        posts = network.posts(count=LOOK_THROUGH)
    except NetworkError as error:
        if error.fault in ("unsupported", "access"):
            return None
        raise NetworkError(str(error), fault=error.fault, permanent=error.permanent, retry_after=error.retry_after) from error
    others = set(Posting.objects.filter(page=row.page).exclude(pk=row.pk).exclude(external_id="").values_list("external_id", flat=True))
    return next((post for post in posts if post.external_id not in others and _is_mine(row, post)), None)


def _is_mine(row: Posting, post: Post) -> bool:
    since = (row.first_claimed_at or row.created_at) - CLOCK_SKEW
    same = " ".join(post.text.split()) == " ".join(row.text.split())
    pictures = sum(item.kind == "photo" for item in post.attachments)
    return same and post.sent_at >= since and not post.is_repost and pictures == len(row.photos)


def _found(row: Posting, network: Network, post: Post) -> None:
    settle(row, State.SENT, **_proof(post.external_id, network.post_url(post.external_id), post.sent_at))


def read_posts_back_due(*, limit: int = 50) -> int:
    """Find out what became of posts with an unknown outcome; returns how many were looked at."""
    find_stuck(Posting, "Процесс отправки прервался.")
    began = timezone.now()
    for number in range(limit):
        row = take_unknown(Posting, began)
        if row is None:
            return number
        _read_back(row)
    return limit


def _read_back(row: Posting) -> None:
    reads = can_do(row.page, "posts")
    try:
        network = connector(row.page)
        found = _look(network, row) if reads else None
    except NetworkError as error:
        not_read(row, error.retry_after)
        return
    except Exception:
        logger.exception("posting %s was not read back", row.pk)
        not_read(row)
        return
    in_time = (row.first_claimed_at or row.created_at) > timezone.now() - GUARD_LASTS
    if found:
        _found(row, network, found)
    elif reads and network.guards and row.attempts < MAX_ATTEMPTS and in_time:
        settle(row, State.READY, fault=MAYBE_OUT, not_before=timezone.now() + timedelta(seconds=settings.RETRY_BASE * 2 ** (row.attempts - 1)))
    else:
        Posting.objects.filter(pk=row.pk, state=State.UNKNOWN).update(needs_person=True)


@transaction.atomic
def repeat_post(*, row: Posting, by: Person) -> None:
    """A person has looked and says that the post is not there: it goes out again."""
    if not row.needs_person:
        raise Refused("Запись ещё ищем в сети: подождите минуту и обновите страницу.")
    row.move_to(State.READY, not_before=timezone.now(), attempts=0, read_backs=0, needs_person=False)
    journal.write(by, "post_repeated", row)


@transaction.atomic
def confirm_post(*, row: Posting, address: str, by: Person) -> None:
    """A person has found the post in the network, or has published it himself: its address is the proof."""
    told = OPENED.fullmatch(address.strip()) or ADDRESS.fullmatch(address.strip())
    if not told:
        raise Refused("Вставьте адрес записи целиком, он начинается с https://: без него нельзя сказать «опубликовано».")
    if Posting.objects.filter(page=row.page, external_id=told[1]).exclude(pk=row.pk).exists():
        raise Refused("По этому адресу другая запись, она уже учтена: вставьте адрес этой.")
    row.move_to(State.SENT, **_proof(told[1][:120], address.strip()[:500], timezone.now()))
    journal.write(by, "post_confirmed", row, external_id=told[1])
