"""What a page says in answer, and what goes wrong on the way."""

import socket

import httpx
import pytest

from gospult.networks.base import Credentials, NetworkError, UtteranceKind
from gospult.networks.contract.stage import BOTH, PAGE, QUICK, Stage, failure, picture


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
    stage.told(f"sent_{kind}", lambda: sent.append(stage.network.reply(said["thread"], kind=kind, text="Проверим", guard="1002")))
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
@pytest.mark.parametrize("fault", ["slow_after", "dropped_after", "http_500_after", "garbled_after"])
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


@pytest.mark.parametrize("fault", ["internal", "http_500_before", "http_500_after", "dropped_before", "dropped_after", "slow_after", "garbled_after"])
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
