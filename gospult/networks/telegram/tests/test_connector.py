import io

import httpx
import pytest
from PIL import Image

from gospult.networks.base import Credentials, NetworkError
from gospult.networks.telegram import Telegram
from gospult.networks.telegram.connector import NEEDS
from gospult.networks.telegram.rights import granted
from gospult.networks.testing import Receiver, Sandbox

ADMIN = {"status": "administrator", "can_post_messages": True, "can_edit_messages": True, "can_delete_messages": True, "can_restrict_members": True}
BOT = {"can_join_groups": False, "can_read_all_group_messages": False}


@pytest.fixture
def sandbox():
    with Sandbox("telegram") as sandbox:
        sandbox.settings(rate_limits=False, retry_first=0.02)
        yield sandbox


def connect(sandbox, page=71, **traits):
    opened = sandbox.add_page(page, name="Администрация района", handle=f"raion{page}", members=1200, **traits)
    return Telegram(Credentials(opened["external_id"], opened["tokens"]), base_url=sandbox.api_url())


def picture(colour=120):
    out = io.BytesIO()
    Image.new("RGB", (32, 24), (10, colour, 90)).save(out, "PNG")
    return out.getvalue()


def refused(call):
    with pytest.raises(NetworkError) as caught:
        call()
    return caught.value


# Hearing


def test_subscribing_twice_changes_nothing_and_events_carry_the_secret(sandbox):
    network = connect(sandbox)
    with Receiver() as receiver:
        for _ in range(2):
            network.subscribe(receiver.url, "s3cret_-")
        sandbox.message(71, "Здравствуйте")
        assert sandbox.wait_quiet()
        assert (network.webhook().url, network.webhook().alive, len(receiver.bodies)) == (receiver.url, True, 1)
        carried = [{name.lower(): value} for name, value in receiver.headers[0].items() if "telegram" in name.lower()]
        assert [Telegram.authentic({}, carried[0], secret) for secret in ("s3cret_-", "s3cret", "", "тайна")] == [True, False, False, False]
        assert not Telegram.authentic({}, {}, "s3cret_-")


def test_what_was_said_before_the_subscription_comes_after_it(sandbox):
    network = connect(sandbox)
    sandbox.message(71, "Кто-нибудь слышит?")
    with Receiver() as receiver:
        network.subscribe(receiver.url, "s")
        assert sandbox.wait_quiet()
        assert [body["message"]["text"] for body in receiver.bodies] == ["Кто-нибудь слышит?"]


def test_a_failing_webhook_is_not_alive_until_it_takes_what_waits(sandbox):
    network = connect(sandbox)
    with Receiver(lambda body: (502, "нет")) as receiver:
        network.subscribe(receiver.url, "s")
        sandbox.message(71, "Здравствуйте")
        assert not sandbox.wait_quiet(0.3)
        told = network.webhook()
        assert (told.url, told.alive, "502" in told.error) == (receiver.url, False, True)
        receiver.reply = lambda body: (200, "")
        assert sandbox.wait_quiet()
        assert (network.webhook().alive, network.webhook().error) == (True, "")


def test_without_a_webhook_nothing_is_alive(sandbox):
    told = connect(sandbox).webhook()
    assert (told.url, told.alive) == ("", False)


@pytest.mark.parametrize("secret", ["", "тайна", "с пробелом", "x" * 257])
def test_a_secret_that_telegram_would_not_take_is_not_even_sent(sandbox, secret):
    network = connect(sandbox)
    error = refused(lambda: network.subscribe("https://example.org/hook", secret))
    assert (error.fault, error.permanent, sandbox.state()["calls"]) == ("invalid", True, {})


# Reading


def test_a_card_is_found_by_id_and_by_handle_also_of_somebody_elses_channel(sandbox):
    network = connect(sandbox)
    connect(sandbox, 72)
    cards = network.cards(["raion71", "@raion72", "@nobody", "-100999"])
    assert [(card.handle, card.members, card.comments_open) for card in cards] == [("raion71", 1200, True), ("raion72", 1200, True)]
    content, mime = network.fetch(cards[0].avatar_url)
    assert (mime, content[:3]) == ("image/jpeg", b"\xff\xd8\xff")


def test_a_channel_without_a_group_has_no_comments(sandbox):
    network = connect(sandbox, extra={"linked": False})
    assert network.cards(["raion71"])[0].comments_open is False
    assert {"reply_comment", "upload_comment", "hide", "ban", "unban"} == frozenset(NEEDS) - network.rights().can


def test_a_bot_with_all_rights_misses_nothing(sandbox):
    rights = connect(sandbox).rights()
    assert (rights.can, rights.missing, rights.account, rights.expires_at) == (frozenset(NEEDS), (), "@raion71_bot", None)


@pytest.mark.parametrize(
    ("extra", "lost"),
    [
        ({"in_channel": {"status": "left"}}, {"publish", "upload_post", "edit_post", "delete_post"}),
        ({"in_channel": {"can_post_messages": False}}, {"publish", "upload_post"}),
        ({"in_channel": {"can_delete_messages": False}}, {"delete_post"}),
        ({"in_group": {"status": "kicked", "until_date": 0}}, {"reply_comment", "upload_comment", "hide", "ban", "unban"}),
        ({"in_group": {"can_delete_messages": False}}, {"hide"}),
        ({"in_group": {"can_restrict_members": False}}, {"ban", "unban"}),
        ({"in_group": {"status": "member"}}, {"hide", "ban", "unban"}),
        ({"bot": {"can_join_groups": True}}, set()),
    ],
)
def test_what_a_bot_was_not_granted_is_told(sandbox, extra, lost):
    rights = connect(sandbox, extra=extra).rights()
    assert frozenset(NEEDS) - rights.can == lost
    assert rights.missing


def test_a_bot_that_may_neither_post_nor_edit_edits_nothing():
    lost, missing = granted(BOT, {"status": "administrator"}, ADMIN)
    assert (lost, len(missing)) == ({"publish", "upload_post", "edit_post", "delete_post"}, 3)
    assert granted({}, {}, {"status": "creator"})[0] == {"publish", "upload_post", "edit_post", "delete_post"}


@pytest.mark.parametrize(("word", "mime"), [("photo", "image/jpeg"), ("voice", "audio/ogg"), ("file", "application/pdf"), ("video", "video/mp4")])
def test_a_file_of_a_resident_is_fetched(sandbox, word, mime):
    network = connect(sandbox)
    with Receiver() as receiver:
        network.subscribe(receiver.url, "s")
        sandbox.message(71, "Вот", attachments=[word])
        assert sandbox.wait_quiet()
        [item] = Telegram.parse_event(receiver.bodies[0], "").utterance.attachments
    content, told = network.fetch(item.url)
    assert (told, len(content)) == (mime, item.size)


def test_an_unknown_file_is_gone(sandbox):
    assert refused(lambda: connect(sandbox).fetch("ref:nothing")).fault == "gone"


# Writing


def test_a_reply_to_a_deleted_comment_is_not_left_beside_its_thread(sandbox):
    network = connect(sandbox)
    said = sandbox.comment(71, sandbox.add_post(71, "Новость"), "Вопрос")
    sandbox.delete(71, said["id"])
    error = refused(lambda: network.reply(said["thread"], kind="comment", text="Ответ", guard="1", reply_to=said["id"]))
    assert (error.fault, error.permanent, sandbox.ledger()) == ("gone", True, [])


def test_a_dialogue_goes_on_after_its_question_was_deleted(sandbox):
    network = connect(sandbox)
    said = sandbox.message(71, "Вопрос")
    sandbox.delete(71, said["id"])
    network.reply(said["thread"], kind="dm", text="Ответ", guard="1", reply_to=said["id"])
    assert [entry["text"] for entry in sandbox.ledger()] == ["Ответ"]


def test_a_person_who_never_wrote_cannot_be_written_to(sandbox):
    network = connect(sandbox)
    stranger = sandbox.message(72, "Здравствуйте") if connect(sandbox, 72) else None
    error = refused(lambda: network.reply(stranger["thread"], kind="dm", text="Добрый день", guard="1"))
    assert (error.fault, error.permanent) == ("closed", True)


def test_the_address_of_a_reply_is_its_own(sandbox):
    network = connect(sandbox)
    said = sandbox.comment(71, sandbox.add_post(71, "Новость"), "Вопрос")
    sent = network.reply(said["thread"], kind="comment", text="Ответ жителю", guard="1")
    assert sent.url.endswith("/c/" + sent.external_id[1:].replace("_", "/"))
    assert "Ответ жителю" in httpx.get(sent.url, follow_redirects=True, trust_env=False).text


def test_the_real_addresses_are_those_of_t_me():
    network = Telegram(Credentials("@raion", {}))
    assert network.url("w2000000071_12", kind="comment") == "https://t.me/c/2000000071/12"
    assert network.url("d501", kind="dm") == ""  # a dialogue with a bot is open to the person alone


def test_several_pictures_go_as_one_album(sandbox):
    network = connect(sandbox)
    said = sandbox.message(71, "Вопрос")
    references = [network.upload(said["thread"], kind="dm", name=f"{number}.png", content=picture(number)) for number in (1, 2, 3)]
    network.reply(said["thread"], kind="dm", text="Готово", guard="1", attachments=references)
    [entry] = sandbox.ledger()
    assert (entry["text"], len(entry["attachments"])) == ("Готово", 3)


def test_an_album_of_the_channel_is_rewritten_and_taken_away_whole(sandbox):
    network = connect(sandbox)
    references = [network.upload("", kind="post", name=f"{number}.png", content=picture(number)) for number in (1, 2)]
    sent = network.publish("Двор после ремонта", attachments=references)
    assert (len(sent.external_id.split(",")), sandbox.ledger()[0]["id"]) == (2, sent.external_id)
    for _ in range(2):  # the same text again is no error
        network.edit_post(sent.external_id, "Двор готов")
    assert sandbox.posts(71) == {sent.external_id: "Двор готов"}
    network.delete_post(sent.external_id)
    assert sandbox.posts(71) == {}


@pytest.mark.parametrize(("length", "pictures"), [(4097, 0), (1025, 1), (1025, 2), (0, 11)])
def test_what_cannot_fit_is_refused_before_anything_is_sent(sandbox, length, pictures):
    network = connect(sandbox)
    said = sandbox.message(71, "Вопрос")
    references = [network.upload(said["thread"], kind="dm", name="a.png", content=picture())] * pictures
    error = refused(lambda: network.reply(said["thread"], kind="dm", text="х" * length, guard="1", attachments=references))
    assert (error.fault, error.permanent, sandbox.state()["calls"]) == ("invalid", True, {})
    assert any(word in str(error) for word in ("сократите", "больше 10 фото"))


def test_a_caption_that_fits_a_text_only_leaves_the_picture_as_it_was(sandbox):
    network = connect(sandbox)
    sent = network.publish("Двор", attachments=[network.upload("", kind="post", name="a.png", content=picture())])
    assert refused(lambda: network.edit_post(sent.external_id, "х" * 2000)).fault == "invalid"
    assert sandbox.posts(71) == {sent.external_id: "Двор"}


def test_a_picture_of_another_connector_is_unknown(sandbox):
    network, said = connect(sandbox), sandbox.message(71, "Вопрос")
    error = refused(lambda: network.reply(said["thread"], kind="dm", text="Готово", guard="1", attachments=["kept:0000"]))
    assert (error.fault, sandbox.ledger()) == ("invalid", [])


def test_a_comment_that_the_bot_may_not_delete_stays(sandbox):
    network = connect(sandbox, extra={"in_group": {"can_delete_messages": False}})
    said = sandbox.comment(71, sandbox.add_post(71, "Новость"), "Грубость")
    assert refused(lambda: network.hide(said["id"], thread_id=said["thread"])).fault == "access"
    assert [line["deleted"] for line in sandbox.said()] == [False]


@pytest.mark.parametrize("post", ["", "x", "1,", "1;2"])
def test_a_post_that_cannot_be_is_refused_before_asking(sandbox, post):
    network = connect(sandbox)
    assert refused(lambda: network.delete_post(post)).fault == "invalid"
    assert sandbox.state()["calls"] == {}
