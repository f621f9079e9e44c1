"""Every method and parameter that our OK sends is in OK's own documentation of 2017, or is listed here with the public page it comes from."""

import io
import json
import re
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from PIL import Image

from gospult.networks.base import Credentials
from gospult.networks.ok import OK
from gospult.networks.ok.connector import CALLS
from gospult.networks.testing import Sandbox

DOCS = Path(__file__).parents[3].parent / "shared/contracts/ok"
pytestmark = pytest.mark.skipif(not DOCS.is_dir(), reason="the folder shared/ is absent")
HTTP = httpx.Client(trust_env=False, verify=False, timeout=20)
# What carries and signs every call: https://apiok.ru/en/dev/methods
COMMON = {"method", "application_key", "access_token", "format", "sig"}
BOT_API = "https://apiok.ru/en/dev/graph_api/methods/graph.user/"
# (method, parameter) that the files do not have, "" for a method as a whole → the public page that has it, or the open client that shows it.
ELSEWHERE = {
    ("url.getInfo", ""): "https://github.com/apiok/documentation/blob/master/docs/method/ru/url/url.getInfo.md",
    ("photosV2.getUploadUrl", ""): "https://apiok.ru/dev/methods/rest/photosV2/photosV2.getUploadUrl",
    ("mediatopic.deleteTopic", ""): "https://apiok.ru/dev/methods/rest/mediatopic/mediatopic.deleteTopic",
    ("graph.user.fileUploadUrl", ""): BOT_API + "graph.user.fileUploadUrl/get",
    ("graph.user.messages.post", "message.attachments.payload.token"): BOT_API + "graph.user.fileUploadUrl/get",
    ("graph.user.messages.post", "message.reply_to"): "https://github.com/KarambaDev/botpress-channel-odnoklassniki",
}


def documented(method):
    """The names in the documentation of a method, None when the files do not have it."""
    if not method.startswith("graph."):
        page = DOCS / method.split(".")[0] / f"{method}.md"
        return set(re.findall(r"^\$params#(\S+)", page.read_text(encoding="utf-8"), re.MULTILINE)) if page.is_file() else None
    pages = list((DOCS / "graph.user" / method.removesuffix(".post")).glob("*.md"))
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    return {*re.findall(r"^\$params#(\S+)", text, re.MULTILINE), *re.findall(r'"(\w+)"\s*:', text)} if pages else None


def paths(value, above=""):
    """Keys of a JSON body with those above them; an item of a list stands for its list."""
    if isinstance(value, list):
        return {path for item in value for path in paths(item, above)}
    if not isinstance(value, dict):
        return set()
    return {path for key, inner in value.items() for path in {f"{above}{key}"} | paths(inner, f"{above}{key}.")}


@contextmanager
def listened(sandbox):
    """An address in front of a sandbox, and what was sent to it: (method, parameters)."""
    heard = []

    class Ear(BaseHTTPRequestHandler):
        def do_GET(self):
            self.answer(b"")

        def do_POST(self):
            self.answer(self.rfile.read(int(self.headers["Content-Length"])))

        def answer(self, body):
            heard.append(named(self.command, urlsplit(self.path), self.headers["Content-Type"] or "", body))
            kind = {"Content-Type": self.headers["Content-Type"] or "text/plain"}
            told = HTTP.request(self.command, sandbox.base_url + self.path, content=body, headers=kind)
            self.send_response(told.status_code)
            self.send_header("Content-Length", str(len(told.content)))
            self.end_headers()
            self.wfile.write(told.content)

        def log_message(self, format, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Ear)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/ok/", heard
    server.shutdown()
    server.server_close()


def named(verb, url, kind, body):
    query = dict(parse_qsl(url.query))
    if url.path.endswith("/fb.do"):
        form = dict(parse_qsl(body.decode()))
        return form["method"], set(form) | set(query)
    name = url.path.split("/")[4]
    payload = json.loads(body) if "json" in kind else {}
    return f"graph.user.{name}{'.post' if (name, verb) == ('messages', 'POST') else ''}", set(query) | paths(payload)


@pytest.fixture(scope="module")
def sent():
    """method → parameters, of one call at least of every feature."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    with Sandbox("ok") as sandbox, listened(sandbox) as (address, heard):
        sandbox.settings(rate_limits=False)
        page = sandbox.add_page(7, name="Школа № 5", handle="shkola5", members=30, callback_url="http://127.0.0.1:9/?s=старый")
        post, wrote = sandbox.add_post(7, "Первый"), sandbox.message(7, "Здравствуйте")
        said = sandbox.comment(7, post, "Вопрос", attachments=["photo"])
        network = OK(Credentials(page["external_id"], page["tokens"]), base_url=address)
        network.cards(["shkola5"])
        network.posts()
        network.thread(said["thread"], kind="comment")
        network.thread(wrote["thread"], kind="dm")
        network.dialogues(since=datetime.now(UTC) - timedelta(days=1))
        list(network.members())
        network.rights()
        network.fetch(network.comments(post)[0].attachments[0].url)
        network.subscribe("http://127.0.0.1:9/", "новый")
        network.reply(said["thread"], kind="comment", text="Ответ", guard="1", reply_to=said["id"])
        picture = network.upload(wrote["thread"], kind="dm", name="a.png", content=out.getvalue())
        network.reply(wrote["thread"], kind="dm", text="Ответ", guard="2", reply_to=wrote["id"], attachments=[picture])
        token = network.upload("", kind="post", name="a.png", content=out.getvalue())
        network.delete_post(network.publish("Новость", attachments=[token]).external_id)
        network.hide(said["id"], thread_id=said["thread"])
        found = {}
        for method, names in heard:
            found.setdefault(method, set()).update(names - COMMON)
        yield found


def test_every_method_of_the_connector_was_called(sent):
    assert sent.keys() == CALLS.keys()


def test_what_the_files_do_not_have_is_listed_one_by_one(sent):
    absent = set()
    for method, names in sent.items():
        known = documented(method)
        if known is None:
            absent.add((method, ""))
        else:
            absent |= {(method, name) for name in names if name.split(".")[-1] not in known}
    assert absent == ELSEWHERE.keys()


def test_every_page_named_is_public():
    assert all(re.match(r"https://(apiok\.ru|github\.com)/\w+", page) for page in ELSEWHERE.values())


def test_the_permissions_and_offices_are_documented():
    assert "GROUP_CONTENT" in (DOCS / "mediatopic/mediatopic.post.md").read_text(encoding="utf-8")
    offices = (DOCS / "group/group.getUserGroupsByIds.md").read_text(encoding="utf-8")
    assert all(f"* {office} -" in offices for office in ("ADMIN", "MODERATOR"))
