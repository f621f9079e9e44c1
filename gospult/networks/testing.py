"""For tests, the demo and benchmarks: a running sandbox, and a client of its control calls."""

import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import httpx

from gospult.networks.sandbox import Server

START_SECONDS = 20.0


class SandboxClient:
    """The control calls of a sandbox at `base_url`, in one network of it; a refused call raises httpx.HTTPStatusError."""

    def __init__(self, base_url: str, network: str = "vk") -> None:
        self.base_url = base_url.rstrip("/")
        self.network = network
        self._http = httpx.Client(base_url=f"{self.base_url}/sandbox/", timeout=30, trust_env=False, verify=False)

    def at(self, network: str) -> "SandboxClient":
        """The same sandbox in another network."""
        return SandboxClient(self.base_url, network)

    def api_url(self, network: str = "") -> str:
        """The connector's `base_url`."""
        code = network or self.network
        return f"{self.base_url}/{code}/method/" if code == "vk" else f"{self.base_url}/{code}/"

    def add_page(self, page: int, **traits: Any) -> dict[str, Any]:
        """Open a page: name, handle, tokens{kind: token}, callback_url, secret, confirmation, members, description, menu, extra.

        Gives id, external_id (as the network tells it), handle, tokens.
        """
        return self._post("pages", id=page, **traits)

    def add_post(self, page: int, text: str = "Новости", **traits: Any) -> str:
        """The page posts; repost, pinned, views, likes, reposts. Gives the post's id."""
        return str(self._post("posts", page=page, text=text, **traits)["id"])

    def comment(
        self, page: int, post: str, text: str, *, author: str = "Мария Иванова", reply_to: str = "", attachments: Sequence[str] = (), at: int = 0
    ) -> dict[str, Any]:
        """A resident comments, at a moment in Unix seconds or now; attachments by word: photo, photo_gps, video, file, sticker, link.

        Gives id, thread, author.
        """
        return self._post("comments", page=page, post=post, text=text, author=author, reply_to=reply_to, attachments=list(attachments), at=at)

    def message(
        self, page: int, text: str, *, author: str = "Мария Иванова", reply_to: str = "", attachments: Sequence[str] = (), at: int = 0
    ) -> dict[str, Any]:
        """A resident writes to the page; attachments also: voice. Gives id, thread, author."""
        return self._post("messages", page=page, text=text, author=author, reply_to=reply_to, attachments=list(attachments), at=at)

    def native(self, page: int, thread: str, text: str, *, reply_to: str = "", at: int = 0) -> dict[str, Any]:
        """The page's steward answers in the network's own app. Gives id, thread."""
        return self._post("native", page=page, thread=thread, text=text, reply_to=reply_to, at=at)

    def edit(self, page: int, said: str, text: str) -> None:
        """The author rewrites "c…" or "m…"."""
        self._post("edit", page=page, id=said, text=text)

    def delete(self, page: int, said: str) -> None:
        """A comment or message is deleted."""
        self._post("delete", page=page, id=said)

    def restore(self, page: int, said: str) -> None:
        """A deleted comment comes back."""
        self._post("restore", page=page, id=said)

    def deny(self, page: int, author: str) -> None:
        """A resident forbids the page to write to him."""
        self._post("deny", page=page, author=author)

    def close(self, page: int, post: str) -> None:
        """The page closes the comments of a post."""
        self._post("close", page=page, post=post)

    def event(self, page: int, label: str, thing: Any) -> None:
        """Send an event of any kind to the page's server."""
        self._post("events", page=page, type=label, object=thing)

    def confirm(self, page: int) -> bool | None:
        """Do the network's handshake with the page's server; whether it was answered rightly, None where the network asks nothing."""
        confirmed: bool | None = self._post("confirm", page=page)["confirmed"]
        return confirmed

    def posts(self, page: int) -> dict[str, str]:
        """The texts of a page's posts by their ids."""
        found: dict[str, str] = self._post("walls", page=page)["posts"]
        return found

    def fault(self, kind: str, *, method: str = "", times: int = 1) -> None:
        """The next calls of a method ("" = any) fail.

        Kinds: too_fast, internal, http_500_before/after, dropped_before/after, slow_after, garbled_after, flood, quota, captcha, strange.
        """
        self._post("faults", kind=kind, method=method, times=times)

    def settings(self, **changes: Any) -> dict[str, Any]:
        """Change chaos, seed, rate_limits, slow_seconds, retry_first, retry_cap, give_up_after, event_delay."""
        return self._post("settings", **changes)

    def reset(self) -> None:
        """Forget the whole world and return to the first settings."""
        self._post("reset")

    def ledger(self) -> list[dict[str, Any]]:
        """Everything that pages really posted: network, page, number, id, thread, reply_to, text, attachments, guid, by, at.

        number  the sandbox's own, growing with time inside a page, of comments (and posts) and of messages apart
        """
        entries: list[dict[str, Any]] = self._get("ledger")["entries"]
        return entries

    def said(self) -> list[dict[str, Any]]:
        """Everything that residents said: network, page, number, id, thread, author, text, deleted, attachments."""
        lines: list[dict[str, Any]] = self._get("said")["said"]
        return lines

    def remember(self, page: int, *, posts: Sequence[dict[str, Any]] = (), said: Sequence[dict[str, Any]] = ()) -> None:
        """Put back what a page's wall and dialogues held before a restart of the sandbox; nobody is told."""
        self._post("remember", page=page, posts=list(posts), said=list(said))

    def state(self) -> dict[str, Any]:
        """Counts: pages, said, posted, events{sent, delivered, pending, given_up, attempts}, faults_injected, faults, calls."""
        return self._get("state")

    def wait_quiet(self, seconds: float = 30.0) -> bool:
        """Wait until no event is pending; False when the time is over."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self._get("quiet")["quiet"]:
                return True
            time.sleep(0.05)
        return False

    def _post(self, route: str, /, **body: Any) -> dict[str, Any]:
        answer = self._http.post(route, json={"network": self.network, **body}).raise_for_status()
        return dict(answer.json())

    def _get(self, name: str) -> dict[str, Any]:
        return dict(self._http.get(name).raise_for_status().json())


class Sandbox(SandboxClient):
    """A sandbox of one's own on a free port, in a thread or (`process=True`) as a separate process; a context manager."""

    def __init__(self, network: str = "vk", *, port: int = 0, process: bool = False, chaos: float = 0.0, seed: int = 1) -> None:
        self._server: Server | None = None
        self._process: subprocess.Popen[str] | None = None
        if process:
            command = [sys.executable, "-m", "gospult.networks.sandbox", "--port", str(port), "--chaos", str(chaos), "--seed", str(seed)]
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            super().__init__(_address(self._process), network)
        else:
            self._server = Server(port, chaos=chaos, seed=seed).start()
            super().__init__(self._server.base_url, network)

    def stop(self) -> None:
        """Stop the server; the process gets SIGTERM."""
        self._http.close()
        if self._server:
            self._server.stop()
        if self._process:
            self._process.terminate()
            self._process.wait(timeout=START_SECONDS)
            if self._process.stdout:
                self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def _address(process: subprocess.Popen[str]) -> str:
    """The address that the process prints when it listens; RuntimeError when it ended instead."""
    line = process.stdout.readline() if process.stdout else ""
    found = re.search(r"http://\S+", line)
    if not found:
        process.wait(timeout=START_SECONDS)
        raise RuntimeError(f"the sandbox did not start: exit code {process.returncode}")
    return found[0]


class Receiver:
    """A page's own webhook server: keeps the bodies and headers it got and answers as `reply` says (default "ok"); a context manager."""

    def __init__(self, reply: Callable[[dict[str, Any]], tuple[int, str]] = lambda _body: (200, "ok")) -> None:
        self.reply = reply
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        handler = type("BoundReceiver", (_ReceiverHandler,), {"receiver": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def of(self, label: str) -> list[dict[str, Any]]:
        """The bodies of one type, in the order of their coming."""
        return [body for body in self.bodies if body.get("type") == label]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()


class _ReceiverHandler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        # What the exchange does with an address that carries the secret: some networks sign nothing.
        [carried] = parse_qs(urlsplit(self.path).query).get("s", [""])
        self.receiver.headers.append({**dict(self.headers.items()), "X-Door-Secret": carried})
        self.receiver.bodies.append(body)
        status, text = self.receiver.reply(body)
        self.send_response(status)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: bodies are people's words."""
