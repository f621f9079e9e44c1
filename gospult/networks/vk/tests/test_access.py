import pytest

from gospult.networks.base import FEATURES
from gospult.networks.vk.access import BITS, CALLS, NEEDS, SCOPES, allowed, granted, lacking

ALL = sum(BITS.values())


def test_every_feature_is_a_word_of_the_protocol_and_every_call_is_in_the_table():
    assert set(NEEDS) <= FEATURES
    assert {method for methods in NEEDS.values() for method in methods} <= set(CALLS)
    assert set(SCOPES) <= set(CALLS)


@pytest.mark.parametrize(
    ("kind", "mask", "level", "absent"),
    [
        ("community", ALL, 0, []),
        ("community", BITS["messages"], 0, ["photos", "wall", "manage"]),
        ("user", ALL, 3, []),
        ("user", ALL, 1, ["editor", "administrator"]),
        ("user", ALL - BITS["wall"], 2, ["wall", "administrator"]),
        ("service", 0, 0, []),
    ],
)
def test_what_was_not_granted_is_named(kind, mask, level, absent):
    assert lacking(kind, mask, level) == absent


def test_a_moderator_hides_and_an_editor_publishes():
    moderator, editor = allowed("user", ALL, 1), allowed("user", ALL, 2)
    assert {"wall.deleteComment", "messages.send", "wall.get"} <= moderator
    assert not {"wall.post", "groups.addCallbackServer"} & moderator
    assert "wall.post" in editor
    assert "groups.addCallbackServer" not in editor


def test_a_feature_works_only_through_the_token_that_is_really_taken():
    community, user = allowed("community", 0, 0), allowed("user", ALL, 3)
    assert "reply_dm" in granted({"user": user})
    assert "reply_dm" not in granted({"user": user, "community": community})
    assert granted({"user": user, "community": allowed("community", ALL, 0), "service": allowed("service", 0, 0)}) == set(NEEDS)
