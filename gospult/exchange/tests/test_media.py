import socket
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

import pytest
from django.utils import timezone

from gospult.exchange import actions
from gospult.exchange.models import Attachment, Connection, Incoming
from gospult.exchange.testing import make_connection, make_incoming
from gospult.networks.base import Attachment as Item
from gospult.networks.base import NetworkError
from gospult.networks.registry import NETWORKS
from gospult.networks.testing import Sandbox
from gospult.networks.vk import VK
from gospult.registry.testing import make_page

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def vk(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(Attachment._meta.get_field("file").storage, "location", str(tmp_path))  # the field has kept the storage of its import
    with Sandbox() as sandbox:
        sandbox.settings(rate_limits=False)
        settings.NETWORKS = {"vk": {"base_url": sandbox.api_url(), "ca_file": ""}}
        sandbox.add_page(777, tokens={"community": "token", "service": "service"})
        yield sandbox


def test_polling_finds_what_no_webhook_has_brought_and_keeps_its_photo(vk, body):
    connected = make_page(body=body, external_id="777")
    make_connection(connected, tokens={"community": "token", "service": "service"})
    vk.comment(777, vk.add_post(777), "Яма во дворе", attachments=["photo"])
    assert actions.poll_due() == 1
    assert actions.poll_due() == 0
    row = Incoming.objects.get()
    actions.attach(row)
    actions.fetch_due()
    photo = Attachment.objects.get()
    assert (row.text, photo.state, photo.mime) == ("Яма во дворе", "kept", "image/jpeg")
    assert photo.file.size == photo.size
    assert Connection.objects.get().last_proof_at


def test_a_second_poll_of_the_same_wall_adds_nothing(vk, body):
    connected = make_page(body=body, external_id="777")
    make_connection(connected, tokens={"community": "token", "service": "service"})
    said = vk.comment(777, vk.add_post(777), "Яма во дворе")
    actions.poll_due()
    Connection.objects.update(polled_at=None)
    actions.poll_due()
    assert Incoming.objects.count() == 1
    vk.edit(777, said["id"], "Яма во дворе на Кирова 5")
    Connection.objects.update(polled_at=None)
    actions.poll_due()
    assert list(Incoming.objects.order_by("id").values_list("action", flat=True)) == ["said", "edited"]


def test_a_file_of_our_own_network_is_never_fetched(vk, page):
    item = Item(kind="photo", url="http://169.254.1.1/secret.jpg")
    row = make_incoming(page, attachments=[item])
    actions.attach(row)
    for _ in range(6):
        Attachment.objects.update(next_try_at=timezone.now())
        actions.fetch_due()
    assert Attachment.objects.get().state == "failed"


def test_a_name_that_changes_its_address_after_the_look_leads_nowhere(vk, page, monkeypatch):
    answers = iter(["93.184.216.34", "127.0.0.1"])

    def resolve(host, port, *args, **kwargs):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers) if host == "files.example" else host, port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    port = urlsplit(vk.api_url()).port
    actions.attach(make_incoming(page, attachments=[Item(kind="photo", url=f"http://files.example:{port}/")]))
    with pytest.raises(RuntimeError, match=r"93\.184\.216\.34"):  # the guard of the tests: it did not go to our own machine
        actions.fetch_due()


class Redirector(BaseHTTPRequestHandler):
    """A file server: /paper is the file, any other path sends the visitor on."""

    ways = {"/one": "/paper", "/two": "/one", "/inside": "http://169.254.1.1/paper", "/elsewhere": "file:///etc/hostname"}

    def do_GET(self):
        self.send_response(302 if self.path in self.ways else 200)
        self.send_header("Location", self.ways[self.path]) if self.path in self.ways else self.send_header("Content-Type", "application/pdf")
        self.send_header("Content-Length", "0" if self.path in self.ways else "8")
        self.end_headers()
        self.wfile.write(b"" if self.path in self.ways else b"%PDF-1.7")

    def log_message(self, format, *args):
        pass


@pytest.mark.parametrize(("path", "state"), [("/one", "kept"), ("/two", "failed"), ("/inside", "failed"), ("/elsewhere", "failed")])
def test_one_redirect_is_followed_to_an_address_that_may_be_read(vk, page, settings, path, state):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Redirector)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    home = f"http://127.0.0.1:{server.server_port}"
    settings.NETWORKS = {"vk": {"base_url": home, "ca_file": ""}}
    actions.attach(make_incoming(page, attachments=[Item(kind="file", url=home + path)]))
    for _ in range(6):
        Attachment.objects.update(next_try_at=timezone.now())
        actions.fetch_due()
    server.shutdown()
    server.server_close()
    paper = Attachment.objects.get()
    assert (paper.state, paper.size) == (state, 8 if state == "kept" else None)


def test_a_process_killed_with_the_bytes_on_disk_leaves_one_file(vk, page, tmp_path):
    actions.attach(make_incoming(page, attachments=[Item(kind="photo", url=f"http://{urlsplit(vk.api_url()).netloc}/")]))
    for stop in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            if stop:
                patch.setattr(Attachment, "save", killed)
                with pytest.raises(KeyboardInterrupt):
                    actions.fetch_due()
            else:
                Attachment.objects.update(next_try_at=timezone.now())
                actions.fetch_due()
    photo = Attachment.objects.get()
    assert photo.state == "kept"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [Path(photo.file.path)]


def killed(*args, **kwargs):
    raise KeyboardInterrupt


def test_a_file_is_forgotten_by_its_term_and_its_bytes_are_gone(vk, page):
    from django.core.files.base import ContentFile

    row = make_incoming(page, attachments=[Item(kind="photo", url="https://example.org/1.jpg")])
    actions.attach(row)
    photo = Attachment.objects.get()
    photo.file.save("x.jpg", ContentFile(b"bytes"))
    Attachment.objects.update(state="kept", forget_at=timezone.now() - timedelta(days=1))
    name = Attachment.objects.get().file.path
    assert actions.forget_due() == 1
    photo.refresh_from_db()
    assert (photo.state, photo.source_url, bool(photo.file)) == ("forgotten", "", False)
    with pytest.raises(FileNotFoundError):
        Path(name).read_bytes()


def test_an_address_that_is_none_does_not_stop_the_other_files(vk, page):
    row = make_incoming(page, attachments=[Item(kind="photo", url=vk.api_url() + "/\x01.jpg"), Item(kind="photo", url="http://169.254.1.1/2.jpg")])
    actions.attach(row)
    assert actions.fetch_due() == 2


def test_what_polling_reads_is_freed_of_what_the_database_cannot_keep(page):
    assert make_incoming(page, "Яма\0 во дворе", author_name="Иван\0").text == "Яма во дворе"


class Opening(VK):
    """A network whose files only the connector can open."""

    code: ClassVar[str] = "vk"
    answer: ClassVar[object] = (b"bytes of a photo", "image/jpeg")

    def fetch(self, reference: str) -> tuple[bytes, str]:
        assert reference == "ref:photo-1"
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer  # type: ignore[return-value]


@pytest.fixture
def referred(page, monkeypatch, tmp_path):
    monkeypatch.setattr(Attachment._meta.get_field("file").storage, "location", str(tmp_path))
    monkeypatch.setitem(NETWORKS, "vk", Opening)
    make_connection(page)
    row = make_incoming(page, attachments=(Item("photo", url="ref:photo-1", name="двор.jpg"),))
    actions.attach(row)
    return Attachment.objects.get()


def fetched(monkeypatch, answer):
    monkeypatch.setattr(Opening, "answer", answer)
    Attachment.objects.update(next_try_at=timezone.now())
    actions.fetch_due()
    return Attachment.objects.get()


def test_a_file_that_only_the_connector_can_open_is_opened_by_it(referred, monkeypatch):
    row = fetched(monkeypatch, (b"bytes of a photo", "image/jpeg"))
    assert (row.state, row.mime, row.size) == ("kept", "image/jpeg", 16)


def test_a_referred_file_that_is_too_big_stays_a_word(referred, monkeypatch, settings):
    settings.MEDIA_MAX_BYTES = 10
    assert fetched(monkeypatch, (b"bytes of a photo", "image/jpeg")).state == "linked"


def test_a_referred_file_that_the_network_will_not_give_has_failed_at_once(referred, monkeypatch):
    assert fetched(monkeypatch, NetworkError("gone", fault="gone", permanent=True)).state == "failed"


def test_a_referred_file_waits_as_long_as_the_network_asks(referred, monkeypatch):
    row = fetched(monkeypatch, NetworkError("slow", fault="too_fast", retry_after=3600))
    assert (row.state, row.next_try_at > timezone.now() + timedelta(minutes=59)) == ("waiting", True)
