import pytest

from gospult.networks.base import Credentials, NetworkError
from gospult.networks.testing import Sandbox
from gospult.networks.vk import VK
from gospult.networks.vk.client import CODES, refusal


@pytest.mark.parametrize(
    ("code", "fault", "permanent"),
    [
        (5, "auth", True),
        (6, "too_fast", False),
        (9, "flood", False),
        (10, "down", False),
        (15, "access", True),
        (27, "access", True),
        (29, "quota", False),
        (212, "closed", True),
        (213, "closed", True),
        (901, "closed", True),
        (100, "invalid", True),
        (123456, "other", False),
    ],
)
def test_codes_become_our_words(code, fault, permanent):
    error = refusal({"error_code": code, "error_msg": "…"}, sending=True)
    assert (error.fault, error.permanent) == (fault, permanent)


def test_only_internal_errors_leave_a_sending_in_doubt():
    doubtful = {code for code in CODES if refusal({"error_code": code}, sending=True).outcome_unknown}
    assert doubtful == {1, 10, 36}
    assert not any(refusal({"error_code": code}, sending=False).outcome_unknown for code in CODES)


def test_an_error_without_a_code_leaves_a_sending_in_doubt():
    assert refusal("?", sending=True).outcome_unknown


def test_the_pacer_is_asked_before_every_call_and_may_stop_it():
    asked = []

    def pace(kind, method):
        asked.append((kind, method))
        if len(asked) > 1:
            raise NetworkError("квота", fault="quota")

    with Sandbox() as sandbox:
        page = sandbox.add_page(5)
        network = VK(Credentials("5", page["tokens"]), base_url=sandbox.api_url(), pace=pace)
        network.cards(["5"])
        with pytest.raises(NetworkError, match="квота"):
            network.posts()
        assert sandbox.state()["calls"] == {"groups.getById": 1}
    assert asked == [("service", "groups.getById"), ("service", "wall.get")]


def test_a_thousand_cards_take_three_calls():
    with Sandbox() as sandbox:
        page = sandbox.add_page(1)
        sandbox.add_page(1200)
        network = VK(Credentials("1", page["tokens"]), base_url=sandbox.api_url())
        cards = network.cards([str(number) for number in range(1, 1201)])
        assert [card.external_id for card in cards] == ["1", "1200"]
        assert sandbox.state()["calls"] == {"groups.getById": 3}


def test_a_thread_whose_top_comment_was_deleted_is_still_read():
    with Sandbox() as sandbox:
        page, post = sandbox.add_page(1), sandbox.add_post(1)
        top = sandbox.comment(1, post, "Убрали")
        reply = sandbox.comment(1, post, "Осталось", reply_to=top["id"])
        sandbox.comment(1, post, "Другая ветка")
        sandbox.delete(1, top["id"])
        thread = VK(Credentials("1", page["tokens"]), base_url=sandbox.api_url()).thread(top["thread"], kind="comment")
    assert [(said.external_id, said.thread_id) for said in thread] == [(reply["id"], top["thread"])]


def test_a_thread_that_vanished_reads_as_empty():
    with Sandbox() as sandbox:
        page, post = sandbox.add_page(1), sandbox.add_post(1)
        top = sandbox.comment(1, post, "Убрали")
        sandbox.comment(1, post, "Другая ветка")
        sandbox.delete(1, top["id"])
        assert VK(Credentials("1", page["tokens"]), base_url=sandbox.api_url()).thread(top["thread"], kind="comment") == []


def test_credentials_do_not_show_their_tokens():
    assert "тайна" not in repr(Credentials("1", {"user": "тайна"}))


def test_an_id_in_the_words_of_vk_is_not_told():
    assert (
        str(refusal({"error_code": 901, "error_msg": "Can't send messages for user 501234567"}, sending=True))
        == "VK 901: Can't send messages for user …"
    )
