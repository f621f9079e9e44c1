import io
import os
import signal
import socket
import subprocess
import sys
import threading

import httpx
import pytest
from PIL import Image

from gospult.networks.base import Credentials, NetworkError
from gospult.networks.sandbox.__main__ import main
from gospult.networks.testing import Receiver, Sandbox
from gospult.networks.vk import VK

GPS_IFD = 0x8825


@pytest.fixture
def sandbox():
    with Sandbox() as running:
        running.settings(rate_limits=False, retry_first=0.02, retry_cap=0.05)
        yield running


@pytest.fixture(scope="module")
def http():
    """One pool of connections: a fresh client for every call would spend its time on certificates."""
    with httpx.Client(trust_env=False, verify=False, timeout=30) as client:
        yield client


@pytest.fixture
def ask(sandbox, http):
    def call(method, **params):
        form = {"v": "5.199", "access_token": "community-token-7"} | params
        return http.post(sandbox.api_url() + method, data=form).json()

    return call


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("wall.nothing", {}, 3),
        ("groups.getById", {"access_token": "чужой"}, 5),
        ("groups.getById", {"v": ""}, 8),
        ("groups.getById", {"access_token": "service-token-7"}, 100),
        ("groups.getById", {"group_ids": ",".join(map(str, range(501)))}, 100),
        ("wall.get", {"owner_id": "-7"}, 27),
        ("wall.get", {"owner_id": "-7", "access_token": "user-token-8"}, 100),
        ("photos.getWallUploadServer", {"access_token": "service-token-7"}, 28),
        ("wall.createComment", {"owner_id": "-8", "post_id": "1", "message": "х"}, 15),
        ("wall.createComment", {"owner_id": "-7", "post_id": "404", "message": "х"}, 15),
        ("wall.createComment", {"owner_id": "-7", "post_id": "1", "message": ""}, 100),
        ("wall.createComment", {"owner_id": "-7", "post_id": "1", "message": "х", "attachments": "photo1_1"}, 100),
        ("messages.send", {"peer_id": "1001", "message": "х"}, 100),
        ("messages.send", {"peer_id": "1001", "message": "х", "random_id": "1"}, 901),
        ("photos.saveMessagesPhoto", {"photo": "[{}]", "hash": "0"}, 121),
    ],
)
def test_mistakes_are_answered_with_vks_own_codes(sandbox, ask, method, params, code):
    sandbox.add_page(7)
    sandbox.add_post(7)
    if params.get("access_token") == "user-token-8":
        sandbox.add_page(8)
        params = params | {"owner_id": "-9"}
    error = ask(method, **params)["error"]
    assert error["error_code"] == code
    assert error["error_msg"]
    assert "access_token" not in {pair["key"] for pair in error["request_params"]}


def test_a_user_has_three_calls_a_second_and_a_community_twenty(sandbox, ask):
    sandbox.add_page(7)
    sandbox.settings(rate_limits=True)
    for kind, limit in (("user", 3), ("community", 20)):
        codes = [ask("groups.getById", group_ids="7", access_token=f"{kind}-token-7").get("error", {}).get("error_code") for _ in range(limit * 4)]
        assert codes[:limit] == [None] * limit
        assert set(codes) == {None, 6}


def test_an_event_is_repeated_until_the_server_says_ok(sandbox):
    answers = iter([(500, "ok"), (200, "OK?"), (200, "ok")])
    with Receiver(lambda _body: next(answers)) as receiver:
        sandbox.add_page(7, callback_url=receiver.url)
        sandbox.add_post(7)
        assert sandbox.wait_quiet(5)
    assert len(receiver.bodies) == 3
    assert len({body["event_id"] for body in receiver.bodies}) == 1
    assert sandbox.state()["events"] == {"sent": 1, "delivered": 1, "given_up": 0, "attempts": 3, "pending": 0}


def test_an_event_that_nobody_takes_is_given_up_after_its_time(sandbox):
    sandbox.settings(give_up_after=0.1)
    with Receiver(lambda _body: (500, "")) as receiver:
        sandbox.add_page(7, callback_url=receiver.url)
        sandbox.add_post(7)
        assert sandbox.wait_quiet(5)
    assert sandbox.state()["events"]["given_up"] == 1


def test_events_of_one_page_come_in_order(sandbox):
    with Receiver() as receiver:
        sandbox.add_page(7, callback_url=receiver.url)
        post = sandbox.add_post(7)
        said = [sandbox.comment(7, post, str(number))["id"] for number in range(50)]
        assert sandbox.wait_quiet(10)
    assert [f"c{body['object']['id']}" for body in receiver.of("wall_reply_new")] == said


def test_chaos_repeats_and_reorders_events_but_loses_none(sandbox):
    sandbox.settings(chaos=0.5, seed=3)
    with Receiver() as receiver:
        sandbox.add_page(7, callback_url=receiver.url)
        post = sandbox.add_post(7)
        said = [sandbox.comment(7, post, str(number))["id"] for number in range(40)]
        assert sandbox.wait_quiet(10)
    came = [f"c{body['object']['id']}" for body in receiver.of("wall_reply_new")]
    assert set(came) == set(said)
    assert len(came) > len(said)
    assert came != sorted(came, key=said.index)
    assert sandbox.state()["faults_injected"] > 0


def outcomes(seed):
    with Sandbox(chaos=0.4, seed=seed) as sandbox:
        sandbox.settings(rate_limits=False, slow_seconds=0.1)
        page = sandbox.add_page(7)
        network = VK(Credentials("7", page["tokens"]), base_url=sandbox.api_url(), timeout=2)
        found = []
        for _ in range(25):
            try:
                network.cards(["7"])
                found.append("")
            except NetworkError as error:
                found.append(f"{error.fault} {error}")
        return found, sandbox.state()["faults_injected"]


def test_the_same_seed_brings_the_same_faults():
    first, again, other = outcomes(5), outcomes(5), outcomes(6)
    assert first == again
    assert first != other
    assert first[1] >= sum(map(bool, first[0])) > 0


def published(network, thread, guard):
    try:
        network.reply(thread, kind="comment", text=f"ответ {guard}", guard=guard)
    except NetworkError:
        return False
    return True


def test_under_chaos_a_guard_keeps_every_reply_single():
    with Sandbox(chaos=0.3, seed=11) as sandbox:
        sandbox.settings(rate_limits=False, slow_seconds=0.8)
        page, post = sandbox.add_page(7), sandbox.add_post(7)
        network = VK(Credentials("7", page["tokens"]), base_url=sandbox.api_url(), timeout=0.6)
        for guard in map(str, range(1, 31)):
            thread = sandbox.comment(7, post, f"вопрос {guard}")["thread"]
            assert any(published(network, thread, guard) for _ in range(20))
        assert sorted(entry["guid"] for entry in sandbox.ledger()) == sorted(map(str, range(1, 31)))


def test_two_thousand_messages_all_pass():
    with Sandbox() as sandbox, Receiver() as receiver:
        sandbox.add_page(7, callback_url=receiver.url)
        post = sandbox.add_post(7)
        for number in range(1000):
            sandbox.comment(7, post, f"Комментарий {number}", author=f"Житель {number % 50}")
            sandbox.message(7, f"Сообщение {number}", author=f"Житель {number % 50}")
        assert sandbox.wait_quiet(60)
        assert len(receiver.bodies) == 2001


def test_writers_at_once_do_not_tread_on_each_other(sandbox):
    sandbox.add_page(7)
    post = sandbox.add_post(7)
    said = []
    threads = [threading.Thread(target=lambda: said.extend(sandbox.comment(7, post, "х")["id"] for _ in range(25))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(said)) == 200


def test_one_of_the_photos_tells_where_it_was_taken(sandbox, http):
    def gps(name):
        content = http.get(f"{sandbox.base_url}/files/{name}").content
        return dict(Image.open(io.BytesIO(content)).getexif().get_ifd(GPS_IFD))

    assert gps("photo_gps.jpg")[1] == "N"
    assert gps("photo.jpg") == {}


def test_reset_forgets_the_world(sandbox):
    sandbox.add_page(7)
    sandbox.reset()
    state = sandbox.state()
    assert (state["pages"], state["posted"]) == (0, 0)


@pytest.mark.parametrize(("name", "body"), [("nothing", {}), ("comments", {"page": 404}), ("settings", {"chaos": 5}), ("settings", {"x": 1})])
def test_a_wrong_control_call_says_what_is_wrong(sandbox, http, name, body):
    answer = http.post(f"{sandbox.base_url}/sandbox/{name}", json=body)
    assert answer.status_code in (400, 404)
    assert answer.json()["error"]


def test_a_resident_writes_through_the_page_and_sees_the_answer(sandbox, http):
    page, post = sandbox.add_page(7, name="Школа № 5"), sandbox.add_post(7)
    form = {"post": post, "author": "Пётр <Орлов>", "text": "Когда <b>собрание</b>?", "photo": "1"}
    seen = http.post(f"{sandbox.base_url}/vk/say/7", data=form, follow_redirects=True)
    assert "Когда &lt;b&gt;собрание&lt;/b&gt;?" in seen.text
    [said] = sandbox.said()
    VK(Credentials("7", page["tokens"]), base_url=sandbox.api_url()).reply(said["thread"], kind="comment", text="В четверг, в 18 часов", guard="1")
    assert "В четверг, в 18 часов" in http.get(f"{sandbox.base_url}/vk/wall/7").text


@pytest.mark.parametrize(("code", "name"), [("vk", "ВКонтакте"), ("ok", "Одноклассники"), ("telegram", "Telegram"), ("max", "MAX")])
def test_a_wall_names_its_network_and_counts_what_is_to_be_read(sandbox, http, code, name):
    there = sandbox.at(code)
    there.add_page(7, name="Школа")
    post = there.add_post(7)
    top = there.comment(7, post, "Где собираемся?")
    there.comment(7, post, "У школы", reply_to=top["id"])
    there.delete(7, there.comment(7, post, "Грубость")["id"])
    wall, home = (http.get(f"{sandbox.base_url}/{path}").text for path in (f"{code}/wall/7", ""))
    assert f"{name} · 0 подписчиков" in wall
    assert ("Комментарии: 2<" in wall, "2 комментария" in home) == (True, True)


def test_addresses_on_the_wall_are_links_and_nothing_else_is(sandbox, http):
    sandbox.add_page(7, name="Школа", handle="school7")
    post = sandbox.add_post(7, "Новости")
    sandbox.comment(7, post, 'Фото: https://example.ru/photo/a_b-1. <b>Жирно</b> javascript:alert(1) https://example.ru/"onclick=x')
    html = http.get(f"{sandbox.base_url}/vk/wall/7").text
    assert '<a href="https://example.ru/photo/a_b-1" rel="nofollow noreferrer">https://example.ru/photo/a_b-1</a>. &lt;b&gt;' in html
    assert 'href="javascript' not in html
    assert '"onclick' not in html


@pytest.mark.parametrize("path", ["/vk/wall/404", "/vk/wall/x", "/vk/gim7?sel=1", "/files/../../etc/passwd", "/нет"])
def test_what_does_not_exist_is_404(sandbox, http, path):
    assert http.get(sandbox.base_url + path, follow_redirects=True).status_code == 404


def test_the_process_ends_cleanly_when_asked():
    process = subprocess.Popen(
        [sys.executable, "-m", "gospult.networks.sandbox", "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert "http://127.0.0.1:" in process.stdout.readline()
    os.kill(process.pid, signal.SIGTERM)
    out, errors = process.communicate(timeout=10)
    assert (process.returncode, out, errors) == (0, "", "")


def test_a_busy_port_is_one_clear_line(capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["--port", str(port)]) == 2
    assert capsys.readouterr().err.startswith(f"Порт {port} занят или недоступен: выберите другой")
