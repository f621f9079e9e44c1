import json

import pytest
from django.utils import timezone

from gospult.exchange import actions, vault
from gospult.exchange.models import Incoming, Token
from gospult.exchange.testing import make_connection, make_incoming

pytestmark = pytest.mark.django_db


@pytest.fixture
def connected(page):
    make_connection(page, secret="тайна", confirmation="a1b2c3")
    return page


def comment(page, text="Не вывозят мусор", *, event_id="e1", number=11, kind="wall_reply_new", **fields):
    said = {
        "id": number,
        "from_id": 501,
        "date": int(timezone.now().timestamp()),
        "text": text,
        "post_id": 7,
        "post_owner_id": -int(page.external_id),
    }
    return {"type": kind, "group_id": int(page.external_id), "event_id": event_id, "secret": "тайна", "v": "5.199", "object": said | fields}


def post(client, event):
    body = event if isinstance(event, bytes) else json.dumps(event, ensure_ascii=False).encode()
    return client.post("/hook/vk/", body, content_type="application/json")


def test_an_event_becomes_one_row_and_is_answered_ok(client, connected):
    answer = post(client, comment(connected))
    row = Incoming.objects.get()
    assert (answer.status_code, answer.content) == (200, b"ok")
    assert (row.page, row.text, row.external_id, row.thread_id, row.addressee) == (connected, "Не вывозят мусор", "c11", "w7_11", "desk")
    assert len(row.number) == 12
    assert "тайна" not in json.dumps(row.raw, ensure_ascii=False)


def test_a_webhook_costs_one_statement_once_the_door_is_known(client, connected, django_assert_num_queries):
    post(client, comment(connected))
    with django_assert_num_queries(1):
        post(client, comment(connected, event_id="e2", number=12))


def test_the_same_event_three_times_is_one_row(client, connected):
    for _ in range(3):
        assert post(client, comment(connected)).content == b"ok"
    assert Incoming.objects.count() == 1


def test_an_edit_and_a_deletion_are_revisions_of_their_own(client, connected):
    post(client, comment(connected))
    post(client, comment(connected, "Не вывозят мусор на Кирова 5", event_id="e2", kind="wall_reply_edit"))
    post(client, comment(connected, event_id="e3", kind="wall_reply_delete"))
    post(client, comment(connected, event_id="e3", kind="wall_reply_delete"))
    assert list(Incoming.objects.order_by("id").values_list("action", flat=True)) == ["said", "edited", "deleted"]


def test_a_wrong_secret_is_refused_and_leaves_nothing(client, connected):
    answer = post(client, comment(connected) | {"secret": "чужая"})
    assert answer.status_code == 403
    assert Incoming.objects.count() == 0


def test_a_changed_secret_is_seen_at_once(client, connected):
    post(client, comment(connected))
    make_connection(connected, secret="новая")
    assert post(client, comment(connected, event_id="e2", number=12) | {"secret": "новая"}).content == b"ok"


def test_a_page_that_nobody_connected_is_refused(client, connected):
    assert post(client, comment(connected) | {"group_id": 1}).status_code == 403


def test_the_confirmation_string_is_given_also_before_a_secret_is_set(client, connected):
    event = {"type": "confirmation", "group_id": int(connected.external_id)}
    assert post(client, event).content == b"a1b2c3"
    assert post(client, event | {"secret": "тайна"}).content == b"a1b2c3"
    assert post(client, event | {"secret": "чужая"}).status_code == 403


@pytest.mark.parametrize(
    "broken", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"type": 5}', b"[" * 5000, b'{"type":"wall_reply_new","object":"x","group_id":[]}']
)
def test_broken_json_is_a_bad_event(client, connected, broken):
    assert post(client, broken).status_code in (400, 403)
    assert Incoming.objects.count() == 0


def test_nul_long_texts_emoji_and_half_surrogates_are_kept(client, connected):
    texts = ["а\0б", "я" * 100_000, "🚒🚒 пожар 👩‍👩‍👧", "обрывок"]
    for number, text in enumerate(texts, start=20):
        assert post(client, comment(connected, text, event_id=f"e{number}", number=number)).content == b"ok"
    half = json.dumps(comment(connected, "слово XX", event_id="half", number=99)).replace("XX", "\\ud83d").encode()
    assert post(client, half).content == b"ok"
    assert list(Incoming.objects.order_by("id").values_list("text", flat=True)) == ["аб", *texts[1:], "слово ?"]


def test_a_body_over_the_limit_is_refused(client, connected, settings):
    settings.HOOK_MAX_BYTES = 1000
    assert post(client, comment(connected, "я" * 2000)).status_code == 413


def test_a_time_in_the_future_is_not_believed(client, connected):
    post(client, comment(connected, date=int(timezone.now().timestamp()) + 86400))
    assert Incoming.objects.get().sent_at <= timezone.now()


def test_a_command_to_a_bot_never_reaches_the_desk(connected):
    row = make_incoming(connected, "/start", kind="dm", external_id="m1", thread_id="d5")
    assert row.addressee == "bots"


def test_a_file_row_enters_once_with_a_public_number():
    for text in ("Нет света\0", "Нет света"):
        actions.take_in(network="file", source="выгрузка", rows=[actions.FileRow("id:1", text)])
    row = Incoming.objects.get()
    assert (row.text, len(row.number)) == ("Нет света", 12)


def test_tokens_are_sealed_at_rest(connected):
    row = Token.objects.get()
    assert b"token" not in bytes(row.sealed)
    assert vault.unseal(row.sealed) == "token"


def test_a_rotated_key_still_opens_what_the_old_one_sealed(settings):
    settings.TOKEN_KEYS = ["старый"]
    sealed = vault.seal("тайна")
    settings.TOKEN_KEYS = ["новый", "старый"]
    assert vault.unseal(sealed) == "тайна"


def test_a_public_number_drawn_twice_loses_no_row(monkeypatch):
    actions.take_in(network="file", source="выгрузка", rows=[actions.FileRow("id:1", "первый")])
    taken = Incoming.objects.get().number
    monkeypatch.setattr(Incoming._meta.get_field("number"), "default", lambda: taken)
    Incoming._meta.get_field("number").__dict__.pop("_get_default", None)
    actions.take_in(network="file", source="выгрузка", rows=[actions.FileRow("id:2", "второй")])
    monkeypatch.undo()
    Incoming._meta.get_field("number").__dict__.pop("_get_default", None)
    assert Incoming.objects.count() == 2
    assert Incoming.objects.values("number").distinct().count() == 2
