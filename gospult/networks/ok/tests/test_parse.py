"""The samples are invented in the shapes that OK's documentation and public client libraries show."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gospult.networks.ok import OK, parse

SAMPLES = Path(__file__).parent / "samples"
PAGE = "53038900000046"


def sample(name):
    return json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def comments():
    return parse.comments(sample("getComments")["comments"], PAGE, "155013500000904")


def test_a_card_tells_what_a_visitor_sees():
    [raw] = parse.items(sample("group_getInfo"), "groups")
    card = parse.card(raw)
    assert (card.external_id, card.handle, card.name, card.members) == (PAGE, "shkola5demo", "Школа № 5", 812)
    assert (card.address, card.phone, card.site) == ("Миасс, ул. Школьная, 5", "+7 351 000-00-05", "https://school5.example.org")
    assert (card.cover_url, card.messages_open, card.closed, card.gone) == ("https://i.example.org/c1024", True, False, False)


@pytest.mark.parametrize(("traits", "closed", "gone"), [({"access_type": "CLOSED"}, True, False), ({"private": True, "blocked": True}, True, True)])
def test_closed_and_blocked_groups_are_told_apart(traits, closed, gone):
    card = parse.card({"uid": 53038900000046, **traits})
    assert (card.external_id, card.closed, card.gone, card.members) == (PAGE, closed, gone, None)


def test_a_list_may_come_bare_or_under_its_name():
    assert parse.items([{"uid": "1"}], "groups") == parse.items({"groups": [{"uid": "1"}]}, "groups") == [{"uid": "1"}]
    assert parse.items(None, "groups") == parse.items({"groups": None}, "groups") == []


def test_a_chain_of_answers_is_one_thread():
    threads = [said.thread_id for said in comments()[:3]]
    assert threads == ["w155013500000904_MTc5NTAwMDAwMDAwMDotMTox"] * 3
    assert [said.reply_to for said in comments()[:3]] == ["", "cMTc5NTAwMDAwMDAwMDotMTox", "cMTc5NTAwMDAwMDAwMDotMjox"]


def test_an_answer_to_a_deleted_comment_stays_under_it():
    assert [(said.text, said.thread_id) for said in comments()[3:]] == [("Отвечаю удалённому", "w155013500000904_MTc5NTAwMDAwMDAwMDotNDox")]


def test_a_chain_that_bites_its_tail_ends():
    raws = [{"id": "1", "reply_to_comment_id": "2"}, {"id": "2", "reply_to_comment_id": "1"}]
    assert len(parse.comments(raws, PAGE, "7")) == 2


def test_the_groups_own_comment_is_the_pages():
    assert [(said.by_page, said.author_id, said.author_name) for said in comments()[1:3]] == [
        (False, "574829000124", "Пётр Орлов"),
        (True, PAGE, "Школа № 5"),
    ]


def test_a_date_without_a_zone_is_moscows():
    assert comments()[0].sent_at == datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
    [absurd, counted] = parse.comments([{"id": "1", "date": "вчера"}, {"id": "2", "created_ms": 1795000123456}], PAGE, "7")
    assert (absurd.sent_at, counted.sent_at.microsecond) == (datetime.fromtimestamp(0, UTC), 456000)


def test_a_picture_of_a_comment_is_opened_by_us_and_a_foreign_thing_by_nobody():
    told = [(item.kind, item.external_id, item.url) for item in comments()[0].attachments]
    assert told == [("photo", "900000000001", "ref:900000000001"), ("video", "900000000002", ""), ("other", "900000000003", "")]


def test_the_widest_picture_is_taken():
    picture = {"pic50x50": "https://e.org/50", "pic640x480": "https://e.org/640", "pic128x128": "https://e.org/128", "picture": 5}
    assert parse.picture(picture) == "https://e.org/640"
    assert parse.picture(picture | {"pic_max": "https://e.org/max"}) == "https://e.org/max"
    assert parse.picture({"pic50x50": "javascript:alert(1)"}) == parse.picture(None) == ""


def test_a_resource_is_found_wherever_ok_has_put_it():
    flat = {"attachments": [{"id": "7", "pic_max": "https://e.org/7"}]}
    deep = {"photos": [{"id": "8"}], "entities": {"group_photos": [{"id": 7, "pic640x480": "https://e.org/7"}]}}
    assert parse.resource(flat, "7") == parse.resource(deep, "7") == "https://e.org/7"
    assert parse.resource(deep, "8") == parse.resource(None, "8") == ""


def test_a_post_has_its_own_counts_and_the_views_of_the_statistics():
    raw = {
        "id": "155", "created_ms": 1795000000000, "views_count": 9, "like_summary": {"count": 4},
        "media": [{"type": "text", "text": "Завтра"}, {"type": "photo", "photo_refs": ["group_photo:1"]}, {"type": "text", "text": "субботник"}],
    }  # fmt: skip
    post = parse.post(raw, {"views": "100", "likes": 5, "reshares": 3})
    assert (post.text, post.views, post.likes, post.comments, post.reposts) == ("Завтра\nсубботник", 100, 4, None, 3)
    assert ([(item.kind, item.external_id) for item in post.attachments], post.is_repost) == ([("photo", "group_photo:1")], False)
    assert parse.post({"media": [{"type": "topic"}]}, {}).is_repost


@pytest.mark.parametrize(("counted", "told"), [(0, 3), (3, 0), (3, None), (None, 3)])
def test_a_comment_that_the_statistics_do_not_know_yet_counts(counted, told):
    post = parse.post({"discussion_summary": {"comments_count": told}}, {"comments": counted})
    assert post.comments == 3


def test_a_webhook_tells_a_message():
    event = OK.parse_event(sample("message_created"), PAGE)
    said = event.utterance
    assert (event.action, event.page_id, event.event_id) == ("said", PAGE, "mid:C3ecb9d000001.15cea67d78d2059")
    assert (said.external_id, said.thread_id, said.reply_to) == (
        "mC3ecb9d000001.15cea67d78d2059",
        "dC3ecb9d000001",
        "mC3ecb9d000001.15cea67d78d2050",
    )
    assert (said.author_id, said.author_name, said.by_page) == ("574829000123", "Мария Иванова", False)
    assert [(item.kind, item.url) for item in said.attachments] == [("photo", "https://i.example.org/photo"), ("link", "")]


def test_a_webhook_of_2017_has_no_type():
    event = OK.parse_event(sample("message_2017"), PAGE)
    assert (event.action, event.utterance.text, event.utterance.by_page) == ("said", "Здравствуйте", False)


def test_what_happens_to_a_chat_is_other():
    event = OK.parse_event(sample("chat_system"), PAGE)
    assert (event.action, event.page_id, event.utterance) == ("other", PAGE, None)


def test_a_message_without_its_ids_is_other():
    body = sample("message_2017")
    for key in ("recipient", "message"):
        assert OK.parse_event(body | {key: {}}, PAGE).action == "other"


def test_a_dialogue_is_told_oldest_first_with_the_groups_own_words():
    told = [(said.text, said.by_page) for said in parse.messages(sample("messages"), PAGE)]
    assert told == [("Здравствуйте", False), ("Здравствуйте!", True), ("Передали электрикам", True)]


def test_a_pushed_message_without_a_sender_is_never_the_pages():
    body = sample("message_2017") | {"sender": {}}
    assert OK.parse_event(body, PAGE).utterance.by_page is False


@pytest.mark.parametrize("answer", ["MTox", {"id": "MTox"}, {"comment_id": "MTox"}, {"comment": {"id": "MTox"}}])
def test_the_id_of_a_new_comment_is_found_in_any_answer(answer):
    assert parse.comment_id(answer) == "MTox"


def test_an_address_carries_the_secret_once_and_is_told_without_it():
    whole = parse.signed("https://desk.example.org/hook/ok/door/?a=1", "тайна & 1")
    assert whole == parse.signed(whole, "тайна & 1")
    assert parse.bare(whole) == "https://desk.example.org/hook/ok/door/?a=1"
    assert "тайна" not in whole
    assert parse.webhook({"subscriptions": [{"url": "https://other.example.org/", "time": 9}, {"url": whole, "time": 1}]}).url == parse.bare(whole)
    assert parse.webhook({"subscriptions": [{"url": "https://other.example.org/"}]}) == parse.webhook(None)
