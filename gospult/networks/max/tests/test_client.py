import io
import time

import httpx
import pytest
from PIL import Image

from gospult.networks.base import Credentials, NetworkError
from gospult.networks.max import MAX
from gospult.networks.max.client import CODES, refusal
from gospult.networks.testing import Sandbox

PAGE = 5
TOKEN = {"bot": f"bot-token-{PAGE}"}


@pytest.fixture
def sandbox():
    with Sandbox("max") as running:
        running.settings(rate_limits=False)
        yield running


def opened(sandbox, **traits):
    """A page and its connector."""
    page = sandbox.add_page(PAGE, name="Школа № 5", handle="school5", members=250, **traits)
    return MAX(Credentials(page["external_id"], TOKEN), base_url=sandbox.api_url())


def failure(call):
    with pytest.raises(NetworkError) as caught:
        call()
    return caught.value


def picture():
    out = io.BytesIO()
    Image.new("RGB", (32, 24), (10, 120, 90)).save(out, "PNG")
    return out.getvalue()


# Errors


@pytest.mark.parametrize(
    ("status", "body", "fault", "permanent"),
    [
        (401, {"code": "verify.token"}, "auth", True),
        (403, {"code": "access.denied"}, "access", True),
        (403, {"code": "chat.denied", "message": "Invalid chatId: 5"}, "access", True),
        (403, {"code": "chat.denied", "message": "error.dialog.suspended"}, "closed", True),
        (404, {"code": "chat.not.found"}, "gone", True),
        (400, {"code": "proto.payload"}, "invalid", True),
        (400, {"code": "attachment.not.ready"}, "other", False),
        (405, {"code": "method.not.allowed"}, "unsupported", True),
        (422, {"code": "comments.timeout_exceeded"}, "closed", True),
        (429, {"code": "too.many.requests"}, "too_fast", False),
        (429, "<html>", "too_fast", False),
        (503, {"code": "service.unavailable"}, "down", False),
        (502, "<html>", "down", False),
        (200, {"success": False, "message": "…"}, "other", True),
        (409, {"code": "a.word.of.tomorrow"}, "other", False),
    ],
)
def test_words_and_statuses_become_ours(status, body, fault, permanent):
    error = refusal(httpx.Response(status), body, sending=True)
    assert (error.fault, error.permanent) == (fault, permanent)


def test_only_a_server_that_failed_leaves_a_sending_in_doubt():
    doubtful = {code for code in CODES if refusal(httpx.Response(400), {"code": code}, sending=True).outcome_unknown}
    assert doubtful == {"internal.error", "service.unavailable"}
    assert not any(refusal(httpx.Response(500), {"code": code}, sending=False).outcome_unknown for code in CODES)


def test_a_refusal_for_speed_tells_how_long_to_wait():
    assert refusal(httpx.Response(429, headers={"Retry-After": "7"}), {}, sending=False).retry_after == 7
    assert refusal(httpx.Response(429), {}, sending=False).retry_after == 1


def test_the_words_of_max_are_not_repeated_only_its_code():
    error = refusal(httpx.Response(404), {"code": "chat.not.found", "message": "Chat 182182182 not found"}, sending=True)
    assert str(error) == "MAX 404: chat.not.found"
    assert str(refusal(httpx.Response(404), {"code": "Chat 182182182"}, sending=True)) == "MAX 404: без объяснения"


# The pacer and the token


class Counting:
    def __init__(self):
        self.asked, self.told = [], []

    def before(self, kind, method, *, peer="", inside=None):
        self.asked.append((kind, method, peer))

    def refused(self, kind, method, error, *, peer=""):
        self.told.append((method, error.fault, peer))


def test_the_pacer_is_asked_before_every_call_and_hears_the_chat_that_is_written_to(sandbox):
    opened(sandbox)
    said, post, pacer = sandbox.message(PAGE, "Здравствуйте"), sandbox.add_post(PAGE), Counting()
    under = sandbox.comment(PAGE, post, "Вопрос")
    network = MAX(Credentials("-70000000000005", TOKEN), base_url=sandbox.api_url(), pacer=pacer)
    network.posts()
    network.reply(said["thread"], kind="dm", text="Да", guard="1")
    network.reply(under["thread"], kind="comment", text="Да", guard="1")
    sandbox.fault("too_fast")
    failure(lambda: network.reply(said["thread"], kind="dm", text="Да", guard="1"))
    dialogue = said["thread"][1:]
    comments = ("bot", "POST /messages/{messageId}/comments", "-70000000000005")
    assert pacer.asked == [("bot", "GET /messages", ""), ("bot", "POST /messages", dialogue), comments, ("bot", "POST /messages", dialogue)]
    assert pacer.told == [("POST /messages", "too_fast", dialogue)]


def test_a_pacer_that_says_no_stops_the_call(sandbox):
    class Refusing(Counting):
        def before(self, kind, method, *, peer="", inside=None):
            raise NetworkError("квота", fault="quota")

    network = MAX(Credentials("-5", TOKEN), base_url=sandbox.api_url(), pacer=Refusing())
    assert failure(lambda: network.posts()).fault == "quota"
    assert sandbox.state()["calls"] == {}


def test_the_upload_server_never_gets_our_token(sandbox, monkeypatch):
    seen = []
    network = opened(sandbox)
    sandbox.message(PAGE, "Здравствуйте")
    request = httpx.Client.request
    monkeypatch.setattr(httpx.Client, "request", lambda self, verb, url, **more: seen.append((str(url), more)) or request(self, verb, url, **more))
    network.upload("", kind="post", name="a.png", content=picture())
    [told] = [more for url, more in seen if "/upload/" in url]
    assert "Authorization" not in (told.get("headers") or {})


@pytest.mark.parametrize("token", ["", "ключ-с-русской-буквой", "two words", "line\nbreak"])
def test_a_token_that_no_header_carries_is_refused_and_not_told(sandbox, token):
    network = MAX(Credentials("-5", {"bot": token or " "}), base_url=sandbox.api_url())
    error = failure(lambda: network.cards(["-5"]))
    assert (error.fault, error.permanent, sandbox.state()["calls"]) == ("auth", True, {})
    assert not token or token not in str(error)


def test_a_hurried_upload_is_not_taken_for_a_bad_picture(sandbox):
    network, thread = opened(sandbox), sandbox.message(PAGE, "Вопрос")["thread"]
    sandbox.fault("too_fast", method="upload")
    error = failure(lambda: network.upload(thread, kind="dm", name="фото.png", content=picture()))
    assert (error.fault, error.permanent) == ("too_fast", False)


def test_max_is_asked_at_its_own_address_by_default():
    assert MAX(Credentials("-5", TOKEN))._client.base_url == "https://platform-api2.max.ru/"


# Reading


def test_a_page_known_by_its_link_is_found_once(sandbox):
    opened(sandbox)
    post = sandbox.add_post(PAGE, "Новость")
    network = MAX(Credentials("https://max.ru/school5", TOKEN), base_url=sandbox.api_url())
    assert [item.external_id for item in network.posts()] == [post]
    network.publish("Ещё новость")
    assert sandbox.state()["calls"] == {"GET /chats/{chatId}": 1, "GET /messages": 1, "POST /messages": 1}


def test_a_page_that_max_does_not_know_is_gone(sandbox):
    opened(sandbox)
    network = MAX(Credentials("nobody", TOKEN), base_url=sandbox.api_url())
    assert failure(lambda: network.posts()).fault == "gone"
    assert network.cards(["nobody", "https://max.ru/join/hash", "не ссылка"]) == []


def test_a_hundred_and_fifty_posts_take_two_calls(sandbox):
    network = opened(sandbox)
    made = [sandbox.add_post(PAGE, f"Новость {number}") for number in range(150)]
    assert [post.external_id for post in network.posts(count=150)] == made[::-1]
    assert sandbox.state()["calls"] == {"GET /messages": 2}


def test_members_leave_the_bot_out(sandbox):
    network = opened(sandbox)
    batches = list(network.members())
    assert [len(batch) for batch in batches] == [100, 100, 50]
    assert len({number for batch in batches for number in batch}) == 250


def test_a_video_is_fetched_by_its_token(sandbox):
    network = opened(sandbox)
    said = sandbox.message(PAGE, "", attachments=["video"])
    [item] = network.thread(said["thread"], kind="dm")[0].attachments
    content, mime = network.fetch(item.url)
    assert (item.kind, mime, content[4:8]) == ("video", "video/mp4", b"ftyp")


def test_rights_tell_what_the_channel_did_not_grant(sandbox):
    network = opened(sandbox, extra={"permissions": ["read_all_messages", "post_edit_delete_message"]})
    assert (network.rights().missing, network.rights().can) == ([], MAX.can(frozenset({"bot"})))
    sandbox.add_page(6, extra={"permissions": ["read_all_messages"]})
    poor = MAX(Credentials("-70000000000006", {"bot": "bot-token-6"}), base_url=sandbox.api_url()).rights()
    assert poor.missing == ["delete", "edit", "write"]
    assert {"posts", "comments", "reply_dm", "upload_dm", "members"} <= poor.can
    assert not {"publish", "reply_comment", "hide", "edit_post"} & poor.can


def test_a_bot_outside_the_channel_still_answers_in_its_dialogues(sandbox):
    opened(sandbox)
    rights = MAX(Credentials("-70000000000099", TOKEN), base_url=sandbox.api_url()).rights()
    assert {"reply_dm", "messages", "webhook"} <= rights.can
    assert "posts" not in rights.can
    assert rights.account == "Помощник: Школа № 5"


# Writing


def test_a_picture_that_is_not_ready_is_tried_again(sandbox):
    network = opened(sandbox, extra={"not_ready": 2})
    began = time.monotonic()
    network.publish("Двор", attachments=[network.upload("", kind="post", name="a.png", content=picture())])
    assert sandbox.state()["calls"]["POST /messages"] == 3
    assert time.monotonic() - began > 1
    assert len(sandbox.ledger()) == 1


def test_a_picture_that_is_never_ready_ends_in_an_error(sandbox, monkeypatch):
    monkeypatch.setattr("gospult.networks.max.connector.READY_PAUSES", (0.01, 0.01))
    network = opened(sandbox, extra={"not_ready": 50})
    reference = network.upload("", kind="post", name="a.png", content=picture())
    error = failure(lambda: network.publish("Двор", attachments=[reference]))
    assert (error.fault, error.permanent, error.outcome_unknown) == ("other", False, False)
    assert (sandbox.state()["calls"]["POST /messages"], sandbox.ledger()) == (3, [])


def test_comments_that_were_switched_off_leave_the_outcome_unknown(sandbox):
    network = opened(sandbox, extra={"comments_off": True})
    under = sandbox.comment(PAGE, sandbox.add_post(PAGE), "Вопрос")
    error = failure(lambda: network.reply(under["thread"], kind="comment", text="Ответ", guard="1"))
    assert (error.fault, error.outcome_unknown) == ("down", True)
    assert sandbox.ledger() == []


def test_a_picture_under_a_comment_is_refused_before_asking(sandbox):
    network = opened(sandbox)
    under = sandbox.comment(PAGE, sandbox.add_post(PAGE), "Вопрос")
    refused = [
        failure(lambda: network.upload(under["thread"], kind="comment", name="a.png", content=picture())),
        failure(lambda: network.reply(under["thread"], kind="comment", text="Вот", guard="1", attachments=["t"])),
    ]
    assert [error.fault for error in refused] == ["unsupported", "unsupported"]
    assert sandbox.state()["calls"] == {}


@pytest.mark.parametrize("secret", ["", "кот и пёс", "abc", "x" * 257])
def test_a_secret_that_max_would_not_take_is_refused_before_asking(sandbox, secret):
    error = failure(lambda: opened(sandbox).subscribe("https://example.org/hook", secret))
    assert (error.fault, error.permanent) == ("invalid", True)
    assert sandbox.state()["calls"] == {}


def test_a_bot_without_a_subscription_says_so(sandbox):
    found = opened(sandbox).webhook()
    assert (found.url, found.alive) == ("", False)


def test_our_subscription_is_found_among_those_of_others(sandbox):
    other = {"url": "https://example.org/other", "time": 1 << 50, "update_types": None, "version": None}
    network = opened(sandbox, extra={"subscriptions": [other]})
    assert network.webhook().url == "https://example.org/other"
    network.subscribe("http://127.0.0.1:9/hook", "taina_5")
    assert network.webhook().url == "http://127.0.0.1:9/hook"


# Addresses


@pytest.mark.parametrize(
    ("page", "thread", "kind", "url"),
    [
        ("-72891795490955", "wmid.ffffbdb48e6c3775019d496b34394b84_mid.ffffbdb48e6c3775019d496b34394b85", "comment", "https://max.ru/c/-72891795490955/AZ1JazQ5S4Q"),
        ("school5", "wmid.ffffbdb48e6c3775019d496b34394b84_mid.ffffbdb48e6c3775019d496b34394b85", "comment", "https://max.ru/school5/AZ1JazQ5S4Q"),
        ("school5", "wmid.sha-more_mid.sha-less", "comment", "https://max.ru/school5"),
        ("school5", "d182182182", "dm", ""),
    ],
)  # fmt: skip
def test_a_thread_of_comments_has_an_address_and_a_dialogue_has_none(page, thread, kind, url):
    assert MAX(Credentials(page)).url(thread, kind=kind) == url
