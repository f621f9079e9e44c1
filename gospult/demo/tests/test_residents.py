from collections import Counter
from itertools import islice

from gospult.demo.residents import PLANS, SHARES, endless, fixed


def test_the_fixed_set_has_every_kind_and_every_plan():
    lines = fixed(1)
    assert len(lines) >= 200
    kinds, plans = Counter(line.kind for line in lines), Counter(line.plan for line in lines)
    assert {kind for _, kind, _ in SHARES} | {"photo", "voice", "accident"} == set(kinds)
    assert all(plans[plan] == number for plan, number in PLANS)


def test_the_same_seed_says_the_same():
    assert fixed(5) == fixed(5) != fixed(6)
    assert list(islice(endless(5), 50)) == list(islice(endless(5), 50))


def test_nobody_writes_twice_by_chance():
    authors = [line.author for line in fixed(3, times=3)]
    assert len(set(authors)) == len(authors)
