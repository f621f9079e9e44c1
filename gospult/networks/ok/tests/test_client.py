import hashlib

import pytest

from gospult.networks.base import Credentials, NetworkError
from gospult.networks.ok import OK
from gospult.networks.ok.client import CODES, Session, refusal, session, sign

# The first case is the one that aiookru's documentation works through (https://aiookru.readthedocs.io/en/stable/session.html);
# the others were joined and hashed by hand with md5sum.
SIGNED = [
    (
        {"application_key": "ABCDEFGHIGKLMNOPK", "format": "json", "method": "events.get"},
        "ae5362b5b588cc7294c2414d71b74d5d",
        "03a41413523ea8092507949d6e711963",
    ),
    (
        {"method": "discussions.addDiscussionComment", "format": "json", "comment": "Ответ: 5 & 6", "application_key": "CBAKEY1BABABABA"},
        "0123456789abcdef0123456789abcdef",
        "338e459f5dc373371af96e505542c572",
    ),
    (
        {
            "uids": "1,2", "method": "group.getInfo", "format": "json", "application_key": "CBAKEY1BABABABA",
            "access_token": "-s-it does not count", "session_key": "nor does this", "sig": "nor an old one",
        },
        "secret",
        "8464d7e914d16c92782017cc7e89bf85",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("params", "secret", "signature"), SIGNED)
def test_a_signature_is_what_ok_computes(params, secret, signature):
    assert sign(params, secret) == signature
    assert sign(params, secret + "x") != signature


def test_a_session_has_three_parts_and_its_token_may_hold_colons():
    digest = hashlib.md5(b"x").hexdigest()
    assert session(f"CBAKEY1BABABABA:tkn1:abc.DEF:{digest}") == Session("CBAKEY1BABABABA", "tkn1:abc.DEF", digest)


@pytest.mark.parametrize("token", ["", "один", "CBAKEY", "CBAKEY:secret", "CBAKEY::secret", ":token:secret", "CBAKEY:token:", "ключ:token:secret"])
def test_a_session_written_otherwise_is_refused_for_good_and_is_not_told(token):
    network = OK(Credentials("53038900000046", {"user": token or " "}), base_url="http://127.0.0.1:9/")
    with pytest.raises(NetworkError) as caught:
        network.comments("155013500000904")
    assert (caught.value.fault, caught.value.permanent) == ("auth", True)
    assert "secret" not in str(caught.value).replace("session_secret_key", "")


def test_a_session_does_not_show_its_secrets():
    assert "тайна" not in repr(Session("CBAKEY", "тайна-1", "тайна-2"))


@pytest.mark.parametrize(
    ("code", "fault", "permanent"),
    [
        (2, "down", False),
        (3, "unsupported", True),
        (7, "flood", False),
        (8, "too_fast", False),
        (10, "access", True),
        (11, "quota", False),
        (50, "access", True),
        (100, "invalid", True),
        (102, "auth", True),
        (104, "auth", True),
        (300, "gone", True),
        (456, "closed", True),
        (458, "closed", True),
        (700, "gone", True),
        (5000, "down", False),
        (123456, "other", False),
    ],
)
def test_codes_become_our_words(code, fault, permanent):
    error = refusal({"error_code": code, "error_msg": "…"}, sending=True)
    assert (error.fault, error.permanent) == (fault, permanent)


def test_a_code_may_come_as_a_text():
    assert refusal({"error_code": "104"}, sending=False).fault == "auth"


def test_only_ok_own_failures_leave_a_sending_in_doubt():
    doubtful = {code for code in CODES if refusal({"error_code": code}, sending=True).outcome_unknown}
    assert doubtful == {1, 2, 31, 5000, 9999}
    assert not any(refusal({"error_code": code}, sending=False).outcome_unknown for code in CODES)
    assert refusal({"error_code": "?"}, sending=True).outcome_unknown


def test_refusals_that_say_too_much_tell_how_long_to_wait():
    assert {code for code in CODES if refusal({"error_code": code}, sending=False).retry_after} == {8, 11, 26}


def test_neither_a_person_nor_a_key_in_the_words_of_ok_is_told():
    words = "PARAM_SESSION_KEY : Invalid session key -s-1x8Zq.tailtailtailtailtail of user 574829000123"
    assert str(refusal({"error_code": 103, "error_msg": words}, sending=False)) == "OK 103: PARAM_SESSION_KEY : Invalid session key … of user …"
