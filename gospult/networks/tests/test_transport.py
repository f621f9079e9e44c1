"""HTTP under every connector."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from gospult.networks.base import NetworkError
from gospult.networks.testing import Sandbox
from gospult.networks.transport import Transport, pause


class Baker(BaseHTTPRequestHandler):
    """Gives everybody a cookie and keeps what it was brought."""

    brought: list[str]

    def do_GET(self):
        self.brought.append(self.headers.get("Cookie", ""))
        self.send_response(200)
        self.send_header("Set-Cookie", "session=of-one-page; Path=/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format, *args):
        """Nothing."""


def test_a_cookie_that_came_to_one_page_does_not_travel_with_another():
    handler = type("BoundBaker", (Baker,), {"brought": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        transport = Transport("Сеть", f"http://127.0.0.1:{server.server_port}/", ca_file="", timeout=5)
        for _ in range(2):
            transport.request("GET", "card")
        server.shutdown()
    assert handler.brought == ["", ""]


@pytest.mark.parametrize("more", [{"headers": {"Authorization": "тайна"}}, {"files": {"photo": ("\ud800.png", b"1")}}])
def test_what_cannot_be_written_down_is_refused_and_not_repeated_in_the_error(more):
    transport = Transport("Сеть", "http://127.0.0.1:9/", ca_file="", timeout=0.3)
    with pytest.raises(NetworkError) as caught:
        transport.request("POST", "reply", sending=True, **more)
    assert (caught.value.fault, caught.value.permanent, caught.value.outcome_unknown) == ("invalid", True, False)
    assert "тайна" not in str(caught.value)


@pytest.mark.parametrize(("told", "seconds"), [("7", 7), ("", 1), ("Wed, 21 Oct 2026 07:28:00 GMT", 1), ("9" * 400, 86_400), ("-5", 1)])
def test_a_pause_is_bounded(told, seconds):
    assert pause(httpx.Response(429, headers={"Retry-After": told})) == seconds


def test_a_file_that_is_too_large_is_not_read_to_its_end(monkeypatch):
    with Sandbox() as sandbox:
        transport = Transport("Сеть", sandbox.base_url, ca_file="", timeout=5)
        content, mime = transport.file("files/photo.jpg")
        assert (content[:2], mime) == (b"\xff\xd8", "image/jpeg")
        monkeypatch.setattr("gospult.networks.transport.LARGEST", len(content) - 1)
        for name, fault in [("photo.jpg", "invalid"), ("nothing.jpg", "gone")]:
            with pytest.raises(NetworkError) as caught:
                transport.file(f"files/{name}")
            assert (caught.value.fault, caught.value.permanent) == (fault, True)
