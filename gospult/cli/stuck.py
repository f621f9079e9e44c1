"""What went wrong quietly and waits for a person: counts for `gospult doctor`. Reads only."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gospult.exchange.models import Connection

LATE_SECONDS = 600  # unfinished work older than this means that nobody works
FILES_DAYS = 1  # a file that failed longer ago is no news, and nobody can fetch it any more
SILENT_SECONDS = 3 * 3600  # 7,000 pages are read once in about an hour
WORDS = {
    "incoming_not_taken": "входящих не разобрано дольше {minutes} мин: {n} — ищите «was not taken» в журнале работы",
    "replies_unknown": "ответов с неизвестным исходом: {n} — посмотрите в сети и отметьте в «Обращениях»",
    "replies_failed": "ответов не отправлено: {n} — причина в обращении",
    "files_failed": "файлов жителей не загрузилось за сутки: {n}",
    "tokens_in_trouble": "ключей, которые не работают или скоро кончатся: {n} — gospult networks check",
    "pages_silent": "страниц не читается: {n} — gospult networks check",
}


def count_stuck(now: datetime) -> dict[str, int]:
    """Rows of each kind that wait for a person at the moment `now`; `pages_unreadable` is no fault, only a lack of a token."""
    from gospult.exchange import queries
    from gospult.exchange.models import Attachment, Incoming, Outgoing

    waiting = Outgoing.objects.filter(needs_person=True)
    failed = Attachment.objects.filter(state=Attachment.State.FAILED, next_try_at__gt=now - timedelta(days=FILES_DAYS))
    taken_late = Incoming.objects.filter(addressee="desk", taken_at=None, received_at__lt=now - timedelta(seconds=LATE_SECONDS))
    silent, unreadable = _pages(now)
    return {
        "incoming_not_taken": taken_late.count(),
        "replies_unknown": waiting.filter(state=Outgoing.State.UNKNOWN).count(),
        "replies_failed": waiting.filter(state=Outgoing.State.FAILED).count(),
        "files_failed": failed.count(),
        "tokens_in_trouble": len(queries.troubled_tokens()),
        "pages_silent": silent,
        "pages_unreadable": unreadable,
    }


def told(counts: dict[str, int]) -> list[str]:
    """The counts that are problems, a line each."""
    return [words.format(n=counts[name], minutes=LATE_SECONDS // 60) for name, words in WORDS.items() if counts[name]]


def _pages(now: datetime) -> tuple[int, int]:
    """Connected pages without a fresh proof of life, and those that never gave one because no token can read them."""
    from gospult.exchange.models import Connection, Token

    kinds: defaultdict[tuple[str, int | None], set[str]] = defaultdict(set)
    for network, page, kind in Token.objects.values_list("network", "page_id", "kind"):
        kinds[network, page].add(kind)
    silent = unreadable = 0
    for row in Connection.objects.select_related("page").iterator(chunk_size=2000):
        if row.last_proof_at is None and not _readable(row, kinds[row.page.network, row.page_id] | kinds[row.page.network, None]):
            unreadable += 1
        elif (row.last_proof_at or row.created_at) < now - timedelta(seconds=SILENT_SECONDS):
            silent += 1
    return silent, unreadable


def _readable(row: "Connection", kinds: set[str]) -> bool:
    from gospult.networks.registry import NETWORKS

    network = NETWORKS.get(row.page.network)
    return network is not None and "posts" in network.can(frozenset(kinds))  # type: ignore[arg-type]
