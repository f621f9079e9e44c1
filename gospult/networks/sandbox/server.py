"""The HTTP server of the sandbox: routes, bodies in and out, faults on the wire."""

import json
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from gospult.networks.sandbox import control, screens
from gospult.networks.sandbox.deeds import Deeds
from gospult.networks.sandbox.dialect import Dialect, Request, Response
from gospult.networks.sandbox.dialects import DIALECTS
from gospult.networks.sandbox.events import Courier
from gospult.networks.sandbox.faults import Fault, Faults
from gospult.networks.sandbox.world import Page, Settings, World

LARGEST = 64 * 1024 * 1024
HTML_TYPE = "text/html; charset=utf-8"


class Sandbox:
    """Everything that one running sandbox holds."""

    def __init__(self, base_url: str, settings: Settings) -> None:
        self.world = World(base_url, settings)
        self.dialects: dict[str, Dialect] = {}
        self.courier = Courier(self.world, self.dialects)
        self.deeds = Deeds(self.world, self.courier, self.dialects)
        self.faults = Faults(self.world)
        self.dialects |= {code: make(self.world, self.deeds, self.courier) for code, make in DIALECTS.items()}

    def page(self, about: Mapping[str, Any]) -> Page:
        """The page that a control call or an address names by `network` and `page`; KeyError when there is none."""
        return self.world.realm(about.get("network", "vk")).pages[int(about["page"])]


class Handler(BaseHTTPRequestHandler):
    """One connection; kept alive between requests."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body leave in one piece
    disable_nagle_algorithm = True
    timeout = 30
    sandbox: ClassVar[Sandbox]

    def do_GET(self) -> None:
        """Reading, and methods asked by address."""
        self._take("GET")

    def do_POST(self) -> None:
        """Everything else."""
        self._take("POST")

    def do_PUT(self) -> None:
        """Of networks that speak REST."""
        self._take("PUT")

    def do_PATCH(self) -> None:
        """Of networks that speak REST."""
        self._take("PATCH")

    def do_DELETE(self) -> None:
        """Of networks that speak REST."""
        self._take("DELETE")

    def _take(self, verb: str) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > LARGEST:
            self.close_connection = True
            self._send(413, "text/plain", b"")
            return
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            self._route(verb, _chunks(self.rfile))
        else:
            self._route(verb, self.rfile.read(int(length)))

    def _route(self, verb: str, body: bytes) -> None:
        url = urlsplit(self.path)
        query, parts = dict(parse_qsl(url.query, keep_blank_values=True)), tuple(unquote(part) for part in url.path.strip("/").split("/"))
        dialect = self.sandbox.dialects.get(parts[0])
        request = Request(verb, parts[1:], query, cast(Mapping[str, str], self.headers), body)
        if dialect and (method := dialect.method(request)):
            self._under_faults(dialect, method, request)
        elif parts[0] == "sandbox" and len(parts) == 2:
            self._answer(Response(*self._control(verb, parts[1], body)))
        elif parts[0] == "files" and len(parts) == 2:
            self._file(parts[1])
        else:
            self._screen(verb, parts, query, body)

    def _control(self, verb: str, name: str, body: bytes) -> tuple[int, Any]:
        try:
            given = json.loads(body or b"{}")
        except ValueError:
            given = None
        if not isinstance(given, dict):
            return 400, {"error": "a JSON object is expected"}
        return control.answer(self.sandbox, verb, name, given)

    def _under_faults(self, dialect: Dialect, method: str, request: Request) -> None:
        """Answer a call, or let it fail before or after it was carried out."""
        fault = self.sandbox.faults.draw(method)
        match fault:
            case "too_fast" | "internal" | "flood" | "quota" | "captcha":
                self._answer(dialect.failure(fault, request))
            case "http_500_before":
                self._answer(Response(500, {}))
            case "dropped_before":
                self._drop()
            case _:
                self._after(fault, dialect.answer(request))

    def _after(self, fault: Fault | None, answer: Response) -> None:
        match fault:
            case "http_500_after":
                self._answer(Response(500, {}))
            case "dropped_after":
                self._drop()
            case "garbled_after":  # what a provider's own page looks like
                self._answer(Response(200, b"<html>502</html>", HTML_TYPE))
            case "strange":
                self._answer(replace(answer, body=self.sandbox.faults.strange(answer.body)))
            case "slow_after":
                time.sleep(self.sandbox.world.settings.slow_seconds)
                self._answer(answer)
            case _:
                self._answer(answer)

    def _screen(self, verb: str, parts: tuple[str, ...], query: Mapping[str, str], body: bytes) -> None:
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

    def _answer(self, answer: Response) -> None:
        body = answer.body
        content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        self._send(answer.status, answer.kind, content, **answer.headers)

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


def _chunks(source: Any) -> bytes:
    """A body in chunks, as clients send files of unknown length."""
    whole = bytearray()
    while (size := int(source.readline(32).split(b";")[0].strip() or b"0", 16)) and len(whole) + size <= LARGEST:
        whole += source.read(size)
        source.readline(4)
    source.readline(4)
    return bytes(whole)


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
