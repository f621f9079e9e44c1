from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gospult.demo.counting import Evidence, Posted, Reply, count

MOMENT = datetime(2026, 11, 23, 9, tzinfo=UTC)
ASKED = ("vk", "7", "c5")
OURS = Posted("vk", "7", "c9", "w1_5", "c5", "Вывезем завтра", "api", 9, "111")
NATIVE = Posted("vk", "7", "c8", "w1_5", "c5", "Уже вывезли", "native", 8)
SENT = Reply(
    "vk", "7", answer=1, message=1, reply_to="c5", text="Вывезем завтра", guard="111", state="sent", external_id="c9", claimed_at=MOMENT
)  # fmt: skip
WHOLE = Evidence({ASKED: 5}, [OURS], frozenset([ASKED]), [SENT], approved=frozenset(), published=frozenset([1]))


def test_a_whole_road_has_nothing_to_tell():
    verdict = count(WHOLE)
    assert (verdict.lost, verdict.doubled, verdict.unknown) == ((), (), ())


LOST = {
    "a resident whom nobody heard": replace(WHOLE, said={ASKED: 5, ("vk", "7", "c6"): 6}),
    "a proof that the network does not know": replace(WHOLE, ledger=[]),
    "a reply that still waits": replace(WHOLE, replies=[SENT, replace(SENT, answer=2, guard="112", state="ready", external_id="")]),
    "a reply whose sender died": replace(WHOLE, replies=[SENT, replace(SENT, answer=2, guard="112", state="claimed", external_id="")]),
    "a failure that nobody was told of": replace(WHOLE, replies=[SENT, replace(SENT, answer=2, guard="112", state="failed", external_id="")]),
    "an approved answer that was never sent": replace(WHOLE, approved=frozenset([3])),
    "an answer called published without any reply": replace(WHOLE, published=frozenset([1, 4])),
    "a page of the same number in another network": replace(WHOLE, known=frozenset([("ok", "7", "c5")])),
    "a reply in the network that we do not know of": replace(WHOLE, ledger=[OURS, replace(OURS, id="c12", number=12, reply_to="c11", guid="999")]),
}


@pytest.mark.parametrize("evidence", LOST.values(), ids=LOST.keys())
def test_what_is_lost_is_found(evidence):
    assert len(count(evidence).lost) == 1


DOUBLED = {
    "the same words twice to one message": replace(WHOLE, ledger=[OURS, replace(OURS, id="c10", number=10, guid="")]),
    "two replies of one answer to one message": replace(WHOLE, ledger=[OURS, replace(OURS, id="c10", number=10, text="Вывезем завтра.")]),
    "a reply after the page had answered and we knew": replace(WHOLE, ledger=[NATIVE, OURS], heard={NATIVE.place: MOMENT - timedelta(seconds=1)}),
}


@pytest.mark.parametrize("evidence", DOUBLED.values(), ids=DOUBLED.keys())
def test_what_was_said_twice_is_found(evidence):
    assert len(count(evidence).doubled) >= 1


def test_a_native_answer_that_we_heard_of_too_late_is_no_fault_of_ours():
    assert count(replace(WHOLE, ledger=[NATIVE, OURS], heard={NATIVE.place: MOMENT + timedelta(seconds=1)})).doubled == ()


def test_a_native_answer_to_an_earlier_message_is_no_answer_to_the_new_one():
    earlier = replace(NATIVE, id="c4", number=4, reply_to="c3")
    assert count(replace(WHOLE, ledger=[earlier, OURS], heard={earlier.place: MOMENT - timedelta(hours=1)})).doubled == ()


def test_a_failure_that_stands_before_a_person_is_not_lost():
    failed = replace(SENT, answer=2, guard="112", state="failed", external_id="", needs_person=True)
    assert count(replace(WHOLE, replies=[SENT, failed])).lost == ()


def test_an_unknown_outcome_is_told_until_a_person_is_asked():
    unknown = replace(SENT, answer=2, guard="112", state="unknown", external_id="")
    assert len(count(replace(WHOLE, replies=[SENT, unknown])).unknown) == 1
    assert count(replace(WHOLE, replies=[SENT, replace(unknown, needs_person=True)])).unknown == ()


# A network without guards whose ids do not grow and whose threads have no names of their own.
FLAT_ASKED = ("telegram", "-1007", "c12_5")
FLAT = replace(OURS, network="telegram", page="-1007", id="c12_9", thread="w12_9", reply_to="c12_5", guid="")
FLAT_ROW = replace(SENT, network="telegram", page="-1007", reply_to="c12_5", state="unknown", external_id="")
FLAT_WHOLE = Evidence({FLAT_ASKED: 5}, [FLAT], frozenset([FLAT_ASKED]), [FLAT_ROW])


def test_a_reply_without_proof_is_known_by_what_it_answers_and_asks_a_person():
    verdict = count(replace(FLAT_WHOLE, replies=[replace(FLAT_ROW, needs_person=True)]))
    assert (verdict.lost, verdict.doubled, verdict.unknown) == ((), (), ())
    assert len(count(FLAT_WHOLE).unknown) == 1


def test_the_same_words_twice_to_one_message_are_seen_also_where_every_reply_has_a_thread_of_its_own():
    twice = [FLAT, replace(FLAT, id="c12_10", number=10, thread="w12_10", text=f"{FLAT.text}\nФото: https://example.org/1")]
    assert len(count(replace(FLAT_WHOLE, ledger=twice)).doubled) == 1
    assert len(count(replace(FLAT_WHOLE, ledger=[FLAT, replace(FLAT, id="c12_10", number=10, thread="w12_10")])).doubled) == 2


def test_a_native_answer_is_told_by_what_it_answers_where_threads_are_flat():
    native = replace(FLAT, id="c12_8", number=8, thread="w12_8", text="Уже вывезли", by="native")
    known = replace(FLAT_ROW, state="sent", external_id="c12_9")
    heard = {native.place: MOMENT - timedelta(seconds=1)}
    assert len(count(replace(FLAT_WHOLE, ledger=[native, FLAT], replies=[known], heard=heard)).doubled) == 1
    other = replace(native, reply_to="c12_4")
    assert count(replace(FLAT_WHOLE, ledger=[other, FLAT], replies=[known], heard=heard)).doubled == ()
