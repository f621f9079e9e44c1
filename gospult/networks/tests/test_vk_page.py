"""What one page of VK gives besides the contract: rights by token, the Callback server, its own posts, the sandbox's own limits."""

import time

import httpx
import pytest

from gospult.networks.base import Credentials, NetworkError
from gospult.networks.testing import Receiver, Sandbox
from gospult.networks.vk import VK
from gospult.networks.vk.access import BITS, NEEDS

PAGE, SECRET = 7, "тайна-7"
ALL_KINDS = ("community", "user", "service")


@pytest.fixture
def sandbox():
    with Sandbox() as sandbox:
        sandbox.settings(rate_limits=False, retry_first=0.02)
        yield sandbox


@pytest.fixture
def ask(sandbox):
    with httpx.Client(trust_env=False, verify=False) as client:

        def call(method, kind="community", **params):
            form = {"v": "5.199", "access_token": f"{kind}-token-{PAGE}"} | params
            return client.post(sandbox.api_url() + method, data=form).json()

        yield call


def connected(sandbox, *kinds, **tokens):
    named = {kind: f"{kind}-token-{PAGE}" for kind in kinds or ALL_KINDS} | tokens
    return VK(Credentials(str(PAGE), named), base_url=sandbox.api_url(), timeout=20)


def refused(call):
    with pytest.raises(NetworkError) as caught:
        call()
    return caught.value


def soon(condition, seconds=5):
    """Whether it comes true within so many seconds."""
    end = time.monotonic() + seconds
    while not (met := condition()) and time.monotonic() < end:
        time.sleep(0.02)
    return met


# Rights


def test_full_tokens_may_everything_and_speak_for_the_page(sandbox):
    sandbox.add_page(PAGE, name="Школа № 5")
    rights = connected(sandbox).rights()
    assert (rights.can, list(rights.missing), rights.account, rights.expires_at) == (frozenset(NEEDS), [], "Школа № 5", None)


def test_what_a_token_was_not_given_is_missing_from_its_rights_and_refused_when_tried(sandbox):
    sandbox.add_page(PAGE, extra={"token_permissions": {"community": BITS["wall"] | BITS["manage"]}})
    wrote, network = sandbox.message(PAGE, "Здравствуйте"), connected(sandbox, "community")
    rights = network.rights()
    assert list(rights.missing) == ["community: photos", "community: messages"]
    assert {"reply_comment", "webhook", "card"} <= rights.can
    assert not {"reply_dm", "messages", "dialogues", "upload_dm"} & rights.can
    error = refused(lambda: network.reply(wrote["thread"], kind="dm", text="Да", guard="1"))
    assert (error.fault, error.permanent) == ("access", True)


def test_a_moderator_may_hide_but_not_publish(sandbox):
    sandbox.add_page(PAGE, extra={"admin_level": 1})
    rights = connected(sandbox, "user").rights()
    assert list(rights.missing) == ["user: editor", "user: administrator"]
    assert "hide" in rights.can
    assert not {"publish", "webhook"} & rights.can


def test_a_person_who_does_not_run_the_page_only_reads(sandbox):
    sandbox.add_page(PAGE)
    stranger = sandbox.add_page(8)["tokens"]["user"]
    assert connected(sandbox, user=stranger, community="", service="").rights().can == {
        "card",
        "posts",
        "posts_of",
        "comments",
        "members",
        "members_of",
        "rights",
    }


def test_a_dead_token_is_told_while_another_one_lives(sandbox):
    sandbox.add_page(PAGE)
    rights = connected(sandbox, community="мёртвый").rights()
    assert len(rights.missing) == 1
    assert rights.missing[0].startswith("community: VK 5")
    assert "reply_dm" not in rights.can
    assert "publish" in rights.can
    assert refused(connected(sandbox, "community", community="мёртвый").rights).fault == "auth"


# The Callback server


def confirming(network):
    """A server of ours that knows the word of the handshake."""
    word = network.webhook().confirmation
    return Receiver(lambda body: (200, word if body["type"] == "confirmation" else "ok"))


def test_a_page_without_a_server_gets_one_and_hears_from_then_on(sandbox):
    sandbox.add_page(PAGE)
    post, network = sandbox.add_post(PAGE), connected(sandbox, "community")
    assert (network.webhook().url, network.webhook().alive) == ("", False)
    with confirming(network) as receiver:
        network.subscribe(receiver.url, SECRET)
        assert soon(lambda: network.webhook().alive)
        assert network.webhook().url == receiver.url
        sandbox.comment(PAGE, post, "Темно во дворе")
        sandbox.message(PAGE, "И на улице")
        assert sandbox.wait_quiet()
        heard = [body for body in receiver.bodies if body["type"] != "confirmation"]
    assert {body["type"] for body in heard} == {"wall_reply_new", "message_new"}
    assert all(VK.authentic(body, {}, SECRET) for body in heard)


def test_only_what_was_switched_on_is_sent(sandbox, ask):
    sandbox.add_page(PAGE)
    network = connected(sandbox, "community")
    with confirming(network) as receiver:
        added = ask("groups.addCallbackServer", group_id=PAGE, url=receiver.url, title="Чужой")["response"]["server_id"]
        assert soon(lambda: ask("groups.getCallbackServers", group_id=PAGE)["response"]["items"][0]["status"] == "ok")
        sandbox.add_post(PAGE)
        ask("groups.setCallbackSettings", group_id=PAGE, server_id=added, message_new="1")
        sandbox.message(PAGE, "Здравствуйте")
        sandbox.add_post(PAGE)
        assert sandbox.wait_quiet()
    assert [body["type"] for body in receiver.bodies] == ["confirmation", "message_new"]


def test_a_server_whose_making_was_interrupted_is_not_alive_and_is_finished_by_asking_again(sandbox):
    sandbox.add_page(PAGE)
    post, network = sandbox.add_post(PAGE), connected(sandbox, "community")
    with confirming(network) as receiver:
        sandbox.fault("http_500_before", method="groups.setCallbackSettings")
        with pytest.raises(NetworkError):
            network.subscribe(receiver.url, SECRET)
        assert not soon(lambda: network.webhook().alive, seconds=0.5)
        network.subscribe(receiver.url, SECRET)
        assert soon(lambda: network.webhook().alive)
        sandbox.comment(PAGE, post, "Темно во дворе")
        assert sandbox.wait_quiet()
    assert "wall_reply_new" in {body["type"] for body in receiver.bodies}


def test_asking_again_changes_nothing_and_shakes_no_hands(sandbox):
    sandbox.add_page(PAGE)
    network = connected(sandbox, "community")
    with confirming(network) as receiver:
        network.subscribe(receiver.url, SECRET)
        assert soon(lambda: network.webhook().alive)
        network.subscribe(receiver.url, SECRET)
        assert network.webhook().alive
    calls = sandbox.state()["calls"]
    assert (calls["groups.addCallbackServer"], calls.get("groups.editCallbackServer", 0)) == (1, 0)
    assert len(receiver.of("confirmation")) == 1


def test_a_server_that_does_not_know_the_word_is_not_alive(sandbox):
    sandbox.add_page(PAGE)
    network = connected(sandbox, "community")
    with Receiver() as receiver:
        network.subscribe(receiver.url, SECRET)
        assert soon(lambda: network.webhook().error == "failed")
        assert not network.webhook().alive
        word = network.webhook().confirmation
        receiver.reply = lambda _body: (200, word)
        network.subscribe(receiver.url, SECRET)
        assert soon(lambda: network.webhook().alive)


def test_a_server_that_vk_gave_up_is_subscribed_again(sandbox):
    sandbox.settings(give_up_after=0.1)
    sandbox.add_page(PAGE)
    network = connected(sandbox, "community")
    with confirming(network) as receiver:
        network.subscribe(receiver.url, SECRET)
        assert soon(lambda: network.webhook().alive)
        answers, receiver.reply = receiver.reply, lambda _body: (500, "")
        sandbox.message(PAGE, "Здравствуйте")
        assert soon(lambda: network.webhook().error == "failed")
        receiver.reply = answers
        network.subscribe(receiver.url, SECRET)
        assert soon(lambda: network.webhook().alive)


def test_a_secret_that_vk_would_cut_is_refused_before_asking(sandbox):
    sandbox.add_page(PAGE)
    error = refused(lambda: connected(sandbox, "community").subscribe("http://127.0.0.1:9/", "т" * 51))
    assert (error.fault, error.permanent, sandbox.state()["calls"]) == ("invalid", True, {})


# Posts of the page


def test_an_edited_post_keeps_its_picture(sandbox):
    sandbox.add_page(PAGE)
    network = connected(sandbox, "user")
    picture = httpx.get(f"{sandbox.base_url}/files/photo.jpg", trust_env=False, verify=False).content
    reference = network.upload("", kind="post", name="фото.jpg", content=picture)
    sent = network.publish("Субботник", guard="5", attachments=[reference])
    network.edit_post(sent.external_id, "Субботник перенесён")
    [post] = network.posts()
    assert (post.text, [item.kind for item in post.attachments]) == ("Субботник перенесён", ["photo"])


def test_a_comment_that_is_hidden_twice_or_not_hidden_is_refused_for_good(sandbox):
    sandbox.add_page(PAGE)
    said, network = sandbox.comment(PAGE, sandbox.add_post(PAGE), "Спам"), connected(sandbox, "user")
    assert refused(lambda: network.unhide(said["id"], thread_id=said["thread"])).permanent
    network.hide(said["id"], thread_id=said["thread"])
    assert refused(lambda: network.hide(said["id"], thread_id=said["thread"])).permanent


def test_a_post_that_is_gone_cannot_be_edited(sandbox):
    sandbox.add_page(PAGE)
    error = refused(lambda: connected(sandbox, "user").edit_post("404", "Новое"))
    assert (error.fault, error.permanent) == ("gone", True)


# The sandbox's own strictness


@pytest.mark.parametrize(
    "code",
    [
        "",
        "return 1;",
        "return [API.wall.get({})",
        "var a = 1; return [a];",
        'return [API.users.get({"user_ids": 1 + 1})];',
        "return [API.users.get({})]; return 2;",
    ],
)
def test_any_other_script_does_not_compile(sandbox, ask, code):
    sandbox.add_page(PAGE)
    assert ask("execute", code=code)["error"]["error_code"] == 12


def test_a_batch_takes_twenty_five_calls_and_no_batch(sandbox, ask):
    sandbox.add_page(PAGE)
    one = "API.users.get({})"
    assert len(ask("execute", "user", code=f"return [{','.join([one] * 25)}];")["response"]) == 25
    assert ask("execute", "user", code=f"return [{','.join([one] * 26)}];")["error"]["error_code"] == 13
    inner = ask("execute", "user", code=f'return [API.execute({{"code":"return [{one}];"}}),{one}];')
    assert (inner["response"][0], len(inner["response"][1])) == (False, 1)
    assert [error["error_code"] for error in inner["execute_errors"]] == [3]


def test_a_token_inside_a_batch_may_no_more_than_outside(sandbox, ask):
    sandbox.add_page(PAGE)
    answer = ask("execute", code='return [API.wall.get({"owner_id":Args.wall}),API.groups.getById({"group_id":7})];', wall=f"-{PAGE}")
    assert answer["response"][0] is False
    assert answer["response"][1]["groups"][0]["id"] == PAGE
    assert [(error["method"], error["error_code"]) for error in answer["execute_errors"]] == [("wall.get", 27)]


def test_the_same_words_too_often_are_flood_and_other_words_are_not(sandbox):
    sandbox.settings(rate_limits=True)
    sandbox.add_page(PAGE)
    wrote, network = sandbox.message(PAGE, "Здравствуйте"), connected(sandbox, "community")
    for guard in range(1, 11):
        network.reply(wrote["thread"], kind="dm", text="Принято", guard=str(guard))
    assert refused(lambda: network.reply(wrote["thread"], kind="dm", text="Принято", guard="11")).fault == "flood"
    network.reply(wrote["thread"], kind="dm", text="Принято, едем", guard="12")
    assert len(sandbox.ledger()) == 11


def test_long_poll_tells_why_it_has_nothing(sandbox, ask):
    sandbox.add_page(PAGE)
    server = ask("groups.getLongPollServer", group_id=PAGE)["response"]

    def check(**params):
        asked = {"act": "a_check", "key": server["key"], "ts": server["ts"], "wait": "0"} | params
        return httpx.get(server["server"], params=asked, trust_env=False, verify=False).json()

    assert check() == {"ts": "0", "updates": []}
    assert check(ts="999") == {"failed": 1, "ts": 0}
    assert check(key="чужой") == {"failed": 2}
    assert check(ts="вчера") == {"failed": 3}
    ask("groups.setLongPollSettings", group_id=PAGE, message_new="0")
    sandbox.message(PAGE, "Не услышат")
    assert check() == {"ts": "1", "updates": []}
    ask("groups.setLongPollSettings", group_id=PAGE, enabled="0")
    assert check() == {"failed": 2}
    assert ask("groups.getLongPollServer", group_id=PAGE)["error"]["error_code"] == 100


def test_a_captcha_says_where_its_picture_is(sandbox, ask):
    sandbox.add_page(PAGE)
    sandbox.fault("captcha")
    error = ask("users.get")["error"]
    assert error["error_code"] == 14
    assert httpx.get(error["captcha_img"], trust_env=False, verify=False).status_code == 200
