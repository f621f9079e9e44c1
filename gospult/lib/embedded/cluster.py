"""One cluster: made, started, asked, stopped. The caller holds the start lock."""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from gospult.lib.errors import Refused

from .home import account
from .programs import find_programs, version

SETTINGS = {
    "listen_addresses": "'127.0.0.1'",
    "unix_socket_directories": "''",  # a socket's path may have 107 bytes, a home in Cyrillic easily has more
    "max_connections": "100",
    "max_wal_size": "'512MB'",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    # A failing statement or a violated key would put a resident's words into the log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
SMALL, LARGE = 64, 2048  # MB of shared buffers: of a server in tests, of the largest machine
# Safe against kill -9, not against a power cut; synchronous_commit stays on, since without it a kill loses rows too.
THROWAWAY = {"fsync": "off", "full_page_writes": "off", "shared_buffers": f"'{SMALL}MB'"}
WAIT = 30.0  # seconds for a start, a stop, a recovery


def memory() -> int:
    """Megabytes that this machine, or the container that we are in, has."""
    whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
    with contextlib.suppress(OSError, ValueError):
        return min(whole, int(Path("/sys/fs/cgroup/memory.max").read_text()) >> 20)
    return whole


def _by_memory() -> dict[str, str]:
    """An eighth of the memory for pages: what is not used is not taken. A region's tables then stay at hand (docs/scale.md)."""
    return {
        "shared_buffers": f"'{max(SMALL, min(LARGE, memory() // 8))}MB'",
        "effective_cache_size": f"'{max(SMALL, memory() // 2)}MB'",
        "work_mem": f"'{max(4, min(16, memory() // 512))}MB'",
    }


class Cluster:
    """The files of one server: `data/`, `password`, `port`."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.durable = durable

    @property
    def url(self) -> str:
        """Address of the database `gospult` with its password; "" before the first start."""
        try:
            return f"postgres://gospult:{quote((self.folder / 'password').read_text())}@127.0.0.1:{(self.folder / 'port').read_text()}/gospult"
        except FileNotFoundError:
            return ""

    @property
    def _server_url(self) -> str:
        return self.url.removesuffix("gospult") + "postgres"

    def answers(self) -> bool:
        """Whether our server takes connections now (another program on its port does not know our password)."""
        if not self.url:
            return False
        try:
            with psycopg.connect(self._server_url, connect_timeout=3):
                return True
        except psycopg.Error:
            return False

    def start(self) -> None:
        """Make the cluster when there is none, and bring the server up. Raises Refused with the reason."""
        programs = find_programs()
        if not (self.data / "PG_VERSION").exists():
            self._make(programs)
        self._check_version(programs)
        deadline = time.monotonic() + WAIT
        # After kill -9 the old server's children live on for a moment and hold its shared memory: try again.
        while not self.answers():
            if time.monotonic() > deadline:
                raise Refused(f"База данных не запускается, причина в конце файла {self.data / 'server.log'}.")
            if not self._alive():
                self._launch(programs)
            else:
                time.sleep(0.1)
        if not (self.folder / "ready").exists():
            self._prepare()

    def stop(self) -> None:
        """Stop the server: first politely, after a wait at once (it recovers at the next start)."""
        for word in (signal.SIGINT, signal.SIGQUIT):
            if not (postmaster := self._postmaster()) or not self._alive():
                return
            with contextlib.suppress(ProcessLookupError):
                os.kill(postmaster, word)
            deadline = time.monotonic() + WAIT
            while self._alive() and time.monotonic() < deadline:
                time.sleep(0.02)

    def _make(self, programs: Path) -> None:
        """initdb in a draft folder, so that a killed one leaves no half-made cluster."""
        draft = self.folder / "data.draft"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        secret = self.folder / "password.draft"
        secret.write_text(secrets.token_urlsafe(24))
        secret.chmod(0o600)
        self._own(self.folder, draft, secret)
        # --locale=C alone blinds pg_trgm to Cyrillic; the builtin provider is known from 17 on.
        builtin = ["--locale-provider=builtin", "--builtin-locale=PG_UNICODE_FAST"] if version(programs) >= 18 else []
        flags = [
            "-U",
            "gospult",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            *builtin,
            "--auth=scram-sha-256",
            "--data-checksums",
            "--no-instructions",
        ]
        if not self.durable:
            flags.append("--no-sync")
        done = self._run(programs / "initdb", "-D", draft, f"--pwfile={secret}", *flags)
        if done.returncode:
            raise Refused(f"PostgreSQL не создал базу: {_last_line(done.stderr)}")
        with (draft / "postgresql.conf").open("a") as conf:
            conf.write("include_if_exists = 'gospult.conf'\n")
        secret.replace(self.folder / "password")
        draft.rename(self.data)

    def _check_version(self, programs: Path) -> None:
        made_by, have = int((self.data / "PG_VERSION").read_text()), version(programs)
        if made_by != have:
            raise Refused(f"База создана PostgreSQL {made_by}, а программы — {have}: верните прежний PG_BIN_DIR или задайте другой GOSPULT_HOME.")

    def _launch(self, programs: Path) -> None:
        """One try through pg_ctl, which detaches the server from our terminal and leaves us no zombie of it."""
        if not processes_in(self.data):
            (self.data / "postmaster.pid").unlink(missing_ok=True)  # its number may by now be somebody else's
        port = _free_port(self.folder / "port")
        settings = SETTINGS | _by_memory() | {"port": str(port)} | ({} if self.durable else THROWAWAY)
        conf = self.data / "gospult.conf"
        conf.write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
        self._own(conf)
        (self.folder / "port").write_text(str(port))
        done = self._run(
            programs / "pg_ctl",
            "start",
            "-w",
            "-t",
            str(int(WAIT)),
            "-D",
            self.data,
            "-l",
            self.data / "server.log",
        )
        if done.returncode:
            time.sleep(0.2)

    def _prepare(self) -> None:
        """First start: the database, and proof that trigrams see Russian letters."""
        with psycopg.connect(self._server_url, autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'gospult'").fetchone():
                connection.execute("CREATE DATABASE gospult")
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            row = connection.execute("SELECT similarity('школа', 'школы')").fetchone()
        if not row or row[0] <= 0:
            raise Refused("Этот PostgreSQL не видит русских букв при поиске: установите локаль C.UTF-8 и удалите папку " + str(self.folder))
        (self.folder / "ready").touch()

    def _postmaster(self) -> int:
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return 0

    def _alive(self) -> bool:
        postmaster = self._postmaster()
        return bool(postmaster) and postmaster in processes_in(self.data)

    def _owner(self) -> str | None:
        """Whom the server runs as when we are root: the account of the cluster, else the ordinary account."""
        if account() is None:
            return None
        uid = self.data.stat().st_uid if self.data.exists() else 0
        return pwd.getpwuid(uid).pw_name if uid else account()

    def _own(self, *paths: Path) -> None:
        if owner := self._owner():
            for path in paths:
                shutil.chown(path, owner, pwd.getpwnam(owner).pw_gid)

    def _run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        drop: dict[str, Any] = {}
        if owner := self._owner():
            drop = {
                "user": owner,
                "group": pwd.getpwnam(owner).pw_gid,
                "extra_groups": [],
            }
        # Output goes to a file and not to a pipe: the server would inherit the pipe and hold it open.
        log = self.folder / "command.log"
        with log.open("w") as out:
            done = subprocess.run(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                cwd="/",
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
                **drop,
            )
        return subprocess.CompletedProcess(done.args, done.returncode, "", log.read_text(errors="replace"))


def processes_in(folder: Path) -> set[int]:
    """Processes whose current folder this is: every process of a PostgreSQL server stands in its data folder."""
    wanted, found = os.path.realpath(folder), set()
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if os.readlink(f"/proc/{entry.name}/cwd") == wanted:
                    found.add(int(entry.name))
    return found


def _free_port(record: Path) -> int:
    """The port of the last start when it is free, so that running processes find the restarted server; else any free one."""
    for wanted in ([int(record.read_text())] if record.exists() else []) + [0]:
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", wanted))
            return int(probe.getsockname()[1])
    raise Refused("Нет свободного порта на 127.0.0.1 для базы данных.")


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["без объяснений"])[-1]
