"""OK's sandbox from outside: by bare HTTP with signatures of our own making, and what is OK's alone by the connector."""

import hashlib
import io
import json
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from PIL import Image

from gospult.networks.base import Credentials, NetworkError
from gospult.networks.ok import OK
from gospult.networks.testing import Receiver, Sandbox

HTTP = httpx.Client(trust_env=False, verify=False, timeout=20)
SECRET = "тайна двери"


@pytest.fixture
def sandbox():
    with Sandbox("ok") as sandbox:
        yield sandbox


@pytest.fixture
def page(sandbox):
    return sandbox.add_page(7, name="Школа № 5", handle="shkola5", members=2500, description="Пишите нам")


def ok(sandbox, page, **tokens):
    return OK(Credentials(page["external_id"], page["tokens"] | tokens), base_url=sandbox.api_url())


def failure(call):
    with pytest.raises(NetworkError) as caught:
        call()
    return caught.value


def picture():
    out = io.BytesIO()
    Image.new("RGB", (32, 24), (10, 120, 90)).save(out, "PNG")
    return out.getvalue()


# By bare HTTP


def signed(page, **params):
    """A form as OK's documentation says: everything but the token, sorted and joined, with the secret behind it."""
    key, rest = page["tokens"]["user"].split(":", 1)
    token, secret = rest.rsplit(":", 1)
    form = {"application_key": key, "format": "json"} | params
    form["sig"] = hashlib.md5("".join(f"{name}={form[name]}" for name in sorted(form)).encode() + secret.encode()).hexdigest()
    return form | {"access_token": token}


def rest(sandbox, form):
    return HTTP.post(sandbox.api_url() + "fb.do", data=form).json()


def graph(sandbox, page, path, body=None):
    where, token = f"{sandbox.api_url()}graph/me/{path}", {"access_token": page["tokens"]["bot"]}
    return (HTTP.post(where, params=token, json=body) if body is not None else HTTP.get(where, params=token)).json()


def test_a_stranger_with_the_documentation_reads_a_page_hears_an_event_replies_hits_a_limit_and_recovers(sandbox, page):
    with Receiver() as receiver:
        asked = {"method": "group.getInfo", "uids": page["external_id"], "fields": "uid,name,members_count"}
        assert rest(sandbox, signed(page, **asked)) == [{"uid": page["external_id"], "name": "Школа № 5", "members_count": 2500}]
        assert graph(sandbox, page, "subscribe", {"url": receiver.url}) == {"success": True}
        sandbox.message(7, "Не горит фонарь")
        assert sandbox.wait_quiet()
        [heard] = receiver.bodies
        chat = heard["recipient"]["chat_id"]
        assert (heard["message"]["text"], chat[:6], heard["message"]["mid"][:5]) == ("Не горит фонарь", "chat:C", "mid:C")
        sent = graph(sandbox, page, f"messages/{chat}", {"recipient": {"chat_id": chat}, "message": {"text": "Починим"}})
        answers = [rest(sandbox, signed(page, **asked)) for _ in range(12)]
        assert {answer["error_code"] for answer in answers if isinstance(answer, dict)} == {8}
        time.sleep(1.1)
        assert rest(sandbox, signed(page, **asked))[0]["name"] == "Школа № 5"
        assert [entry["text"] for entry in sandbox.ledger()] == ["Починим"]
        said = graph(sandbox, page, f"messages/{chat}")["messages"]
        assert [item["message"]["mid"] for item in said] == [sent["message_id"], heard["message"]["mid"]]


def test_a_method_may_be_asked_by_its_own_address(sandbox, page):
    answer = HTTP.post(sandbox.api_url() + "api/users/getLoggedInUser", data=signed(page)).json()
    assert answer.isdecimal()


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        ({"sig": "0" * 32}, 104),
        ({"uids": "1"}, 104),
        ({"application_key": "CBAOTHER"}, 101),
        ({"application_key": ""}, 101),
        ({"access_token": "-s-nobody"}, 103),
        ({"access_token": "bot-token-7"}, 103),
        ({"access_token": ""}, 453),
    ],
)
def test_a_call_that_is_not_rightly_signed_is_refused(sandbox, page, spoil, code):
    form = signed(page, method="group.getInfo", uids=page["external_id"], fields="uid") | spoil
    assert rest(sandbox, form)["error_code"] == code


def test_a_session_does_not_open_the_graph(sandbox, page):
    answer = HTTP.get(sandbox.api_url() + "graph/me/info", params={"access_token": page["tokens"]["user"]}).json()
    assert answer["error_code"] == 103


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"method": "group.doesNotExist"}, 3),
        ({"method": "group.getInfo", "uids": "53000000000007", "fields": "uid,colour"}, 220),
        ({"method": "group.getInfo", "fields": "uid"}, 100),
        ({"method": "group.getStatTopics", "gid": "1", "fields": "ID"}, 160),
        ({"method": "mediatopic.getByIds", "topic_ids": "1,2", "fields": "media_topic.*"}, 100),
        ({"method": "discussions.getComments", "discussionId": "1", "discussionType": "GROUP_TOPIC"}, 106),
        ({"method": "mediatopic.post", "type": "USER", "attachment": "{}"}, 100),
        ({"method": "mediatopic.post", "type": "GROUP_THEME", "gid": "53000000000007", "attachment": "[]"}, 100),
        ({"method": "mediatopic.deleteTopic", "topic_id": "1"}, 300),
    ],
)
def test_a_wrong_call_gets_the_error_of_the_documentation(sandbox, page, params, code):
    assert rest(sandbox, signed(page, **params))["error_code"] == code


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("messages/chat:C123", None, 705),
        ("messages/chat:nobody", {"message": {"text": "Да"}}, 705),
        ("subscribe", {"url": "ftp://example.org"}, 2001),
        ("unsubscribe", {"url": "http://example.org"}, 300),
        ("fileUploadUrl?type=VIDEO", None, 2001),
        ("nowhere", None, 3),
    ],
)
def test_a_wrong_graph_call_gets_an_error(sandbox, page, path, body, code):
    name, _, query = path.partition("?")
    where = f"{sandbox.api_url()}graph/me/{name}?{query}&access_token={page['tokens']['bot']}"
    answer = HTTP.post(where, json=body) if body else HTTP.get(where)
    assert answer.json()["error_code"] == code


def test_ids_have_the_shapes_of_ok(sandbox, page):
    post = sandbox.add_post(7, "Новость")
    said, wrote = sandbox.comment(7, post, "Вопрос"), sandbox.message(7, "Здравствуйте")
    assert (len(page["external_id"]), len(post)) == (14, 15)
    assert any(sign.isalpha() for sign in said["id"][1:])
    assert (wrote["thread"][:2], wrote["id"].startswith(f"m{wrote['thread'][1:]}.")) == ("dC", True)


def test_the_rest_of_a_long_list_stands_behind_its_anchor(sandbox, page):
    asked = {"method": "group.getMembers", "uid": page["external_id"], "count": "1000"}
    answers = [rest(sandbox, signed(page, **asked, anchor=anchor)) for anchor in ("", "1000", "2000")]
    assert [(len(answer["members"]), answer["has_more"]) for answer in answers] == [(1000, True), (1000, True), (500, False)]


# What is OK's alone, by the connector


def test_a_group_is_known_by_its_short_name_too(sandbox, page):
    cards = ok(sandbox, page).cards(["nobody", "shkola5", page["external_id"]])
    assert [card.handle for card in cards] == ["shkola5", "shkola5"]


def test_posts_bring_their_figures(sandbox, page):
    sandbox.add_post(7, "Старая", views=10, likes=2, reposts=1)
    post = sandbox.add_post(7, "Новая", views=30, pinned=True)
    sandbox.comment(7, post, "Вопрос")
    newer, older = ok(sandbox, page).posts(count=5)
    assert (newer.text, newer.views, newer.comments, newer.is_pinned) == ("Новая", 30, 1, True)
    assert (older.text, older.views, older.likes, older.reposts, older.is_pinned) == ("Старая", 10, 2, 1, False)


def test_many_posts_are_read_in_few_calls(sandbox, page):
    for number in range(130):
        sandbox.add_post(7, f"Новость {number}")
    texts = [post.text for post in ok(sandbox, page).posts(count=120)]
    assert texts == [f"Новость {number}" for number in range(129, 9, -1)]
    assert sandbox.state()["calls"] == {"group.getStatTopics": 2, "mediatopic.getByIds": 3}


def test_comments_are_found_by_reading_with_the_pages_own_answer_among_them(sandbox, page):
    post = sandbox.add_post(7, "Новость")
    said = sandbox.comment(7, post, "Вопрос")
    native = sandbox.native(7, said["thread"], "Ответ из приложения")
    network = ok(sandbox, page)
    sent = network.reply(said["thread"], kind="comment", text="Ответ из Госпульта", guard="1", reply_to=native["id"])
    told = [(item.external_id, item.thread_id, item.by_page) for item in network.comments(post)]
    assert told == [(said["id"], said["thread"], False), (native["id"], said["thread"], True), (sent.external_id, said["thread"], True)]


def test_a_fresh_thread_of_a_long_discussion_costs_one_call(sandbox, page):
    post = sandbox.add_post(7, "Новость")
    old = sandbox.comment(7, post, "Давний вопрос")
    for number in range(150):
        sandbox.comment(7, post, f"Обсуждение {number}")
    fresh = sandbox.comment(7, post, "Вопрос")
    sandbox.comment(7, post, "И я", author="Пётр Орлов", reply_to=fresh["id"])
    late = sandbox.comment(7, post, "Вспомнили", reply_to=old["id"])
    network = ok(sandbox, page)
    assert [said.text for said in network.thread(fresh["thread"], kind="comment")] == ["Вопрос", "И я"]
    assert sandbox.state()["calls"] == {"discussions.getComments": 1}
    sandbox.delete(7, old["id"])
    assert [said.external_id for said in network.thread(old["thread"], kind="comment")] == [late["id"]]
    assert sandbox.state()["calls"] == {"discussions.getComments": 3}


def test_a_topic_is_published_with_a_picture_and_taken_away(sandbox, page):
    network = ok(sandbox, page)
    token = network.upload("", kind="post", name="двор.png", content=picture())
    sent = network.publish("Двор после ремонта", attachments=[token])
    assert (sandbox.posts(7), sent.url.endswith(f"/group/{page['external_id']}/topic/{sent.external_id}")) == (
        {sent.external_id: "Двор после ремонта"},
        True,
    )
    [post] = network.posts()
    assert (post.text, [item.kind for item in post.attachments]) == ("Двор после ремонта", ["photo"])
    network.delete_post(sent.external_id)
    assert sandbox.posts(7) == {}


def test_a_topic_cannot_be_rewritten_and_a_comment_gets_no_picture(sandbox, page):
    said = sandbox.comment(7, sandbox.add_post(7, "Новость"), "Вопрос")
    network = ok(sandbox, page)
    refused = [
        failure(lambda: network.edit_post("155000000000001", "Иначе")),
        failure(lambda: network.unhide(said["id"], thread_id=said["thread"])),
        failure(lambda: network.reply(said["thread"], kind="comment", text="Да", guard="1", attachments=["token"])),
    ]
    assert {(error.fault, error.permanent) for error in refused} == {("unsupported", True)}
    assert sandbox.state()["calls"] == {}


def test_a_hidden_comment_leaves_the_discussion(sandbox, page):
    post = sandbox.add_post(7, "Новость")
    rude, kind = sandbox.comment(7, post, "Грубость"), sandbox.comment(7, post, "Вопрос")
    network = ok(sandbox, page)
    network.hide(rude["id"], thread_id=rude["thread"])
    assert [said.external_id for said in network.comments(post)] == [kind["id"]]
    error = failure(lambda: network.reply(rude["thread"], kind="comment", text="Да", guard="1"))
    assert (error.fault, error.permanent) == ("gone", True)


def test_a_picture_of_a_comment_is_fetched_and_a_vanished_one_is_told(sandbox, page):
    post = sandbox.add_post(7, "Новость")
    sandbox.comment(7, post, "", attachments=["photo", "video"])
    network = ok(sandbox, page)
    photo, video = network.comments(post)[0].attachments
    content, mime = network.fetch(photo.url)
    assert (mime, Image.open(io.BytesIO(content)).size, video.url) == ("image/jpeg", (640, 480), "")
    assert (failure(lambda: network.fetch("ref:404")).fault, failure(lambda: network.fetch("ref:404")).permanent) == ("gone", True)


def test_a_message_carries_several_pictures(sandbox, page):
    wrote = sandbox.message(7, "Что с двором?")
    network = ok(sandbox, page)
    tokens = [network.upload(wrote["thread"], kind="dm", name=f"{number}.png", content=picture()) for number in range(2)]
    network.reply(wrote["thread"], kind="dm", text="Сделано", guard="1", attachments=tokens)
    last = network.thread(wrote["thread"], kind="dm")[-1]
    assert (last.text, last.by_page, [HTTP.get(item.url).content for item in last.attachments]) == ("Сделано", True, [picture()] * 2)


def test_the_pages_own_message_is_not_pushed_but_read(sandbox, page):
    with Receiver() as receiver:
        network = ok(sandbox, page)
        network.subscribe(receiver.url, SECRET)
        wrote = sandbox.message(7, "Здравствуйте")
        sandbox.native(7, wrote["thread"], "Добрый день", reply_to=wrote["id"])
        sandbox.edit(7, wrote["id"], "Здравствуйте!")
        sandbox.delete(7, wrote["id"])
        assert sandbox.wait_quiet()
        assert [OK.parse_event(body, "7").utterance.external_id for body in receiver.bodies] == [wrote["id"]]
        [thread] = network.dialogues(since=datetime.now(UTC) - timedelta(hours=1))
        assert [(said.text, said.by_page) for said in network.thread(thread, kind="dm")] == [("Добрый день", True)]


# Webhooks


def test_the_secret_of_the_address_proves_the_call_and_is_not_told(sandbox, page):
    with Receiver() as receiver:
        network = ok(sandbox, page)
        network.subscribe(receiver.url, SECRET)
        sandbox.message(7, "Здравствуйте")
        assert sandbox.wait_quiet()
        assert OK.authentic(receiver.bodies[0], receiver.headers[0], SECRET)
        assert not OK.authentic(receiver.bodies[0], receiver.headers[0], "чужая")
        assert (network.webhook().url, network.webhook().alive) == (receiver.url, True)


def test_a_page_without_a_secret_is_not_subscribed(sandbox, page):
    error = failure(lambda: ok(sandbox, page).subscribe("http://127.0.0.1:9/", ""))
    assert (error.fault, error.permanent, sandbox.state()["calls"]) == ("invalid", True, {})


def test_asking_again_changes_nothing_and_a_new_secret_takes_the_old_one_away(sandbox, page):
    network = ok(sandbox, page)
    other = graph(sandbox, page, "subscribe", {"url": "http://127.0.0.1:9/other"})
    for secret in ("первая", "первая", "вторая"):
        network.subscribe("http://127.0.0.1:9/", secret)
    known = [item["url"] for item in graph(sandbox, page, "subscriptions")["subscriptions"]]
    assert (other["success"], len(known), known[0]) == (True, 2, "http://127.0.0.1:9/other")
    assert sandbox.state()["calls"]["graph.user.subscribe"] == 3
    assert network.webhook().url == "http://127.0.0.1:9/"


def test_a_webhook_that_fails_too_long_is_dropped_and_can_be_subscribed_again(sandbox, page):
    sandbox.settings(retry_first=0.02, retry_cap=0.05, give_up_after=0.1)
    with Receiver(reply=lambda _body: (500, "нет")) as receiver:
        network = ok(sandbox, page)
        network.subscribe(receiver.url, SECRET)
        sandbox.message(7, "Никто не услышит")
        assert sandbox.wait_quiet()
        assert sandbox.state()["events"]["given_up"] == 1
        assert len(receiver.bodies) > 1
        assert (network.webhook().url, network.webhook().alive) == ("", False)
        receiver.reply, receiver.bodies[:] = lambda _body: (200, ""), []
        network.subscribe(receiver.url, SECRET)
        sandbox.message(7, "Теперь услышат")
        assert sandbox.wait_quiet()
        assert [body["message"]["text"] for body in receiver.bodies] == ["Теперь услышат"]


# Rights


def test_rights_tell_the_bot_and_everything_when_all_is_granted(sandbox, page):
    rights = ok(sandbox, page).rights()
    assert (rights.can, list(rights.missing), rights.account) == (OK.can(frozenset(OK.kinds)), [], "Школа № 5")


def test_rights_leave_out_what_was_not_granted(sandbox):
    page = sandbox.add_page(8, extra={"granted": ["VALUABLE_ACCESS"], "office": "ACTIVE"})
    rights = ok(sandbox, page, bot="").rights()
    assert rights.can == {"comments", "fetch", "rights"}
    assert list(rights.missing) == ["user: GROUP_CONTENT", "user: PHOTO_CONTENT", "user: ADMIN | MODERATOR"]
    network = ok(sandbox, page)
    assert failure(lambda: network.posts()).fault == "access"


def test_an_application_without_permissions_is_told_what_it_lacks(sandbox):
    page = sandbox.add_page(8, extra={"granted": []})
    rights = ok(sandbox, page, bot="").rights()
    assert (rights.can, len(rights.missing)) == ({"rights"}, 4)


def test_a_dead_session_beside_a_living_bot_is_told_as_missing(sandbox, page):
    rights = ok(sandbox, page, user="CBAKEY:dead:0123").rights()
    assert (rights.account, rights.can) == ("Школа № 5", OK.can(frozenset({"bot"})))
    assert [line.split(":")[0] for line in rights.missing] == ["user"]
    assert failure(lambda: ok(sandbox, page, user="CBAKEY:dead:0123", bot="dead").rights()).fault == "auth"


def test_the_bot_of_another_group_is_of_no_use(sandbox, page):
    other = sandbox.add_page(8, name="Чужая")
    rights = ok(sandbox, page, user="", bot=other["tokens"]["bot"]).rights()
    assert (rights.can, list(rights.missing)) == (frozenset(), [f"bot: group:{page['external_id']}"])


# The pacer


class Notes:
    """A pacer that writes down what it is told."""

    def __init__(self):
        self.before_calls, self.refusals = [], []

    def before(self, kind, method, *, peer="", inside=None):
        self.before_calls.append((kind, method))

    def refused(self, kind, method, error, *, peer=""):
        self.refusals.append((kind, method, error.fault))


def test_the_pacer_is_asked_before_every_call_and_told_of_every_refusal(sandbox, page):
    notes, wrote = Notes(), sandbox.message(7, "Здравствуйте")
    network = OK(Credentials(page["external_id"], page["tokens"]), base_url=sandbox.api_url(), pacer=notes)
    network.cards([page["external_id"]])
    for fault in ("too_fast", "quota", "flood"):
        sandbox.fault(fault, method="graph.user.messages.post")
        failure(lambda: network.reply(wrote["thread"], kind="dm", text="Да", guard="1"))
    assert notes.before_calls == [("user", "group.getInfo")] + [("bot", "graph.user.messages.post")] * 3
    assert [fault for _, _, fault in notes.refusals] == ["too_fast", "quota", "flood"]


def test_texts_arrive_as_they_were_written(sandbox, page):
    wrote = sandbox.message(7, "Здравствуйте")
    text = 'Кавычки " и \\ перевод\nстроки, знак % и & 😀'
    ok(sandbox, page).reply(wrote["thread"], kind="dm", text=text, guard="1")
    assert [entry["text"] for entry in sandbox.ledger()] == [text]
    topic = json.dumps({"media": [{"type": "text", "text": text}]}, ensure_ascii=False)
    told = rest(sandbox, signed(page, method="mediatopic.post", type="GROUP_THEME", gid=page["external_id"], attachment=topic))
    assert sandbox.posts(7) == {told: text}
