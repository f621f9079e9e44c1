"""What every connector and the sandbox keep; collected by `tests/test_contract.py`, run for each line of NETWORKS.

A test of something that a network does not have skips itself there: `Stage.needs` asks the connector, which `docs/networks.md` is held against.
"""

import io
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from gospult.networks.base import FEATURES, Credentials, Event, Network, NetworkError, TokenKind, Utterance, UtteranceKind
from gospult.networks.registry import NETWORKS
from gospult.networks.testing import Receiver, Sandbox, SandboxClient

PAGE = 71
SECRET = "taina_71"  # some networks send it in a header: no Russian letters
QUICK = 0.4  # seconds that the connector waits for an answer
BOTH: tuple[UtteranceKind, ...] = ("comment", "dm")
READS: dict[UtteranceKind, str] = {"comment": "comments", "dm": "messages"}
# Keys that bodies of webhooks have, so that the fuzzing gets past the first question.
WORDS = [
    "type", "object", "group_id", "event_id", "secret", "wall_reply_new", "message_new", "update_id", "message", "chat", "from", "text",
    "update_type", "message_created", "timestamp", "sender", "recipient", "body", "user_id", "chat_id", "mid", "id", "date",
]  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@dataclass
class Stage:
    """A page in a sandbox of its own, the page's webhook server, and a connector."""

    code: str
    sandbox: SandboxClient
    receiver: Receiver
    tokens: Mapping[TokenKind, str]
    page_id: str  # as the network tells it
    post: str

    @property
    def kind(self) -> type[Network]:
        return NETWORKS[self.code]

    @property
    def network(self) -> Network:
        return self.connect(self.tokens)

    def connect(self, tokens: Mapping[TokenKind, str], timeout: float = 20.0) -> Network:
        return self.kind(Credentials(self.page_id, tokens), base_url=self.sandbox.api_url(), timeout=timeout)

    def facing(self, fault: str) -> Network:
        """A connector whose next call meets this fault; impatient only where slowness itself is the fault."""
        self.sandbox.fault(fault)
        return self.connect(self.tokens, QUICK if fault == "slow_after" else 20.0)

    def needs(self, *features: str) -> None:
        """Skips the test where the network has no such feature with any token."""
        absent = set(features) - self.kind.can(frozenset(self.kind.kinds))
        if absent:
            pytest.skip(f"{self.kind.name} has no {', '.join(sorted(absent))}")

    def reads(self, kind: UtteranceKind) -> bool:
        return READS[kind] in self.kind.can(frozenset(self.kind.kinds))

    def resident(self, kind: UtteranceKind, text: str = "Не горит фонарь", **more: Any) -> dict[str, Any]:
        if kind == "dm":
            return self.sandbox.message(PAGE, text, **more)
        return self.sandbox.comment(PAGE, self.post, text, **more)

    def events(self) -> list[Event]:
        assert self.sandbox.wait_quiet()
        return [self.kind.parse_event(body, self.page_id) for body in self.receiver.bodies]

    def heard(self, action: str) -> list[Utterance]:
        return [event.utterance for event in self.events() if event.action == action and event.utterance]

    def told(self, deed: Callable[[], Any]) -> list[Event]:
        """The events of a deed; skips the test where the network tells nothing about it."""
        before = len(self.events())
        deed()
        fresh = self.events()[before:]
        if not fresh:
            pytest.skip(f"{self.kind.name} tells nothing about it")
        return fresh


@contextmanager
def opened(code: str) -> Iterator[Stage]:
    """The stage of one network."""
    with Sandbox(code) as sandbox, Receiver() as receiver:
        page = sandbox.add_page(
            PAGE, name="Администрация района", handle="raion", members=1200, description="Пишите нам", callback_url=f"{receiver.url}?s={SECRET}",
            secret=SECRET, confirmation="ab12",
        )  # fmt: skip
        sandbox.settings(rate_limits=False, retry_first=0.02, slow_seconds=QUICK * 2)
        yield Stage(code, sandbox, receiver, page["tokens"], page["external_id"], sandbox.add_post(PAGE, "Завтра субботник"))


@pytest.fixture(params=sorted(NETWORKS))
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    with opened(request.param) as stage:
        yield stage


def failure(call: Callable[[], Any]) -> NetworkError:
    """The error that a call must end with."""
    with pytest.raises(NetworkError) as caught:
        call()
    return caught.value


def picture() -> bytes:
    """A small PNG."""
    out = io.BytesIO()
    Image.new("RGB", (32, 24), (10, 120, 90)).save(out, "PNG")
    return out.getvalue()


# Reading


def test_a_card_tells_the_page(stage: Stage) -> None:
    [card] = stage.network.cards([stage.page_id])
    assert (card.external_id, card.name, card.members, card.description) == (stage.page_id, "Администрация района", 1200, "Пишите нам")
    assert card.raw
    assert not card.gone


def test_cards_of_unknown_pages_are_absent(stage: Stage) -> None:
    assert [card.external_id for card in stage.network.cards(["999999", stage.page_id])] == [stage.page_id]


def test_posts_come_newest_first(stage: Stage) -> None:
    stage.needs("posts")
    newer = stage.sandbox.add_post(PAGE, "Вода вернулась")
    posts = stage.network.posts(count=5)
    assert [(post.external_id, post.text) for post in posts] == [(newer, "Вода вернулась"), (stage.post, "Завтра субботник")]
    assert posts[0].sent_at.tzinfo is not None


def test_comments_come_with_their_replies(stage: Stage) -> None:
    stage.needs("comments")
    top = stage.resident("comment", "Где собираемся?")
    reply = stage.resident("comment", "У школы", author="Пётр Орлов", reply_to=top["id"])
    first, second = stage.network.comments(stage.post)
    assert (first.external_id, first.thread_id, first.reply_to, first.author_name) == (top["id"], top["thread"], "", "Мария Иванова")
    assert (second.external_id, second.thread_id, second.reply_to) == (reply["id"], reply["thread"], top["id"])
    assert not first.by_page


def test_every_comment_of_a_long_wall_is_read_once(stage: Stage) -> None:
    stage.needs("comments")
    opened = stage.resident("comment", "Первый")
    said = [opened["id"]] + [stage.resident("comment", f"в ветке {number}", reply_to=opened["id"])["id"] for number in range(25)]
    said += [stage.resident("comment", f"под записью {number}")["id"] for number in range(110)]
    assert sorted(item.external_id for item in stage.network.comments(stage.post)) == sorted(said)
    assert len(stage.network.thread(opened["thread"], kind="comment")) == 26


def test_dialogues_tell_who_spoke_since_the_latest_first(stage: Stage) -> None:
    stage.needs("dialogues")
    first, second = stage.resident("dm"), stage.resident("dm", author="Пётр Орлов")
    hour_ago, tomorrow = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(days=1)
    assert stage.network.dialogues(since=hour_ago) == [second["thread"], first["thread"]]
    stage.sandbox.native(PAGE, first["thread"], "Передали в сетевую компанию")
    assert stage.network.dialogues(since=hour_ago) == [first["thread"], second["thread"]]
    assert stage.network.dialogues(since=tomorrow) == []


def test_a_dialogue_whose_last_message_was_deleted_is_still_told(stage: Stage) -> None:
    stage.needs("dialogues", "messages")
    first, last = stage.resident("dm"), stage.resident("dm", "Ещё и лужа")
    stage.sandbox.delete(PAGE, last["id"])
    [thread] = stage.network.dialogues(since=datetime.now(UTC) - timedelta(hours=1))
    assert [said.external_id for said in stage.network.thread(thread, kind="dm")] == [first["id"]]


def test_members_come_as_a_stream_each_once(stage: Stage) -> None:
    stage.needs("members")
    batches = list(stage.network.members())
    ids = [number for batch in batches for number in batch]
    assert (len(ids), len(set(ids))) == (1200, 1200)
    assert len(batches) > 1


def test_rights_tell_what_the_tokens_allow(stage: Stage) -> None:
    stage.needs("rights")
    rights = stage.network.rights()
    assert rights.can <= stage.kind.can(frozenset(stage.tokens))
    assert "card" in rights.can


# Hearing


@pytest.mark.parametrize("kind", BOTH)
def test_an_event_tells_the_same_as_reading(stage: Stage, kind: UtteranceKind) -> None:
    said: dict[str, Any] = {}
    stage.told(lambda: said.update(stage.resident(kind)))
    [heard] = stage.heard("said")
    assert (heard.kind, heard.external_id, heard.thread_id) == (kind, said["id"], said["thread"])
    assert (heard.text, heard.by_page, heard.reply_to) == ("Не горит фонарь", False, "")
    assert abs(datetime.now(UTC) - heard.sent_at) < timedelta(minutes=5)
    if stage.reads(kind):
        [read] = stage.network.thread(said["thread"], kind=kind)
        for name in ("kind", "external_id", "thread_id", "author_id", "by_page", "text", "sent_at", "reply_to"):
            assert getattr(heard, name) == getattr(read, name)


@pytest.mark.parametrize("kind", BOTH)
def test_what_a_network_says_it_pushes_is_heard(stage: Stage, kind: UtteranceKind) -> None:
    said = stage.resident(kind)
    assert [item.external_id for item in stage.heard("said")] == ([said["id"]] if kind in stage.kind.pushes else [])


@pytest.mark.parametrize("kind", BOTH)
def test_a_native_answer_is_heard_as_the_pages_own(stage: Stage, kind: UtteranceKind) -> None:
    said, answer = stage.resident(kind), {"id": ""}
    stage.told(lambda: answer.update(stage.sandbox.native(PAGE, said["thread"], "Передали в сетевую компанию", reply_to=said["id"])))
    own = [item for item in stage.heard("said") if item.by_page]
    assert [(item.external_id, item.reply_to or said["id"]) for item in own] == [(answer["id"], said["id"])]
    assert [entry["by"] for entry in stage.sandbox.ledger()] == ["native"]


@pytest.mark.parametrize("kind", BOTH)
def test_an_edit_is_heard(stage: Stage, kind: UtteranceKind) -> None:
    said = stage.resident(kind)
    stage.told(lambda: stage.sandbox.edit(PAGE, said["id"], "Не горят два фонаря"))
    [edited] = stage.heard("edited")
    assert (edited.external_id, edited.thread_id, edited.text) == (said["id"], said["thread"], "Не горят два фонаря")


@pytest.mark.parametrize("kind", BOTH)
def test_a_deletion_is_heard(stage: Stage, kind: UtteranceKind) -> None:
    said = stage.resident(kind)
    stage.told(lambda: stage.sandbox.delete(PAGE, said["id"]))
    [deleted] = stage.heard("deleted")
    assert (deleted.external_id, deleted.text) == (said["id"], "")


def test_a_restoration_is_heard(stage: Stage) -> None:
    said = stage.resident("comment")
    stage.sandbox.delete(PAGE, said["id"])
    stage.told(lambda: stage.sandbox.restore(PAGE, said["id"]))
    [restored] = stage.heard("restored")
    assert (restored.external_id, restored.thread_id) == (said["id"], said["thread"])


def test_an_unknown_event_is_other(stage: Stage) -> None:
    stage.sandbox.event(PAGE, "something_of_tomorrow", {"id": 1})
    event = stage.events()[-1]
    assert (event.action, event.page_id, event.utterance) == ("other", stage.page_id, None)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(body=st.dictionaries(st.sampled_from(WORDS), JSON | st.sampled_from(WORDS), max_size=5))
def test_no_body_breaks_the_reader(stage: Stage, body: dict[str, Any]) -> None:
    event = stage.kind.parse_event(body, stage.page_id)
    assert event.action == "other" or event.utterance or event.action in {"posted", "confirmation"}
    assert stage.kind.authentic(body, {}, SECRET) is False


def test_only_the_pages_secret_is_authentic(stage: Stage) -> None:
    stage.resident("dm")
    stage.events()
    body, headers = stage.receiver.bodies[-1], stage.receiver.headers[-1]
    assert stage.kind.authentic(body, headers, SECRET)
    assert stage.kind.authentic(body, {name.lower(): value for name, value in headers.items()}, SECRET)
    assert not any(stage.kind.authentic(body, headers, wrong) for wrong in ("", SECRET[:-1], SECRET + "0", SECRET.upper()))
    bare = {name: value for name, value in headers.items() if value != SECRET}
    assert not stage.kind.authentic({key: value for key, value in body.items() if key != "secret"}, bare, SECRET)


def test_what_is_kept_of_an_event_holds_no_secret(stage: Stage) -> None:
    stage.resident("dm")
    assert all(SECRET not in repr(event.raw) for event in stage.events())


def test_the_handshake_needs_the_pages_confirmation(stage: Stage) -> None:
    if stage.sandbox.confirm(PAGE) is None:
        pytest.skip(f"{stage.kind.name} does not ask")
    assert stage.sandbox.confirm(PAGE) is False
    stage.receiver.reply = lambda body: (200, "ab12" if stage.kind.parse_event(body).action == "confirmation" else "ok")
    assert stage.sandbox.confirm(PAGE) is True


def test_a_subscription_is_on_record_and_brings_events(stage: Stage) -> None:
    stage.needs("webhook")
    with Receiver() as other:
        other.reply = lambda body: (200, "ab12" if stage.kind.parse_event(body).action == "confirmation" else "ok")
        where = f"{other.url}?s={SECRET}"
        for _ in range(2):
            stage.network.subscribe(where, SECRET)
        found = stage.network.webhook()
        stage.resident("dm", "По новому адресу")
        assert stage.sandbox.wait_quiet()
        assert (found.url.partition("?")[0], found.alive) == (other.url, True)  # what stands after it may be a secret
        heard = [stage.kind.parse_event(body, stage.page_id) for body in other.bodies]
        assert [event.utterance.text for event in heard if event.utterance] == ["По новому адресу"]


@pytest.mark.parametrize(
    ("kind", "word", "ours"), [("comment", "photo", "photo"), ("dm", "photo", "photo"), ("dm", "voice", "voice"), ("dm", "file", "file")]
)
def test_what_a_resident_attaches_can_be_fetched(stage: Stage, kind: UtteranceKind, word: str, ours: str) -> None:
    stage.told(lambda: stage.resident(kind, "", attachments=[word]))
    [heard] = stage.heard("said")
    [item] = heard.attachments
    assert (item.kind, heard.text) == (ours, "")
    if item.url.startswith("ref:"):
        content, mime = stage.network.fetch(item.url)
        assert mime
    else:
        content = httpx.get(item.url, trust_env=False, verify=False).raise_for_status().content
    assert len(content) > 20


# Answering


@pytest.mark.parametrize("kind", BOTH)
def test_a_reply_stands_in_its_thread_and_once_in_the_ledger(stage: Stage, kind: UtteranceKind) -> None:
    said = stage.resident(kind)
    sent = stage.network.reply(said["thread"], kind=kind, text="Починим до пятницы 😀", guard="1001", reply_to=said["id"])
    assert [(entry["id"], entry["reply_to"], entry["by"], entry["text"]) for entry in stage.sandbox.ledger()] == [
        (sent.external_id, said["id"], "api", "Починим до пятницы 😀")
    ]
    if stage.reads(kind):
        last = stage.network.thread(said["thread"], kind=kind)[-1]
        assert (last.external_id, last.text, last.by_page, last.reply_to) == (sent.external_id, "Починим до пятницы 😀", True, said["id"])


@pytest.mark.parametrize("kind", BOTH)
def test_our_own_reply_comes_back_as_an_event_with_the_same_id(stage: Stage, kind: UtteranceKind) -> None:
    said, sent = stage.resident(kind), []
    stage.told(lambda: sent.append(stage.network.reply(said["thread"], kind=kind, text="Проверим", guard="1002")))
    assert [item.external_id for item in stage.heard("said") if item.by_page] == [sent[0].external_id]


@pytest.mark.parametrize("kind", BOTH)
def test_the_same_guard_is_published_once(stage: Stage, kind: UtteranceKind) -> None:
    if not stage.kind.guards:
        pytest.skip("the network has no guard")
    said = stage.resident(kind)
    first, again = (stage.network.reply(said["thread"], kind=kind, text="Проверим", guard="1003") for _ in range(2))
    assert first.external_id == again.external_id
    assert len(stage.sandbox.ledger()) == 1
    assert stage.network.reply(said["thread"], kind=kind, text="Проверим", guard="1004").external_id != first.external_id


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("fault", ["slow_after", "dropped_after", "http_500_after"])
def test_a_failure_after_acceptance_is_unknown_and_the_thread_shows_the_reply(stage: Stage, kind: UtteranceKind, fault: str) -> None:
    said = stage.resident(kind)
    network = stage.facing(fault)
    error = failure(lambda: network.reply(said["thread"], kind=kind, text="Едем", guard="1005"))
    assert (error.outcome_unknown, error.permanent) == (True, False)
    assert [entry["text"] for entry in stage.sandbox.ledger()] == ["Едем"]
    if stage.reads(kind):
        assert stage.network.thread(said["thread"], kind=kind)[-1].text == "Едем"


@pytest.mark.parametrize("fault", ["internal", "http_500_before", "dropped_before"])
def test_a_failure_that_may_hide_a_publication_is_unknown(stage: Stage, fault: str) -> None:
    said = stage.resident("comment")
    stage.sandbox.fault(fault)
    assert failure(lambda: stage.network.reply(said["thread"], kind="comment", text="Едем", guard="1006")).outcome_unknown
    assert stage.sandbox.ledger() == []


@pytest.mark.parametrize("fault", ["internal", "http_500_before", "http_500_after", "dropped_before", "dropped_after", "slow_after"])
def test_a_failed_reading_may_simply_be_repeated(stage: Stage, fault: str) -> None:
    network = stage.facing(fault)
    error = failure(lambda: network.cards([stage.page_id]))
    assert (error.outcome_unknown, error.permanent) == (False, False)
    assert len(stage.network.cards([stage.page_id])) == 1


def test_a_silent_address_is_a_definite_no(stage: Stage) -> None:
    said = stage.resident("comment")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}/"
    network = stage.kind(Credentials(stage.page_id, stage.tokens), base_url=nobody, timeout=QUICK)
    error = failure(lambda: network.reply(said["thread"], kind="comment", text="Едем", guard="1007"))
    assert (error.fault, error.outcome_unknown, error.permanent) == ("down", False, False)


def test_too_fast_says_how_long_to_wait_and_publishes_nothing(stage: Stage) -> None:
    said = stage.resident("comment")
    stage.sandbox.fault("too_fast")
    error = failure(lambda: stage.network.reply(said["thread"], kind="comment", text="Едем", guard="1008"))
    assert (error.fault, error.permanent, error.outcome_unknown) == ("too_fast", False, False)
    assert error.retry_after is not None
    assert error.retry_after > 0
    assert stage.sandbox.ledger() == []


def test_the_rate_limit_is_felt(stage: Stage) -> None:
    stage.sandbox.settings(rate_limits=True)
    error = failure(lambda: [stage.network.cards([stage.page_id]) for _ in range(120)])
    assert error.fault in {"too_fast", "quota"}


def test_a_wrong_token_is_for_good_and_is_not_told(stage: Stage) -> None:
    network = stage.connect(dict.fromkeys(stage.tokens, "sesame-of-nobody"))
    error = failure(lambda: network.cards([stage.page_id]))
    assert (error.fault, error.permanent) == ("auth", True)
    assert "sesame" not in repr(error)


def test_without_a_fit_token_nothing_is_even_asked(stage: Stage) -> None:
    error = failure(lambda: stage.connect({}).cards([stage.page_id]))
    assert (error.fault, error.permanent) == ("unsupported", True)
    assert stage.sandbox.state()["calls"] == {}


def test_no_token_ever_stands_in_an_address(stage: Stage) -> None:
    said, network = stage.resident("dm"), stage.network
    network.cards([stage.page_id])
    network.reply(said["thread"], kind="dm", text="Здравствуйте", guard="1016")
    if "upload_dm" in stage.kind.can(frozenset(stage.tokens)):
        network.upload(said["thread"], kind="dm", name="фото.png", content=picture())
    assert "token_in_address" not in stage.sandbox.state()["calls"]


def test_a_forbidden_dialogue_is_for_good(stage: Stage) -> None:
    wrote = stage.resident("dm")
    stage.sandbox.deny(PAGE, "Мария Иванова")
    error = failure(lambda: stage.network.reply(wrote["thread"], kind="dm", text="Едем", guard="1009"))
    assert (error.fault, error.permanent, error.outcome_unknown) == ("closed", True, False)


def test_closed_comments_are_for_good(stage: Stage) -> None:
    under = stage.resident("comment")
    try:
        stage.sandbox.close(PAGE, stage.post)
    except httpx.HTTPStatusError:
        pytest.skip(f"{stage.kind.name} cannot close the comments of a post")
    error = failure(lambda: stage.network.reply(under["thread"], kind="comment", text="Едем", guard="1009"))
    assert (error.fault, error.permanent, error.outcome_unknown) == ("closed", True, False)


@pytest.mark.parametrize("thread", ["", "w1", "d", "w1_x", "другое"])
@pytest.mark.parametrize("kind", BOTH)
def test_a_thread_that_cannot_be_is_refused_before_asking(stage: Stage, thread: str, kind: UtteranceKind) -> None:
    error = failure(lambda: stage.network.reply(thread, kind=kind, text="Едем", guard="1010"))
    assert (error.fault, error.permanent) == ("invalid", True)


@pytest.mark.parametrize("kind", BOTH)
def test_no_error_names_a_person(stage: Stage, kind: UtteranceKind) -> None:
    wrote = stage.resident("dm")
    stage.sandbox.deny(PAGE, "Мария Иванова")
    error = failure(lambda: stage.network.reply(wrote["thread"], kind=kind, text="Едем", guard="1015"))
    assert str(wrote["author"]) not in str(error)


@pytest.mark.parametrize("text", ["\x00", "\ud800 половина знака", "х" * 3000, "a&b=c%20+<b>"])
def test_any_text_arrives_or_is_refused_in_our_words(stage: Stage, text: str) -> None:
    said, refused = stage.resident("comment"), []
    try:
        stage.network.reply(said["thread"], kind="comment", text=text, guard="1011")
    except NetworkError as error:
        refused = [(error.fault, error.permanent)]
    arrived = [entry["text"] for entry in stage.sandbox.ledger()]
    nothing_to_read = text == "\x00" and (refused, arrived) == ([("invalid", True)], [])
    assert nothing_to_read or arrived == [text.encode("utf-8", "replace").decode()]


@pytest.mark.parametrize("kind", BOTH)
def test_a_picture_goes_into_the_thread(stage: Stage, kind: UtteranceKind) -> None:
    stage.needs(f"upload_{kind}")
    said, network = stage.resident(kind), stage.network
    reference = network.upload(said["thread"], kind=kind, name="готово.png", content=picture())
    network.reply(said["thread"], kind=kind, text="Готово", guard="1012", attachments=[reference])
    [entry] = stage.sandbox.ledger()
    assert (entry["text"], len(entry["attachments"])) == ("Готово", 1)
    if stage.reads(kind):
        [item] = network.thread(said["thread"], kind=kind)[-1].attachments
        assert (item.kind, httpx.get(item.url, trust_env=False, verify=False).content) == ("photo", picture())


def test_a_file_that_is_no_picture_is_refused(stage: Stage) -> None:
    stage.needs("upload_dm")
    said, network = stage.resident("dm"), stage.network

    def send() -> None:
        reference = network.upload(said["thread"], kind="dm", name="вирус.exe", content=b"MZ" * 50)
        network.reply(said["thread"], kind="dm", text="Готово", guard="1017", attachments=[reference])

    error = failure(send)
    assert (error.fault, error.permanent) == ("invalid", True)
    assert stage.sandbox.ledger() == []


@pytest.mark.parametrize("kind", BOTH)
def test_a_thread_has_an_address_that_opens(stage: Stage, kind: UtteranceKind) -> None:
    said = stage.resident(kind, "Видно ли это?")
    answer = httpx.get(stage.network.url(said["thread"], kind=kind), trust_env=False, verify=False, follow_redirects=True)
    assert (answer.status_code, "Видно ли это?" in answer.text) == (200, True)


# The page's own posts, and what stands under them


def test_a_post_is_published_rewritten_and_taken_away(stage: Stage) -> None:
    stage.needs("publish", "edit_post", "delete_post")
    sent = stage.network.publish("Завтра отключат воду")
    assert [(entry["id"], entry["text"]) for entry in stage.sandbox.ledger()] == [(sent.external_id, "Завтра отключат воду")]
    stage.network.edit_post(sent.external_id, "Завтра воду не отключат")
    assert "Завтра воду не отключат" in stage.sandbox.posts(PAGE).values()
    stage.network.delete_post(sent.external_id)
    assert sent.external_id not in stage.sandbox.posts(PAGE)


def test_a_post_carries_its_picture(stage: Stage) -> None:
    stage.needs("publish", "upload_post")
    network = stage.network
    reference = network.upload("", kind="post", name="готово.png", content=picture())
    network.publish("Двор после ремонта", attachments=[reference])
    [entry] = stage.sandbox.ledger()
    assert (entry["text"], len(entry["attachments"])) == ("Двор после ремонта", 1)


def test_a_post_of_nobody_is_refused(stage: Stage) -> None:
    stage.needs("delete_post")
    error = failure(lambda: stage.network.delete_post("404404"))
    assert (error.permanent, error.outcome_unknown) == (True, False)


def test_a_comment_is_hidden_and_put_back_where_that_is_possible(stage: Stage) -> None:
    stage.needs("hide")
    said = stage.resident("comment")
    stage.network.hide(said["id"], thread_id=said["thread"])
    assert [line["deleted"] for line in stage.sandbox.said()] == [True]
    stage.needs("unhide")
    stage.network.unhide(said["id"], thread_id=said["thread"])
    assert [line["deleted"] for line in stage.sandbox.said()] == [False]


def test_what_a_token_can_is_what_the_network_lets_it_do(stage: Stage) -> None:
    for kinds in [frozenset({kind}) for kind in stage.kind.kinds] + [frozenset(stage.kind.kinds)]:
        network, can = stage.connect({kind: stage.tokens[kind] for kind in kinds}), stage.kind.can(kinds)
        asked = calls_of(stage, network)
        assert asked.keys() == FEATURES
        assert can <= FEATURES
        for feature, call in asked.items():
            if feature in can:
                call()
            else:
                assert failure(call).fault == "unsupported", f"{feature} with {sorted(kinds)}"


def calls_of(stage: Stage, network: Network) -> dict[str, Callable[[], Any]]:
    """A call for every feature, on things of its own."""
    under, wrote, wrong = stage.resident("comment"), stage.resident("dm"), stage.resident("comment", "Грубость")
    spare, photo = stage.sandbox.add_post(PAGE, "Старая новость"), fetchable(stage)
    return {
        "card": lambda: network.cards([stage.page_id]),
        "posts": lambda: network.posts(),
        "comments": lambda: network.comments(stage.post),
        "messages": lambda: network.thread(wrote["thread"], kind="dm"),
        "dialogues": lambda: network.dialogues(since=datetime.now(UTC)),
        "members": lambda: next(iter(network.members())),
        "rights": lambda: network.rights(),
        "fetch": lambda: network.fetch(photo),
        "webhook": lambda: network.webhook(),
        "reply_comment": lambda: network.reply(under["thread"], kind="comment", text="Да", guard="1013"),
        "reply_dm": lambda: network.reply(wrote["thread"], kind="dm", text="Да", guard="1014"),
        "upload_comment": lambda: network.upload(under["thread"], kind="comment", name="a.png", content=picture()),
        "upload_dm": lambda: network.upload(wrote["thread"], kind="dm", name="a.png", content=picture()),
        "upload_post": lambda: network.upload("", kind="post", name="a.png", content=picture()),
        "publish": lambda: network.publish("Новость"),
        "edit_post": lambda: network.edit_post(spare, "Исправленная новость"),
        "delete_post": lambda: network.delete_post(spare),
        "hide": lambda: network.hide(wrong["id"], thread_id=wrong["thread"]),
        "unhide": lambda: network.unhide(wrong["id"], thread_id=wrong["thread"]),
    }


def fetchable(stage: Stage) -> str:
    """The reference of a photo or a video that a resident has sent, "ref:nothing" where attachments have addresses of their own."""
    sorts: tuple[tuple[UtteranceKind, str], ...] = (("dm", "photo"), ("dm", "video"), ("comment", "photo"))
    for kind, word in sorts:
        stage.resident(kind, "", attachments=[word])
    said = stage.heard("said") + (stage.network.comments(stage.post) if stage.reads("comment") else [])
    found = [item.url for each in said for item in each.attachments if item.url.startswith("ref:")]
    return found[0] if found else "ref:nothing"
