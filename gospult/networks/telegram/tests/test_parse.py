from datetime import UTC, datetime

import pytest

from gospult.networks.telegram.parse import card, event, is_page, short

PAGE = "-1001000000071"
CHANNEL = {"id": -1001000000071, "type": "channel", "title": "Администрация района", "username": "raion"}
GROUP = {"id": -1002000000071, "type": "supergroup", "title": "Обсуждение"}
MARIA = {"id": 501, "is_bot": False, "first_name": "Мария", "last_name": "Иванова"}
DIALOGUE = {"id": 501, "type": "private", "first_name": "Мария", "last_name": "Иванова"}
TELEGRAM = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
POST = {"message_id": 10, "from": TELEGRAM, "sender_chat": CHANNEL, "chat": GROUP, "date": 1790000000, "is_automatic_forward": True, "text": "Пост"}


def message(**fields):
    return {"message_id": 12, "from": MARIA, "chat": DIALOGUE, "date": 1790000000, **fields}


def comment(**fields):
    return message(**{"chat": GROUP, "message_thread_id": 10, "reply_to_message": POST, "text": "Вопрос"} | fields)


def heard(raw, label="message", page=PAGE):
    return event({"update_id": 5, label: raw}, page)


def test_a_direct_message_is_told_whole():
    told = heard(message(text="Не горит фонарь"))
    said = told.utterance
    assert (told.action, told.page_id, told.event_id) == ("said", PAGE, "5")
    assert (said.kind, said.external_id, said.thread_id, said.reply_to) == ("dm", "m12_1790000000", "d501", "")
    assert (said.author_id, said.author_name, said.by_page, said.text) == ("501", "Мария Иванова", False, "Не горит фонарь")
    assert said.sent_at == datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)


def test_a_comment_under_a_post_opens_a_thread():
    said = heard(comment()).utterance
    assert (said.kind, said.external_id, said.thread_id, said.reply_to) == ("comment", "c2000000071_12", "w2000000071_12", "")


def test_a_reply_to_a_comment_names_only_what_it_answers():
    said = heard(comment(message_id=15, reply_to_message=comment())).utterance
    assert (said.external_id, said.thread_id, said.reply_to) == ("c2000000071_15", "w2000000071_12", "c2000000071_12")


def test_a_word_in_the_group_outside_all_threads_is_a_comment():
    said = heard(message(chat=GROUP, text="Когда дадут воду?")).utterance
    assert (said.kind, said.thread_id) == ("comment", "w2000000071_12")


def test_an_edit_keeps_the_id_and_the_time():
    told = heard(message(text="Уже горит", edit_date=1790009999), "edited_message")
    assert (told.action, told.utterance.external_id, told.utterance.text) == ("edited", "m12_1790000000", "Уже горит")


@pytest.mark.parametrize("speaker", [CHANNEL, GROUP])
def test_who_speaks_as_the_channel_or_the_group_is_the_page(speaker):
    service = {"id": 136817688, "is_bot": True, "first_name": "Channel"}
    said = heard(comment(**{"from": service, "sender_chat": speaker})).utterance
    assert (said.by_page, said.author_id) == (True, str(speaker["id"]))


def test_a_resident_who_speaks_as_a_channel_of_his_own_is_no_page():
    service = {"id": 136817688, "is_bot": True, "first_name": "Channel"}
    own = {"id": -1003000000009, "type": "channel", "title": "Дневник Марии"}
    said = heard(comment(**{"from": service, "sender_chat": own})).utterance
    assert (said.by_page, said.author_name) == (False, "Дневник Марии")


def test_a_page_known_by_its_handle_is_known():
    service = {"id": 136817688, "is_bot": True, "first_name": "Channel"}
    assert heard(comment(**{"from": service, "sender_chat": CHANNEL}), page="@Raion").utterance.by_page
    assert is_page(CHANNEL, "raion")
    assert not is_page({"id": 5}, "")


@pytest.mark.parametrize(
    "raw",
    [
        POST,
        comment(reply_to_message=POST | {"sender_chat": CHANNEL | {"id": -1009, "username": "other"}}),
        comment(**{"from": {"id": 9, "is_bot": True, "first_name": "Чужой бот"}}),
        message(chat={"id": -77, "type": "group", "title": "Соседи"}, text="Привет"),
        message(chat=GROUP, new_chat_members=[MARIA]),
        message(chat=GROUP, pinned_message=POST),
        message(chat=GROUP, left_chat_member=MARIA, message_thread_id=10),
        message(web_app_data={"data": "1", "button_text": "2"}),
        {"message_id": 12, "chat": DIALOGUE},
        {"chat": DIALOGUE, "text": "без номера"},
        {},
    ],
)
def test_what_is_nobodys_question_is_other(raw):
    told = heard(raw)
    assert (told.action, told.utterance) == ("other", None)


@pytest.mark.parametrize("label", ["business_message", "edited_channel_post", "message_reaction", "my_chat_member", "something_of_tomorrow"])
def test_other_updates_are_other(label):
    assert heard(message(text="…"), label).action == "other"


def test_a_post_of_the_page_is_told_and_of_another_channel_is_not():
    assert heard({"message_id": 3, "chat": CHANNEL, "date": 1, "text": "Новость"}, "channel_post").action == "posted"
    assert heard({"message_id": 3, "chat": CHANNEL | {"id": -1005, "username": "x"}, "date": 1, "text": "…"}, "channel_post").action == "other"


def file(**more):
    return {"file_id": "AgAC1", "file_unique_id": "AQ1", **more}


@pytest.mark.parametrize(
    ("fields", "kind", "mime"),
    [
        ({"photo": [file(width=90, height=60), file(file_id="AgAC2", width=640, height=480)]}, "photo", "image/jpeg"),
        ({"video": file(mime_type="video/mp4")}, "video", "video/mp4"),
        ({"video_note": file(length=240)}, "video", "video/mp4"),
        ({"animation": file(), "document": file()}, "video", ""),
        ({"voice": file(duration=3)}, "voice", "audio/ogg"),
        ({"audio": file(file_name="a.mp3")}, "file", "audio/mpeg"),
        ({"document": file(file_name="акт.pdf")}, "file", "application/pdf"),
        ({"sticker": file(is_video=False, is_animated=False)}, "sticker", "image/webp"),
        ({"sticker": file(is_animated=True)}, "sticker", "application/gzip"),
    ],
)
def test_files_are_opened_by_the_connector_alone(fields, kind, mime):
    said = heard(message(**fields, caption="Вот")).utterance
    [item] = said.attachments
    assert (said.text, item.kind, item.mime, item.url.startswith("ref:AgAC")) == ("Вот", kind, mime, True)


def test_the_largest_photo_is_taken():
    [item] = heard(message(photo=[file(width=90), file(file_id="AgAC2", width=640), file(file_id="AgAC3", width=320)])).utterance.attachments
    assert item.url == "ref:AgAC2"


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"location": {"latitude": 55.16, "longitude": 61.4}}, "Место на карте: 55.160000, 61.400000"),
        (
            {"venue": {"location": {"latitude": 55, "longitude": 61}, "title": "Двор", "address": "Мира, 5"}},
            "Место на карте: Двор, Мира, 5, 55.000000, 61.000000",
        ),
        ({"location": {"latitude": 10**400, "longitude": "?"}}, "Место на карте"),
        ({"contact": {"phone_number": "+7", "first_name": "Мария"}}, "Контакт"),
        ({"poll": {"question": "Да?"}}, "Опрос"),
        ({"hologram": {"of": "tomorrow"}}, "Сообщение нового вида: откройте его в Telegram"),
    ],
)
def test_what_has_no_file_is_named(fields, name):
    said = heard(message(**fields)).utterance
    assert [(item.kind, item.name, item.url) for item in said.attachments] == [("other", name, "")]


def test_a_rich_message_is_read_as_its_words():
    blocks = [
        {"type": "heading", "text": "Двор", "size": 1},
        {"type": "paragraph", "text": ["Не горит ", {"type": "bold", "text": "фонарь"}]},
        {"type": "list", "items": [{"label": "1.", "blocks": [{"type": "paragraph", "text": "у школы"}]}]},
    ]
    assert heard(message(rich_message={"blocks": blocks})).utterance.text == "Двор\nНе горит фонарь\n1.\nу школы"


def test_each_picture_of_an_album_is_said_by_itself():
    pictures = [message(message_id=number, media_group_id="7", photo=[file(width=1)]) for number in (21, 22)]
    assert [heard(raw).utterance.external_id for raw in pictures] == ["m21_1790000000", "m22_1790000000"]


def test_a_card_tells_the_channel():
    told = card(CHANNEL | {"description": "Пишите", "linked_chat_id": GROUP["id"], "photo": {"big_file_id": "AQ"}}, 1200)
    assert (told.external_id, told.name, told.handle, told.members, told.description) == (PAGE, "Администрация района", "raion", 1200, "Пишите")
    assert (told.avatar_url, told.comments_open, told.closed) == ("ref:AQ", True, False)
    assert card({"id": -1007, "type": "channel", "title": "Без группы"}).comments_open is False


def test_a_number_of_t_me_is_that_of_a_channel_or_supergroup():
    assert (short(-1002000000071), short(-77), short(501), short(None)) == ("2000000071", "", "", "")
