"""A client of keep-alive connections in one thread: cheap enough to leave the machine to the server."""

import selectors
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

OK = b"\r\n\r\nok"
TIMEOUT = 20.0  # seconds in which an answer must come
ERRORS_MAX = 50  # a server that refuses so often is not worth waiting for


@dataclass
class Round:
    """What one round of load showed: seconds by the clock, seconds of answers, seconds of this client's processor time."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    errors: int = 0
    first_error: bytes = b""

    @property
    def rate(self) -> float:
        """Accepted requests a second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0


class Client:
    """So many connections to one server; each sends its next request when the answer to the last has come."""

    def __init__(self, port: int, connections: int) -> None:
        self._selector = selectors.DefaultSelector()
        for _ in range(connections):
            connected = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(connected, selectors.EVENT_READ)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        self._selector.close()

    def run(self, requests: Iterator[bytes], *, seconds: float, most: int, refused: Callable[[], bool] = lambda: False) -> Round:
        """Send for so many seconds and at most so many requests, then wait for the last answers. TimeoutError when the server falls silent."""
        result, began, cpu = Round(), time.perf_counter(), time.process_time()
        left, until = most, began + seconds
        sent: dict[socket.socket, float] = {}
        parts: dict[socket.socket, bytes] = {}
        for key in self._selector.get_map().values():
            left -= self._send(key.fileobj, next(requests), sent)  # type: ignore[arg-type]
        while sent:
            events = self._selector.select(TIMEOUT)
            if not events:
                raise TimeoutError(f"no answer in {TIMEOUT:.0f} s")
            for key, _ in events:
                one: socket.socket = key.fileobj  # type: ignore[assignment]
                answer = parts.pop(one, b"") + one.recv(65536)
                if not _whole(answer):
                    parts[one] = answer
                    continue
                now = time.perf_counter()
                _take(result, answer, now - sent.pop(one))
                if now < until and left > 0 and result.errors < ERRORS_MAX:
                    left -= self._send(one, next(requests), sent)
        result.seconds, result.cpu_seconds = time.perf_counter() - began, time.process_time() - cpu
        return result

    @staticmethod
    def _send(to: socket.socket, request: bytes, sent: dict[socket.socket, float]) -> int:
        sent[to] = time.perf_counter()
        to.sendall(request)
        return 1


def _whole(answer: bytes) -> bool:
    if answer.endswith(OK):
        return True
    head, found, body = answer.partition(b"\r\n\r\n")
    if not found:
        if not answer:
            raise ConnectionError("the server closed a connection")
        return False
    length = next((int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    return len(body) >= length


def _take(result: Round, answer: bytes, seconds: float) -> None:
    if answer.startswith(b"HTTP/1.1 200") and answer.endswith(OK):
        result.latencies.append(seconds)
        return
    result.errors += 1
    result.first_error = result.first_error or answer[:200]
