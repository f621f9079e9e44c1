from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gospult.demo.counting import Evidence, Posted, Reply, count

MOMENT = datetime(2026, 11, 23, 9, tzinfo=UTC)
ASKED = ("7", "c5")
OURS = Posted("7", "c9", "w1_5", "c5", "Вывезем завтра", "api", "111")
NATIVE = Posted("7", "c8", "w1_5", "c5", "Уже вывезли", "native")
SENT = Reply("7", answer=1, message=1, guard="111", state="sent", external_id="c9", claimed_at=MOMENT)
WHOLE = Evidence([ASKED], [OURS], frozenset([ASKED]), [SENT], approved=frozenset(), published=frozenset([1]))


def test_a_whole_road_has_nothing_to_tell():
    verdict = count(WHOLE)
    assert (verdict.lost, verdict.doubled, verdict.unknown) == ((), (), ())


LOST = {
    "a resident whom nobody heard": replace(WHOLE, said=[ASKED, ("7", "c6")]),
    "a proof that the network does not know": replace(WHOLE, ledger=[], said=[ASKED]),
    "a reply that still waits": replace(WHOLE, replies=[SENT, replace(SENT, answer=2, guard="112", state="ready", external_id="")]),
    "a reply whose sender died": replace(WHOLE, replies=[SENT, replace(SENT, answer=2, guard="112", state="claimed", external_id="")]),
    "a failure that nobody was told of": replace(WHOLE, replies=[SENT, replace(SENT, answer=2, guard="112", state="failed", external_id="")]),
    "an approved answer that was never sent": replace(WHOLE, approved=frozenset([3])),
    "an answer called published without any reply": replace(WHOLE, published=frozenset([1, 4])),
    "a reply in the network that we do not know of": replace(WHOLE, ledger=[OURS, replace(OURS, id="c12", reply_to="c11", guid="999")]),
}


@pytest.mark.parametrize("evidence", LOST.values(), ids=LOST.keys())
def test_what_is_lost_is_found(evidence):
    assert len(count(evidence).lost) == 1


DOUBLED = {
    "the same words twice to one message": replace(WHOLE, ledger=[OURS, replace(OURS, id="c10", guid="")]),
    "two replies of one answer to one message": replace(WHOLE, ledger=[OURS, replace(OURS, id="c10", text="Вывезем завтра.")]),
    "a reply after the page had answered and we knew": replace(WHOLE, ledger=[NATIVE, OURS], heard={("7", "c8"): MOMENT - timedelta(seconds=1)}),
}


@pytest.mark.parametrize("evidence", DOUBLED.values(), ids=DOUBLED.keys())
def test_what_was_said_twice_is_found(evidence):
    assert len(count(evidence).doubled) >= 1


def test_a_native_answer_that_we_heard_of_too_late_is_no_fault_of_ours():
    assert count(replace(WHOLE, ledger=[NATIVE, OURS], heard={("7", "c8"): MOMENT + timedelta(seconds=1)})).doubled == ()


def test_a_native_answer_to_an_earlier_message_is_no_answer_to_the_new_one():
    earlier = replace(NATIVE, id="c4", reply_to="c3")
    assert count(replace(WHOLE, ledger=[earlier, OURS], heard={("7", "c4"): MOMENT - timedelta(hours=1)})).doubled == ()


def test_a_failure_that_stands_before_a_person_is_not_lost():
    failed = replace(SENT, answer=2, guard="112", state="failed", external_id="", needs_person=True)
    assert count(replace(WHOLE, replies=[SENT, failed])).lost == ()


def test_an_unknown_outcome_is_told_until_a_person_is_asked():
    unknown = replace(SENT, answer=2, guard="112", state="unknown", external_id="")
    assert len(count(replace(WHOLE, replies=[SENT, unknown])).unknown) == 1
    assert count(replace(WHOLE, replies=[SENT, replace(unknown, needs_person=True)])).unknown == ()
