"""The page's own posts, what stands under them, and what a token can."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from gospult.networks.base import FEATURES, Network, NetworkError, UtteranceKind
from gospult.networks.contract.stage import PAGE, Stage, failure, picture


def test_a_post_is_published_and_taken_away(stage: Stage) -> None:
    stage.needs("publish", "delete_post")
    sent = stage.network.publish("Завтра отключат воду")
    assert [(entry["id"], entry["text"]) for entry in stage.sandbox.ledger()] == [(sent.external_id, "Завтра отключат воду")]
    assert sent.external_id in stage.sandbox.posts(PAGE)
    stage.network.delete_post(sent.external_id)
    assert sent.external_id not in stage.sandbox.posts(PAGE)


def test_a_post_is_rewritten_and_keeps_its_picture(stage: Stage) -> None:
    stage.needs("publish", "upload_post", "edit_post")
    network = stage.network
    reference = network.upload("", kind="post", name="план.png", content=picture())
    sent = network.publish("Завтра отключат воду", attachments=[reference])
    network.edit_post(sent.external_id, "Завтра воду не отключат")
    assert stage.sandbox.posts(PAGE)[sent.external_id] == "Завтра воду не отключат"
    if "posts" in stage.kind.can(frozenset(stage.kind.kinds)):
        newest = network.posts(count=1)[0]
        assert (newest.text, [item.kind for item in newest.attachments]) == ("Завтра воду не отключат", ["photo"])


@pytest.mark.parametrize("fault", ["dropped_after", "http_500_after", "garbled_after"])
def test_a_failure_after_a_post_was_taken_is_unknown(stage: Stage, fault: str) -> None:
    stage.needs("publish")
    stage.sandbox.fault(fault)
    error = failure(lambda: stage.network.publish("Завтра отключат воду"))
    assert (error.outcome_unknown, error.permanent, len(stage.sandbox.ledger())) == (True, False, 1)


def test_a_post_carries_its_picture(stage: Stage) -> None:
    stage.needs("publish", "upload_post")
    network = stage.network
    reference = network.upload("", kind="post", name="готово.png", content=picture())
    network.publish("Двор после ремонта", attachments=[reference])
    [entry] = stage.sandbox.ledger()
    assert (entry["text"], len(entry["attachments"])) == ("Двор после ремонта", 1)


def test_a_post_as_long_as_the_network_lets_it_be_is_published(stage: Stage) -> None:
    stage.needs("publish")
    longest = stage.kind.post_room.text or 5000
    stage.network.publish("Я" * longest)
    assert [len(entry["text"]) for entry in stage.sandbox.ledger()] == [longest]


def test_the_address_of_a_post_is_the_one_that_the_network_gave(stage: Stage) -> None:
    stage.needs("publish")
    sent = stage.network.publish("Завтра отключат воду")
    # a channel known by its number only is addressed otherwise than by its handle
    assert stage.network.post_url(sent.external_id).rpartition("/")[2] == sent.url.rpartition("/")[2] != ""


def test_the_webhook_tells_of_posts_exactly_where_the_network_says_so(stage: Stage) -> None:
    stage.needs("publish")
    before = len(stage.events())
    post = stage.sandbox.add_post(PAGE, "Субботник в восемь")
    posted = [event.post for event in stage.events()[before:] if event.action == "posted" and event.post]
    assert [(told.external_id, told.text) for told in posted] == ([(post, "Субботник в восемь")] if stage.kind.tells_posts else [])


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


def test_a_person_is_kept_out_for_a_term_and_let_in_again(stage: Stage) -> None:
    stage.needs("ban", "unban")
    person = str(stage.resident("comment", "Грубость", author="Грубиян")["author"])
    stage.network.ban(person, until=datetime.now(UTC) + timedelta(days=1))
    with pytest.raises(httpx.HTTPStatusError):
        stage.resident("comment", "Ещё грубость", author="Грубиян")
    stage.network.unban(person)
    stage.network.unban(person)  # one who is not banned is no error
    assert stage.resident("comment", "Прошу прощения", author="Грубиян")


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


def test_a_strange_answer_ends_in_our_words_or_in_none(stage: Stage) -> None:
    asked = calls_of(stage, stage.network)
    for feature in sorted(stage.kind.can(frozenset(stage.kind.kinds))):
        for _ in range(40):
            stage.sandbox.fault("strange", times=2)
            with suppress(NetworkError):
                asked[feature]()
    assert stage.sandbox.state()["faults"]["strange"] > 30


def calls_of(stage: Stage, network: Network) -> dict[str, Callable[[], Any]]:
    """A call for every feature, on things of its own."""
    under, wrote, wrong = stage.resident("comment"), stage.resident("dm"), stage.resident("comment", "Грубость", author="Грубиян")
    spare, photo = stage.sandbox.add_post(PAGE, "Старая новость"), fetchable(stage)
    return {
        "card": lambda: network.cards([stage.page_id]),
        "posts": lambda: network.posts(),
        "posts_of": lambda: list(network.posts_of([stage.page_id])),
        "comments": lambda: network.comments(stage.post),
        "messages": lambda: network.thread(wrote["thread"], kind="dm"),
        "dialogues": lambda: network.dialogues(since=datetime.now(UTC)),
        "members": lambda: next(iter(network.members()), None),
        "members_of": lambda: list(network.members_of([stage.page_id])),
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
        "ban": lambda: network.ban(str(wrong["author"]), until=datetime.now(UTC) + timedelta(days=1)),
        "unban": lambda: network.unban(str(wrong["author"])),
    }


def fetchable(stage: Stage) -> str:
    """The reference of a photo or a video that a resident has sent, "ref:nothing" where attachments have addresses of their own."""
    sorts: tuple[tuple[UtteranceKind, str], ...] = (("dm", "photo"), ("dm", "video"), ("comment", "photo"))
    for kind, word in sorts:
        stage.resident(kind, "", attachments=[word])
    said = stage.heard("said") + (stage.network.comments(stage.post) if stage.reads("comment") else [])
    found = [item.url for each in said for item in each.attachments if item.url.startswith("ref:")]
    return found[0] if found else "ref:nothing"
