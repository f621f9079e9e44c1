"""Who uses a home's server: a shared kernel lock per process, an exclusive one while it starts or stops."""

import atexit
import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from gospult.lib.errors import Refused

from .cluster import WAIT, Cluster
from .home import cluster_folder

_held: dict[Path, tuple[int, int]] = {}  # folder → (descriptor of the shared lock, process that took it)


def start(home: Path, *, durable: bool = True) -> str:
    """Take part in the use of the home's server until this process ends; gives its DATABASE_URL.

    `durable=False` trades safety at a power cut for speed (tests). Raises Refused with the reason.
    """
    folder = cluster_folder(home)
    with _starting(folder):
        _take(folder)
        cluster = Cluster(folder, durable=durable)
        if not cluster.answers():
            cluster.start()
    return cluster.url


def ensure(home: Path, *, durable: bool = True) -> str:
    """Bring the server back when it died (cheap when it lives); gives its DATABASE_URL, whose port may be a new one."""
    cluster = Cluster(cluster_folder(home), durable=durable)
    return cluster.url if cluster.answers() else start(home, durable=durable)


def release(home: Path) -> None:
    """Stop using the server before the process ends; the last user stops it."""
    _release(cluster_folder(home))


def discard(home: Path) -> None:
    """Delete a throw-away home with its cluster; whoever still uses the server loses it."""
    folder = cluster_folder(home)
    descriptor, _process = _held.pop(folder, (-1, 0))
    with _starting(folder):
        Cluster(folder).stop()
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)
    if descriptor >= 0:
        os.close(descriptor)


def _take(folder: Path) -> None:
    if folder in _held and _held[folder][1] == os.getpid():
        return
    descriptor = os.open(folder / "users.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    _held[folder] = (descriptor, os.getpid())
    atexit.register(_release, folder)


def _release(folder: Path) -> None:
    descriptor, process = _held.pop(folder, (-1, 0))
    if process != os.getpid() or not folder.exists():
        return  # a forked child shares its parent's lock and must not give it away
    with _starting(folder):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass  # others still use it
        else:
            Cluster(folder).stop()
        os.close(descriptor)


@contextlib.contextmanager
def _starting(folder: Path) -> Iterator[None]:
    """One process at a time starts or stops the server; the kernel frees the lock of a killed one."""
    descriptor = os.open(folder / "start.lock", os.O_RDWR | os.O_CLOEXEC)
    deadline = time.monotonic() + 2 * WAIT
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise Refused(f"Другой процесс слишком долго запускает базу данных в {folder}.") from None
                time.sleep(0.02)
        yield
    finally:
        os.close(descriptor)
