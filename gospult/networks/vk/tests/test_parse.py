"""The samples are invented in the shapes that VK's Callback and API 5.199 have."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gospult.networks.vk import parse

SAMPLES = Path(__file__).parent / "samples"
SHARED = Path(__file__).parents[4].parent / "shared"
PAGE = "194500001"


def sample(name):
    return json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))


def heard(name):
    event = parse.event(sample(name))
    return event.action, event.utterance


def test_a_new_comment_opens_a_thread_of_its_own():
    action, said = heard("wall_reply_new")
    assert (action, said.external_id, said.thread_id, said.reply_to) == ("said", "c3104", "w3001_3104", "")
    assert (said.author_id, said.by_page, said.author_name) == ("501234567", False, "")
    assert said.sent_at == datetime.fromtimestamp(1795000100, UTC)


def test_the_widest_picture_is_taken():
    [photo] = heard("wall_reply_new")[1].attachments
    assert (photo.kind, photo.external_id, photo.url, photo.mime) == ("photo", "photo501234567_457239100", "https://example.org/w.jpg", "image/jpeg")


def test_a_reply_to_a_reply_stays_in_the_thread_of_the_top_comment():
    _, said = heard("wall_reply_in_thread")
    assert (said.thread_id, said.reply_to) == ("w3001_3104", "c3107")


def test_a_comment_by_the_community_is_the_pages_own():
    _, said = heard("wall_reply_by_page")
    assert (said.by_page, said.reply_to) == (True, "c3104")


def test_a_deletion_knows_only_what_vanished():
    action, said = heard("wall_reply_delete")
    assert (action, said.external_id, said.thread_id, said.text, said.author_id) == ("deleted", "c3104", "", "", "")


def test_a_voice_a_file_and_a_story_are_told_apart():
    action, said = heard("message_new")
    assert (action, said.external_id, said.thread_id, said.by_page, said.guard) == ("said", "m88", "d501234567", False, "")
    assert [item.kind for item in said.attachments] == ["voice", "file", "other"]
    assert [(item.url, item.name, item.mime, item.size) for item in said.attachments[:2]] == [
        ("https://example.org/v.ogg", "", "audio/ogg", None),
        ("https://example.org/akt", "Акт.pdf", "application/pdf", 20480),
    ]


def test_a_message_by_the_community_gives_our_guard_back():
    _, said = heard("message_reply")
    assert (said.by_page, said.guard, said.reply_to) == (True, "1734000001", "m88")


@pytest.mark.parametrize(("name", "action"), [("confirmation", "confirmation"), ("wall_post_new", "posted")])
def test_other_events_carry_no_utterance(name, action):
    event = parse.event(sample(name))
    assert (event.action, event.page_id, event.utterance) == (action, PAGE, None)


def test_the_duplicate_key_is_kept_and_the_secret_is_not():
    event = parse.event(sample("wall_reply_new"))
    assert (event.event_id, "secret" in event.raw) == ("a1" * 20, False)


def test_a_card_gathers_contacts_cover_and_menu():
    full, gone = (parse.card(raw) for raw in sample("groups_getById")["response"]["groups"])
    assert (full.handle, full.members, full.cover_url) == ("zarechny_okrug", 15230, "https://example.org/c2.jpg")
    assert (full.phone, full.email, full.address) == ("8 (000) 000-00-00", "priem@zarechny.example", "ул. Ленина, 1")
    assert (full.menu_links, full.comments_open, full.messages_open) == ((("Сообщить о проблеме", "https://example.org/form"),), True, False)
    assert (full.gone, gone.gone, gone.members, gone.comments_open) == (False, True, None, None)


def test_read_comments_have_names_and_leave_deleted_ones_out():
    said = parse.comments(sample("wall_getComments")["response"], PAGE, 3001)
    assert [(item.external_id, item.thread_id, item.author_name, item.by_page) for item in said] == [
        ("c3104", "w3001_3104", "Ольга Никитина", False),
        ("c3111", "w3001_3104", "Администрация Заречного округа", True),
        ("c3112", "w3001_3105", "", False),
    ]


def test_a_link_is_never_an_address_to_fetch():
    link = parse.attachment({"type": "link", "link": {"url": "http://10.0.0.1/", "title": "Смотрите"}})
    assert (link.kind, link.url, link.name) == ("link", "", "Смотрите")


@pytest.mark.parametrize("raw", [{}, {"id": "3"}, {"id": 3, "date": 10**30, "sizes": 5}, {"attachments": [None, 4, {"type": 7}]}])
def test_broken_posts_and_cards_are_read_as_far_as_they_go(raw):
    assert parse.post(raw).text == ""
    assert parse.card(raw).name == ""


@pytest.mark.skipif(not (SHARED / "data/vk").is_dir(), reason="the folder shared/ is absent")
def test_every_real_card_is_read():
    raws = json.loads((SHARED / "data/vk/groups-getById-94.json").read_text(encoding="utf-8"))["response"]["groups"]
    cards = [parse.card(raw) for raw in raws]
    assert len({card.external_id for card in cards}) == 94
    assert all(card.name and card.handle and card.members is not None for card in cards)
    assert [len(card.menu_links) for card in cards] == [len(raw.get("menu", {}).get("items", [])) for raw in raws]
    assert sum(bool(card.cover_url) for card in cards) == sum(bool(raw["cover"].get("enabled")) for raw in raws)
