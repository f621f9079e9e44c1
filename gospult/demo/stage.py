"""The processes of a run: a sandbox, a web server, a worker; each a real process that can be killed and is started again."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

import httpx

from gospult.lib.errors import Refused
from gospult.lib.processes import PARENT, free_port, gospult, stop, wait_for_port
from gospult.networks.registry import NETWORKS
from gospult.networks.testing import SandboxClient

START = 60.0  # seconds that a process may take to start on a busy machine
# What makes a short run short: waits of seconds instead of minutes.
SHORT = {
    "GOSPULT_UNDO_SECONDS": "0",
    "GOSPULT_AUTOREPLY_SECONDS": "0",  # the stewards of a short run answer at once
    "GOSPULT_CLAIM_TIMEOUT": "6",
    "GOSPULT_READ_BACK_AFTER": "0.5",
    "GOSPULT_RETRY_BASE": "0.2",
    "GOSPULT_STALLED_SECONDS": "3",
    "GOSPULT_NETWORK_TIMEOUT": "2",
    "GOSPULT_POLL_EVERY": "5",
    "GOSPULT_POLL_GAPS_EVERY": "60",
    "GOSPULT_REMEMBER_SECONDS": "30",
    "GOSPULT_WEB_WORKERS": "1",
    "GOSPULT_WEB_THREADS": "4",
}
SHORT_SANDBOX = {"slow_seconds": 2.5, "retry_first": 0.1, "retry_cap": 1.0}


def addresses(sandbox: SandboxClient) -> dict[str, str]:
    """The environment of processes whose networks are all in the sandbox."""
    return {f"GOSPULT_{network.upper()}_URL": sandbox.api_url(network) for network in NETWORKS}


class Stage:
    """A sandbox, a web server and workers on free ports, for as long as the `with` block lasts."""

    def __init__(self, *, chaos: float = 0.0, seed: int = 1, env: Mapping[str, str] = SHORT, logs: Path | None = None) -> None:
        self.chaos, self.seed = chaos, seed
        self.logs = logs
        self.web_port = free_port(18_000 + os.getpid() % 1000)
        self.sandbox_port = free_port(19_000 + os.getpid() % 1000)
        self.url = f"http://127.0.0.1:{self.web_port}"
        self.sandbox = SandboxClient(f"http://127.0.0.1:{self.sandbox_port}")
        self.env = {"GOSPULT_URL": self.url, **addresses(self.sandbox), **env}
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.killed = 0
        self.commands = {
            "sandbox": gospult("networks", "sandbox", "--port", str(self.sandbox_port)),
            "web": gospult("web", "--port", str(self.web_port)),
            "worker": gospult("worker"),
        }

    def __enter__(self) -> Self:
        try:
            for name in self.commands:
                self._start(name)
            self._wait(self.sandbox_port, "sandbox")
            self.sandbox.settings(**SHORT_SANDBOX)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop everything; nothing is left behind."""
        stop(*self.processes.values(), seconds=15)
        self.processes.clear()

    def ready(self) -> None:
        """Wait until the web server answers."""
        self._wait(self.web_port, "web")
        deadline = time.monotonic() + START
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.url}/account/login/", timeout=5, trust_env=False).status_code < 500:
                    return
            time.sleep(0.1)
        raise Refused(f"Сайт не отвечает: {self._last_words('web')}")

    def go_wrong(self) -> None:
        """From now on the share `chaos` of calls and events fails."""
        self.sandbox.settings(seed=self.seed, chaos=self.chaos)

    def tend(self, say: Callable[[str], None] = lambda text: None) -> None:
        """Start again what has died, as a supervisor would."""
        for name, process in list(self.processes.items()):
            if process.poll() is not None and (name != "web" or self._port_is_free()):
                say(f"{name}: запускаю снова")
                self._start(name)

    def alive(self, name: str) -> bool:
        """Whether the process runs."""
        return self.processes[name].poll() is None

    def kill(self, name: str, *, whole: bool = False) -> None:
        """SIGKILL the process, or with it everything that it started; nothing happens when it is already dead."""
        process = self.processes[name]
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL) if whole else process.kill()
            process.wait(START)
            self.killed += 1

    def _start(self, name: str) -> None:
        with open(self.logs / f"{name}.log" if self.logs else os.devnull, "ab") as log:
            whole = {**os.environ, **self.env, PARENT: str(os.getpid())}  # a killed run leaves no orphans
            self.processes[name] = subprocess.Popen(
                self.commands[name], env=whole, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def _port_is_free(self) -> bool:
        """A killed server's children may hold its port for a moment; a new one must not take another port meanwhile."""
        return free_port(self.web_port) == self.web_port

    def _wait(self, port: int, name: str) -> None:
        deadline = time.monotonic() + START
        while not wait_for_port(port, seconds=0.5):
            if self.processes[name].poll() is not None or time.monotonic() > deadline:
                raise Refused(f"Процесс «{name}» не запустился: {self._last_words(name)}")

    def _last_words(self, name: str) -> str:
        log = self.logs / f"{name}.log" if self.logs else None
        lines = log.read_text(errors="replace").strip().splitlines() if log and log.exists() else []
        return lines[-1] if lines else "без объяснений."
