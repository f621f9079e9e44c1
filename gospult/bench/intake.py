"""How many events of the networks a second become durable rows, beside a bare insert through the same server.

Rounds of the two alternate, so that whatever else the machine does falls on both alike.
"""

import contextlib
import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path
from time import time
from typing import Any

from django.conf import settings
from django.db import connection

from gospult.exchange.models import Incoming
from gospult.exchange.testing import make_connection
from gospult.lib.errors import Refused
from gospult.lib.processes import free_port, gospult, spawn, stop, wait_for_port
from gospult.registry.testing import make_page

from .bare import BARE, NOTHING, TABLE
from .figures import machine, median, say, spread
from .load import Client, Round

PAGES = 50
CONNECTIONS = 16
ROUNDS = 40
SECONDS = 0.5  # of one round: short, so that a neighbour's burst meets both kinds
MOST = 5_000  # requests of one round
TARGET = 0.7
HOOK = "/hook/vk/"
TEXT = "Во дворе дома третью неделю не вывозят мусор, контейнеры переполнены, рядом детская площадка. Примите меры, пожалуйста!"
SERVER_STARTS = 60.0  # seconds


def run() -> dict[str, Any]:
    """Rate of accepted events, the same of bare inserts, and their ratio. Refused when the database does not wait for the disk."""
    durability = _durability()
    pages = _pages()
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
    bodies = _Bodies(pages)
    with _server() as (port, process), Client(port, CONNECTIONS) as client:
        rounds = _rounds(client, bodies)
        memory = _memory_mb(process)
    stored, bare = Incoming.objects.count(), _bare_rows()
    return _report(rounds, durability, {"stored": stored, "bare_stored": bare, "server_mb": memory, "event_bytes": bodies.size})


def _durability() -> dict[str, str]:
    found = {}
    with connection.cursor() as cursor:
        for name in ("fsync", "synchronous_commit", "full_page_writes", "wal_sync_method"):
            cursor.execute(f"SHOW {name}")
            found[name] = cursor.fetchone()[0]
    if found["fsync"] != "on" or found["synchronous_commit"] == "off":
        raise Refused("Эта база не ждёт диска (fsync или synchronous_commit выключены): приём на ней мерить нельзя. Укажите другую в DATABASE_URL.")
    return found


def _pages() -> list[str]:
    pages = [make_page() for _ in range(PAGES)]
    for page in pages:
        make_connection(page)
    return [page.external_id or "" for page in pages]


@contextlib.contextmanager
def _server() -> Iterator[tuple[int, Any]]:
    """`gospult web` itself, with the bench's two addresses in front."""
    port = free_port(8950)
    process = spawn(gospult("web", "--port", str(port)), env={"DJANGO_SETTINGS_MODULE": "gospult.bench.settings"})
    try:
        if not wait_for_port(port, seconds=SERVER_STARTS):
            raise Refused("Сервер для замера не запустился: попробуйте «gospult web» и посмотрите, что он скажет.")
        yield port, process
    finally:
        stop(process)


def _rounds(client: Client, bodies: "_Bodies") -> dict[str, list[Round]]:
    rounds: dict[str, list[Round]] = {HOOK: [], BARE: [], NOTHING: []}
    for path in (NOTHING, HOOK, BARE):  # threads connect to the database, doors are remembered
        rounds[path].append(client.run(bodies.requests(path), seconds=2, most=MOST))
    kept: dict[str, list[Round]] = {path: [] for path in rounds}
    for number in range(ROUNDS):
        # A, B then B, A: a slow drift of the machine favours neither.
        for path in (HOOK, BARE) if number % 2 else (BARE, HOOK):
            kept[path].append(client.run(bodies.requests(path), seconds=SECONDS, most=MOST))
        if number % 10 == 9:
            say(f"Приём: {number + 1} из {ROUNDS} кругов, {median(r.rate for r in kept[HOOK]):.0f} событий/с")
    kept[NOTHING] = [client.run(bodies.requests(NOTHING), seconds=SECONDS, most=MOST) for _ in range(5)]
    return kept | {"warm": rounds[HOOK], "warm bare": rounds[BARE]}


def _report(rounds: dict[str, list[Round]], durability: dict[str, str], facts: dict[str, Any]) -> dict[str, Any]:
    rates = {path: median(r.rate for r in rounds[path]) for path in (HOOK, BARE, NOTHING)}
    pairs = [hook.rate / bare.rate for hook, bare in zip(rounds[HOOK], rounds[BARE], strict=True) if bare.rate]
    accepted = sum(len(r.latencies) for r in rounds[HOOK] + rounds["warm"])
    errors = sum(r.errors for kind in rounds.values() for r in kind)
    ratio = median(pairs)
    return {
        "machine": machine(),
        "size": {
            "pages": PAGES, "connections": CONNECTIONS, "web_workers": settings.WEB_WORKERS, "web_threads": settings.WEB_THREADS,
            "rounds": ROUNDS, "seconds_of_a_round": SECONDS, "event_bytes": facts["event_bytes"],
        },
        "durability": durability,
        "rate": round(rates[HOOK]),
        "bare_rate": round(rates[BARE]),
        # The median of neighbouring rounds: medians of each kind apart also hold what others did to the machine meanwhile.
        "ratio": round(ratio, 3),
        "ratio_of_medians": round(rates[HOOK] / rates[BARE], 3),
        "target_ratio": TARGET,
        "enough": ratio >= TARGET,
        **spread(s for r in rounds[HOOK] for s in r.latencies),
        "bare": spread(s for r in rounds[BARE] for s in r.latencies),
        "accepted": accepted,
        "stored": facts["stored"],
        "nothing_lost": accepted == facts["stored"],
        "errors": errors,
        "first_error": next((r.first_error.decode("utf-8", "replace") for kind in rounds.values() for r in kind if r.errors), ""),
        # The client is no bottleneck while it could send many times more and mostly sleeps.
        "client": {"rate_without_database": round(rates[NOTHING]), "busy": _busy(rounds[HOOK])},
        "server_mb": facts["server_mb"],
    }  # fmt: skip


def _busy(rounds: list[Round]) -> float:
    """Share of one core that the client itself took."""
    return round(sum(r.cpu_seconds for r in rounds) / sum(r.seconds for r in rounds), 3)


def _bare_rows() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM bench_bare")
        return int(cursor.fetchone()[0])


class _Bodies:
    """Callback bodies that never repeat, made before they are sent."""

    def __init__(self, pages: list[str]) -> None:
        self._numbers = itertools.count(10_000_000)
        self._templates = [self._template(page) for page in pages]
        self.size = len(self._body(self._templates[0], 10_000_000))

    @staticmethod
    def _template(page: str) -> str:
        said = {
            "id": 11111111, "from_id": 501, "date": int(time()), "text": TEXT, "post_id": 7, "owner_id": -int(page), "post_owner_id": -int(page),
            "parents_stack": [],
        }  # fmt: skip
        event = {"type": "wall_reply_new", "object": said, "group_id": int(page), "event_id": "22222222" * 5, "v": "5.199", "secret": "secret"}
        return json.dumps(event)

    @staticmethod
    def _body(template: str, number: int) -> bytes:
        return template.replace("11111111", str(number)).replace("22222222" * 5, f"{number:040x}").encode()

    def requests(self, path: str) -> Iterator[bytes]:
        """So many requests as a round may send, and one for each connection more."""
        made = []
        for number in itertools.islice(self._numbers, MOST + CONNECTIONS):
            body = self._body(self._templates[number % len(self._templates)], number)
            head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            made.append(head.encode() + body)
        return iter(made)


def _memory_mb(process: Any) -> int:
    """Resident memory of the server and its workers, MB; shared pages are counted once for each."""
    family, found = {process.pid}, 0
    for entry in sorted(int(name) for name in os.listdir("/proc") if name.isdigit()):
        with contextlib.suppress(OSError):  # it may end while we look
            status = dict(line.split(":\t", 1) for line in Path(f"/proc/{entry}/status").read_text().splitlines() if ":\t" in line)
            if entry in family or int(status["PPid"]) in family:
                family.add(entry)
                found += int(status.get("VmRSS", "0 kB").split()[0])
    return round(found / 1024)
