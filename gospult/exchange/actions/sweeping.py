"""Sweeps over all pages of a network, portion after portion, within what the tokens have left.

What has been read stands in rows, and the next portion is asked from them: a killed process loses the portion that it was at, no more.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from gospult.accounts import journal
from gospult.accounts.models import Person
from gospult.lib.errors import Refused
from gospult.networks.base import Network, NetworkError, PageCard, Post
from gospult.networks.registry import NETWORKS
from gospult.registry.models import Page

from ..limits import Limits, limits
from ..models import Card, Sweep, Task, Token, Wall
from ..queries import PAST, pages_to_sweep, service_connector, service_kinds, wall_calls_left
from ..queries import connector as page_connector
from .intake import clean

MAX_SECONDS = 50.0  # of one turn: others want the worker too
OLDER_POSTS = 100  # of one call into the past
OLDER_CALLS = 10  # of one page before the next one's turn
OVERLAP = 5  # posts read twice, lest a deletion meanwhile hides one
IN_VAIN = timedelta(days=7)  # before a page that does not show its past is asked again
TURN = 3.0  # seconds between two words of progress
WALL_PORTION = 50  # pages: two batches of 25
PORTIONS = {"walls": WALL_PORTION, "history": 5}
WALL_POSTS = 50  # the latest of a wall, one call
PAUSE = 60.0  # seconds, where the network does not say how long
# What concerns this page only; any other fault would meet the next page too.
OF_ITS_OWN = {"access", "gone", "closed", "invalid", "unsupported"}

NEEDED = ("network", "external_id", "handle", "name")  # of a page, to ask for it and to hand its posts on

TakePosts = Callable[[Page, Sequence[Post]], None]
State, Goal = Sweep.State, Sweep.Goal


@transaction.atomic
def start_sweep(*, network: str, goal: str, by: Person | None) -> Sweep:
    """A sweep over the pages of a network begins; one that is under way is given back."""
    row, made = Sweep.objects.get_or_create(
        network=network, goal=goal, state=State.RUNNING, defaults={"total": pages_to_sweep(network, goal, timezone.now()).count()}
    )
    if made:
        journal.write(by, "sweep_started", row, network=network, goal=goal, pages=row.total)
    return row


@transaction.atomic
def stop_sweep(*, sweep: Sweep, by: Person | None) -> None:
    """A sweep stops after the portion that it is at; Refused when it is over."""
    sweep.move_to(State.STOPPED, finished_at=timezone.now())
    journal.write(by, "sweep_stopped", sweep, done=sweep.done)


@transaction.atomic
def resume_sweep(*, sweep: Sweep, by: Person | None) -> None:
    """A stopped sweep goes on where it stopped; Refused when it is over or a later one is under way."""
    if Sweep.objects.filter(network=sweep.network, goal=sweep.goal, state=State.RUNNING).exclude(pk=sweep.pk).exists():
        raise Refused("Уже идёт более новый обход: обновите страницу.")
    sweep.move_to(State.RUNNING, finished_at=None, not_before=timezone.now(), fault="")
    journal.write(by, "sweep_resumed", sweep)


def start_daily() -> None:
    """The day's sweeps begin: cards everywhere, walls where the installation's own tokens or those of some page read them."""
    for network in swept_networks():
        for goal in goals_of(network):
            start_sweep(network=network, goal=goal, by=None)


def swept_networks() -> list[str]:
    """Networks that we speak to and that have pages."""
    return sorted(set(Page.objects.living().values_list("network", flat=True)) & set(NETWORKS))


def goals_of(network: str) -> list[str]:
    """What can be read there: cards, and walls where the installation's own tokens or those of some page read them."""
    own = frozenset(Token.objects.filter(network=network, page__isnull=False).exclude(problem="auth").values_list("kind", flat=True))
    walls = "posts" in NETWORKS[network].can(service_kinds(network)) | NETWORKS[network].can(own)  # type: ignore[arg-type]
    return [Goal.CARDS, Goal.WALLS] if walls else [Goal.CARDS]


def sweep_now(
    *,
    network: str,
    goal: str,
    by: Person | None,
    take: TakePosts | None = None,
    progress: Callable[[Sweep], None] | None = None,
    seconds: float = 3600.0,
) -> Sweep:
    """A sweep is worked on until it is over, the time is, or the network wants a long pause; what is left goes on by the clock.

    Whoever interrupts it loses nothing but the portion that it is at.
    """
    row = start_sweep(network=network, goal=goal, by=by)
    end = time.monotonic() + seconds
    while row.state == State.RUNNING and time.monotonic() < end:
        if _claim(row.pk) is None:
            wait = (row.not_before - timezone.now()).total_seconds()
            if row.fault and wait > PAUSE:
                break
            time.sleep(max(0.05, min(1.0, wait)))  # also while another process works on it
        else:
            _work_or_release(row, take)
        row.refresh_from_db()
        if progress:
            progress(row)
    return row


def _work_or_release(row: Sweep, take: TakePosts | None) -> None:
    try:
        _work(row, time.monotonic() + TURN, take)
    except BaseException:
        _running(row).update(not_before=timezone.now())
        raise


def start_history() -> None:
    """Where walls are read and do not reach back far enough, the reading of their past goes on."""
    for network in swept_networks():
        if Goal.WALLS in goals_of(network) and pages_to_sweep(network, Goal.HISTORY, timezone.now()).exists():
            start_sweep(network=network, goal=Goal.HISTORY, by=None)


def sweep_due(*, seconds: float = MAX_SECONDS, take: TakePosts | None = None, take_older: TakePosts | None = None) -> int:
    """Go on with the sweeps whose turn it is; returns how many. `take` is given the newest posts of every wall, `take_older` those of the past."""
    end, worked = time.monotonic() + seconds, 0
    while time.monotonic() < end and (row := _claim()) is not None:
        _work(row, end, take_older if row.goal == Goal.HISTORY else take)
        worked += 1
    return worked


def refresh_cards(network: str, *, by: Person | None = None, seconds: float = 600.0) -> Sweep:
    """Read the cards of all pages of a network now, as far as the tokens and the time allow; what is left goes on by the clock."""
    row = start_sweep(network=network, goal=Goal.CARDS, by=by)
    end = time.monotonic() + seconds
    if _claim(row.pk) is not None:
        _work(row, end, None)
    row.refresh_from_db()
    return row


def _claim(number: int | None = None) -> Sweep | None:
    """The sweep that waits longest, for this process alone as long as it gives signs of life."""
    with transaction.atomic():
        due = Sweep.objects.filter(state=State.RUNNING, not_before__lte=timezone.now()).order_by("not_before")
        row = (due.filter(pk=number) if number else due).select_for_update(skip_locked=True).first()
        if row is not None:
            Sweep.objects.filter(pk=row.pk).update(not_before=_lease())
    return row


def _lease() -> datetime:
    return timezone.now() + timedelta(seconds=settings.CLAIM_TIMEOUT)


def _work(row: Sweep, end: float, take: TakePosts | None) -> None:
    """Portions until the pages are done, the time is over, somebody stops it, or the network wants a pause."""
    try:
        while time.monotonic() < end:
            pages = list(pages_to_sweep(row.network, row.goal, row.started_at).only(*NEEDED)[: _portion(row)])
            if not pages:
                Sweep.objects.filter(pk=row.pk, state=State.RUNNING).update(state=State.DONE, finished_at=timezone.now(), fault="")
                return
            going_on = _cards(row, pages) if row.goal == Goal.CARDS else WAYS[row.goal](row, pages, take)
            if not going_on:
                return
        _running(row).update(not_before=timezone.now(), fault="")
    except NetworkError as error:
        wait = timedelta(seconds=error.retry_after or PAUSE)
        _running(row).update(not_before=timezone.now() + wait, fault=error.fault)


def _running(row: Sweep) -> Any:
    return Sweep.objects.filter(pk=row.pk, state=State.RUNNING)


def _portion(row: Sweep) -> int:
    return PORTIONS.get(row.goal) or (limits(row.network) or Limits()).portion


def _step(row: Sweep, done: int, unread: int = 0) -> bool:
    """Note pages as done in the transaction of their rows; False when the sweep was stopped meanwhile."""
    return bool(_running(row).update(done=F("done") + done, unread=F("unread") + unread, not_before=_lease(), fault=""))


# Cards


def _cards(row: Sweep, pages: Sequence[Page]) -> bool:
    if "card" in NETWORKS[row.network].can(service_kinds(row.network)):
        return _keep_cards(row, pages, service_connector(row.network).cards([_name(page) for page in pages]))
    return all(_own_card(row, page) for page in pages)


def _own_card(row: Sweep, page: Page) -> bool:
    """By the page's own tokens, where the network shows pages to nobody else."""
    try:
        found = page_connector(page, task=Task.SWEEP).cards([_name(page)])
    except NetworkError as error:
        if error.fault not in OF_ITS_OWN | {"auth"}:
            raise
        with transaction.atomic():
            Card.objects.update_or_create(page=page, defaults={"tried_at": timezone.now(), "fault": error.fault})
            return _step(row, 1, unread=1)
    return _keep_cards(row, [page], found)


def _name(page: Page) -> str:
    return page.external_id or page.handle.lower()


def _keep_cards(row: Sweep, pages: Sequence[Page], cards: Iterable[PageCard]) -> bool:
    """Keep what came; a page that the network does not know is gone, and what was known of it stays."""
    known: dict[str, PageCard] = {}
    for card in cards:
        known |= {card.external_id: card, f"@{card.handle.lower()}": card}
    now = timezone.now()
    found = {page.pk: known.get(page.external_id or f"@{page.handle.lower()}") for page in pages}
    lost = [Card(page_id=page, tried_at=now, gone=True, fault="gone") for page, card in found.items() if card is None]
    with transaction.atomic():
        _upsert([_values(page, card, now) for page, card in found.items() if card is not None])
        Card.objects.bulk_create(lost, update_conflicts=True, unique_fields=["page"], update_fields=["tried_at", "gone", "fault"])
        return _step(row, len(pages), unread=len(lost))


COLUMNS = (
    "page_id", "name", "handle", "members", "gone", "closed", "comments_open", "messages_open", "read_at", "tried_at", "fault", "raw",
)  # fmt: skip


CLOSED_NOW = "CASE WHEN comments_open IS FALSE THEN read_at END"
CLOSED_SINCE = "CASE WHEN excluded.comments_open IS FALSE THEN coalesce(exchange_card.comments_closed_at, excluded.read_at) END"


def _upsert(rows: Sequence[tuple[Any, ...]]) -> None:
    """By COPY: a country's 175,000 cards are kept ten times as fast as by INSERT."""
    names, changes = ", ".join(COLUMNS), ", ".join(f"{name} = excluded.{name}" for name in COLUMNS[1:])
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE fresh_cards AS SELECT {names} FROM exchange_card WITH NO DATA")
        with cursor.copy(f"COPY fresh_cards ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            f"INSERT INTO exchange_card ({names}, comments_closed_at) SELECT {names}, {CLOSED_NOW} FROM fresh_cards ORDER BY page_id"
            f" ON CONFLICT (page_id) DO UPDATE SET {changes}, comments_closed_at = {CLOSED_SINCE}"
        )
        cursor.execute("DROP TABLE fresh_cards")


def _values(page: int, card: PageCard, now: datetime) -> tuple[Any, ...]:
    return (
        page, clean(card.name)[:1000], clean(card.handle)[:100], card.members, card.gone, card.closed, card.comments_open, card.messages_open,
        now, now, "", _raw(card.raw),
    )  # fmt: skip


def _raw(raw: Mapping[str, Any]) -> str:
    """What the network gave as JSON, without what PostgreSQL cannot keep; looked for in the text, since a card is large and nearly always clean."""
    text = json.dumps(raw)
    return json.dumps(clean(dict(raw))) if "\\u0000" in text or "\\ud" in text else text


# Walls


def _walls(row: Sweep, pages: Sequence[Page], take: TakePosts | None) -> bool:
    for kept, (page, found) in enumerate(_read_walls(row, pages)):
        if isinstance(found, NetworkError) and found.fault not in OF_ITS_OWN:
            if found.fault == "quota" and kept and wall_calls_left(row.network):
                return True  # this token's day is over, another one's is not: the next portion takes it
            raise found
        if not _keep_wall(row, page, found, take):
            return False
    return True


def _read_walls(row: Sweep, pages: Sequence[Page]) -> Iterator[tuple[Page, Sequence[Post] | NetworkError]]:
    # Some networks read many walls in one request; the others are asked page by page.
    if "posts_of" in NETWORKS[row.network].can(service_kinds(row.network)):
        by_id = {page.external_id or "": page for page in pages}
        told = service_connector(row.network).posts_of(list(by_id), count=WALL_POSTS)
        yield from ((by_id[name], found) for name, found in told)
        return
    for page in pages:
        yield page, _read_wall(page_connector(page, task=Task.SWEEP))


def _read_wall(network: Network) -> Sequence[Post] | NetworkError:
    try:
        return network.posts(count=WALL_POSTS)
    except NetworkError as error:
        return error


def _seen_since(page: Page, found: Sequence[Post]) -> datetime:
    """A reading that reaches back to the one before it leaves no gap; one that shows fewer posts than it could has shown them all."""
    if len(found) < WALL_POSTS:
        return Wall.EVER
    oldest = min(post.sent_at for post in found if not post.is_pinned) if any(not post.is_pinned for post in found) else timezone.now()
    before = Wall.objects.filter(page=page, read_at__isnull=False).values_list("read_at", "seen_since").first()
    return min(oldest, before[1]) if before and before[0] and before[1] and oldest <= before[0] else oldest


def _keep_wall(row: Sweep, page: Page, found: Sequence[Post] | NetworkError, take: TakePosts | None) -> bool:
    now = timezone.now()
    with transaction.atomic():
        if isinstance(found, NetworkError):
            Wall.objects.update_or_create(page=page, defaults={"tried_at": now, "fault": found.fault})
            return _step(row, 1, unread=1)
        if take is not None:
            take(page, found)
        latest = max((post.sent_at for post in found), default=None)
        stands = {"posts": len(found), "last_post_at": latest, "read_at": now, "tried_at": now, "fault": "", "seen_since": _seen_since(page, found)}
        Wall.objects.update_or_create(page=page, defaults=stands)
        return _step(row, 1)


# The past of walls


def _history(row: Sweep, pages: Sequence[Page], take: TakePosts | None) -> bool:
    """Further into the past of each wall, after the day's reading: what is new goes before what is old."""
    if Sweep.objects.filter(network=row.network, goal=Goal.WALLS, state=State.RUNNING, fault="").exists():
        _running(row).update(not_before=timezone.now() + timedelta(seconds=PAUSE))
        return False
    return all(_deeper(row, page, take) for page in pages)


def _deeper(row: Sweep, page: Page, take: TakePosts | None) -> bool:
    network = page_connector(page, task=Task.SWEEP)
    for _ in range(OLDER_CALLS):
        wall = Wall.objects.get(page=page)
        offset = max(0, (wall.depth or wall.posts) - OVERLAP)
        try:
            found = network.posts(count=OLDER_POSTS, offset=offset)
        except NetworkError as error:
            if error.fault not in OF_ITS_OWN | {"auth"}:
                raise
            Wall.objects.filter(page=page).update(deeper_at=timezone.now() + IN_VAIN)
            return _step(row, 1, unread=1)
        if _keep_older(page, found, offset, take) <= timezone.now() - PAST:
            break
    Wall.objects.filter(page=page).update(deeper_at=timezone.now())
    return _step(row, 1)


@transaction.atomic
def _keep_older(page: Page, found: Sequence[Post], offset: int, take: TakePosts | None) -> datetime:
    """Keep a portion of the past; since when the wall is known now. A portion that is not full is the last one."""
    if take is not None:
        take(page, found)
    wall = Wall.objects.select_for_update().get(page=page)
    dated = [post.sent_at for post in found if not post.is_pinned]
    wall.seen_since = min([*dated, wall.seen_since or timezone.now()]) if len(found) >= OLDER_POSTS else Wall.EVER
    wall.depth = offset + len(found)
    wall.save(update_fields=["seen_since", "depth"])
    return wall.seen_since


WAYS: dict[str, Callable[[Sweep, Sequence[Page], TakePosts | None], bool]] = {"walls": _walls, "history": _history}
