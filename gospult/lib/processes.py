"""Processes of ours: started without leaving orphans, restarted when they die, stopped in order."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType

PARENT = "GOSPULT_PARENT"  # the process whose death ends us
PR_SET_PDEATHSIG = 1
STOP_SECONDS = 20.0
CALM_SECONDS = 30.0  # a child that lived so long starts again without delay


def spawn(command: Sequence[str], *, env: Mapping[str, str] | None = None, out: int | None = None) -> subprocess.Popen[bytes]:
    """Start a gospult process that ends when we do; Ctrl-C of the terminal reaches only us."""
    whole = {**os.environ, **(env or {}), PARENT: str(os.getpid())}
    return subprocess.Popen(list(command), env=whole, stdin=subprocess.DEVNULL, stdout=out, start_new_session=True)


def gospult(*words: str) -> list[str]:
    """The command line of our own command, under the same Python."""
    return [sys.executable, "-m", "gospult.cli", *words]


def die_with_parent() -> None:
    """End this process when the parent named in GOSPULT_PARENT is gone, also by SIGKILL; nothing happens when none is named."""
    parent = int(os.environ.pop(PARENT, "0"))
    if not parent:
        return
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    else:
        threading.Thread(target=_watch, args=[parent], daemon=True).start()
    if os.getppid() != parent:  # it died before we asked
        raise SystemExit(1)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)


def free_port(wanted: int, host: str = "127.0.0.1") -> int:
    """The wanted port, else the next free one of the hundred after it, else any."""
    for port in [*range(wanted, min(wanted + 100, 65536)), 0]:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            return int(probe.getsockname()[1])
    raise OSError("no free port")


def wait_for_port(port: int, *, seconds: float, host: str = "127.0.0.1") -> bool:
    """Whether something listens on the port before the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1):
            return True
        time.sleep(0.05)
    return False


def stop(*processes: subprocess.Popen[bytes], seconds: float = STOP_SECONDS) -> None:
    """SIGTERM to all at once, SIGKILL to those that have not ended in time."""
    for process in processes:
        if process.poll() is None:
            process.terminate()
    deadline = time.monotonic() + seconds
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)


@contextlib.contextmanager
def stop_signals() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set while the block runs."""
    asked = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        asked.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@dataclass
class Child:
    """One process that is kept alive."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    failures: int = 0
    not_before: float = 0.0


class Supervisor:
    """Keeps children alive until Ctrl-C or SIGTERM; `say` hears one Russian line about each death."""

    def __init__(self, children: Sequence[Child], *, say: Callable[[str], None], check: Callable[[], None] | None = None, every: float = 1.0) -> None:
        self.children = list(children)
        self.say = say
        self.check = check  # called every `every` seconds, e.g. to bring the database back
        self.every = every

    def run(self, seconds: float | None = None) -> None:
        """Blocks until a signal, or for so many seconds; leaves no process behind."""
        deadline = None if seconds is None else time.monotonic() + seconds
        with stop_signals() as asked:
            next_check = 0.0
            try:
                while not asked.is_set() and (deadline is None or time.monotonic() < deadline):
                    if self.check and time.monotonic() >= next_check:
                        self.check()
                        next_check = time.monotonic() + self.every
                    for child in self.children:
                        self._tend(child)
                    asked.wait(0.1)
            finally:
                stop(*[child.process for child in self.children if child.process])

    def restart(self) -> None:
        """Stop all children; they are started again at the next step (their surroundings have changed)."""
        stop(*[child.process for child in self.children if child.process])
        for child in self.children:
            child.process, child.not_before = None, 0.0

    def _tend(self, child: Child) -> None:
        now = time.monotonic()
        if child.process and (code := child.process.poll()) is not None:
            child.failures = 1 if now - child.started_at > CALM_SECONDS else child.failures + 1
            wait = min(30.0, 0.2 * 2 ** (child.failures - 1))
            self.say(f"Процесс «{child.name}» завершился (код {code}), запускаю снова через {wait:.1f} с.")
            child.process, child.not_before = None, now + wait
        if child.process is None and now >= child.not_before:
            child.process, child.started_at = spawn(child.command, env=child.env), now
