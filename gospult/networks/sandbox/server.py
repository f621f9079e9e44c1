"""The HTTP server of the sandbox: routes, bodies in and out, faults on the wire."""

import json
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from gospult.networks.sandbox import control, screens
from gospult.networks.sandbox.deeds import Deeds
from gospult.networks.sandbox.events import Courier
from gospult.networks.sandbox.faults import Fault, Faults
from gospult.networks.sandbox.vk import api, gate, photos
from gospult.networks.sandbox.world import Settings, World

LARGEST = 64 * 1024 * 1024
JSON_TYPE, HTML_TYPE = "application/json; charset=utf-8", "text/html; charset=utf-8"


class Sandbox:
    """Everything that one running sandbox holds."""

    def __init__(self, base_url: str, settings: Settings) -> None:
        self.world = World(base_url, settings)
        self.courier = Courier(self.world)
        self.deeds = Deeds(self.world, self.courier)
        self.faults = Faults(self.world)


class Handler(BaseHTTPRequestHandler):
    """One connection; kept alive between requests."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body leave in one piece
    disable_nagle_algorithm = True
    timeout = 30
    sandbox: ClassVar[Sandbox]

    def do_GET(self) -> None:
        """Reading: control, files, screens, and VK methods asked by address."""
        self._route("GET", b"")

    def do_POST(self) -> None:
        """Everything else."""
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > LARGEST:
            self.close_connection = True
            self._send(413, "text/plain", b"")
            return
        self._route("POST", self.rfile.read(int(length)))

    def _route(self, verb: str, body: bytes) -> None:
        url = urlsplit(self.path)
        query = dict(parse_qsl(url.query))
        match url.path.strip("/").split("/"):
            case ["sandbox", name]:
                self._json(*self._control(verb, name, body))
            case ["vk", "method", name]:
                if "access_token" in query:
                    self.sandbox.world.calls["token_in_address"] += 1
                params = query | dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
                self._under_faults(name, params, lambda: api.answer(self.sandbox.deeds, name, params))
            case ["vk", "upload", _key]:
                picture = _picture(self.headers.get("Content-Type", ""), body)
                self._under_faults("upload", {}, lambda: photos.receive(self.sandbox.world, picture))
            case ["vk", "files", name]:
                self._file(name)
            case parts:
                self._screen(verb, parts, query, body)

    def _control(self, verb: str, name: str, body: bytes) -> tuple[int, Any]:
        try:
            given = json.loads(body or b"{}")
        except ValueError:
            given = None
        if not isinstance(given, dict):
            return 400, {"error": "a JSON object is expected"}
        return control.answer(self.sandbox, verb, name, given)

    def _under_faults(self, method: str, params: Mapping[str, str], carry_out: Callable[[], Any]) -> None:
        """Answer a call, or let it fail before or after it was carried out."""
        fault = self.sandbox.faults.draw(method)
        match fault:
            case "too_fast":
                self._json(200, gate.error_body(6, "Too many requests per second", params))
            case "internal":
                self._json(200, gate.error_body(10, "Internal server error", params))
            case "http_500_before":
                self._json(500, {})
            case "dropped_before":
                self._drop()
            case _:
                self._after(fault, carry_out())

    def _after(self, fault: Fault | None, answer: Any) -> None:
        match fault:
            case "http_500_after":
                self._json(500, {})
            case "dropped_after":
                self._drop()
            case "slow_after":
                time.sleep(self.sandbox.world.settings.slow_seconds)
                self._json(200, answer)
            case _:
                self._json(200, answer)

    def _screen(self, verb: str, parts: list[str], query: Mapping[str, str], body: bytes) -> None:
        form = dict(parse_qsl(body.decode("utf-8", "replace"))) if verb == "POST" else {}
        status, content = screens.answer(self.sandbox, verb, parts, query, form)
        if status == 303:
            self._send(303, HTML_TYPE, b"", Location=content)
        else:
            self._send(status, HTML_TYPE, content.encode())

    def _file(self, name: str) -> None:
        found = self.sandbox.world.files.get(name)
        if found is None:
            self._send(404, "text/plain", b"")
        else:
            self._send(200, found[0], found[1])

    def _json(self, status: int, body: Any) -> None:
        self._send(status, JSON_TYPE, json.dumps(body, ensure_ascii=False).encode("utf-8", "replace"))

    def _send(self, status: int, kind: str, content: bytes, **headers: str) -> None:
        try:
            self.send_response(status)
            for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
            self.wfile.flush()
        except ConnectionError:
            self.close_connection = True  # the caller did not wait for a slow answer

    def _drop(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: requests carry tokens and people's words."""


def _picture(content_type: str, body: bytes) -> bytes:
    """The first file of a multipart form."""
    message: Message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode("latin-1", "replace") + b"\r\n\r\n" + body)
    for part in message.walk():
        if part.get_filename():
            content = part.get_payload(decode=True)
            return content if isinstance(content, bytes) else b""
    return b""


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A broken connection is the other side's business; anything else is a fault of ours and is shown."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class Server:
    """A sandbox on 127.0.0.1; port 0 takes a free one. OSError when the port is busy."""

    def __init__(self, port: int = 0, *, host: str = "127.0.0.1", **settings: Any) -> None:
        handler: type[Handler] = type("BoundHandler", (Handler,), {})
        self._listener = _Listener((host, port), handler)
        self.base_url = f"http://{host}:{self._listener.server_port}"
        self.sandbox = Sandbox(self.base_url, Settings(**settings))
        handler.sandbox = self.sandbox
        self._thread = threading.Thread(target=self._listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def start(self) -> "Server":
        """Listen in a thread of its own."""
        self.sandbox.courier.start()
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening and delivering."""
        self._listener.shutdown()
        self._listener.server_close()
        self.sandbox.courier.stop()


def serve(port: int = 9000, *, chaos: float = 0.0, seed: int = 1, host: str = "127.0.0.1", ready: Callable[[str], None] | None = None) -> None:
    """Run until SIGTERM or SIGINT; `ready` is told the address. OSError when the port is busy."""
    server = Server(port, host=host, chaos=chaos, seed=seed)
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    server.start()
    if ready:
        ready(server.base_url)
    done.wait()
    server.stop()
