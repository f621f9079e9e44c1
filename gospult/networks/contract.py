"""What every connector and the sandbox keep; collected by `tests/test_contract.py`, run for each line of NETWORKS."""

import io
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from gospult.networks.base import Credentials, Event, Network, NetworkError, TokenKind, Utterance, UtteranceKind
from gospult.networks.registry import NETWORKS
from gospult.networks.testing import Receiver, Sandbox

PAGE = 71
SECRET = "тайна-71"
QUICK = 0.4  # seconds that the connector waits for an answer
ALL_KINDS: frozenset[TokenKind] = frozenset({"community", "user", "service"})
BOTH: tuple[UtteranceKind, ...] = ("comment", "dm")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@dataclass
class Stage:
    """A page in a sandbox of its own, the page's webhook server, and a connector."""

    code: str
    sandbox: Sandbox
    receiver: Receiver
    tokens: Mapping[TokenKind, str]
    post: str

    @property
    def network(self) -> Network:
        return self.connect(self.tokens)

    def connect(self, tokens: Mapping[TokenKind, str], timeout: float = 20.0) -> Network:
        return NETWORKS[self.code](Credentials(str(PAGE), tokens), base_url=self.sandbox.api_url(self.code), timeout=timeout)

    def facing(self, fault: str) -> Network:
        """A connector whose next call meets this fault; impatient only where slowness itself is the fault."""
        self.sandbox.fault(fault)
        return self.connect(self.tokens, QUICK if fault == "slow_after" else 20.0)

    def resident(self, kind: UtteranceKind, text: str = "Не горит фонарь", **more: Any) -> dict[str, Any]:
        if kind == "dm":
            return self.sandbox.message(PAGE, text, **more)
        return self.sandbox.comment(PAGE, self.post, text, **more)

    def events(self) -> list[Event]:
        assert self.sandbox.wait_quiet()
        return [NETWORKS[self.code].parse_event(body) for body in self.receiver.bodies]

    def heard(self, action: str) -> list[Utterance]:
        return [event.utterance for event in self.events() if event.action == action and event.utterance]


@pytest.fixture(params=sorted(NETWORKS))
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    with Sandbox() as sandbox, Receiver() as receiver:
        page = sandbox.add_page(
            PAGE, name="Администрация района", handle="raion", members=1200, callback_url=receiver.url, secret=SECRET, confirmation="ab12"
        )
        sandbox.settings(rate_limits=False, retry_first=0.02, slow_seconds=QUICK * 2)
        yield Stage(request.param, sandbox, receiver, page["tokens"], sandbox.add_post(PAGE, "Завтра субботник"))


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
    [card] = stage.network.cards([str(PAGE)])
    assert (card.external_id, card.name, card.handle, card.members) == (str(PAGE), "Администрация района", "raion", 1200)
    assert card.raw
    assert not card.gone


def test_cards_of_unknown_pages_are_absent(stage: Stage) -> None:
    assert [card.external_id for card in stage.network.cards(["999999", str(PAGE)])] == [str(PAGE)]


def test_posts_come_newest_first(stage: Stage) -> None:
    newer = stage.sandbox.add_post(PAGE, "Вода вернулась")
    posts = stage.network.posts(count=5)
    assert [(post.external_id, post.text) for post in posts] == [(newer, "Вода вернулась"), (stage.post, "Завтра субботник")]
    assert posts[0].sent_at.tzinfo is not None


def test_comments_come_with_their_replies(stage: Stage) -> None:
    top = stage.resident("comment", "Где собираемся?")
    reply = stage.resident("comment", "У школы", author="Пётр Орлов", reply_to=top["id"])
    first, second = stage.network.comments(stage.post)
    assert (first.external_id, first.thread_id, first.reply_to, first.author_name) == (top["id"], top["thread"], "", "Мария Иванова")
    assert (second.external_id, second.thread_id, second.reply_to) == (reply["id"], top["thread"], top["id"])
    assert not first.by_page


def test_every_comment_of_a_long_wall_is_read_once(stage: Stage) -> None:
    opened = stage.resident("comment", "Первый")
    said = [opened["id"]] + [stage.resident("comment", f"в ветке {number}", reply_to=opened["id"])["id"] for number in range(25)]
    said += [stage.resident("comment", f"под записью {number}")["id"] for number in range(110)]
    assert sorted(item.external_id for item in stage.network.comments(stage.post)) == sorted(said)
    assert len(stage.network.thread(opened["thread"], kind="comment")) == 26


def test_dialogues_tell_who_spoke_since_the_latest_first(stage: Stage) -> None:
    first, second = stage.resident("dm"), stage.resident("dm", author="Пётр Орлов")
    hour_ago, tomorrow = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(days=1)
    assert stage.network.dialogues(since=hour_ago) == [second["thread"], first["thread"]]
    stage.sandbox.native(PAGE, first["thread"], "Передали в сетевую компанию")
    assert stage.network.dialogues(since=hour_ago) == [first["thread"], second["thread"]]
    assert stage.network.dialogues(since=tomorrow) == []


def test_a_dialogue_whose_last_message_was_deleted_is_still_told(stage: Stage) -> None:
    first, last = stage.resident("dm"), stage.resident("dm", "Ещё и лужа")
    stage.sandbox.delete(PAGE, last["id"])
    [thread] = stage.network.dialogues(since=datetime.now(UTC) - timedelta(hours=1))
    assert [said.external_id for said in stage.network.thread(thread, kind="dm")] == [first["id"]]


# Hearing


@pytest.mark.parametrize("kind", BOTH)
def test_an_event_tells_the_same_as_reading(stage: Stage, kind: UtteranceKind) -> None:
    said = stage.resident(kind)
    [heard], [read] = stage.heard("said"), stage.network.thread(said["thread"], kind=kind)
    assert (heard.kind, heard.external_id, heard.thread_id) == (kind, said["id"], said["thread"])
    assert abs(datetime.now(UTC) - heard.sent_at) < timedelta(minutes=5)
    for name in ("kind", "external_id", "thread_id", "author_id", "by_page", "text", "sent_at", "reply_to"):
        assert getattr(heard, name) == getattr(read, name)


@pytest.mark.parametrize("kind", BOTH)
def test_a_native_answer_is_heard_as_the_pages_own(stage: Stage, kind: UtteranceKind) -> None:
    said = stage.resident(kind)
    answer = stage.sandbox.native(PAGE, said["thread"], "Передали в сетевую компанию")
    own = [item for item in stage.heard("said") if item.by_page]
    assert [(item.external_id, item.thread_id) for item in own] == [(answer["id"], said["thread"])]
    assert [entry["by"] for entry in stage.sandbox.ledger()] == ["native"]


def test_edits_deletions_and_restorations_are_heard(stage: Stage) -> None:
    said = stage.resident("comment")
    stage.sandbox.edit(PAGE, said["id"], "Не горят два фонаря")
    stage.sandbox.delete(PAGE, said["id"])
    stage.sandbox.restore(PAGE, said["id"])
    [edited], [deleted], [restored] = stage.heard("edited"), stage.heard("deleted"), stage.heard("restored")
    assert (edited.external_id, edited.text) == (said["id"], "Не горят два фонаря")
    assert (deleted.external_id, deleted.text) == (said["id"], "")
    assert (restored.external_id, restored.thread_id) == (said["id"], said["thread"])


def test_an_edited_message_is_heard(stage: Stage) -> None:
    said = stage.resident("dm")
    stage.sandbox.edit(PAGE, said["id"], "Уже починили")
    [edited] = stage.heard("edited")
    assert (edited.external_id, edited.thread_id, edited.text) == (said["id"], said["thread"], "Уже починили")


def test_an_unknown_event_is_other(stage: Stage) -> None:
    stage.sandbox.event(PAGE, "something_of_tomorrow", {"id": 1})
    event = stage.events()[-1]
    assert (event.action, event.page_id, event.utterance) == ("other", str(PAGE), None)


@pytest.mark.parametrize("code", sorted(NETWORKS))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(body=st.dictionaries(st.sampled_from(["type", "object", "group_id", "event_id", "secret"]), JSON | st.just("wall_reply_new"), max_size=5))
def test_no_body_breaks_the_reader(code: str, body: dict[str, Any]) -> None:
    event = NETWORKS[code].parse_event(body)
    assert event.action == "other" or event.utterance or event.action in {"posted", "confirmation"}
    assert NETWORKS[code].authentic(body, {}, SECRET) is False


def test_only_the_pages_secret_is_authentic(stage: Stage) -> None:
    stage.resident("comment")
    stage.events()
    body, network = stage.receiver.bodies[-1], NETWORKS[stage.code]
    assert network.authentic(body, {}, SECRET)
    assert not any(network.authentic(body, {}, wrong) for wrong in ("", SECRET[:-1], SECRET + "0", SECRET.upper()))
    assert not network.authentic({key: value for key, value in body.items() if key != "secret"}, {}, SECRET)


def test_what_is_kept_of_an_event_holds_no_secret(stage: Stage) -> None:
    stage.resident("comment")
    assert all(SECRET not in repr(event.raw) for event in stage.events())


def test_the_handshake_needs_the_pages_confirmation(stage: Stage) -> None:
    assert not stage.sandbox.confirm(PAGE)
    stage.receiver.reply = lambda body: (200, "ab12" if NETWORKS[stage.code].parse_event(body).action == "confirmation" else "ok")
    assert stage.sandbox.confirm(PAGE)


@pytest.mark.parametrize(
    ("kind", "word", "ours"), [("comment", "photo", "photo"), ("dm", "voice", "voice"), ("dm", "file", "file"), ("comment", "video", "video")]
)
def test_what_a_resident_attaches_can_be_fetched(stage: Stage, kind: UtteranceKind, word: str, ours: str) -> None:
    stage.resident(kind, "", attachments=[word])
    [heard] = stage.heard("said")
    [item] = heard.attachments
    assert (item.kind, heard.text) == (ours, "")
    assert len(httpx.get(item.url, trust_env=False, verify=False).raise_for_status().content) > 20


# Answering


@pytest.mark.parametrize("kind", BOTH)
def test_a_reply_stands_in_its_thread_and_once_in_the_ledger(stage: Stage, kind: UtteranceKind) -> None:
    said = stage.resident(kind)
    sent = stage.network.reply(said["thread"], kind=kind, text="Починим до пятницы 😀", guard="1001", reply_to=said["id"])
    last = stage.network.thread(said["thread"], kind=kind)[-1]
    assert (last.external_id, last.text, last.by_page, last.reply_to) == (sent.external_id, "Починим до пятницы 😀", True, said["id"])
    assert [(entry["id"], entry["thread"], entry["by"]) for entry in stage.sandbox.ledger()] == [(sent.external_id, said["thread"], "api")]


@pytest.mark.parametrize("kind", BOTH)
def test_our_own_reply_comes_back_as_an_event_with_the_same_id(stage: Stage, kind: UtteranceKind) -> None:
    said = stage.resident(kind)
    sent = stage.network.reply(said["thread"], kind=kind, text="Проверим", guard="1002")
    assert [item.external_id for item in stage.heard("said") if item.by_page] == [sent.external_id]


@pytest.mark.parametrize("kind", BOTH)
def test_the_same_guard_is_published_once(stage: Stage, kind: UtteranceKind) -> None:
    if not NETWORKS[stage.code].guards:
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
    assert stage.network.thread(said["thread"], kind=kind)[-1].text == "Едем"
    assert len(stage.sandbox.ledger()) == 1


@pytest.mark.parametrize("fault", ["internal", "http_500_before", "dropped_before"])
def test_a_failure_that_may_hide_a_publication_is_unknown(stage: Stage, fault: str) -> None:
    said = stage.resident("comment")
    stage.sandbox.fault(fault)
    assert failure(lambda: stage.network.reply(said["thread"], kind="comment", text="Едем", guard="1006")).outcome_unknown
    assert stage.sandbox.ledger() == []


@pytest.mark.parametrize("fault", ["internal", "http_500_before", "http_500_after", "dropped_before", "dropped_after", "slow_after"])
def test_a_failed_reading_may_simply_be_repeated(stage: Stage, fault: str) -> None:
    network = stage.facing(fault)
    error = failure(lambda: network.posts())
    assert (error.outcome_unknown, error.permanent) == (False, False)
    assert len(stage.network.posts()) == 1


def test_a_silent_address_is_a_definite_no(stage: Stage) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}/"
    network = NETWORKS[stage.code](Credentials(str(PAGE), stage.tokens), base_url=nobody, timeout=QUICK)
    error = failure(lambda: network.reply("w1_2", kind="comment", text="Едем", guard="1007"))
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
    error = failure(lambda: [stage.network.cards([str(PAGE)]) for _ in range(60)])
    assert error.fault == "too_fast"


def test_a_wrong_token_is_for_good_and_is_not_told(stage: Stage) -> None:
    network = stage.connect(dict.fromkeys(stage.tokens, "sesame-of-nobody"))
    error = failure(lambda: network.cards([str(PAGE)]))
    assert (error.fault, error.permanent) == ("auth", True)
    assert "sesame" not in repr(error)


def test_without_a_fit_token_nothing_is_even_asked(stage: Stage) -> None:
    error = failure(lambda: stage.connect({}).cards([str(PAGE)]))
    assert (error.fault, error.permanent) == ("unsupported", True)
    assert stage.sandbox.state()["calls"] == {}


def test_no_token_ever_stands_in_an_address(stage: Stage) -> None:
    said, network = stage.resident("dm"), stage.network
    network.cards([str(PAGE)])
    network.thread(said["thread"], kind="dm")
    network.upload(said["thread"], kind="dm", name="фото.png", content=picture())
    assert "token_in_address" not in stage.sandbox.state()["calls"]


def test_closed_comments_and_a_forbidden_dialogue_are_for_good(stage: Stage) -> None:
    under, wrote = stage.resident("comment"), stage.resident("dm")
    stage.sandbox.close(PAGE, stage.post)
    stage.sandbox.deny(PAGE, "Мария Иванова")
    refused = [
        failure(lambda: stage.network.reply(under["thread"], kind="comment", text="Едем", guard="1009")),
        failure(lambda: stage.network.reply(wrote["thread"], kind="dm", text="Едем", guard="1009")),
    ]
    assert [(error.fault, error.permanent, error.outcome_unknown) for error in refused] == [("closed", True, False)] * 2


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
    said = stage.resident("comment")
    stage.network.reply(said["thread"], kind="comment", text=text, guard="1011")
    assert [entry["text"] for entry in stage.sandbox.ledger()] == [text.encode("utf-8", "replace").decode()]


@pytest.mark.parametrize("kind", BOTH)
def test_a_picture_goes_into_the_thread(stage: Stage, kind: UtteranceKind) -> None:
    said, network = stage.resident(kind), stage.network
    reference = network.upload(said["thread"], kind=kind, name="готово.png", content=picture())
    network.reply(said["thread"], kind=kind, text="Готово", guard="1012", attachments=[reference])
    [item] = network.thread(said["thread"], kind=kind)[-1].attachments
    assert (item.kind, httpx.get(item.url, trust_env=False, verify=False).content) == ("photo", picture())
    assert len(stage.sandbox.ledger()[0]["attachments"]) == 1


def test_a_file_that_is_no_picture_is_refused(stage: Stage) -> None:
    said = stage.resident("dm")
    error = failure(lambda: stage.network.upload(said["thread"], kind="dm", name="вирус.exe", content=b"MZ" * 50))
    assert (error.fault, error.permanent) == ("invalid", True)


@pytest.mark.parametrize("kind", BOTH)
def test_a_thread_has_an_address_that_opens(stage: Stage, kind: UtteranceKind) -> None:
    said = stage.resident(kind, "Видно ли это?")
    answer = httpx.get(stage.network.url(said["thread"], kind=kind), trust_env=False, verify=False, follow_redirects=True)
    assert (answer.status_code, "Видно ли это?" in answer.text) == (200, True)


@pytest.mark.parametrize("kinds", [frozenset({kind}) for kind in sorted(ALL_KINDS)] + [ALL_KINDS])
def test_what_a_token_can_is_what_the_network_lets_it_do(stage: Stage, kinds: frozenset[TokenKind]) -> None:
    under, wrote = stage.resident("comment"), stage.resident("dm")
    network = stage.connect({kind: stage.tokens[kind] for kind in kinds if kind in stage.tokens})
    asked: dict[str, Callable[[], Any]] = {
        "card": lambda: network.cards([str(PAGE)]),
        "posts": lambda: network.posts(),
        "comments": lambda: network.comments(stage.post),
        "messages": lambda: network.thread(wrote["thread"], kind="dm"),
        "dialogues": lambda: network.dialogues(since=datetime.now(UTC)),
        "reply_comment": lambda: network.reply(under["thread"], kind="comment", text="Да", guard="1013"),
        "reply_dm": lambda: network.reply(wrote["thread"], kind="dm", text="Да", guard="1014"),
        "upload_comment": lambda: network.upload(under["thread"], kind="comment", name="a.png", content=picture()),
        "upload_dm": lambda: network.upload(wrote["thread"], kind="dm", name="a.png", content=picture()),
    }
    can = network.can(kinds)
    assert can <= asked.keys()
    for feature, call in asked.items():
        if feature in can:
            call()
        else:
            assert failure(call).fault == "unsupported"
