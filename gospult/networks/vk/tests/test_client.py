import pytest

from gospult.networks.base import Credentials, NetworkError, Unhurried
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


@pytest.mark.parametrize("code", ["10", [], {}, None, 1.5])
def test_a_code_that_is_no_number_leaves_a_sending_in_doubt(code):
    error = refusal({"error_code": code}, sending=True)
    assert (error.fault, error.permanent, error.outcome_unknown) == ("other", False, True)


class Diary(Unhurried):
    """A pacer that writes down what it hears and says no to what is on its list."""

    def __init__(self, *forbidden):
        self.forbidden, self.asked, self.heard = set(forbidden), [], []

    def before(self, kind, method, *, peer="", inside=None):
        self.asked.append((kind, method, dict(inside or {})))
        if method in self.forbidden:
            raise NetworkError("квота", fault="quota")

    def refused(self, kind, method, error, *, peer=""):
        self.heard.append((kind, method, error.fault))


def connected(sandbox, page, *kinds, pacer=None, number="1"):
    tokens = {kind: page["tokens"][kind] for kind in kinds or page["tokens"]}
    return VK(Credentials(number, tokens), base_url=sandbox.api_url(), pacer=pacer or Diary())


def test_the_pacer_is_asked_before_every_call_and_may_stop_it():
    diary = Diary("wall.get")
    with Sandbox() as sandbox:
        network = connected(sandbox, sandbox.add_page(1), pacer=diary)
        network.cards(["1"])
        with pytest.raises(NetworkError, match="квота"):
            network.posts()
        assert sandbox.state()["calls"] == {"groups.getById": 1}
    assert diary.asked == [("service", "groups.getById", {}), ("service", "wall.get", {})]


def test_the_pacer_hears_of_every_refusal_that_says_too_much():
    diary = Diary()
    with Sandbox() as sandbox:
        network = connected(sandbox, sandbox.add_page(1), pacer=diary)
        for fault in ("too_fast", "flood", "quota", "captcha"):
            sandbox.fault(fault)
            with pytest.raises(NetworkError):
                network.cards(["1"])
        sandbox.fault("internal")
        with pytest.raises(NetworkError):
            network.cards(["1"])
    assert [fault for *_, fault in diary.heard] == ["too_fast", "flood", "quota", "flood"]


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
