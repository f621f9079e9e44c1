"""What always holds of routing, whatever the rules."""

import random
import time
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gospult.desk.routing import Rule, above, moves, route, ties
from gospult.desk.trial import TIE, Row, compare

DAY = date(2026, 11, 22)
PARENTS = {"village": "district", "district": "74", "town": "74", "74": ""}
GROUPS = {"roads.holes": "roads", "roads.signs": "roads", "waste.bins": "waste"}
days = st.none() | st.integers(-3, 3).map(lambda n: DAY + timedelta(days=n))


@st.composite
def rules(draw):
    topic = draw(st.sampled_from(["", *GROUPS]))
    group = "" if topic else draw(st.sampled_from(["", "roads", "waste"]))
    return Rule(
        str(draw(st.integers(0, 10**9))), draw(st.integers(0, 2)), topic, group, draw(st.sampled_from(["", *PARENTS])),
        draw(st.sampled_from(["", "school", "clinic"])), draw(st.sampled_from("abc")), draw(days), draw(days),
    )  # fmt: skip


# A busy machine is no fault of the rules.
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
many = st.lists(rules(), max_size=7, unique_by=lambda r: r.id)
cases = st.tuples(st.sampled_from(list(GROUPS)), st.sampled_from(list(PARENTS)), st.sampled_from(["", "school", "clinic"]))


def decided(case, given_rules, day=DAY):
    topic, place, sphere = case
    return route(topic, GROUPS[topic], above(place, PARENTS), given_rules, day, sphere=sphere)


@calm
@given(many, cases, st.randoms(use_true_random=False))
def test_the_order_of_the_rules_never_matters(found, case, chance):
    mixed = list(found)
    chance.shuffle(mixed)
    assert decided(case, mixed) == decided(case, found)


@calm
@given(st.lists(rules(), max_size=7), cases)
def test_with_different_priorities_nothing_is_tied_and_the_highest_that_holds_decides(found, case):
    ranked = [Rule(str(n), n, r.topic, r.group, r.territory, r.sphere, r.body, r.from_date, r.to_date) for n, r in enumerate(found)]
    alone = [r for r in ranked if decided(case, [r])]
    match = decided(case, ranked)
    assert (match.rule if match else None) == (alone[-1] if alone else None)


@calm
@given(many, cases)
def test_a_tie_is_never_decided_silently_and_is_told_before(found, case):
    match = decided(case, found)
    if match and match.tied:
        assert match.body is None
        assert len({r.body for r in match.tied}) > 1
        one = match.tied[0]
        assert any(o in ties(one, found) for o in match.tied)
    elif match:
        assert match.body == match.rule.body


@calm
@given(rules(), rules(), cases)
def test_at_equal_priority_the_narrower_rule_wins(one, two, case):
    """Nearest place first, then topic over group over neither, then a named sphere."""
    path = above(case[1], PARENTS)
    one, two = (Rule(name, 1, r.topic, r.group, r.territory, r.sphere, name, r.from_date, r.to_date) for name, r in (("one", one), ("two", two)))
    if not (decided(case, [one]) and decided(case, [two])):
        return
    narrow = [(path.index(r.territory) if r.territory else 99, 0 if r.topic else 1 if r.group else 2, not r.sphere) for r in (one, two)]
    match = decided(case, [one, two])
    assert match.body == (None if narrow[0] == narrow[1] else "one" if narrow[0] < narrow[1] else "two")


@calm
@given(many, cases, st.integers(-5, 5))
def test_a_dated_rule_never_decides_outside_its_dates(found, case, shift):
    day = DAY + timedelta(days=shift)
    match = decided(case, found, day)
    for rule in (match.tied or (match.rule,)) if match else ():
        assert (rule.from_date or day) <= day <= (rule.to_date or day)


@settings(calm, max_examples=300)
@given(many, rules(), cases)
def test_who_gains_and_who_loses_is_known_without_trying_every_case(found, new, case):
    """`moves` tries one case of each sort; no real case may move in a way that it has not named."""
    found = [r for r in found if r.id != new.id]
    was, now = decided(case, found), decided(case, [*found, new])
    pair = (was.body or "" if was else "", now.body or "" if now else "")
    assert pair[0] == pair[1] or pair in moves(found, [*found, new], PARENTS, GROUPS, DAY)


@calm
@given(many, rules(), st.lists(cases, max_size=20))
def test_the_tester_says_what_routing_says(found, new, asked):
    found = [r for r in found if r.id != new.id]
    rows = [Row(n, topic, GROUPS[topic], above(place, PARENTS), sphere, "a", False) for n, (topic, place, sphere) in enumerate(asked)]
    trial = compare(rows, found, [*found, new], DAY)
    for row, case in zip(rows, asked, strict=True):
        was, now = (decided(case, some) for some in (found, [*found, new]))
        pair = tuple("" if m is None else m.body or TIE for m in (was, now))
        assert trial.changed.get(row.case, pair if pair[0] == pair[1] else None) == pair


def test_30_000_cases_are_tried_by_300_rules_within_two_seconds():
    chance = random.Random(4)
    topics = {f"t{n}": f"g{n % 26}" for n in range(300)}
    found = [Rule(str(n), 10, "", chance.choice(list(topics.values())), f"m{n % 43}", "", str(n % 60)) for n in range(300)]
    rows = [Row(n, t := chance.choice(list(topics)), topics[t], (f"v{n % 900}", f"m{n % 43}", "74"), "", "1", n % 3 == 0) for n in range(30_000)]
    begun = time.process_time()
    trial = compare(rows, found, [*found, Rule("new", 20, "", "", "74", "", "9")], DAY)
    assert trial.caught == 30_000
    assert time.process_time() - begun < 2
