"""What is read from a network."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from gospult.networks.base import NetworkError
from gospult.networks.contract.stage import PAGE, Stage


def test_a_card_tells_the_page(stage: Stage) -> None:
    [card] = stage.network.cards([stage.page_id])
    assert (card.external_id, card.name, card.members, card.description) == (stage.page_id, "Администрация района", 1200, "Пишите нам")
    assert card.raw
    assert not card.gone


def test_a_card_can_be_told_again_from_what_was_kept(stage: Stage) -> None:
    [card] = stage.network.cards([stage.page_id])
    assert replace(stage.kind.parse_card(card.raw), members=card.members) == card
    assert stage.kind.parse_card({"menu": 5, "photo": [], "cover": None}).name == ""


def test_cards_of_unknown_pages_are_absent(stage: Stage) -> None:
    assert [card.external_id for card in stage.network.cards(["999999", stage.page_id])] == [stage.page_id]


def test_posts_come_newest_first(stage: Stage) -> None:
    stage.needs("posts")
    newer = stage.sandbox.add_post(PAGE, "Вода вернулась")
    posts = stage.network.posts(count=5)
    assert [(post.external_id, post.text) for post in posts] == [(newer, "Вода вернулась"), (stage.post, "Завтра субботник")]
    assert posts[0].sent_at.tzinfo is not None


def test_older_posts_come_after_the_newest_that_are_passed_over(stage: Stage) -> None:
    stage.needs("posts")
    newer = [stage.sandbox.add_post(PAGE, f"Новость {number}") for number in range(3)]
    assert [post.external_id for post in stage.network.posts(count=2, offset=1)] == [newer[1], newer[0]]
    assert [post.external_id for post in stage.network.posts(count=5, offset=3)] == [stage.post]
    assert stage.network.posts(count=5, offset=9) == []


def test_posts_of_many_pages_come_page_by_page(stage: Stage) -> None:
    stage.needs("posts_of")
    told = dict(stage.network.posts_of([stage.page_id, "999999"]))
    known, unknown = told[stage.page_id], told["999999"]
    assert not isinstance(known, NetworkError)
    assert [post.text for post in known] == ["Завтра субботник"]
    assert isinstance(unknown, NetworkError)


def test_subscribers_of_many_pages_come_page_by_page(stage: Stage) -> None:
    stage.needs("members_of")
    told = dict(stage.network.members_of([stage.page_id, "999999"]))
    known, unknown = told[stage.page_id], told["999999"]
    assert not isinstance(known, NetworkError)
    assert known == [who for batch in stage.network.members() for who in batch]
    assert isinstance(unknown, NetworkError)


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
