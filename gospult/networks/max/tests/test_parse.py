"""The bodies are invented in the shapes that MAX's schema 0.0.30, its documentation of comments and its recorded updates have."""

from datetime import UTC, datetime

import pytest

from gospult.networks.max import MAX, parse
from gospult.networks.max.connector import COMMENT_THREAD

PAGE = "-70000000000005"
OLGA = {"user_id": 123456789, "first_name": "Ольга", "last_name": "Никитина", "is_bot": False, "name": "Ольга Никитина"}
BOT = {"user_id": 229229229, "first_name": "Помощник", "username": "school5_bot", "is_bot": True}
DIALOGUE = {"chat_id": 182182182, "chat_type": "dialog", "user_id": 229229229}
CHANNEL = {"chat_id": -70000000000005, "chat_type": "channel"}
POST = "mid.ffffc055dadd9fbb019d496b34394b84"
TOP, INNER = "mid.ffffc055dadd9fbb019d496b34394b85", "mid.ffffc055dadd9fbb019d496b34394b86"


def message(mid=TOP, text="Не горит фонарь", *, recipient=DIALOGUE, sender=OLGA, link=None, attachments=None, seq=1):
    body = {"mid": mid, "seq": seq, "text": text} | ({"attachments": attachments} if attachments else {})
    raw = {"recipient": recipient, "timestamp": 1795000100123, "body": body}
    return raw | ({"sender": sender} if sender is not None else {}) | ({"link": link} if link else {})


def reply_to(mid):
    return {"type": "reply", "sender": OLGA, "message": {"mid": mid, "seq": 1, "text": "…"}}


def update(label, page_id=PAGE, **told):
    return MAX.parse_event({"update_type": label, "timestamp": 1795000100456} | told, page_id)


def test_a_message_of_a_dialogue_is_said():
    event = update("message_created", message=message())
    said = event.utterance
    assert (event.action, event.page_id, said.kind, said.external_id, said.thread_id) == ("said", PAGE, "dm", f"m{TOP}", "d182182182")
    assert (said.author_id, said.author_name, said.by_page, said.text) == ("123456789", "Ольга Никитина", False, "Не горит фонарь")
    assert said.sent_at == datetime.fromtimestamp(1795000100.123, UTC)


def test_a_reply_names_what_it_answers():
    said = update("message_created", message=message(INNER, link=reply_to(TOP))).utterance
    assert (said.reply_to, said.thread_id) == (f"m{TOP}", "d182182182")


def test_a_forwarded_text_and_its_pictures_are_read_as_said():
    photo = {"type": "image", "payload": {"photo_id": 5, "token": "t", "url": "https://example.org/p.jpg"}}
    link = {"type": "forward", "message": {"mid": "mid.x", "seq": 1, "text": "Яма на дороге", "attachments": [photo]}}
    said = update("message_created", message=message(text=None, link=link)).utterance
    assert (said.text, said.reply_to, [item.url for item in said.attachments]) == ("Яма на дороге", "", ["https://example.org/p.jpg"])
    assert update("message_created", message=message(text="Вот", link=link)).utterance.text == "Вот\n\nЯма на дороге"


def test_the_bots_own_message_is_the_pages():
    assert update("message_created", message=message(sender=BOT)).utterance.by_page


def test_an_edit_keeps_its_place():
    event = update("message_edited", message=message(text="Не горят два фонаря"))
    assert (event.action, event.utterance.external_id, event.utterance.text) == ("edited", f"m{TOP}", "Не горят два фонаря")


def test_a_removal_tells_which_message_vanished_and_where():
    event = update("message_removed", message_id=TOP, chat_id=182182182, user_id=123456789)
    gone = event.utterance
    assert (event.action, gone.external_id, gone.thread_id, gone.text, gone.author_id) == ("deleted", f"m{TOP}", "d182182182", "", "")


def test_a_removed_post_is_no_utterance():
    assert update("message_removed", message_id=POST, chat_id=int(PAGE), user_id=1).utterance is None


def test_a_post_is_told_as_such_and_has_no_author():
    event = update("message_created", message=message(POST, recipient=CHANNEL, sender=None))
    assert (event.action, event.page_id, event.utterance) == ("posted", PAGE, None)
    assert update("message_created", "", message=message(POST, recipient=CHANNEL, sender=None)).page_id == PAGE


@pytest.mark.parametrize("label", ["message_created", "comment_created"])
def test_a_comment_is_heard_where_max_tells_of_it(label):
    raw = message(INNER, recipient=CHANNEL | {"post_id": POST}, link=reply_to(TOP))
    said = update(label, message=raw).utterance
    assert (said.kind, said.external_id, said.thread_id, said.reply_to) == ("comment", f"c{INNER}", f"w{POST}_{TOP}", f"c{TOP}")
    assert COMMENT_THREAD.fullmatch(said.thread_id).groups() == (POST, TOP)


def test_a_removed_comment_is_known_by_its_post():
    gone = update("comment_removed", message_id=TOP, post_id=POST, chat_id=int(PAGE), user_id=1).utterance
    assert (gone.kind, gone.external_id, gone.thread_id) == ("comment", f"c{TOP}", "")


def test_another_channel_of_the_same_bot_is_not_ours():
    raw = message(INNER, recipient={"chat_id": -5, "chat_type": "channel", "post_id": POST})
    assert [update(label, message=raw).action for label in ("message_created", "comment_edited")] == ["other", "other"]
    assert update("comment_removed", message_id=TOP, post_id=POST, chat_id=-5, user_id=1).action == "other"
    assert update("message_created", "school5", message=raw).action == "said"


def test_an_answer_without_a_sender_is_the_channels_own():
    raw = message(INNER, recipient=CHANNEL | {"post_id": POST}, sender=None, link=reply_to(TOP))
    own = parse.utterance(raw | {"sender": None}, kind="comment")
    assert (own.by_page, own.author_id, own.author_name) == (True, PAGE, "")


def test_a_comment_without_a_sender_that_answers_nobody_may_be_a_complaint():
    said = parse.utterance(message(TOP, recipient=CHANNEL | {"post_id": POST}, sender=None), kind="comment")
    assert (said.by_page, said.author_id, said.text) == (False, "", "Не горит фонарь")


@pytest.mark.parametrize("label", ["bot_started", "bot_stopped", "message_callback", "dialog_cleared", "user_added", "something_of_tomorrow", None])
def test_other_updates_carry_no_utterance(label):
    event = update(label, chat_id=182182182, user=OLGA, payload="start")
    assert (event.action, event.page_id, event.utterance) == ("other", PAGE, None)


def test_a_group_chat_is_no_dialogue():
    assert update("message_created", message=message(recipient={"chat_id": -9, "chat_type": "chat"})).action == "other"


@pytest.mark.parametrize(
    "broken",
    [{}, {"body": {}}, {"body": {"mid": 5}, "recipient": DIALOGUE}, {"body": {"mid": TOP}, "recipient": {"chat_type": "dialog"}}, 7, None],
)
def test_a_message_without_its_ids_is_other(broken):
    assert update("message_created", message=broken).action == "other"


def test_every_kind_of_attachment_is_told_apart():
    payload = {"token": "t1", "url": "https://example.org/x"}
    raw = message(
        attachments=[
            {"type": "image", "payload": payload | {"photo_id": 11}},
            {"type": "audio", "payload": payload},
            {"type": "file", "payload": payload, "filename": "акт.pdf", "size": 20480},
            {"type": "video", "payload": payload},
            {"type": "share", "payload": {"url": "http://10.0.0.1/"}, "title": "Смотрите"},
            {"type": "sticker", "payload": payload | {"code": "s"}, "width": 1, "height": 1},
            {"type": "location", "latitude": 55.16, "longitude": 61.4},
            {"type": "contact", "payload": {"vcf_info": "…"}},
            {"type": "inline_keyboard", "payload": {"buttons": []}},
        ]
    )
    found = parse.attachments(raw)
    assert [item.kind for item in found] == ["photo", "voice", "file", "video", "link", "sticker", "other", "other"]
    assert [item.url for item in found] == ["https://example.org/x"] * 3 + ["ref:t1"] + [""] * 4
    assert [(item.name, item.size) for item in found[2:5]] == [("акт.pdf", 20480), ("", None), ("Смотрите", None)]
    assert (found[0].external_id, found[6].name) == ("11", "55.16, 61.4")


def test_a_thread_is_opened_by_the_comment_that_answers_nothing():
    third = "mid.ffffc055dadd9fbb019d496b34394b87"
    raws = [message(third, link=reply_to(INNER), seq=3), message(INNER, link=reply_to(TOP), seq=2), message(TOP)]
    said = parse.oldest_first(parse.comments({"messages": raws}, POST))
    assert [item.external_id for item in said] == [f"c{TOP}", f"c{INNER}", f"c{third}"]
    assert {item.thread_id for item in said} == {f"w{POST}_{TOP}"}


def test_a_thread_whose_opener_vanished_keeps_its_name():
    [said] = parse.comments({"messages": [message(INNER, link=reply_to(TOP))]}, POST)
    assert said.thread_id == f"w{POST}_{TOP}"


def test_comments_that_answer_each_other_end_somewhere():
    raws = [message(TOP, link=reply_to(INNER)), message(INNER, link=reply_to(TOP))]
    assert len(parse.comments({"messages": raws}, POST)) == 2


def test_a_card_gathers_what_max_tells_of_a_channel():
    raw = {"chat_id": int(PAGE), "title": "Школа № 5", "link": "https://max.ru/school5", "participants_count": 130, "is_public": True}
    card = parse.card(raw | {"icon": {"url": "https://example.org/i.jpg"}, "description": "Пишите нам", "status": "active"})
    assert (card.external_id, card.name, card.handle, card.members) == (PAGE, "Школа № 5", "school5", 130)
    assert (card.avatar_url, card.description, card.closed, card.gone) == ("https://example.org/i.jpg", "Пишите нам", False, False)
    assert (card.comments_open, card.messages_open) == (None, None)
    assert parse.card(raw | {"status": "closed"}).gone


@pytest.mark.parametrize(
    ("link", "name"),
    [
        ("https://max.ru/school5", "school5"),
        ("@school5", "school5"),
        ("school5", "school5"),
        ("max.ru/join/x", ""),
        ("https://max.ru/join/hash", ""),
        ("", ""),
    ],
)
def test_a_public_link_holds_the_handle(link, name):
    assert parse.handle(link) == name


def test_what_is_no_address_holds_no_handle():
    assert parse.handle("https://[max.ru/school5") == ""


@pytest.mark.parametrize("label", [[], {}, None, 5])
def test_an_attachment_of_a_strange_type_is_other(label):
    [item] = parse.attachments({"body": {"attachments": [{"type": label}]}})
    assert item.kind == "other"


def test_a_post_tells_its_views_and_whether_it_was_forwarded():
    own = parse.post(message(POST, "Субботник", recipient=CHANNEL, sender=None) | {"stat": {"views": 12}})
    link = {"type": "forward", "chat_id": -1, "message": {"mid": "mid.x", "seq": 1, "text": "Чужое"}}
    other = parse.post(message(POST, None, recipient=CHANNEL, sender=None, link=link))
    assert (own.external_id, own.text, own.views, own.is_repost, own.likes, own.comments) == (POST, "Субботник", 12, False, None, None)
    assert (other.text, other.is_repost) == ("Чужое", True)


@pytest.mark.parametrize("raw", [{}, {"body": 5}, {"body": {"mid": 3}, "timestamp": 10**30}, {"link": {"type": "forward"}, "stat": []}])
def test_broken_posts_and_cards_are_read_as_far_as_they_go(raw):
    assert parse.post(raw).text == ""
    assert parse.card(raw).name == ""


def test_the_best_video_up_to_720_lines_is_taken():
    urls = {"mp4_1080": "https://example.org/1080", "mp4_720": "https://example.org/720", "mp4_240": "https://example.org/240", "hls": "x"}
    assert parse.video_url({"urls": urls}) == "https://example.org/720"
    assert parse.video_url({"urls": {"mp4_1080": "https://example.org/1080"}}) == "https://example.org/1080"
    assert parse.video_url({"urls": None}) == ""


def test_a_mid_tells_the_chat_and_the_name_in_an_address():
    assert parse.place("mid.ffffbdb48e6c3775019d496b34394b84") == (-72891795490955, "AZ1JazQ5S4Q")
    assert parse.place("mid.sha-more") is None
