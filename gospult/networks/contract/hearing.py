"""What a network tells by itself."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gospult.networks.base import UtteranceKind
from gospult.networks.contract.stage import BOTH, JSON, PAGE, SECRET, WORDS, Stage, distorted
from gospult.networks.testing import Receiver


@pytest.mark.parametrize("kind", BOTH)
def test_an_event_tells_the_same_as_reading(stage: Stage, kind: UtteranceKind) -> None:
    said: dict[str, Any] = {}
    stage.told(f"said_{kind}", lambda: said.update(stage.resident(kind)))
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
    words = "Передали в сетевую компанию"
    stage.told(f"native_{kind}", lambda: answer.update(stage.sandbox.native(PAGE, said["thread"], words, reply_to=said["id"])))
    own = [item for item in stage.heard("said") if item.by_page]
    assert [(item.external_id, item.reply_to or said["id"]) for item in own] == [(answer["id"], said["id"])]
    assert [entry["by"] for entry in stage.sandbox.ledger()] == ["native"]


@pytest.mark.parametrize("kind", BOTH)
def test_an_edit_is_heard(stage: Stage, kind: UtteranceKind) -> None:
    said = stage.resident(kind)
    stage.told(f"edited_{kind}", lambda: stage.sandbox.edit(PAGE, said["id"], "Не горят два фонаря"))
    [edited] = stage.heard("edited")
    assert (edited.external_id, edited.thread_id, edited.text) == (said["id"], said["thread"], "Не горят два фонаря")


@pytest.mark.parametrize("kind", BOTH)
def test_a_deletion_is_heard(stage: Stage, kind: UtteranceKind) -> None:
    said = stage.resident(kind)
    stage.told(f"deleted_{kind}", lambda: stage.sandbox.delete(PAGE, said["id"]))
    [deleted] = stage.heard("deleted")
    assert (deleted.external_id, deleted.text) == (said["id"], "")


def test_a_restoration_is_heard(stage: Stage) -> None:
    said = stage.resident("comment")
    stage.sandbox.delete(PAGE, said["id"])
    stage.told("restored_comment", lambda: stage.sandbox.restore(PAGE, said["id"]))
    [restored] = stage.heard("restored")
    assert (restored.external_id, restored.thread_id) == (said["id"], said["thread"])


def test_a_comment_is_heard_from_a_place_of_the_page(stage: Stage) -> None:
    stage.told("said_comment", lambda: stage.resident("comment"))
    [event] = [event for event in stage.events() if event.utterance]
    if not event.place:
        pytest.skip(f"{stage.kind.name} tells by itself whose place it is")
    assert event.place in stage.network.rights().places


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


def test_a_distorted_body_does_not_break_the_reader(stage: Stage) -> None:
    for kind in BOTH:
        stage.resident(kind, reply_to=stage.resident(kind, attachments=["photo", "file"])["id"])
    stage.events()
    twisted = [body for told in stage.receiver.bodies for body in distorted(told) if isinstance(body, dict)]
    assert len(twisted) > 100
    assert {stage.kind.parse_event(body, stage.page_id).action for body in twisted} >= {"said", "other"}


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


def test_a_subscription_is_on_record_and_brings_events_with_its_own_secret(stage: Stage) -> None:
    stage.needs("webhook")
    fresh = "novaya_71"
    with Receiver() as other:
        other.reply = lambda body: (200, "ab12" if stage.kind.parse_event(body).action == "confirmation" else "ok")
        for _ in range(2):
            stage.network.subscribe(other.url, fresh)
        found = stage.network.webhook()
        deadline = time.monotonic() + 10
        while not found.alive and time.monotonic() < deadline:  # a network looks at a new address when it finds the time, and tells it nothing before
            time.sleep(0.1)
            found = stage.network.webhook()
        stage.resident("dm", "По новому адресу")
        assert stage.sandbox.wait_quiet()
        assert (found.url.partition("?")[0], found.alive) == (other.url, True)  # what stands after it may be a secret
        heard = [stage.kind.parse_event(body, stage.page_id) for body in other.bodies]
        assert [event.utterance.text for event in heard if event.utterance] == ["По новому адресу"]
        assert stage.kind.authentic(other.bodies[-1], other.headers[-1], fresh)
        assert not stage.kind.authentic(other.bodies[-1], other.headers[-1], SECRET)


@pytest.mark.parametrize(
    ("kind", "word", "ours"), [("comment", "photo", "photo"), ("dm", "photo", "photo"), ("dm", "voice", "voice"), ("dm", "file", "file")]
)
def test_what_a_resident_attaches_can_be_fetched(stage: Stage, kind: UtteranceKind, word: str, ours: str) -> None:
    stage.told(f"said_{kind}", lambda: stage.resident(kind, "", attachments=[word]))
    [heard] = stage.heard("said")
    [item] = heard.attachments
    assert (item.kind, heard.text) == (ours, "")
    if item.url.startswith("ref:"):
        content, mime = stage.network.fetch(item.url)
        assert mime
    else:
        content = httpx.get(item.url, trust_env=False, verify=False).raise_for_status().content
    assert len(content) > 20
